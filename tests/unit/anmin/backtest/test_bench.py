"""The bench says what the live monitor says, and closes what is over."""

from __future__ import annotations

import random

from alerts.incidents.events import Closed, Opened
from anmin.backtest.bench import CLOSED_AFTER, Bench
from anmin.monitor import Effects
from devices.instant import HOUR, MINUTE, SECOND
from devices.reading import Reading
from rules.verdict import Transition
from tests.support.community import T0
from tests.support.monitor import Story, house
from tests.support.rulebook import reading

STEPS = (0, 20, 60, 120, 180, 260, 320, 180, 90, 20, 0, 0, 0, 0)
"""Millimetres in the garage, one every two minutes."""


def water(step: int, depth: float, device: str = "level-1") -> Reading:
    return reading(device, "water_level_mm", depth, step * 120)


def edges(effects: list[Effects]) -> list[tuple[str, str, int, int]]:
    found: list[Transition] = [edge for one in effects for edge in one.edges]
    return [(edge.rule_id, edge.after.word, edge.at, len(edge.evidence)) for edge in found]


def kinds(effects: list[Effects]) -> list[str]:
    return [event.kind for one in effects for _, _, event in one.events]


def test_the_bench_says_what_the_live_monitor_says() -> None:
    live, bench = Story(), Bench(house())
    for step, depth in enumerate(STEPS):
        live.says(step * 120, "level-1", water_level_mm=depth)
    live.wait(len(STEPS) * 120)
    heard = [bench.hear(water(step, depth)) for step, depth in enumerate(STEPS)]
    ours = [one for one in heard if one is not None] + [bench.until(T0 + len(STEPS) * 120 * SECOND)]
    assert edges(ours) == edges(live.effects)
    assert [kind for kind in kinds(ours) if kind in {"opened", "joined", "changed", "worsened"}] == [
        event.kind for event in live.events() if event.kind in {"opened", "joined", "changed", "worsened"}
    ]
    assert {"critical", "clear"} <= {level for _, level, *_ in edges(ours)}


def test_rules_say_the_same_of_many_devices_for_hours() -> None:
    draw = random.Random(5)
    live, bench, ours = Story(), Bench(house()), []
    span = {
        "heat": ("temperature_c", 15, 75),
        "gas": ("gas_lel_percent", 0, 25),
        "smoke": ("smoke_alarm", 0, 1),
    }
    for step in range(600):
        kind = draw.choice(sorted(span))
        quantity, low, high = span[kind]
        device = f"{kind}-{draw.randint(1, 3)}0{draw.randint(1, 2)}"
        value = draw.randint(low, high)
        live.says(step * 20, device, event=None, **{quantity: bool(value) if high == 1 else value})
        ours.append(bench.hear(reading(device, quantity, value, step * 20)))
    said = edges([one for one in ours if one is not None])
    assert said == edges(live.effects)
    assert {"fire.two-signs", "gas.concentration", "fire.smoke"} <= {rule for rule, *_ in said}
    assert len(said) > 200


def test_an_incident_that_is_over_is_closed_and_the_next_is_one_of_its_own() -> None:
    bench, found = Bench(house()), []
    for day in (0, 86_400):
        for seconds, value in ((0, 0), (60, 1), (1200, 0), (1260, 0)):
            found.append(bench.hear(reading("smoke-101", "smoke_alarm", value, day + seconds)))
    found.append(bench.until(T0 + 86_400 * SECOND + 12 * HOUR))
    events = [event for one in found if one is not None for _, _, event in one.events]
    opened = [event.at for event in events if isinstance(event, Opened)]
    closed = [event.at for event in events if isinstance(event, Closed)]
    assert opened == [T0 + MINUTE, T0 + MINUTE + 86_400 * SECOND]
    assert len(closed) == 2
    assert closed[0] >= T0 + 1200 * SECOND + CLOSED_AFTER


def test_what_stands_again_is_not_closed_an_hour_after_it_was_clear() -> None:
    bench = Bench(house())
    for minutes, depth in ((0, 0), (1, 200), (2, 0), (40, 0), (70, 200)):
        bench.hear(reading("level-1", "water_level_mm", depth, minutes * 60))
    effects = bench.until(T0 + 3 * HOUR)
    assert "closed" not in kinds([effects])
    assert len(bench.desk.incidents) == 1


def test_the_hour_begins_anew_with_every_clear() -> None:
    bench, found = Bench(house()), []
    for minutes, value in ((0, 0), (1, 20), (5, 0), (45, 20), (55, 0), (240, 0)):
        found.append(bench.hear(reading("gas-101", "gas_lel_percent", value, minutes * 60)))
    closed = [
        event.at - T0
        for one in found
        if one is not None
        for _, _, event in one.events
        if isinstance(event, Closed)
    ]
    assert closed == [55 * MINUTE + CLOSED_AFTER]


def test_what_still_stands_is_not_closed() -> None:
    bench = Bench(house())
    bench.hear(reading("smoke-101", "smoke_alarm", 1, 0))
    effects = bench.until(T0 + 6 * HOUR)
    assert "closed" not in kinds([effects])
    assert bench.desk.incidents


def test_a_reading_that_leads_to_nothing_says_nothing() -> None:
    bench = Bench(house())
    bench.hear(reading("level-1", "water_level_mm", 0, 0))
    assert bench.hear(reading("level-1", "water_level_mm", 0, 1)) is None
