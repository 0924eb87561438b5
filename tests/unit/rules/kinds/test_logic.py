"""Conditions that must hold together."""

from __future__ import annotations

from devices.level import Level
from rules.spec import parse
from tests.support.rulebook import engine, load, moves, reading

WARM = """
rules:
  - id: w
    hazard: fire
    kind: all
    conditions:
      - {quantity: temperature_c, by: 8.3, within: 60s}
      - {quantity: temperature_c, above: 35, clear_below: 33}
    level: alarm
    devices: {ids: [heat-301]}
    source: here
"""
PAIR = """
rules:
  - id: p
    hazard: fire
    kind: all
    conditions:
      - {quantity: gas_lel_percent, above: 5}
      - {quantity: gas_lel_percent, below: 50}
    level: alarm
    source: here
"""
U, C, A = Level.UNKNOWN, Level.CLEAR, Level.ALARM


def levels(said: list[tuple[float, float | None]]) -> list[Level]:
    running = engine(WARM)
    found = []
    for second, value in said:
        running.handle(reading("heat-301", "temperature_c", value, second))
        found.append(running.levels("heat-301")["w"])
    return found


def test_one_condition_alone_is_clear() -> None:
    assert levels([(0, 20), (1, 20), (10, 30)]) == [C, C, C]
    assert levels([(0, 36), (1, 36), (10, 36)]) == [U, C, C]


def test_both_together_raise_it() -> None:
    assert levels([(0, 27), (1, 27), (10, 34), (11, 35.4), (12, 34)]) == [C, C, C, A, C]


def test_both_conditions_see_the_same_reading() -> None:
    """A fall from warm must not meet the old half of one reading and the new half of another."""
    assert A not in levels([(0, 40), (1, 40), (30, 20), (31, 20), (32, 30)])


def test_no_value_is_unknown() -> None:
    assert levels([(0, 20), (1, 20), (2, None)]) == [C, C, U]


def test_evidence_has_a_fact_of_every_condition() -> None:
    running = engine(WARM)
    for second, value in [(0, 27.0), (1, 27.0), (10, 36.0)]:
        edges = running.handle(reading("heat-301", "temperature_c", value, second))
    assert moves(edges) == [("w", C, A)]
    assert [fact.limit for fact in edges[0].evidence] == [None, 35.3, 35]


def test_a_band_is_two_limits() -> None:
    running = engine(PAIR)
    found = []
    for second, value in enumerate([2.0, 10.0, 60.0]):
        running.handle(reading("gas-301", "gas_lel_percent", value, second))
        found.append(running.levels("gas-301")["p"])
    assert found == [C, A, C]


def test_a_single_condition_or_a_broken_one_is_refused_where_it_stands() -> None:
    one = WARM.replace("      - {quantity: temperature_c, above: 35, clear_below: 33}\n", "")
    assert [problem.path for problem in parse(load(one))[1]] == [("rules", 0, "conditions")]
    broken = WARM.replace("above: 35", "abvoe: 35")
    assert {problem.path for problem in parse(load(broken))[1]} >= {
        ("rules", 0, "conditions", 1),
        ("rules", 0, "conditions", 1, "abvoe"),
    }


NESTED = """
rules:
  - id: n
    hazard: fire
    kind: any
    conditions:
      - {quantity: smoke_alarm, is: on}
      - all:
          - {quantity: smoke_obscuration_db_per_m, above: 0.1}
          - none:
              - {quantity: smoke_obscuration_db_per_m, above: 5}
    level: alarm
    devices: {ids: [smoke-301]}
    source: here
"""


def nested(*said: tuple[str, float | None]) -> list[Level]:
    running, found = engine(NESTED), []
    for second, (quantity, value) in enumerate(said):
        running.handle(reading("smoke-301", quantity, value, second))
        found.append(running.levels("smoke-301")["n"])
    return found


def test_any_of_them_is_enough_whatever_the_others_are() -> None:
    assert nested(("smoke_alarm", 1)) == [A]
    assert nested(("smoke_alarm", 0)) == [U]
    assert nested(("smoke_alarm", None), ("smoke_obscuration_db_per_m", 0.2)) == [U, A]


def test_none_denies() -> None:
    density = "smoke_obscuration_db_per_m"
    assert nested(("smoke_alarm", 0), (density, 0.2), (density, 6), (density, 0.05)) == [U, A, C, C]


def test_what_is_denied_is_evidence_too() -> None:
    running = engine(NESTED)
    running.handle(reading("smoke-301", "smoke_alarm", 0, 0))
    (edge,) = running.handle(reading("smoke-301", "smoke_obscuration_db_per_m", 0.2, 1))
    assert [(one.value, one.limit) for one in edge.evidence] == [(0.2, 0.1), (0.2, 5)]


def test_a_group_says_one_thing_only() -> None:
    text = NESTED.replace(
        "          - none:", "          - any: [{quantity: smoke_alarm, is: on}]\n            none:"
    )
    _, problems = parse(load(text))
    assert "needs one of" in problems[0].en
