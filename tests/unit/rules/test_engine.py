"""The engine from outside: start and restart, versions, memory."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from pydantic import TypeAdapter

from devices.level import Level
from devices.reading import Trust
from rules.engine import Engine, State
from tests.support.community import T0, inventory
from tests.support.rulebook import at, engine, moves, pack, reading, ruleset

BIT = """
rules:
  - {id: b, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: maker}
"""
GAS = """
rules:
  - {id: g, hazard: gas, kind: threshold, quantity: gas_lel_percent, hold_for: 10s, source: x,
     levels: {alarm: {above: 10}}}
"""
RISE = """
rules:
  - {id: r, hazard: fire, kind: rise, quantity: temperature_c, by: 8.3, within: 60s, source: x,
     level: prealarm}
"""
U, C, P, A = Level.UNKNOWN, Level.CLEAR, Level.PREALARM, Level.ALARM


def through_json(entries: list[tuple[str, State | None]]) -> list[tuple[str, State]]:
    adapter: TypeAdapter[Any] = TypeAdapter(State)
    return [
        (key, adapter.validate_json(adapter.dump_json(state))) for key, state in entries if state is not None
    ]


def restarted(running: Engine, rules: str) -> Engine:
    fresh = engine(rules)
    assert fresh.restore(through_json(running.drain())) == ()
    return fresh


@pytest.mark.parametrize("restart", [False, True])
def test_what_calms_down_within_its_hold_raises_nobody(restart: bool) -> None:
    running = engine(GAS)
    running.handle(reading("gas-301", "gas_lel_percent", 0, 0))
    running.handle(reading("gas-301", "gas_lel_percent", 12, 5))
    if restart:
        running = restarted(running, GAS)
    running.handle(reading("gas-301", "gas_lel_percent", 0, 10))
    assert running.next_deadline() is None
    assert running.tick(at(60)) == ()


class TestRestart:
    """Promise P12; the numbers are Home Assistant's issues that it answers."""

    def test_59812_an_alarm_that_is_on_at_the_first_start_is_raised(self) -> None:
        assert moves(engine(BIT).handle(reading("smoke-301", "smoke_alarm", 1))) == [("b", U, A)]

    def test_28290_unavailable_to_on_is_raised(self) -> None:
        running = engine(BIT)
        running.handle(reading("smoke-301", "smoke_alarm", 0, 0))
        running.handle(reading("smoke-301", "smoke_alarm", None, 1))
        assert moves(running.handle(reading("smoke-301", "smoke_alarm", 1, 2))) == [("b", U, A)]

    def test_37144_unavailable_at_shutdown_is_neither_an_alarm_nor_clear(self) -> None:
        running = engine(BIT)
        running.handle(reading("smoke-301", "smoke_alarm", 0, 0))
        assert moves(running.handle(reading("smoke-301", "smoke_alarm", None, 1))) == [("b", C, U)]

    def test_68658_a_restart_does_not_raise_again_what_stands(self) -> None:
        running = engine(BIT)
        running.handle(reading("smoke-301", "smoke_alarm", 1, 0))
        again = restarted(running, BIT)
        assert again.handle(reading("smoke-301", "smoke_alarm", 1, 60, Trust.RETAINED)) == ()
        assert moves(again.handle(reading("smoke-301", "smoke_alarm", 0, 90))) == [("b", A, C)]

    def test_an_alarm_that_came_while_we_were_away_is_raised_from_what_the_broker_kept(self) -> None:
        running = engine(BIT)
        running.handle(reading("smoke-301", "smoke_alarm", 0, 0))
        edges = restarted(running, BIT).handle(reading("smoke-301", "smoke_alarm", 1, 60, Trust.RETAINED))
        assert [(edge.before, edge.after, edge.age_unknown) for edge in edges] == [(C, A, True)]

    def test_a_hold_goes_on_as_if_nothing_had_happened(self) -> None:
        running = engine(GAS)
        running.handle(reading("gas-301", "gas_lel_percent", 0, 0))
        running.handle(reading("gas-301", "gas_lel_percent", 12, 5))
        again = restarted(running, GAS)
        assert again.next_deadline() == at(15)
        assert [(edge.before, edge.after, edge.at) for edge in again.tick(at(99))] == [(C, A, at(15))]

    def test_a_rate_window_goes_on_as_if_nothing_had_happened(self) -> None:
        running = engine(RISE)
        for second in range(30):
            running.handle(reading("heat-301", "temperature_c", 20 + second / 10, second))
        again = restarted(running, RISE)
        rise = reading("heat-301", "temperature_c", 29, 40)
        assert moves(again.handle(rise)) == [("r", C, P)]
        assert [fact.value for fact in running.handle(rise)[0].evidence] == [20.1, 29]

    def test_a_backlog_that_ends_calm_contradicts_a_hold_before_anything_fires(self) -> None:
        """Ticks wait until sources have caught up; then nothing is left to fire."""
        running = engine(GAS)
        running.handle(reading("gas-301", "gas_lel_percent", 12, 0))
        again = restarted(running, GAS)
        assert moves(again.handle(reading("gas-301", "gas_lel_percent", 1, 300, Trust.QUEUED))) == [
            ("g", U, C)
        ]
        assert again.tick(at(301)) == ()


def test_a_changed_rule_forgets_what_stood_and_says_so() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1))
    other = engine(BIT.replace("level: alarm", "level: critical"))
    dropped = other.restore(through_json(running.drain()))
    assert [(gone.state.subject, gone.state.standing.level) for gone in dropped] == [("smoke-301", A)]
    assert moves((dropped[0].transition(at(9)),)) == [("b", A, U)]
    assert other.levels("smoke-301") == {"b": U}
    assert other.drain() == [("live|b|smoke-301", None)]
    assert moves(other.handle(reading("smoke-301", "smoke_alarm", 1, 1))) == [("b", U, Level.CRITICAL)]


def test_adopting_keeps_what_is_the_same_and_what_was_not_drained() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1))
    assert running.adopt(ruleset(BIT + GAS.partition("rules:\n")[2]), inventory()) == ()
    assert running.levels("smoke-301") == {"b": A}
    assert running.levels("gas-301") == {"g": U}
    assert [key for key, _ in running.drain()] == ["live|b|smoke-301"]


def test_a_device_that_goes_under_test_is_no_longer_a_live_alarm() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1))
    dropped = running.adopt(ruleset(BIT), inventory(under_test=frozenset({"smoke-301"})))
    assert [(gone.state.test, gone.state.standing.level) for gone in dropped] == [(False, A)]


def test_a_new_rule_by_place_sees_who_is_in_alarm_already() -> None:
    both = BIT + GAS.partition("rules:\n")[2].replace("hold_for: 10s, ", "")
    two = """
  - {id: two, hazard: fire, kind: corroborate, of: [b, g], at_least: alarm, count: 2, within: scope,
     level: critical, source: x}
"""
    running = engine(both)
    running.handle(reading("smoke-301", "smoke_alarm", 1, 0))
    running.handle(reading("gas-301", "gas_lel_percent", 30, 1))
    running.adopt(ruleset(both + two), inventory())
    assert moves(running.tick(at(2))) == [("two", U, Level.CRITICAL)]
    assert running.tick(at(3)) == ()


def test_what_nobody_watches_and_nobody_knows_is_nothing() -> None:
    running = engine(BIT)
    assert running.handle(reading("smoke-301", "battery_percent", 1)) == ()
    assert running.handle(reading("nobody", "smoke_alarm", 1)) == ()
    assert running.levels("nobody") == {}
    assert running.drain() == []


def test_draining_tells_only_what_changed() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1, 0))
    running.handle(reading("smoke-302", "smoke_alarm", 0, 1))
    assert [key for key, _ in running.drain()] == ["live|b|smoke-301", "live|b|smoke-302"]
    running.handle(reading("smoke-301", "smoke_alarm", 1, 2))
    assert running.drain() == []
    assert len(running.entries()) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_cannot_get_through(value: float) -> None:
    running = Engine(pack(), inventory())
    for second in range(3):
        edges = running.handle(reading("heat-301", "temperature_c", value, second))
        assert all(edge.after <= C for edge in edges)
        edges = running.handle(reading("heat-301", "temperature_c", 20, second + 0.5))
        assert all(edge.after <= C for edge in edges)


def test_a_steady_state_does_not_grow() -> None:
    """Values that flutter around the limit of a hold, and a rate window at 10 Hz."""
    running = Engine(pack("gas", "fire"), inventory())

    def minute(start: float) -> None:
        for tenth in range(600):
            second = start + tenth / 10
            running.tick(at(second))
            running.handle(reading("heat-301", "temperature_c", 20 + tenth % 5, second))
            running.handle(reading("smoke-301", "smoke_obscuration_db_per_m", 0.2 * (tenth % 2), second))
        running.drain()

    for first in range(3):
        minute(first * 60)
    before = sys.getallocatedblocks()
    for later in range(3, 9):
        minute(later * 60)
    assert sys.getallocatedblocks() - before < 300


def test_the_same_deadline_fires_in_the_order_of_rules_and_subjects() -> None:
    running = engine(GAS)
    for device in ("gas-602", "gas-101", "gas-302"):
        running.handle(reading(device, "gas_lel_percent", 12, 0))
    assert [edge.subject for edge in running.tick(T0 + 10**9)] == ["gas-101", "gas-302", "gas-602"]
