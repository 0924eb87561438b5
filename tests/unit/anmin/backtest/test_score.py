"""Alarms against the truth: late, missed, repeated, for nothing."""

from __future__ import annotations

from anmin.backtest.score import GRACE, Score, Scored, begins
from anmin.backtest.truth import Truth
from devices.instant import DAY, MINUTE, SECOND, Instant
from devices.level import Hazard, Level
from rules.verdict import Transition
from tests.support.community import T0, home, inventory

L = Level


def edge(
    minutes: float,
    after: Level,
    before: Level = L.CLEAR,
    place: str = "c.garage",
    hazard: Hazard = Hazard.FLOOD,
    of: str = "level-1",
) -> Transition:
    at: Instant = T0 + round(minutes * MINUTE)
    return Transition("r", "1", hazard, of, place, before, after, at, ())


def truth(start: float, end: float, place: str = "c.garage", hazard: Hazard = Hazard.FLOOD) -> Truth:
    return Truth(T0 + round(start * MINUTE), T0 + round(end * MINUTE), place, hazard)


def scored(truths: list[Truth], *edges: Transition, opened: tuple[float, ...] = ()) -> Scored:
    score = Score(truths, inventory().tree)
    for one in edges:
        score.edge(one)
    for at in opened:
        score.opened(T0 + round(at * MINUTE), Hazard.FLOOD, "c.garage", "inc", L.ALARM)
    return score.result(T0, T0 + DAY, 10)


def test_the_delay_is_from_the_start_to_each_level() -> None:
    (event,) = scored([truth(10, 60)], edge(12, L.NOTICE), edge(20, L.ALARM, L.NOTICE)).events
    assert event.delays_s == {"notice": 120.0, "prealarm": 600.0, "alarm": 600.0}
    assert (event.delay_s, event.raises, event.missed) == (120.0, 1, False)


def test_what_stood_already_was_in_time() -> None:
    found = scored([truth(10, 60)], edge(5, L.PREALARM))
    assert found.events[0].delay_s == 0
    assert found.false_alerts == 1


def test_what_stood_and_went_before_the_start_counts_for_nothing() -> None:
    found = scored([truth(10, 60)], edge(5, L.PREALARM), edge(7, L.CLEAR, L.PREALARM))
    assert (found.missed, found.detected) == (1, 0)


def test_an_event_nobody_told_is_missed_and_one_without_readings_is_not() -> None:
    found = scored([truth(10, 60), truth(5000, 5001)])
    assert [event.missed for event in found.events] == [True, False]
    assert (found.missed, found.uncovered, found.detected) == (1, 1, 0)


def test_a_wrong_hazard_or_another_place_is_false() -> None:
    garage = truth(10, 60)
    found = scored([garage], edge(20, L.ALARM, hazard=Hazard.FIRE), edge(21, L.ALARM, place="c.underpass"))
    assert (found.false_alerts, found.missed) == (2, 1)
    assert [(one.place_id, one.hazard) for one in found.shown] == [
        ("c.garage", Hazard.FIRE),
        ("c.underpass", Hazard.FLOOD),
    ]


def test_a_place_within_or_around_is_the_same_event() -> None:
    around = scored(
        [truth(10, 60, "c.b1", Hazard.FIRE)], edge(20, L.ALARM, place=home(3), hazard=Hazard.FIRE)
    )
    within = scored(
        [truth(10, 60, home(3), Hazard.FIRE)], edge(20, L.ALARM, place="c.b1", hazard=Hazard.FIRE)
    )
    assert around.detected == within.detected == 1


def test_soon_after_the_end_is_neither_a_hit_nor_false() -> None:
    late = 60 + GRACE / MINUTE
    found = scored([truth(10, 60)], edge(late, L.ALARM), edge(late + 1, L.ALARM, of="other"))
    assert (found.missed, found.false_alerts) == (1, 1)


def test_an_alert_that_gets_worse_is_one_and_one_that_comes_back_is_two() -> None:
    worse = scored([truth(10, 60)], edge(11, L.NOTICE), edge(12, L.ALARM, L.NOTICE))
    again = scored([truth(10, 60)], edge(11, L.NOTICE), edge(12, L.CLEAR, L.NOTICE), edge(13, L.NOTICE))
    assert (worse.events[0].raises, again.events[0].raises) == (1, 2)
    assert not begins(edge(12, L.NOTICE, L.ALARM))


def test_incidents_are_counted_apart() -> None:
    found = scored([truth(10, 60)], opened=(5, 20, 30, 200))
    assert found.events[0].incidents == 2
    assert (found.false_incidents, found.false_alerts) == (2, 0)


def test_the_rate_is_of_a_thousand_device_days() -> None:
    found = scored([], edge(1, L.ALARM))
    assert found.device_days == 10
    assert found.per_1000_device_days(found.false_alerts) == 100.0
    nothing = Score([], inventory().tree).result(T0, T0, 3)
    assert nothing.per_1000_device_days(0) is None


def test_delays_of_all_events_come_in_order() -> None:
    truths = [truth(10, 20), truth(100, 120)]
    found = scored(truths, edge(15, L.ALARM), edge(30, L.CLEAR, L.ALARM), edge(101, L.ALARM))
    assert found.delays_s() == [MINUTE / SECOND, 5 * MINUTE / SECOND]
