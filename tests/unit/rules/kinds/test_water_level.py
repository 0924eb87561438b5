"""Depth and how fast it rises."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from devices.level import Level
from rules.engine import Engine
from rules.spec import parse
from tests.support.rulebook import engine, load, moves, reading

RULE = """
rules:
  - id: w
    hazard: flood
    kind: water_level
    quantity: water_level_mm
    levels:
      notice: {above: 30, clear_below: 20}
      prealarm: {above: 100, clear_below: 80}
      alarm: {above: 150, clear_below: 120}
      critical: {above: 270, clear_below: 220}
    rates:
      - {by: 30, within: 5m, steps: 1}
      - {by: 100, within: 5m, steps: 2}
    source: here
"""
U, C, N, P, A, X = Level


def levels(said: Iterable[tuple[float, float | None]], room: Engine | None = None) -> list[Level]:
    room = room or engine(RULE)
    found = []
    for second, value in said:
        room.handle(reading("level-1", "water_level_mm", value, second))
        found.append(room.levels("level-1")["w"])
    return found


def slowly(*depths: float) -> list[tuple[float, float | None]]:
    return [(number * 3600, depth) for number, depth in enumerate(depths)]


def test_slow_water_counts_by_its_depth() -> None:
    assert levels(slowly(0, 31, 90, 101, 160, 280)) == [C, N, N, P, A, X]


def test_a_class_ends_at_its_own_depth() -> None:
    assert levels(slowly(0, 101, 85, 79, 25, 19)) == [C, P, P, N, N, C]


def test_fast_water_counts_a_step_more() -> None:
    assert levels([(0, 0), (60, 0), (120, 35)]) == [C, C, P]
    assert levels([(0, 75), (60, 75), (120, 106)])[-1] is A


def test_very_fast_water_counts_two() -> None:
    assert levels([(0, 0), (60, 0), (120, 110)]) == [C, C, X]


def test_what_the_rate_added_is_gone_when_it_is_slow_again() -> None:
    assert levels([(0, 0), (60, 0), (120, 35), (600, 35), (700, 35)]) == [C, C, P, N, N]


def test_fast_water_of_a_centimetre_is_none() -> None:
    wet = RULE.replace("by: 30, within: 5m", "by: 5, within: 5m")
    assert levels([(0, 0), (60, 0), (120, 10)], engine(wet)) == [C, C, C]


def test_nothing_is_worse_than_the_worst() -> None:
    assert levels([(0, 260), (60, 260), (120, 400)])[-1] is X


def test_no_value_is_unknown() -> None:
    assert levels([(0, 0), (60, 40), (120, None)])[-1] is U


def test_the_evidence_is_where_it_rose_from_and_the_depth_beside_its_class() -> None:
    room = engine(RULE)
    levels([(0, 5), (60, 5)], room)
    edges = room.handle(reading("level-1", "water_level_mm", 110, 120))
    assert moves(edges) == [("w", C, X)]
    assert [(one.value, one.limit) for one in edges[0].evidence] == [(5, None), (110, 100)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("steps: 1", "steps: 0"), "steps"),
        (("notice: {above: 30, clear_below: 20}", "notice: {below: 30}"), "levels"),
        (("by: 30", "by: -30"), "by"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(change: tuple[str, str], key: str) -> None:
    _, problems = parse(load(RULE.replace(*change)))
    assert key in [one.path[-1] for one in problems]
