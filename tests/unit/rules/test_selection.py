"""Which devices a rule is about."""

from __future__ import annotations

import pytest

from rules.engine import check as offered
from rules.selection import check, crowds, selected
from tests.support.community import home, inventory
from tests.support.rulebook import pack, ruleset

HEAT = """
rules:
  - {id: a, hazard: fire, kind: threshold, quantity: temperature_c, levels: {alarm: {above: 57}}, source: x}
"""
WITH = HEAT.replace("source: x", "source: x, devices: DEVICES")
TWO = """
  - {id: two, hazard: fire, kind: corroborate, of: [a], at_least: alarm, count: 2, within: WITHIN,
     level: critical, source: x}
"""


def names(text: str) -> set[str]:
    return {device.id for device in selected(ruleset(text).rules[0], inventory())}


def test_without_a_selection_it_is_every_device_that_measures_it() -> None:
    assert names(HEAT) == {f"heat-{floor}0{door}" for floor in range(1, 7) for door in (1, 2)}


@pytest.mark.parametrize(
    ("devices", "found"),
    [
        ("{ids: [heat-301, smoke-301]}", {"heat-301"}),
        (f"{{places: [{home(3)}]}}", {"heat-301"}),
        ("{places: [c.b1.u1.f3]}", {"heat-301", "heat-302"}),
        (f"{{places: [{home(3)}, {home(4)}], kinds: [heat]}}", {"heat-301", "heat-401"}),
        (f"{{places: [{home(3)}], kinds: [smoke]}}", set()),
        ("{profiles: [gas]}", set()),
        ("{places: [nowhere]}", set()),
    ],
)
def test_each_list_narrows_further(devices: str, found: set[str]) -> None:
    assert names(WITH.replace("DEVICES", devices)) == found


def test_a_rule_of_several_quantities_wants_all_and_one_of_several_bits_wants_any() -> None:
    every = """
rules:
  - id: e
    hazard: fire
    kind: all
    conditions:
      - {quantity: temperature_c, above: 57}
      - {quantity: smoke_obscuration_db_per_m, above: 0.1}
    level: alarm
    source: x
"""
    bits = """
rules:
  - {id: b, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm, heat_alarm], level: alarm, source: x}
"""
    assert names(every) == set()
    assert len(names(bits)) == 24


def test_devices_count_together_where_there_are_enough_of_them() -> None:
    rules = ruleset(HEAT + TWO.replace("WITHIN", "floor"))
    found = crowds(rules.rules[1], rules, inventory())
    assert [(one.rule_id, one.voice) for one in found["c.b1.u1.f3"]] == [("a", "heat-301"), ("a", "heat-302")]
    alone = ruleset(HEAT + TWO.replace("WITHIN", "household"))
    assert crowds(alone.rules[1], alone, inventory()) == {}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (WITH.replace("DEVICES", "{kinds: [co]}"), ("rules", 0, "devices")),
        (WITH.replace("DEVICES", "{kinds: [smoke]}"), ("rules", 0)),
        (WITH.replace("DEVICES", "{ids: [heat-301, heat-310]}"), ("rules", 0, "devices", "ids")),
        (WITH.replace("DEVICES", "{places: [c, c.b7]}"), ("rules", 0, "devices", "places")),
        (WITH.replace("DEVICES", "{profiles: [heat, hat]}"), ("rules", 0, "devices", "profiles")),
        (HEAT + TWO.replace("WITHIN", "household"), ("rules", 1)),
    ],
)
def test_a_rule_that_can_say_nothing_here_is_told(text: str, path: tuple[str | int, ...]) -> None:
    problems = check(ruleset(text), inventory())
    assert [problem.path for problem in problems] == [path]
    assert problems[0].zh
    assert problems[0].en


def test_a_rule_that_fits_is_not_told() -> None:
    assert check(ruleset(HEAT + TWO.replace("WITHIN", "floor")), inventory()) == ()
    assert offered is check


def test_the_shipped_packs_name_nothing_that_a_community_must_have() -> None:
    assert all("devices" not in problem.path for problem in check(pack("fire", "gas"), inventory()))
