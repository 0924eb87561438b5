"""A number against limits."""

from __future__ import annotations

import pytest

from devices.level import Level
from rules.spec import parse
from tests.support.rulebook import engine, load, moves, reading

LEVELS = """
rules:
  - id: t
    hazard: fire
    kind: threshold
    quantity: temperature_c
    devices: {ids: [heat-301]}
    levels: LEVELS
    source: here
"""
HEAT = LEVELS.replace("LEVELS", "{prealarm: {above: 48, clear_below: 43}, alarm: {above: 57}}")
FROST = LEVELS.replace("LEVELS", "{notice: {below: 4, clear_above: 6}, prealarm: {below: -10}}")


def levels(text: str, values: list[float | None]) -> list[Level]:
    running = engine(text)
    found = []
    for second, value in enumerate(values):
        running.handle(reading("heat-301", "temperature_c", value, second))
        found.append(running.levels("heat-301")["t"])
    return found


U, C, N, P, A = Level.UNKNOWN, Level.CLEAR, Level.NOTICE, Level.PREALARM, Level.ALARM


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([20, 47.9, 48, 56.9, 57], [C, C, P, P, A]),
        ([58, 51.3, 51.2, 43, 42.9], [A, A, P, P, C]),  # each level has its own way back
        ([48, 47, 43, 42, 47], [P, P, P, C, C]),
        ([58, None, 20], [A, U, C]),
        ([58, 20], [A, C]),
    ],
)
def test_each_level_has_its_limit_and_its_clear_limit(values: list[float | None], found: list[Level]) -> None:
    assert levels(HEAT, values) == found


def test_limits_also_look_down() -> None:
    assert levels(FROST, [20, 4, 5, 6.1, -10, -9.5, -8.9, 7]) == [C, N, N, C, P, P, N, C]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1201, -51])
def test_what_a_working_sensor_cannot_say_is_unknown_and_no_alarm(value: float) -> None:
    assert levels(HEAT, [value]) == [U]
    assert levels(HEAT, [20, value]) == [C, U]


def test_evidence_names_the_limit_that_was_reached() -> None:
    running = engine(HEAT)
    edge = running.handle(reading("heat-301", "temperature_c", 58.2, 1))[0]
    assert [(fact.value, fact.limit, fact.sequence) for fact in edge.evidence] == [(58.2, 57, 1001)]
    clear = running.handle(reading("heat-301", "temperature_c", 20, 2))[0]
    assert [(fact.value, fact.limit) for fact in clear.evidence] == [(20, 48)]
    assert moves((clear,)) == [("t", A, C)]


@pytest.mark.parametrize(
    ("levels", "path"),
    [
        ("{alarm: {above: 57, below: 3}}", ("levels", "alarm")),
        ("{alarm: {}}", ("levels", "alarm")),
        ("{alarm: {above: 57, clear_below: 58}}", ("levels", "alarm", "clear_below")),
        ("{alarm: {below: 3, clear_above: 2}}", ("levels", "alarm", "clear_above")),
        ("{alarm: {above: 57, clear_above: 50}}", ("levels", "alarm", "clear_above")),
        ("{alarm: {above: 40}, prealarm: {above: 48}}", ("levels", "alarm")),
        ("{alarm: {above: 5000}}", ("levels", "alarm", "above")),
        ("{}", ("levels",)),
        ("57", ("levels",)),
        ("null", ()),
    ],
)
def test_limits_that_make_no_sense_are_refused_where_they_stand(levels: str, path: tuple[str, ...]) -> None:
    found, problems = parse(load(LEVELS.replace("LEVELS", levels)))
    assert found.rules == ()
    assert ("rules", 0, *path) in {problem.path for problem in problems}
