"""Far from what this very device usually says."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from devices.level import Level
from devices.reading import Trust
from rules.engine import Engine
from rules.spec import parse
from tests.support.rulebook import engine, load, moves, reading

RULE = """
rules:
  - {id: r, hazard: electrical, kind: anomaly, quantity: temperature_c, learn: 24h, beyond: 6, least: 5,
     level: notice, source: here}
"""
U, C, N = Level.UNKNOWN, Level.CLEAR, Level.NOTICE
HOUR = 3600


def hear(room: Engine, hours: float, value: Callable[[float], float], start: float = 0) -> list[Level]:
    """A value every ten minutes; the level after each."""
    found = []
    for number in range(int(hours * 6)):
        second = start * HOUR + number * 600
        room.handle(reading("heat-301", "temperature_c", value(second / HOUR), second))
        found.append(room.levels("heat-301")["r"])
    return found


def noisy(level: float, spread: float, seed: int = 1) -> Callable[[float], float]:
    random = Random(seed)
    return lambda _: level + random.gauss(0, spread)


def test_it_says_nothing_while_it_learns_and_nothing_of_what_is_usual() -> None:
    found = hear(engine(RULE), 24 * 20, noisy(30, 1))
    assert set(found[: 24 * 6 - 1]) == {U}
    assert set(found[24 * 6 + 1 :]) == {C}


def test_a_step_of_many_spreads_is_told_at_once() -> None:
    room = engine(RULE)
    hear(room, 48, noisy(30, 1))
    assert hear(room, 0.5, lambda _: 42.0, 48)[0] is N


def test_the_same_step_is_usual_where_the_device_strays_more() -> None:
    room = engine(RULE)
    hear(room, 72, noisy(30, 5))
    assert set(hear(room, 1, lambda _: 42.0, 72)) == {C}


def test_a_value_that_never_moved_needs_the_least() -> None:
    room = engine(RULE)
    hear(room, 48, lambda _: 30.0)
    assert hear(room, 0.2, lambda _: 34.0, 48) == [C]
    assert hear(room, 0.2, lambda _: 36.0, 49) == [N]


def test_a_slow_drift_is_followed() -> None:
    room = engine(RULE)
    hear(room, 72, noisy(30, 0.5))
    assert N not in hear(room, 24 * 30, lambda hour: 30 + (hour - 72) / 24 * 1.0, 72)


def test_an_hour_of_alarm_does_not_become_the_usual() -> None:
    room = engine(RULE)
    hear(room, 72, noisy(30, 0.5))
    assert set(hear(room, 3, lambda _: 60.0, 72)) == {N}
    assert hear(room, 0.2, lambda _: 30.0, 76) == [C]
    assert hear(room, 0.2, lambda _: 45.0, 77) == [N]


def test_a_sensor_that_warms_up_teaches_nothing() -> None:
    room = engine(RULE)
    for number in range(24 * 6 * 3):
        room.handle(reading("heat-301", "temperature_c", 90, number * 600, Trust.WARMUP))
    assert room.levels("heat-301")["r"] is U
    assert set(hear(room, 23, noisy(30, 1), 24 * 4)) == {U}


def test_below_and_both() -> None:
    for side, value in (("below", 10.0), ("both", 10.0), ("both", 50.0)):
        room = engine(RULE.replace("level: notice", f"side: {side}, level: notice"))
        hear(room, 48, noisy(30, 0.5))
        edges = room.handle(reading("heat-301", "temperature_c", value, 48 * HOUR))
        assert moves(edges) == [("r", C, N)]
        limit = edges[0].evidence[0].limit
        assert limit is not None
        assert (limit < 30) is (value < 30)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("level: notice", "level: alarm"), "level"),
        (("beyond: 6", "beyond: 0"), "beyond"),
        (("least: 5", "least: -1"), "least"),
        (("learn: 24h", "learn: 0s"), "learn"),
        (("level: notice", "side: left, level: notice"), "side"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(change: tuple[str, str], key: str) -> None:
    found, problems = parse(load(RULE.replace(*change)))
    assert not found.rules
    assert [one.path[-1] for one in problems] == [key]
