"""How much a quantity rose."""

from __future__ import annotations

import pytest

from devices.level import Level
from devices.reading import Trust
from rules.spec import parse
from rules.verdict import Transition
from tests.support.rulebook import engine, load, moves, reading

RISE = """
rules:
  - {id: r, hazard: fire, kind: rise, quantity: temperature_c, by: 8.3, within: 60s, level: prealarm,
     devices: {ids: [heat-301]}, source: here}
"""
U, C, P = Level.UNKNOWN, Level.CLEAR, Level.PREALARM


def levels(said: list[tuple[float, float | None]], trust: Trust = Trust.NONE) -> list[Level]:
    running = engine(RISE)
    found = []
    for second, value in said:
        running.handle(reading("heat-301", "temperature_c", value, second, trust))
        found.append(running.levels("heat-301")["r"])
    return found


def test_it_is_unknown_until_there_are_two_samples() -> None:
    assert levels([(0, 20), (1, 20)]) == [U, C]


def test_it_is_raised_by_the_rise_and_cleared_when_the_rise_is_over() -> None:
    assert levels([(0, 20), (10, 20), (20, 28.2), (25, 28.3), (30, 28)]) == [U, C, C, P, P]
    assert levels([(0, 20), (10, 20), (25, 28.3), (71, 28.3)])[-1] is C


def test_a_slow_rise_is_none() -> None:
    assert set(levels([(t, 20 + t * 8.2 / 60) for t in range(1, 300)])[1:]) == {C}


def test_a_wrong_clock_cannot_hide_a_rise() -> None:
    """Promise P15."""
    assert levels([(0, 20), (1, 20), (2, 20), (3, 40)], Trust.CLOCK)[-1] is P


@pytest.mark.parametrize("trust", [Trust.QUEUED, Trust.RETAINED, Trust.STALE, Trust.WARMUP, Trust.BACKFILL])
def test_readings_whose_time_means_nothing_are_no_evidence_for_a_rise(trust: Trust) -> None:
    assert set(levels([(0, 20), (1, 20), (2, 80), (3, 80)], trust)) == {U}


def test_queued_readings_leave_the_window_as_it_is() -> None:
    running = engine(RISE)
    for second, value, trust in [
        (0, 20, Trust.NONE),
        (1, 20, Trust.NONE),
        (2, 35, Trust.QUEUED),
        (3, 21, Trust.NONE),
    ]:
        running.handle(reading("heat-301", "temperature_c", value, second, trust))
    assert running.levels("heat-301") == {"r": C}


def test_no_value_is_unknown() -> None:
    assert levels([(0, 20), (1, 20), (2, None), (3, 20)]) == [U, C, U, C]


def test_evidence_is_where_it_rose_from_and_what_it_had_to_reach() -> None:
    running = engine(RISE)
    for second, value in [(0, 20.0), (10, 20.5), (20, 30.0)]:
        edges = running.handle(reading("heat-301", "temperature_c", value, second))
    assert moves(edges) == [("r", C, P)]
    assert [(fact.value, fact.limit) for fact in edges[0].evidence] == [
        (20.5, None),
        (30.0, pytest.approx(28.8)),
    ]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("by: 8.3", "by: 0", ("by",)),
        ("by: 8.3", "by: 8.3, clear_below: 9", ("clear_below",)),
        ("within: 60s", "within: 60s, sampled: 2m", ("sampled",)),
        ("within: 60s,", "", ()),
        ("temperature_c", "smoke_alarm", ("quantity",)),
    ],
)
def test_what_makes_no_sense_is_refused(old: str, new: str, path: tuple[str, ...]) -> None:
    _, problems = parse(load(RISE.replace(old, new)))
    assert [problem.path for problem in problems] == [("rules", 0, *path)]


FALL = RISE.replace("by: 8.3", "by: -8.3")


def test_a_fall_is_a_rise_downwards() -> None:
    running = engine(FALL)
    edges: list[Transition] = []
    for second, value in [(0, 60.0), (1, 60.0), (30, 51.8), (31, 51.6), (32, 53)]:
        edges += running.handle(reading("heat-301", "temperature_c", value, second))
    assert [edge.after for edge in edges] == [C, P, C]
    assert [(one.value, one.limit) for one in edges[1].evidence] == [(60, None), (51.6, 51.7)]
