"""What many samples say together."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from devices.level import Level
from devices.reading import Trust
from rules.spec import parse
from tests.support.rulebook import engine, load, reading

MEAN = """
rules:
  - {id: r, hazard: fire, kind: aggregate, quantity: temperature_c, take: mean, within: 60s, sampled: 10s,
     least: 3, levels: {prealarm: {above: 40, clear_below: 36}, alarm: {above: 60}}, source: here}
"""
U, C, P, A = Level.UNKNOWN, Level.CLEAR, Level.PREALARM, Level.ALARM


def levels(text: str, said: Iterable[tuple[float, float | None]], trust: Trust = Trust.NONE) -> list[Level]:
    running = engine(text)
    found = []
    for second, value in said:
        running.handle(reading("heat-301", "temperature_c", value, second, trust))
        found.append(running.levels("heat-301")["r"])
    return found


def every(values: Iterable[float], step: float = 10) -> list[tuple[float, float | None]]:
    return [(number * step, value) for number, value in enumerate(values)]


def test_it_is_unknown_until_there_are_enough_samples() -> None:
    assert levels(MEAN, every([50, 50, 50])) == [U, U, P]


def test_one_wild_sample_is_no_mean() -> None:
    assert levels(MEAN, every([20, 20, 20, 20, 100, 20]))[-2:] == [C, C]


def test_it_has_a_limit_for_each_level_and_its_own_end() -> None:
    rising = levels(MEAN, every([20] * 3 + [80] * 5))
    assert rising == [U, U, C, C, P, P, P, A]  # means of up to seven: 20, 35, 44, 50, 54.3, 62.9
    falling = levels(MEAN, every([80] * 7 + [20] * 6))
    assert falling[7:] == [A, A, A, P, P, C]  # 71.4, 62.9, 54.3 (ends under 54), 45.7, 37.1, 28.6


def test_samples_of_long_ago_do_not_count() -> None:
    assert levels(MEAN, [(0, 100), (10, 100), (20, 100), (200, 20), (210, 20), (220, 20)]) == [
        U,
        U,
        A,
        U,
        U,
        C,
    ]


def test_samples_that_come_too_soon_take_the_place_of_the_last() -> None:
    assert levels(MEAN, [(0, 20), (1, 20), (2, 20), (3, 20), (10, 20), (20, 20)]) == [U, U, U, U, U, C]


@pytest.mark.parametrize(
    ("take", "above", "values", "raised"),
    [
        ("median", 40, [20, 50, 50], True),
        ("median", 40, [20, 20, 100], False),
        ("min", 40, [50, 50, 41], True),
        ("min", 40, [50, 50, 39], False),
        ("max", 40, [20, 41, 20], True),
        ("range", 40, [20, 30, 61], True),
        ("range", 40, [80, 80, 81], False),
    ],
)
def test_what_can_be_taken(take: str, above: float, values: list[float], raised: bool) -> None:
    text = MEAN.replace("take: mean", f"take: {take}")
    assert (levels(text, every(values))[-1] > C) is raised


def test_what_waited_somewhere_counts_for_nothing() -> None:
    assert set(levels(MEAN, every([80] * 5), Trust.QUEUED)) == {U}
    assert levels(MEAN, [(0, 80), (10, 80), (20, 80), (30, None)])[-1] is U


def test_the_evidence_is_what_was_taken_beside_its_limit() -> None:
    running = engine(MEAN)
    for second, value in every([50, 60, 40]):
        edges = running.handle(reading("heat-301", "temperature_c", value, second))
    assert [(one.value, one.limit) for one in edges[0].evidence] == [(50, 40)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("sampled: 10s", "sampled: 61s"), "sampled"),
        (("sampled: 10s", "sampled: 10ms"), "sampled"),
        (("least: 3", "least: 8"), "least"),
        (("take: mean", "take: sum"), "take"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(change: tuple[str, str], key: str) -> None:
    found, problems = parse(load(MEAN.replace(*change)))
    assert not found.rules
    assert [one.path[-1] for one in problems] == [key]
