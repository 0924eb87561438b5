"""The same sign several times."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from devices.level import Level
from devices.reading import Trust
from rules.spec import parse
from tests.support.rulebook import engine, load, moves, reading

ROW = """
rules:
  - {id: r, hazard: fire, kind: repeated, quantity: temperature_c, above: 57, clear_below: 50, count: 3,
     of: 3, level: alarm, source: here}
"""
TWO_OF_FOUR = ROW.replace("count: 3,\n     of: 3", "count: 2, of: 4")
TIME = ROW.replace("count: 3,\n     of: 3", "count: 3, within: 10s")
BIT = """
rules:
  - {id: r, hazard: fire, kind: repeated, quantity: smoke_alarm, is: on, count: 3, within: 10m, level: notice,
     source: here}
"""
U, C, A = Level.UNKNOWN, Level.CLEAR, Level.ALARM


def levels(
    text: str, said: Iterable[tuple[float, float | None]], device: str = "heat-301", trust: Trust = Trust.NONE
) -> list[Level]:
    running = engine(text)
    quantity = "temperature_c" if device.startswith("heat") else "smoke_alarm"
    found = []
    for second, value in said:
        running.handle(reading(device, quantity, value, second, trust))
        found.append(running.levels(device)["r"])
    return found


def test_three_in_a_row_raise_it_and_two_do_not() -> None:
    assert levels(ROW, enumerate([60, 60, 20, 60, 60, 60])) == [C, C, C, C, C, A]


def test_it_ends_at_the_value_that_clears() -> None:
    assert levels(ROW, enumerate([60, 60, 60, 52, 49])) == [C, C, A, A, C]


def test_two_of_four_bear_a_wild_sample_between() -> None:
    assert levels(TWO_OF_FOUR, enumerate([60, 20, 20, 60, 20, 20, 20])) == [C, C, C, A, C, C, C]


def test_within_a_time_only_that_time_counts() -> None:
    assert levels(TIME, [(0, 60), (4, 60), (8, 60)])[-1] is A
    assert levels(TIME, [(0, 60), (6, 60), (11, 60), (12, 20)]) == [C, C, C, C]
    assert levels(TIME, [(0, 60), (4, 60), (8, 60), (19, 20)])[-1] is C


def test_a_bit_counts_each_time_it_comes_on_and_not_while_it_stays() -> None:
    steady = [(t, 1.0) for t in range(0, 300, 30)]
    assert Level.NOTICE not in levels(BIT, steady, "smoke-301")
    flapping = [(t, float(t // 30 % 2 == 0)) for t in range(0, 300, 30)]
    assert levels(BIT, flapping, "smoke-301")[4] is Level.NOTICE


def test_what_waited_somewhere_is_no_repetition_and_no_value_is_unknown() -> None:
    assert set(levels(ROW, enumerate([60, 60, 60, 60]), trust=Trust.QUEUED)) == {U}
    assert levels(ROW, [(0, 60), (1, None)]) == [C, U]


def test_the_evidence_is_the_samples_that_count() -> None:
    running = engine(TWO_OF_FOUR)
    for second, value in enumerate([60.0, 20.0, 61.0]):
        edges = running.handle(reading("heat-301", "temperature_c", value, second))
    assert moves(edges) == [("r", C, A)]
    assert [one.value for one in edges[0].evidence] == [60, 61]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("count: 3, of: 2", "of"),
        ("count: 3, of: 300", "of"),
        ("count: 300, within: 5s", "count"),
        ("count: 3", None),
        ("count: 3, of: 3, within: 5s", None),
        ("count: 1, of: 3", "count"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(wrong: str, key: str | None) -> None:
    found, problems = parse(load(ROW.replace("count: 3,\n     of: 3", wrong)))
    assert not found.rules
    assert (problems[0].path[-1] if key else None) == key


def test_a_bit_needs_on_or_off() -> None:
    _, problems = parse(load(BIT.replace("is: on", "is: maybe")))
    assert [one.path[-1] for one in problems] == ["is"]
