"""Editors are told what the reader of rule files takes, no more and no less."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from anmin import rulebook
from anmin.rule_schema import RuleFile, schema
from rules import trial
from rules.registry import built_in
from rules.spec import parse

HEAD: dict[str, Any] = {"id": "x", "hazard": "fire", "source": "here"}
KINDS: dict[str, dict[str, Any]] = {
    "threshold": {"quantity": "co_ppm", "levels": {"alarm": {"above": 5, "clear_below": 4}}},
    "alarm_bit": {"quantities": ["smoke_alarm"], "level": "alarm", "lasts": "5s"},
    "rise": {
        "quantity": "co_ppm",
        "by": 5,
        "within": "60s",
        "level": "alarm",
        "clear_below": 4,
        "sampled": "1s",
    },
    "all": {
        "conditions": [
            {"quantity": "smoke_alarm", "is": "on"},
            {"none": [{"quantity": "co_ppm", "above": 5}]},
        ],
        "level": "alarm",
    },
    "any": {
        "conditions": [{"quantity": "co_ppm", "below": 5}, {"quantity": "co_ppm", "by": 5, "within": "60s"}],
        "level": "alarm",
    },
    "repeated": {"quantity": "co_ppm", "above": 5, "count": 2, "of": 3, "level": "alarm"},
    "aggregate": {
        "quantity": "co_ppm",
        "take": "mean",
        "within": "60s",
        "least": 2,
        "levels": {"alarm": {"above": 5}},
    },
    "dose": {"quantity": "co_ppm", "rows": [{"above": 5, "for": "5m", "level": "alarm"}], "holds": "5m"},
    "water_level": {
        "quantity": "water_level_mm",
        "levels": {"alarm": {"above": 5}},
        "rates": [{"by": 5, "within": "5m", "steps": 1}],
    },
    "anomaly": {
        "quantity": "co_ppm",
        "learn": "1d",
        "beyond": 5,
        "least": 2,
        "level": "notice",
        "side": "both",
    },
    "absence": {"quantities": ["motion"], "silent": "14h", "within": "household", "level": "notice"},
    "corroborate": {
        "of": ["y"],
        "at_least": "alarm",
        "count": 2,
        "within": "scope",
        "by": "floor",
        "level": "alarm",
    },
    "sequence": {
        "stages": [{"of": ["y"], "at_least": "alarm"}, {"of": ["z"], "at_least": "alarm"}],
        "gap": "5m",
        "within": "scope",
        "level": "alarm",
    },
}
ON_DEVICES = [kind for kind in KINDS if kind not in ("corroborate", "sequence")]


def both(rule: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the reader takes it, and whether the schema does."""
    try:
        RuleFile.model_validate({"rules": [rule]})
    except ValidationError:
        return not parse({"rules": [rule]})[1], False
    return not parse({"rules": [rule]})[1], True


def test_there_is_a_form_for_every_kind() -> None:
    assert set(KINDS) == set(built_in().kinds)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_reader_takes_an_editor_takes(kind: str) -> None:
    whole = HEAD | {"kind": kind} | KINDS[kind]
    assert both(whole) == (True, True)
    if kind in ON_DEVICES:
        assert both(whole | {"devices": {"kinds": ["smoke"], "places": ["a"]}}) == (True, True)
    for key in whole:
        reader, editor = both({name: value for name, value in whole.items() if name != key})
        assert editor >= reader, f"without {key} the reader takes it and an editor does not"
        if key not in ("above", "of"):  # one of two: what only the reader can say
            assert reader == editor, key


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_knows_both_refuse(kind: str) -> None:
    whole = HEAD | {"kind": kind} | KINDS[kind]
    assert both(whole | {"colour": "red"}) == (False, False)
    assert both(whole | {"hazard": "boredom"}) == (False, False)
    if "level" in whole:
        assert both(whole | {"level": "loud"}) == (False, False)
    if kind not in ON_DEVICES:
        assert both(whole | {"devices": {"kinds": ["smoke"]}}) == (False, False)


def test_every_shipped_pack_is_of_the_form_with_its_tests() -> None:
    for document in rulebook.shipped():
        RuleFile.model_validate(document.data)
        assert trial.parse(document.data)[1] == ()


def test_it_is_plain_json_that_names_every_kind() -> None:
    text = json.dumps(schema())
    assert all(f'"{kind}"' in text for kind in KINDS)
    assert schema()["$schema"].startswith("https://json-schema.org/")
