"""Stages of a sequence at one place."""

from __future__ import annotations

from devices.level import Level
from rules.engine import Engine
from rules.verdict import Transition
from tests.support.community import home
from tests.support.rulebook import at, engine, moves, reading

RULES = """
rules:
  - {id: gas, hazard: gas, kind: threshold, quantity: gas_lel_percent, source: x,
     levels: {prealarm: {above: 5}, alarm: {above: 10}}}
  - {id: hot, hazard: fire, kind: threshold, quantity: temperature_c, source: x,
     levels: {prealarm: {above: 48}}}
  - id: ignition
    hazard: fire
    kind: sequence
    stages:
      - {of: [gas], at_least: prealarm}
      - {of: [hot], at_least: prealarm}
    gap: 5m
    within: household
    level: critical
    source: x
"""
U, C, P, A, X = Level.UNKNOWN, Level.CLEAR, Level.PREALARM, Level.ALARM, Level.CRITICAL


def gas(room: Engine, value: float, second: float, home_no: str = "301") -> tuple[Transition, ...]:
    return room.handle(reading(f"gas-{home_no}", "gas_lel_percent", value, second))


def hot(room: Engine, value: float, second: float, home_no: str = "301") -> tuple[Transition, ...]:
    return room.handle(reading(f"heat-{home_no}", "temperature_c", value, second))


def test_the_second_while_the_first_stands() -> None:
    room = engine(RULES)
    gas(room, 7, 0)
    edges = hot(room, 50, 60)
    assert moves(edges)[-1] == ("ignition", U, X)
    assert (edges[-1].subject, edges[-1].at) == (home(3), at(60))
    assert [one.device_id for one in edges[-1].evidence] == ["gas-301", "heat-301"]


def test_the_second_soon_after_the_first_ended() -> None:
    room = engine(RULES)
    gas(room, 7, 0)
    gas(room, 1, 60)
    assert moves(hot(room, 50, 300))[-1] == ("ignition", U, X)


def test_the_second_too_late_is_none() -> None:
    room = engine(RULES)
    hot(room, 20, 0)
    gas(room, 7, 1)
    gas(room, 1, 60)
    assert moves(hot(room, 50, 400)) == [("hot", C, P)]


def test_the_other_way_round_is_none() -> None:
    room = engine(RULES)
    hot(room, 50, 0)
    assert moves(gas(room, 7, 60)) == [("gas", U, P)]
    assert room._crowds
    assert all(crowd.cell.level is not X for crowd in room._crowds.values())


def test_it_ends_with_its_last_stage() -> None:
    room = engine(RULES)
    gas(room, 7, 0)
    hot(room, 50, 60)
    assert moves(gas(room, 1, 70)) == [("gas", P, C)]
    assert moves(hot(room, 20, 80)) == [("hot", P, C), ("ignition", X, C)]


def test_another_home_does_not_count() -> None:
    room = engine(RULES)
    gas(room, 7, 0, "301")
    assert moves(hot(room, 50, 60, "302")) == [("hot", U, P)]


def test_a_restart_between_the_stages_changes_nothing() -> None:
    room = engine(RULES)
    hot(room, 20, 0)
    gas(room, 7, 0)
    gas(room, 1, 60)
    again = engine(RULES)
    assert again.restore(room.entries()) == ()
    assert moves(hot(again, 50, 120)) == moves(hot(room, 50, 120)) == [("hot", C, P), ("ignition", C, X)]


def test_three_stages_need_each_other() -> None:
    text = RULES.replace(
        "      - {of: [hot], at_least: prealarm}",
        "      - {of: [hot], at_least: prealarm}\n      - {of: [smoke], at_least: alarm}",
    ).replace(
        "  - id: ignition",
        "  - {id: smoke, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: x}\n"
        "  - id: ignition",
    )
    room = engine(text)
    hot(room, 50, 0)  # before the gas: no second stage
    gas(room, 7, 10)
    assert moves(room.handle(reading("smoke-301", "smoke_alarm", 1, 20))) == [("smoke", U, A)]
    room = engine(text)
    gas(room, 7, 0)
    hot(room, 50, 10)
    assert moves(room.handle(reading("smoke-301", "smoke_alarm", 1, 20)))[-1] == ("ignition", U, X)
