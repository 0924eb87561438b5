"""The form of rule files."""

from __future__ import annotations

import pytest

from devices.instant import SECOND
from devices.level import Hazard, Level
from rules.hold import Hold
from rules.kinds.threshold import Limit, Threshold
from rules.spec import Selector, merge, parse
from tests.support.rulebook import load, ruleset

HEAT = """
rules:
  - id: heat
    hazard: fire
    kind: threshold
    quantity: temperature_c
    devices: {kinds: [heat], places: [c.b1]}
    hold_for: 10s
    levels:
      prealarm: {above: 48, clear_below: 43}
      alarm: {above: 57}
    source: EN 54-5
"""
TWO = """
rules:
  - {id: two, hazard: fire, kind: corroborate, of: [heat], at_least: prealarm, count: 2, within: scope,
     level: alarm, source: ours}
"""


def test_a_rule_reads_as_it_is_written() -> None:
    rule = ruleset(HEAT).rules[0]
    assert (rule.id, rule.hazard, rule.kind, rule.source) == ("heat", Hazard.FIRE, "threshold", "EN 54-5")
    assert rule.devices == Selector(kinds=("heat",), places=("c.b1",))
    assert rule.hold == Hold(10 * SECOND)
    assert isinstance(rule.judge, Threshold)
    assert rule.judge.limits == (
        (Level.ALARM, Limit(1, 57, 57 - 0.1 * 57)),
        (Level.PREALARM, Limit(1, 48, 43)),
    )


def test_every_mistake_of_a_document_is_told_at_once_with_its_path() -> None:
    rules, problems = parse(
        load("""
pack: mine
rules:
  - {id: A, hazard: fires, kind: threshold, quantity: temprature_c, levels: {alarm: {above: 57}}}
  - {id: b, hazard: gas, kind: thresold, source: x}
  - {id: c, hazard: gas, kind: threshold, quantity: gas_lel_percent, source: x, hold: 10s,
     levels: {alarm: {above: 10, clear_below: 12}, warning: {above: 5}}}
  - {id: d, hazard: fire, kind: rise, quantity: temperature_c, by: -1, within: 60, level: alarm, source: x}
  - {id: e, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: x}
  - {id: e, hazard: fire, kind: alarm_bit, quantities: [heat_alarm], level: alarm, source: x}
  - 17
""")
    )
    assert {problem.path for problem in problems} == {
        ("pack",),
        ("rules", 0),  # no source
        ("rules", 0, "id"),
        ("rules", 0, "hazard"),
        ("rules", 0, "quantity"),
        ("rules", 1, "kind"),
        ("rules", 2, "hold"),
        ("rules", 2, "levels", "warning"),
        ("rules", 2, "levels", "alarm", "clear_below"),
        ("rules", 3, "within"),
        ("rules", 5, "id"),
        ("rules", 6),
    }
    assert all(problem.zh and problem.en for problem in problems)
    assert [rule.id for rule in rules.rules] == ["e"]
    said = {problem.path: problem.en for problem in problems}
    assert "`temperature_c`" in said["rules", 0, "quantity"]
    assert "`threshold`" in said["rules", 1, "kind"]
    assert "`hold_for`" in said["rules", 2, "hold"]
    assert "`fire`" in said["rules", 0, "hazard"]


@pytest.mark.parametrize("data", [None, [], "rules", 5, {"rules": None}, {"rules": []}, {"rules": "x"}, {}])
def test_a_document_without_rules_is_a_mistake_and_no_crash(data: object) -> None:
    rules, problems = parse(data)
    assert rules.rules == ()
    assert problems


def test_the_version_is_of_the_content_and_the_source_is_a_remark() -> None:
    before = ruleset(HEAT)
    assert before.version == ruleset(HEAT).version
    assert ruleset(HEAT.replace("57", "58")).rules[0].version != before.rules[0].version
    remarked = ruleset(HEAT.replace("EN 54-5", "GB 4716"))
    assert remarked.rules[0].version == before.rules[0].version
    assert remarked.version != before.version


def test_merging_keeps_the_order_and_the_way_to_the_document() -> None:
    both, problems = merge([ruleset(HEAT), ruleset(TWO)])
    assert problems == ()
    assert [(rule.id, rule.origin) for rule in both.rules] == [
        ("heat", (0, "rules", 0)),
        ("two", (1, "rules", 0)),
    ]


def test_merging_refuses_a_second_rule_of_the_same_id() -> None:
    both, problems = merge([ruleset(HEAT), ruleset(HEAT)])
    assert [rule.id for rule in both.rules] == ["heat"]
    assert [problem.path for problem in problems] == [(1, "rules", 0, "id")]


def test_merging_refuses_a_rule_by_place_that_counts_what_is_not_there_or_itself() -> None:
    _, problems = merge([ruleset(TWO)])
    assert [problem.path for problem in problems] == [(0, "rules", 0, "of")]
    _, circle = merge([ruleset(TWO.replace("[heat]", "[two]"))])
    assert [problem.path for problem in circle] == [(0, "rules", 0, "of")]


def test_a_rule_by_place_takes_no_devices() -> None:
    _, problems = parse(load(TWO.replace("level: alarm", "level: alarm, devices: {kinds: [heat]}")))
    assert [problem.path for problem in problems] == [("rules", 0, "devices")]


def _limit(name: str, above: float, more: str = "") -> str:
    return f"""
rules:
  - {{id: {name}, hazard: gas, kind: threshold, quantity: gas_lel_percent, {more} source: x,
     levels: {{alarm: {{above: {above}}}}}}}
"""


def test_a_rule_may_stand_in_the_place_of_a_shipped_one() -> None:
    shipped, last = ruleset(_limit("a", 10)), ruleset(_limit("z", 10))
    own = ruleset(_limit("a", 12, "replaces: true,"))
    merged, problems = merge((shipped, last, own))
    assert problems == ()
    assert [(rule.id, rule.origin[0]) for rule in merged.rules] == [("a", 2), ("z", 1)]
    again, problems = merge((shipped, own, ruleset(_limit("a", 15, "replaces: true,"))))
    assert [rule.origin[0] for rule in again.rules] == [2]
    assert problems == ()


def test_a_replacement_of_nothing_is_told() -> None:
    own = ruleset(_limit("b", 12, "replaces: true,"))
    merged, problems = merge((ruleset(_limit("bb", 10)), own))
    assert [rule.id for rule in merged.rules] == ["bb"]
    assert [(one.path, "did you mean `bb`" in one.en) for one in problems] == [
        ((1, "rules", 0, "replaces"), True)
    ]
    _, problems = merge((ruleset(_limit("a", 10)), ruleset(_limit("a", 12))))
    assert [one.path for one in problems] == [(1, "rules", 0, "id")]
