"""What differs between two rule sets."""

from __future__ import annotations

from anmin.rule_change import RuleChange, change
from tests.support.rulebook import ruleset

HEAT = """
  - id: heat
    hazard: fire
    kind: threshold
    quantity: temperature_c
    levels: {alarm: {above: 57}}
    source: a
"""
LEAK = """
  - id: leak
    hazard: water_leak
    kind: alarm_bit
    quantities: [water_leak_alarm]
    level: alarm
    source: a
"""
BOTH = ruleset("rules:" + HEAT + LEAK)


def test_the_same_rules_in_another_order_with_other_sources_are_no_change() -> None:
    again = ruleset("rules:" + LEAK + HEAT.replace("source: a", "source: b"))
    assert change(BOTH, again) == RuleChange()
    assert not change(BOTH, again)


def test_a_rule_that_guards_lives_is_grave_whether_it_comes_goes_or_changes() -> None:
    only_leak = ruleset("rules:" + LEAK)
    assert change(BOTH, only_leak) == RuleChange(removed=("heat",), grave=("heat",))
    assert change(only_leak, BOTH) == RuleChange(added=("heat",), grave=("heat",))
    hotter = ruleset("rules:" + HEAT.replace("57", "60") + LEAK)
    assert change(BOTH, hotter) == RuleChange(changed=("heat",), grave=("heat",))


def test_what_only_damages_things_is_changed_by_one_person() -> None:
    found = change(BOTH, ruleset("rules:" + HEAT + LEAK.replace("level: alarm", "level: notice")))
    assert (found.changed, found.grave) == (("leak",), ())
    harmless = change(BOTH, ruleset("rules:" + HEAT + LEAK.replace("water_leak\n", "sos\n")))
    assert harmless.grave == ("leak",)  # it becomes one that guards lives
    assert found.as_json() == {"added": [], "removed": [], "changed": ["leak"], "guarding_lives": []}
