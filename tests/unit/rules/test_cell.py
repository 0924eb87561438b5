"""What a reading changes, and what a weak one may not."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from devices.level import Level
from devices.reading import Trust
from rules.cell import Book, Cell, State, key_of
from tests.support.community import inventory
from tests.support.rulebook import at, engine, moves, reading, ruleset

BIT = """
rules:
  - {id: b, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: maker}
"""
GAS = """
rules:
  - {id: g, hazard: gas, kind: threshold, quantity: gas_lel_percent, hold_for: HOLD, source: x,
     levels: {prealarm: {above: 5}, alarm: {above: 10}}}
"""
U, C, N, P, A = Level.UNKNOWN, Level.CLEAR, Level.NOTICE, Level.PREALARM, Level.ALARM


def bits(*said: tuple[float | None, Trust]) -> list[Level]:
    """Levels of the live rule after each reading, a second apart."""
    running, found = engine(BIT), []
    for second, (value, trust) in enumerate(said):
        running.handle(reading("smoke-301", "smoke_alarm", value, second, trust))
        found.append(running.levels("smoke-301")["b"])
    return found


LIVE, STALE, WARMUP, TEST = Trust.NONE, Trust.STALE, Trust.WARMUP, Trust.TEST


@pytest.mark.parametrize("trust", [Trust.BACKFILL, Trust.DUPLICATE, Trust.BACKFILL | Trust.TEST])
def test_history_changes_nothing(trust: Trust) -> None:
    assert bits((1, trust), (0, LIVE), (1, trust), (None, trust)) == [U, C, C, C]


def test_a_stale_repeat_neither_raises_nor_clears() -> None:
    assert bits((0, LIVE), (1, STALE)) == [C, C]
    assert bits((1, LIVE), (0, STALE), (None, STALE)) == [A, A, A]


def test_a_stale_alarm_is_believed_where_nothing_is_known() -> None:
    """A sensor in alarm at start, heard first beside its battery report."""
    assert bits((1, STALE)) == [A]
    assert bits((0, STALE)) == [U]
    edge = engine(BIT).handle(reading("smoke-301", "smoke_alarm", 1, 0, STALE))[0]
    assert edge.age_unknown


def test_a_warm_up_alarm_is_a_notice_with_its_evidence() -> None:
    running = engine(BIT)
    edge = running.handle(reading("smoke-301", "smoke_alarm", 1, 0, WARMUP))[0]
    assert (edge.after, edge.evidence[0].value) == (N, 1)


def test_a_warm_up_neither_clears_nor_lowers() -> None:
    assert bits((1, LIVE), (1, WARMUP), (0, WARMUP), (None, WARMUP)) == [A, A, A, A]
    assert bits((0, WARMUP)) == [U]


def test_after_the_warm_up_the_alarm_counts_even_when_the_bit_is_only_repeated() -> None:
    assert bits((0, LIVE), (1, WARMUP), (1, LIVE)) == [C, N, A]
    assert bits((0, LIVE), (1, WARMUP), (1, STALE), (1, STALE)) == [C, N, A, A]
    assert bits((0, LIVE), (1, WARMUP), (0, LIVE)) == [C, N, C]


def test_a_retained_reading_counts_and_says_that_its_age_is_unknown() -> None:
    running = engine(BIT)
    edge = running.handle(reading("smoke-301", "smoke_alarm", 1, 0, Trust.RETAINED))[0]
    assert (edge.after, edge.age_unknown) == (A, True)
    assert not running.handle(reading("smoke-301", "smoke_alarm", 0, 1))[0].age_unknown


def test_a_queued_alarm_counts_from_when_we_got_it() -> None:
    running = engine(GAS.replace("HOLD", "10s"))
    running.handle(reading("gas-301", "gas_lel_percent", 12, 100, Trust.QUEUED, measured=0))
    assert running.next_deadline() == at(110)


def test_a_held_value_that_nobody_contradicts_fires_at_its_deadline() -> None:
    """Sensors that report on change only say it once."""
    running = engine(GAS.replace("HOLD", "10s"))
    running.handle(reading("gas-301", "gas_lel_percent", 0, 0))
    assert running.handle(reading("gas-301", "gas_lel_percent", 12, 5)) == ()
    edges = running.tick(at(60))
    assert [(edge.before, edge.after, edge.at) for edge in edges] == [(C, A, at(15))]
    assert [fact.value for fact in edges[0].evidence] == [12]
    assert running.next_deadline() is None


def test_a_weak_reading_does_not_undo_a_hold() -> None:
    running = engine(GAS.replace("HOLD", "10s"))
    running.handle(reading("gas-301", "gas_lel_percent", 12, 0))
    for second, trust in enumerate((WARMUP, STALE, Trust.DUPLICATE), 1):
        running.handle(reading("gas-301", "gas_lel_percent", 0, second, trust))
        running.handle(reading("gas-301", "gas_lel_percent", 12, second, trust))
    assert [(edge.after, edge.at) for edge in running.tick(at(10))] == [(A, at(10))]


def test_a_test_stands_beside_the_live_level() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 0, 0))
    drill = running.handle(reading("smoke-301", "smoke_alarm", 1, 1, TEST))
    assert [(edge.after, edge.test) for edge in drill] == [(A, True)]
    assert running.levels("smoke-301") == {"b": C}


def test_a_test_never_hides_a_live_alarm() -> None:
    """Promise P14."""
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1, 0, TEST))
    live = running.handle(reading("smoke-301", "smoke_alarm", 1, 1))
    assert [(edge.after, edge.test) for edge in live] == [(A, False)]
    assert running.handle(reading("smoke-301", "smoke_alarm", 0, 2, TEST))[0].test
    assert running.levels("smoke-301") == {"b": A}


def test_a_calm_live_reading_ends_the_test() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1, 0, TEST))
    edges = running.handle(reading("smoke-301", "smoke_alarm", 0, 1))
    assert [(edge.after, edge.test) for edge in edges] == [(C, False), (C, True)]
    assert [(key, state) for key, state in running.drain() if state is None] == [
        (key_of("b", "smoke-301", True), None)
    ]


def test_a_live_alarm_leaves_the_test_standing_until_the_device_is_calm() -> None:
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1, 0, TEST))
    running.handle(reading("smoke-301", "smoke_alarm", 1, 1))
    edges = running.handle(reading("smoke-301", "smoke_alarm", 0, 2, Trust.CLOCK))
    assert [(edge.before, edge.after, edge.test) for edge in edges] == [(A, C, False), (A, C, True)]


def test_all_that_a_device_under_test_says_is_a_test() -> None:
    running = engine(BIT, inventory(under_test=frozenset({"smoke-301"})))
    edges = running.handle(reading("smoke-301", "smoke_alarm", 1, 0))
    assert [(edge.after, edge.test) for edge in edges] == [(A, True)]
    assert moves(running.handle(reading("smoke-301", "smoke_alarm", 0, 1))) == [("b", A, C)]


def test_a_state_goes_through_json() -> None:
    running = engine(GAS.replace("HOLD", "10s"))
    running.handle(reading("gas-301", "gas_lel_percent", 12.3, 0, Trust.RETAINED))
    (_, state), *_ = running.drain()
    adapter = TypeAdapter(State)
    assert state is not None
    assert adapter.validate_json(adapter.dump_json(state)) == state
    assert state.standing.rising[0].age_unknown


def test_a_state_of_another_version_or_shape_does_not_fit() -> None:
    rule = ruleset(BIT).rules[0]
    assert not hasattr(rule.judge, "of")
    cell = Cell(rule, None, "smoke-301", "c", False, 0, Book({}))
    state = cell.state()
    assert cell.fits(state)
    assert not cell.fits(state._replace(rule_version="other"))
    running = engine(BIT)
    running.handle(reading("smoke-301", "smoke_alarm", 1))
    assert running.restore([("k", state._replace(subject="smoke-999"))])
