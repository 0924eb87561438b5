"""The engine under any sequence of readings and ticks: same history, same edges, whatever is restarted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from devices.level import Level
from devices.reading import HISTORY, Reading, Trust
from rules.engine import Engine, State
from rules.verdict import Transition
from tests.support.community import T0, inventory
from tests.support.rulebook import SECOND, pack, ruleset

EXTRA = """
rules:
  - {id: x.latched, hazard: gas, kind: threshold, quantity: gas_lel_percent, latch: true, hold_for: 3s,
     levels: {notice: {above: 2}, prealarm: {above: 6}, alarm: {above: 12}}, source: x}
  - {id: x.slow, hazard: gas, kind: threshold, quantity: gas_lel_percent, hold_for: 5s, clear_for: 7s,
     levels: {prealarm: {above: 6}, alarm: {above: 12}}, source: x}
  - {id: x.press, hazard: sos, kind: alarm_bit, quantities: [smoke_alarm], lasts: 4s, level: alarm, source: x}
  - {id: x.warm, hazard: fire, kind: all, level: critical, source: x,
     conditions: [{quantity: temperature_c, by: 5, within: 10s}, {quantity: temperature_c, above: 40}]}
  - {id: x.near, hazard: fire, kind: corroborate, of: [x.warm, x.press, x.slow], at_least: prealarm, count: 2,
     within: floor, hold_for: 2s, level: critical, source: x}
  - {id: x.often, hazard: fire, kind: repeated, quantity: temperature_c, above: 40, count: 2, of: 3,
     level: alarm, source: x}
  - {id: x.soon, hazard: fire, kind: repeated, quantity: smoke_alarm, is: on, count: 2, within: 20s,
     level: notice, source: x}
  - {id: x.mean, hazard: fire, kind: aggregate, quantity: temperature_c, take: mean, within: 30s, least: 2,
     levels: {alarm: {above: 40}}, source: x}
  - {id: x.dose, hazard: gas, kind: dose, quantity: gas_lel_percent, holds: 5s, source: x,
     rows: [{above: 5, for: 1m, level: alarm}]}
  - {id: x.odd, hazard: gas, kind: anomaly, quantity: gas_lel_percent, learn: 1s, beyond: 2, least: 1,
     side: both, level: notice, source: x}
  - {id: x.either, hazard: fire, kind: any, level: alarm, source: x,
     conditions: [{quantity: smoke_alarm, is: on},
       {none: [{quantity: smoke_obscuration_db_per_m, below: 0.2}]}]}
  - {id: x.quiet, hazard: sos, kind: absence, quantities: [smoke_alarm], silent: 1m, within: household,
     level: notice, source: x}
  - {id: x.then, hazard: gas, kind: sequence, gap: 30s, within: floor, level: critical, source: x,
     stages: [{of: [x.slow], at_least: prealarm}, {of: [x.often, x.press], at_least: alarm}]}
"""
RULES = (pack("fire", "gas"), ruleset(EXTRA))
INVENTORY = inventory(under_test=frozenset({"heat-302"}))
STATE: TypeAdapter[Any] = TypeAdapter(State)

TRUSTS = st.sampled_from(
    [Trust.NONE] * 8 + list(Trust) + [Trust.TEST | Trust.WARMUP, Trust.RETAINED | Trust.STALE]
)
VALUES = {
    "smoke_alarm": st.sampled_from([0.0, 1.0, None]),
    "smoke_obscuration_db_per_m": st.sampled_from([0.0, 0.12, 0.3, None]),
    "temperature_c": st.sampled_from([-40.0, 20.0, 29.0, 36.0, 44.0, 50.0, 60.0, 5000.0, float("nan"), None]),
    "gas_lel_percent": st.sampled_from([0.0, 3.0, 5.5, 8.0, 11.0, 15.0, 25.0, None]),
}
SAID = st.sampled_from(
    [
        ("smoke-301", "smoke_alarm"),
        ("smoke-301", "smoke_obscuration_db_per_m"),
        ("heat-301", "temperature_c"),
        ("heat-302", "temperature_c"),
        ("gas-301", "gas_lel_percent"),
        ("gas-302", "gas_lel_percent"),
    ]
).flatmap(lambda said: st.tuples(st.just(said[0]), st.just(said[1]), VALUES[said[1]]))
STEP = st.tuples(
    st.sampled_from([0, 0.4, 1, 1, 2, 5, 11, 70]),  # seconds since the step before
    SAID,
    TRUSTS,
    st.sampled_from([0, 0, 0, -30, 100]),  # how far the device's clock is off
    st.booleans(),  # is the clock told before the reading
)
STEPS = st.lists(STEP, max_size=40)


def engine() -> Engine:
    both = RULES[0].of((*RULES[0].rules, *RULES[1].rules))
    return Engine(both, INVENTORY)


def run(running: Engine, steps: Iterable[Any], now: int = T0) -> tuple[list[Transition], int]:
    edges: list[Transition] = []
    for number, (wait, (device, quantity, value), trust, skew, tick) in enumerate(steps):
        now += round(wait * SECOND)
        if tick:
            edges += running.tick(now)
        reading = Reading(device, quantity, value, now, now + skew * SECOND, trust, now + number)
        edges += running.handle(reading)
    return edges, now


def restored(snapshot: dict[str, State | None]) -> Engine:
    """A fresh engine from JSON text of what was drained so far."""
    fresh = engine()
    texts = {key: STATE.dump_json(state) for key, state in snapshot.items() if state is not None}
    assert fresh.restore((key, STATE.validate_json(text)) for key, text in texts.items()) == ()
    return fresh


@settings(deadline=None, max_examples=150)
@given(STEPS, st.integers(0, 40), st.integers(0, 40))
def test_a_restart_at_any_point_gives_the_same_edges_afterwards(
    steps: list[Any], first: int, second: int
) -> None:
    cut, again = sorted((min(first, len(steps)), min(second, len(steps))))
    steady, broken, snapshot = engine(), engine(), dict[str, State | None]()
    now = T0
    for part in (steps[:cut], steps[cut:again], steps[again:]):
        edges, _ = run(steady, part, now)
        same, now = run(broken, part, now)
        assert same == edges
        snapshot.update(broken.drain())
        broken = restored(snapshot)
        assert broken.next_deadline() == steady.next_deadline()
    assert broken.tick(now + 10**12) == steady.tick(now + 10**12)
    assert broken.next_deadline() is None


@settings(deadline=None, max_examples=100)
@given(STEPS)
def test_edges_are_edges(steps: list[Any]) -> None:
    """Each begins where the last of the same rule, subject and kind ended; what is displayed is the last."""
    running = engine()
    edges, now = run(running, steps)
    edges += running.tick(now + 10**12)
    last: dict[tuple[str, str, bool], Level] = {}
    for edge in edges:
        key = (edge.rule_id, edge.subject, edge.test)
        ended = last.get(key, Level.UNKNOWN)
        assert edge.before is not edge.after
        assert edge.before is ended or (edge.test and edge.before is Level.UNKNOWN)
        last[key] = edge.after
    for device in ("smoke-301", "heat-301", "gas-301"):
        for rule, level in running.levels(device).items():
            subject = INVENTORY.devices[device].place_id if rule == "x.quiet" else device
            assert last.get((rule, subject, False), Level.UNKNOWN) is level


@settings(deadline=None, max_examples=100)
@given(STEPS)
@example([(1, ("heat-301", "temperature_c", 60.0), Trust.NONE, 0, True)])
def test_a_level_rests_on_evidence_and_history_raises_nobody(steps: list[Any]) -> None:
    running = engine()
    edges, now = run(running, steps)
    for edge in (*edges, *running.tick(now + 10**12)):
        assert edge.evidence
        assert edge.at <= now + 10**12
    silent = engine()
    old = [(wait, said, trust | Trust.BACKFILL, skew, tick) for wait, said, trust, skew, tick in steps]
    assert run(silent, old)[0] == []
    assert Trust.BACKFILL & HISTORY


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_ticks_are_in_the_order_of_time_and_progress(steps: list[Any]) -> None:
    running = engine()
    _, now = run(running, steps)
    fired: list[int] = []
    while (due := running.next_deadline()) is not None:
        edges = running.tick(due)
        fired += [edge.at for edge in edges]
        following = running.next_deadline()
        assert following is None or following > due
    assert fired == sorted(fired)
    assert now >= T0
