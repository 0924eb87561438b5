"""Devices of one place that count together."""

from __future__ import annotations

from dataclasses import replace

from devices.inventory import Inventory
from devices.level import Level
from devices.reading import Trust
from rules.engine import Engine
from tests.support.community import home, inventory
from tests.support.rulebook import at, engine, moves, reading, ruleset

RULES = """
rules:
  - {id: s, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: prealarm, source: x}
  - {id: h, hazard: fire, kind: threshold, quantity: temperature_c, source: x,
     levels: {prealarm: {above: 48}}}
  - {id: two, hazard: fire, kind: corroborate, of: [s, h], at_least: prealarm, count: 2, within: household,
     level: alarm, source: x}
"""
U, C, P, A = Level.UNKNOWN, Level.CLEAR, Level.PREALARM, Level.ALARM


def smoke(running: Engine, value: float | None, second: float, trust: Trust = Trust.NONE) -> list[object]:
    return [*moves(running.handle(reading("smoke-301", "smoke_alarm", value, second, trust)))]


def heat(running: Engine, value: float | None, second: float, trust: Trust = Trust.NONE) -> list[object]:
    return [*moves(running.handle(reading("heat-301", "temperature_c", value, second, trust)))]


def test_two_devices_of_one_home_are_an_alarm_until_one_is_calm() -> None:
    running = engine(RULES)
    assert smoke(running, 1, 0) == [("s", U, P)]
    assert heat(running, 50, 1) == [("h", U, P), ("two", U, A)]
    assert smoke(running, 0, 2) == [("s", P, C), ("two", A, C)]


def test_the_edge_is_of_the_place_and_rests_on_a_fact_of_each_device() -> None:
    running = engine(RULES)
    running.handle(reading("smoke-301", "smoke_alarm", 1, 0))
    edge = running.handle(reading("heat-301", "temperature_c", 50, 1))[-1]
    assert (edge.subject, edge.place_id, edge.at) == (home(3), home(3), at(1))
    assert [(fact.device_id, fact.value) for fact in edge.evidence] == [("smoke-301", 1), ("heat-301", 50)]


def test_neighbours_do_not_count_together() -> None:
    running = engine(RULES)
    smoke(running, 1, 0)
    edges = running.handle(reading("heat-302", "temperature_c", 50, 1))
    assert moves(edges) == [("h", U, P)]


def test_one_device_with_two_signs_is_one_witness() -> None:
    known = inventory()
    both = replace(known.devices["smoke-301"].profile, quantities=frozenset({"smoke_alarm", "temperature_c"}))
    devices = [
        replace(device, profile=both) if device.id == "smoke-301" else device
        for device in known.devices.values()
    ]
    running = Engine(ruleset(RULES), Inventory.of("c", "b", known.tree.places.values(), devices))
    smoke(running, 1, 0)
    assert moves(running.handle(reading("smoke-301", "temperature_c", 50, 1))) == [("h", U, P)]


def test_what_nobody_has_said_is_unknown_while_it_could_decide() -> None:
    running = engine(RULES)
    assert smoke(running, 0, 0) == [("s", U, C), ("two", U, C)]
    assert smoke(running, 1, 1) == [("s", C, P), ("two", C, U)]
    assert heat(running, 50, 2) == [("h", U, P), ("two", U, A)]
    assert heat(running, None, 3) == [("h", P, U), ("two", A, U)]


def test_a_held_sign_counts_when_its_deadline_comes() -> None:
    running = engine(RULES.replace("kind: alarm_bit,", "kind: alarm_bit, hold_for: 10s,"))
    heat(running, 50, 0)
    smoke(running, 1, 1)
    edges = running.tick(at(20))
    assert [(edge.rule_id, edge.after, edge.at) for edge in edges] == [("s", P, at(11)), ("two", A, at(11))]


def test_a_test_and_a_live_sign_do_not_count_together() -> None:
    running = engine(RULES)
    smoke(running, 1, 0, Trust.TEST)
    assert heat(running, 50, 1) == [("h", U, P)]
    edges = running.handle(reading("heat-301", "temperature_c", 50, 2, Trust.TEST))
    assert [(edge.rule_id, edge.after, edge.test) for edge in edges] == [("h", P, True), ("two", A, True)]


def test_a_device_under_test_has_no_voice_in_a_live_place() -> None:
    running = engine(RULES, inventory(under_test=frozenset({"smoke-301"})))
    smoke(running, 1, 0)
    assert heat(running, 50, 1) == [("h", U, P), ("two", U, C)]


def test_a_place_can_be_asked_to_hold_too() -> None:
    running = engine(RULES.replace("kind: corroborate,", "kind: corroborate, hold_for: 5s,"))
    smoke(running, 1, 0)
    heat(running, 50, 1)
    assert [(edge.rule_id, edge.at) for edge in running.tick(at(9))] == [("two", at(6))]


def test_a_restart_does_not_judge_again_what_was_held_through_silence() -> None:
    rules = RULES.replace("kind: corroborate,", "kind: corroborate, hold_for: 5s,")
    running = engine(rules)
    smoke(running, 1, 0)
    heat(running, 50, 1)
    heat(running, None, 2)
    assert [(edge.rule_id, edge.after) for edge in running.tick(at(9))] == [("two", A)]
    again = engine(rules)
    again.restore((key, state) for key, state in running.drain() if state is not None)
    assert again.tick(at(10)) == running.tick(at(10)) == ()


SPREAD = """
rules:
  - {id: s, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: x}
  - {id: d, hazard: fire, kind: threshold, quantity: smoke_obscuration_db_per_m, source: x,
     levels: {alarm: {above: 0.15}}}
  - {id: c, hazard: fire, kind: corroborate, of: [s, d], at_least: alarm, count: 2, by: BY, within: building,
     level: critical, source: x}
"""


def spread(by: str, *said: tuple[str, str, float]) -> bool:
    running = engine(SPREAD.replace("BY", by))
    raised = False
    for second, (device, quantity, value) in enumerate(said):
        edges = running.handle(reading(device, quantity, value, second))
        raised = raised or any(edge.rule_id == "c" and edge.after is Level.CRITICAL for edge in edges)
    return raised


def test_two_floors_are_a_fire_that_spreads_and_two_homes_of_a_floor_are_not() -> None:
    one, next_door, above = ((f"smoke-{home_no}", "smoke_alarm", 1.0) for home_no in (301, 302, 401))
    assert not spread("floor", one, next_door)
    assert spread("floor", one, above)
    assert spread("device", one, next_door)


def test_two_kinds_of_evidence_of_one_device() -> None:
    bit, density = ("smoke-301", "smoke_alarm", 1.0), ("smoke-301", "smoke_obscuration_db_per_m", 0.3)
    assert spread("rule", bit, density)
    assert not spread("device", bit, density)
    assert not spread("kind", bit, density, ("smoke-302", "smoke_alarm", 1.0))
