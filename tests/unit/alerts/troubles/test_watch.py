"""What one device says of itself, and what time alone brings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from alerts.troubles.kind import TroubleKind as K
from alerts.troubles.watch import STALE_AFTER, STUCK_AFTER_FOR, Sign, Walk, Watch, Watched
from devices.instant import DAY, HOUR
from devices.liveness import Facts, expected
from devices.reading import Reading, Trust
from tests.unit.alerts.troubles.ward import SMOKE, T0, device


def reading(quantity: str, value: float | None, trust: Trust = Trust.NONE, at: int = T0) -> Reading:
    return Reading("a", quantity, value, at, at, trust, 1)


def read(*readings: Reading, wrong: Collection[K] = tuple(K)) -> tuple[set[Sign], bool]:
    signs, proved, _ = Watch(device("a"), Watched(T0)).read(readings, wrong)
    return set(signs), proved


def test_conditions_begin_and_end_by_their_own_quantity_and_unknown_says_nothing() -> None:
    assert read(reading("tamper", 1)) == ({Sign(K.TAMPER, "tamper", True)}, False)
    assert read(reading("tamper", 0)) == ({Sign(K.TAMPER, "tamper", False)}, False)
    assert read(reading("tamper", None)) == (set(), False)
    assert read(reading("tamper", 1, Trust.BACKFILL)) == (set(), False)


def test_that_all_is_well_is_passed_over_where_nothing_was_wrong() -> None:
    said = (reading("tamper", 0), reading("temperature_c", 20), reading("battery_percent", 80))
    assert read(*said, wrong=()) == (set(), False)


def test_what_is_wrong_is_read_where_nothing_was_and_what_is_well_only_of_its_own_kind() -> None:
    for name, value, kind in (
        ("battery_percent", 10, K.BATTERY),
        ("temperature_c", 1300, K.IMPLAUSIBLE),
        ("battery_percent", 101, K.IMPLAUSIBLE),
        ("fault", 1, K.FAULT),
    ):
        assert read(reading(name, value), wrong=()) == ({Sign(kind, name, True)}, False)
    assert read(reading("battery_percent", 10.5), wrong=()) == (set(), False)
    said = (reading("tamper", 0), reading("fault", 0), reading("temperature_c", 20))
    assert read(*said, wrong=(K.FAULT,)) == ({Sign(K.FAULT, "fault", False)}, False)


def test_a_battery_is_low_at_ten_percent_and_good_again_at_twenty() -> None:
    def battery(percent: float) -> list[bool]:
        return [sign.on for sign in read(reading("battery_percent", percent))[0] if sign.kind is K.BATTERY]

    assert [battery(percent) for percent in (0, 10, 11, 19, 20, 100)] == [
        [True],
        [True],
        [],
        [],
        [False],
        [False],
    ]
    assert battery(250) == []


def test_an_alarm_proves_the_device_but_not_a_remembered_one() -> None:
    assert read(reading("smoke_alarm", 1))[1]
    for trust in (Trust.RETAINED, Trust.STALE, Trust.BACKFILL, Trust.DUPLICATE):
        assert not read(reading("smoke_alarm", 1, trust))[1]
    assert not read(reading("smoke_alarm", 0))[1]


def dues(watch: Watch, facts: Facts | None, floor: int = 0) -> dict[tuple[K, str], int]:
    return {(sign.kind, sign.cause): at for at, sign in watch.dues(facts, floor)}


def test_silence_counts_from_what_was_heard_or_from_our_own_return() -> None:
    watch = Watch(device("a"), Watched(T0))
    limit = SMOKE.silent_after_for
    assert dues(watch, None)[K.LOST, "silent"] == T0 + limit
    assert dues(watch, Facts(T0 + HOUR, True, {}))[K.LOST, "silent"] == T0 + HOUR + limit
    assert dues(watch, Facts(T0 + HOUR, True, {}), T0 + DAY)[K.LOST, "silent"] == T0 + DAY + limit


def test_numbers_go_stale_and_get_stuck_and_what_is_of_the_device_does_not() -> None:
    watch = Watch(device("a"), Watched(T0))
    values = {"temperature_c": (20.0, T0), "battery_percent": (80.0, T0), "smoke_alarm": (0.0, T0)}
    watch.read([reading(name, value[0]) for name, value in values.items()], ())
    found = dues(watch, Facts(T0, True, values))
    assert found[K.STALE, "temperature_c"] == T0 + STALE_AFTER * SMOKE.silent_after_for
    assert found[K.STUCK, "temperature_c"] == T0 + STUCK_AFTER_FOR
    assert {cause for kind, cause in found if kind in (K.STALE, K.STUCK)} == {"temperature_c"}
    watch.read([reading("temperature_c", 20.0, at=T0 + HOUR)], ())
    assert dues(watch, None)[K.STUCK, "temperature_c"] == T0 + STUCK_AFTER_FOR
    watch.read([reading("temperature_c", 20.1, at=T0 + HOUR)], ())
    assert dues(watch, None)[K.STUCK, "temperature_c"] == T0 + HOUR + STUCK_AFTER_FOR


def test_a_lost_device_is_neither_stuck_nor_stale_and_has_its_time_again_when_it_is_back() -> None:
    values = {"temperature_c": (20.0, T0)}
    steady = (("temperature_c", 20.0, T0),)
    watch, facts = Watch(device("a"), Watched(T0, steady=steady)), Facts(T0, True, values)
    assert {sign.kind for _, sign in watch.dues(facts, 0, True)}.isdisjoint({K.STUCK, K.STALE})
    watch = Watch(device("a"), Watched(T0, steady=steady, back_at=T0 + 9 * DAY))
    found = dues(watch, facts)
    assert found[K.STUCK, "temperature_c"] == T0 + 9 * DAY + STUCK_AFTER_FOR
    assert found[K.STALE, "temperature_c"] == T0 + 9 * DAY + STALE_AFTER * SMOKE.silent_after_for
    assert dues(watch, facts, T0 + 20 * DAY)[K.STUCK, "temperature_c"] == T0 + 20 * DAY + STUCK_AFTER_FOR


def test_a_device_that_reports_daily_is_lost_before_its_last_value_is_called_stuck() -> None:
    steady = (("temperature_c", 20.0, T0),)
    daily = replace(SMOKE, reports_every_for=DAY)
    found = dues(Watch(device("a", daily), Watched(T0, steady=steady)), Facts(T0, True, {}))
    assert daily.silent_after_for > STUCK_AFTER_FOR
    assert found[K.LOST, "silent"] < found[K.STUCK, "temperature_c"] == T0 + 2 * daily.silent_after_for


def test_dates_are_those_of_the_registry() -> None:
    put_up = device("a", installed_at=T0 - DAY, expires_at=T0 + 5 * DAY)
    found = dues(Watch(put_up, Watched(T0)), None)
    assert found[K.EXPIRED, "expired"] == T0 + 5 * DAY
    assert found[K.TEST_DUE, "test"] == T0 + 364 * DAY
    assert dues(Watch(put_up, Watched(T0, T0 + DAY)), None)[K.TEST_DUE, "test"] == T0 + 366 * DAY


def test_a_state_read_back_is_the_same() -> None:
    walk = Walk("li", T0 + 9, None, (reading("smoke_alarm", 1),))
    watch = Watch(device("a"), Watched(T0, T0 + 1, walk, back_at=T0 + 2))
    watch.read([reading("temperature_c", 20.0)], ())
    assert Watch(device("a"), watch.state()).state() == watch.state()


def hold(watch: Watch, said: Iterable[Reading], proved: bool) -> bool:
    return watch.hold(said, proved, T0)


def test_a_walk_passes_once_and_holds_the_newest_of_each() -> None:
    watch = Watch(device("a"), Watched(T0, None, Walk("li", T0 + 60)))
    assert not hold(watch, [reading("temperature_c", 20)], False)
    assert hold(watch, [reading("smoke_alarm", 1)], True)
    assert not hold(watch, [reading("smoke_alarm", 1)], True)
    assert not hold(watch, [reading("smoke_alarm", 0), reading("smoke_alarm", 1, Trust.BACKFILL)], False)
    assert watch.walk is not None
    assert {(one.quantity, one.value) for one in watch.walk.held} == {
        ("temperature_c", 20),
        ("smoke_alarm", 0),
    }


def test_silence_and_stale_values_follow_the_interval_that_the_device_says() -> None:
    watch = Watch(device("a"), Watched(T0))
    values = {"temperature_c": (20.0, T0)}
    limit = expected(SMOKE, DAY).silent_after_for
    assert limit > SMOKE.silent_after_for
    found = dues(watch, Facts(T0, True, values, DAY))
    assert found[K.LOST, "silent"] == T0 + limit
    assert found[K.STALE, "temperature_c"] == T0 + STALE_AFTER * limit


def test_what_people_do_is_no_sign_about_the_device() -> None:
    assert read(reading("motion", 1.0), reading("door_open", 0.0)) == (set(), False)
    assert read(reading("motion", 1.0), wrong=()) == (set(), False)
