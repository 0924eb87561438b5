"""Rule kinds by name."""

from __future__ import annotations

import pytest

from rules.kinds import threshold
from rules.registry import DuplicateKind, KindRegistry, built_in
from rules.spec import parse


def test_the_shipped_kinds_are_these() -> None:
    assert list(built_in().kinds) == [
        *("threshold", "alarm_bit", "rise", "all", "any", "repeated", "aggregate", "dose"),
        *("water_level", "anomaly", "absence", "corroborate", "sequence"),
    ]


def test_a_second_kind_of_the_same_name_is_an_error() -> None:
    registry = built_in()
    with pytest.raises(DuplicateKind, match="rise"):
        registry.register("rise", threshold.parse)


def test_a_kind_of_somebody_else_comes_through_the_same_door() -> None:
    registry = KindRegistry()
    registry.register("limit", threshold.parse)
    rule = {
        "id": "a",
        "hazard": "gas",
        "kind": "limit",
        "quantity": "gas_lel_percent",
        "levels": {"alarm": {"above": 10}},
        "source": "here",
    }
    found, problems = parse({"rules": [rule]}, registry)
    assert problems == ()
    assert found.rules[0].kind == "limit"
