"""Limits of one's own: the nearest wins, the direction stays, what makes no sense changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.inventory import Inventory, Scope, Tuning
from devices.level import Level
from rules.engine import Engine
from rules.kinds.threshold import Threshold
from rules.tuning import Tunings, check
from tests.support.community import inventory
from tests.support.rulebook import reading, ruleset

TEXT = """
rules:
  - id: warm
    hazard: fire
    kind: threshold
    quantity: temperature_c
    levels: {prealarm: {above: 48, clear_below: 43}, alarm: {above: 57, clear_below: 51}}
    source: a test
  - {id: bit, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: a test}
"""
DEVICE = "heat-301"


def tune(scope: Scope, of: str, at: float, clear: float | None = None, level: Level = Level.ALARM) -> Tuning:
    return Tuning(scope, of, "warm", level, at, clear)


def tuned(*tunings: Tuning) -> Inventory:
    return replace(inventory(), tuning=tunings)


def limits(known: Inventory, device_id: str = DEVICE) -> list[tuple[str, float, float]]:
    rule = ruleset(TEXT).rules[0]
    judge = Tunings(known).rule(rule, known.devices[device_id]).judge
    assert isinstance(judge, Threshold)
    return [(level.word, limit.at, limit.clear) for level, limit in judge.limits]


def place_of(device_id: str = DEVICE) -> str:
    return inventory().devices[device_id].place_id


def test_without_a_tuning_the_rule_is_itself() -> None:
    rule, known = ruleset(TEXT).rules[0], tuned(tune(Scope.DEVICE, "heat-302", 70))
    assert Tunings(known).rule(rule, known.devices[DEVICE]) is rule


def test_the_nearest_wins_level_by_level() -> None:
    model = tune(Scope.PROFILE, inventory().devices[DEVICE].profile.id, 60)
    community = tune(Scope.PLACE, inventory().community_id, 62)
    home = tune(Scope.PLACE, place_of(), 64)
    own = tune(Scope.DEVICE, DEVICE, 66)
    mild = tune(Scope.PROFILE, inventory().devices[DEVICE].profile.id, 50, level=Level.PREALARM)
    wanted = 58.0
    for tunings in ((model,), (model, community), (model, community, home), (own, model, community, home)):
        wanted += 2
        assert limits(tuned(*tunings))[0][1] == wanted
    assert limits(tuned(own, mild)) == [("alarm", 66, 60), ("prealarm", 50, 45)]


def test_it_is_over_as_far_from_the_limit_as_before_unless_told() -> None:
    assert limits(tuned(tune(Scope.DEVICE, DEVICE, 70)))[0] == ("alarm", 70, 64)
    assert limits(tuned(tune(Scope.DEVICE, DEVICE, 70, 69)))[0] == ("alarm", 70, 69)


@pytest.mark.parametrize(
    "wrong",
    [
        tune(Scope.DEVICE, DEVICE, 70, 71),  # clears above its limit
        tune(Scope.DEVICE, DEVICE, 40),  # milder than the pre-alarm
        tune(Scope.DEVICE, DEVICE, 4000),  # no thermometer says that
        tune(Scope.DEVICE, DEVICE, 70, level=Level.CRITICAL),  # no such level
        Tuning(Scope.DEVICE, "smoke-301", "bit", Level.ALARM, 1),  # no limit to change
        Tuning(Scope.DEVICE, DEVICE, "worm", Level.ALARM, 60),
        tune(Scope.PLACE, "nowhere", 60),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(wrong: Tuning) -> None:
    known = tuned(wrong)
    ((told, zh, en),) = check(ruleset(TEXT), known)
    assert told == wrong
    assert zh
    assert en
    for rule in ruleset(TEXT).rules:
        assert Tunings(known).rule(rule, known.devices[DEVICE]) is rule


def test_what_makes_sense_only_together_is_fine() -> None:
    both = (tune(Scope.DEVICE, DEVICE, 70), tune(Scope.DEVICE, DEVICE, 60, level=Level.PREALARM))
    assert list(check(ruleset(TEXT), tuned(*both))) == []
    assert [at for _, at, _ in limits(tuned(*both))] == [70, 60]


def test_one_that_nearer_ones_hide_everywhere_is_told() -> None:
    hidden = tune(Scope.PLACE, place_of(), 60)
    inside = [one.id for one in inventory().devices.values() if "temperature_c" in one.profile.quantities]
    nearer = [tune(Scope.DEVICE, name, 66) for name in inside]
    assert [told for told, _, _ in check(ruleset(TEXT), tuned(hidden, *nearer))] == [hidden]


def test_the_engine_judges_by_it_and_another_limit_is_judged_anew() -> None:
    rules = ruleset(TEXT)
    engine = Engine(rules, tuned(tune(Scope.DEVICE, DEVICE, 70)))
    assert [edge.after for edge in engine.handle(reading(DEVICE, "temperature_c", 60))] == [Level.PREALARM]
    assert [edge.after for edge in engine.handle(reading("heat-302", "temperature_c", 60))] == [Level.ALARM]
    (edge,) = engine.handle(reading(DEVICE, "temperature_c", 71, 1))
    assert edge.evidence[-1].limit == 70
    assert edge.rule_version.startswith(f"{rules.rules[0].version}~")
    dropped = engine.adopt(rules, inventory())
    assert [one.state.subject for one in dropped] == [DEVICE]
    assert engine.levels(DEVICE)["warm"] is Level.UNKNOWN
    assert engine.levels("heat-302")["warm"] is Level.ALARM


def test_water_and_aggregates_have_limits_of_their_own_too() -> None:
    text = """
rules:
  - {id: warm, hazard: flood, kind: water_level, quantity: water_level_mm, source: a test,
     levels: {alarm: {above: 150}}, rates: [{by: 30, within: 5m, steps: 1}]}
"""
    known = tuned(tune(Scope.DEVICE, "level-1", 80))
    running = Engine(ruleset(text), known)
    running.handle(reading("level-1", "water_level_mm", 90, 0))
    assert running.levels("level-1") == {"warm": Level.ALARM}
    assert list(check(ruleset(text), known)) == []
