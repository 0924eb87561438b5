"""The whole test as one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anmin.backtest.run import EVERY, Report, backtest
from anmin.backtest.truth import Truth
from devices.instant import DAY, MINUTE, SECOND
from devices.level import Hazard
from devices.reading import Reading
from rules.spec import RuleSet
from tests.support.community import T0, inventory
from tests.support.monitor import TERMS
from tests.support.rulebook import pack, reading, ruleset

RULE = """
rules:
  - id: depth
    hazard: flood
    kind: threshold
    source: ours
    quantity: water_level_mm
    levels:
      alarm: {{above: {limit}, clear_below: 10}}
"""


def rule(limit: int) -> RuleSet:
    return ruleset(RULE.format(limit=limit))


def rising(millimetres: int = 300) -> Iterator[Reading]:
    """A millimetre every second, then dry for two hours."""
    for depth in range(millimetres):
        yield reading("level-1", "water_level_mm", depth, depth)
    for minute in range(120):
        yield reading("level-1", "water_level_mm", 0, millimetres + minute * 60)


def ran(
    rules: RuleSet,
    readings: Iterable[Reading],
    truth: list[Truth] | None = None,
    against: RuleSet | None = None,
) -> Report:
    return backtest(inventory(), rules, readings, truth, against, terms=TERMS)


def test_it_tells_transitions_and_incidents_with_their_times() -> None:
    report = ran(rule(100), rising())
    outcome = report.a
    assert (report.readings, report.devices, report.first) == (420, 1, T0)
    assert [(one.after.word, one.at - T0) for one in outcome.transitions] == [
        ("clear", 0),
        ("alarm", 100 * SECOND),
        ("clear", 300 * SECOND),
    ]
    (incident,) = outcome.incidents
    assert (incident.opened_at - T0, incident.place_id) == (100 * SECOND, "c.garage")
    assert incident.cleared_at == T0 + 300 * SECOND
    assert incident.closed_at == T0 + 300 * SECOND + 60 * MINUTE
    assert outcome.alerts == {"depth": 1}
    assert outcome.scored is None
    assert report.b is None
    assert report.compared is None


def test_a_truth_that_is_told_is_not_missed_and_another_is() -> None:
    flood = Truth(T0 + 90 * SECOND, T0 + 300 * SECOND, "c.garage", Hazard.FLOOD)
    other = Truth(T0 + 90 * SECOND, T0 + 300 * SECOND, "c.underpass", Hazard.FLOOD)
    report = ran(rule(100), rising(), [flood, other])
    assert report.missed == 1
    assert report.a.scored is not None
    assert [event.delay_s for event in report.a.scored.events] == [10.0, None]


def test_a_lower_limit_is_sooner_by_what_the_water_takes() -> None:
    report = ran(rule(150), rising(), against=rule(100))
    assert report.compared is not None
    (pair,) = report.compared.apart
    assert pair.b_later == -50 * SECOND
    assert report.b is not None
    assert report.b.rules_version != report.a.rules_version


def test_only_the_stricter_rule_hears_of_little_water() -> None:
    report = ran(rule(150), rising(120), against=rule(100))
    assert report.compared is not None
    assert (report.compared.both, report.compared.only_b_in_all) == (0, 1)


def test_nothing_is_judged_after_the_last_reading() -> None:
    report = ran(rule(100), [reading("level-1", "water_level_mm", 200, 0)])
    (incident,) = report.a.incidents
    assert (incident.cleared_at, incident.closed_at, report.last) == (None, None, T0)


def test_without_readings_there_is_a_report_all_the_same() -> None:
    truth = Truth(T0, T0 + DAY, "c", Hazard.FIRE)
    report = ran(pack(), [], [truth])
    assert (report.first, report.last, report.readings, report.missed) == (None, None, 0, 0)


def test_progress_is_told_now_and_then() -> None:
    counts: list[int] = []
    many = (reading("level-1", "water_level_mm", 0, second) for second in range(2 * EVERY + 1))
    backtest(inventory(), rule(100), many, terms=TERMS, progress=counts.append)
    assert counts == [EVERY, 2 * EVERY]


def test_the_same_readings_give_the_same_report() -> None:
    assert ran(pack(), rising()) == ran(pack(), rising())


def test_a_drill_is_listed_and_not_scored() -> None:
    under_test = inventory(under_test=frozenset({"level-1"}))
    report = backtest(under_test, rule(100), rising(), [], terms=TERMS)
    assert report.a.alerts == {}
    assert [one.drill for one in report.a.incidents] == [True]
    assert report.a.scored is not None
    assert report.a.scored.false_incidents == 0
