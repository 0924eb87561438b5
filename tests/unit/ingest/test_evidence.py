"""ingest.evidence: retained, cached and repeated values."""

from __future__ import annotations

from devices.instant import SECOND
from devices.reading import HISTORY, Trust
from ingest.evidence import ALARMS, EDGES, TRUST, of_event, of_message, of_retained, of_state
from ingest.message import Decoded, Point

T0 = 1_790_000_000_000_000
STALE, DUPLICATE = int(Trust.STALE), int(Trust.DUPLICATE)
RETAINED, BACKFILL = int(Trust.RETAINED), int(Trust.BACKFILL)


def known(**values: float | None) -> dict[str, tuple[float | None, int]]:
    return {name: (value, T0) for name, value in values.items()}


def state(**values: float | None) -> list[Point]:
    return [Point(name, value) for name, value in values.items()]


def test_table_turns_bits_back_into_trust() -> None:
    assert TRUST[0] is Trust.NONE
    assert TRUST[5] == Trust.QUEUED | Trust.RETAINED
    assert len(TRUST) == 256


def test_words_of_the_message_hold_for_all_its_values() -> None:
    plain = Decoded("native", "d")
    assert of_message(plain, queued=False) == 0
    flagged = Decoded("native", "d", test=True, warmup=True, backfill=True)
    assert of_message(flagged, queued=True) == Trust.QUEUED | Trust.TEST | Trust.WARMUP | Trust.BACKFILL


def test_retained_value_that_we_know_is_nothing_new() -> None:
    assert of_retained(state(smoke_alarm=1.0), known(smoke_alarm=1.0)) == [RETAINED | DUPLICATE]


def test_retained_alarm_that_we_do_not_know_of_is_raised_with_its_age_unknown() -> None:
    assert of_retained(state(smoke_alarm=1.0), {}) == [RETAINED]
    assert of_retained(state(smoke_alarm=1.0), known(smoke_alarm=0.0)) == [RETAINED]


def test_retained_clear_does_not_clear_a_standing_alarm() -> None:
    for value in (0.0, None):
        (bits,) = of_retained(state(smoke_alarm=value), known(smoke_alarm=1.0))
        assert bits == RETAINED | BACKFILL
        assert bits & HISTORY


def test_retained_number_is_kept_with_its_mark() -> None:
    assert of_retained(state(temperature_c=20.0), known(temperature_c=80.0)) == [RETAINED]


def test_unchanged_beside_something_changed_is_stale() -> None:
    """`smoke: true` with a battery report is no new evidence of smoke."""
    before = known(smoke_alarm=1.0, battery_percent=98.0, link_quality=50.0)
    told = state(smoke_alarm=1.0, battery_percent=97.0, link_quality=60.0)
    assert of_state(told, before, False) == [STALE, 0, 0]


def test_nothing_changed_means_that_the_device_said_it_again() -> None:
    before = known(smoke_alarm=1.0, battery_percent=98.0, link_quality=50.0)
    told = state(smoke_alarm=1.0, battery_percent=98.0, link_quality=61.0)
    assert of_state(told, before, False) == [0, 0, 0]


def test_first_message_is_never_stale() -> None:
    assert of_state(state(smoke_alarm=1.0, battery_percent=98.0), {}, False) == [0, 0]
    assert of_state(state(smoke_alarm=1.0), known(battery_percent=98.0), True) == [0]


def test_message_with_an_old_time_was_said_by_the_bridge() -> None:
    before = known(smoke_alarm=1.0, battery_percent=98.0)
    assert of_state(state(smoke_alarm=1.0, battery_percent=98.0), before, True) == [STALE, STALE]
    assert of_state(state(smoke_alarm=0.0), before, True) == [0]


def test_press_told_on_two_topics_is_one_press() -> None:
    before = known(sos_alarm=1.0)
    assert of_event(state(sos_alarm=1.0), before, T0 + SECOND) == [DUPLICATE]
    assert of_event(state(sos_alarm=1.0), before, T0 + 3 * SECOND) == [0]
    assert of_event(state(sos_alarm=1.0), known(sos_alarm=0.0), T0) == [0]


def test_alarms_and_conditions_are_edges_and_numbers_are_not() -> None:
    assert {"smoke_alarm", "generic_alarm"} <= ALARMS <= EDGES
    assert {"tamper", "fault"} <= EDGES - ALARMS
    assert "temperature_c" not in EDGES
