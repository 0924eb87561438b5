"""Reading plain data field by field."""

from __future__ import annotations

import pytest

from devices.instant import HOUR, MINUTE, SECOND
from devices.level import Level
from devices.quantity import QuantityKind
from rules.form import Form, Problem, meant


def form(data: object) -> tuple[Form, list[Problem]]:
    problems: list[Problem] = []
    return Form(data, ("rules", 0), problems), problems


@pytest.mark.parametrize(
    ("text", "length"),
    [("10s", 10 * SECOND), ("1.5m", 90 * SECOND), ("1h", HOUR), ("250ms", SECOND // 4), ("2 m", 2 * MINUTE)],
)
def test_a_duration_has_a_unit(text: str, length: int) -> None:
    found, problems = form({"hold_for": text})
    assert found.duration("hold_for") == length
    assert problems == []


@pytest.mark.parametrize("given", [10, "10", "s", "-5s", "1w", True, ["10s"]])
def test_a_length_of_time_without_a_known_unit_is_refused(given: object) -> None:
    found, problems = form({"hold_for": given})
    assert found.duration("hold_for", 0) is None
    assert [problem.path for problem in problems] == [("rules", 0, "hold_for")]
    assert "10s" in problems[0].en
    assert "10s" in problems[0].zh


def test_what_is_missing_and_optional_is_its_default() -> None:
    found, problems = form({})
    assert found.duration("hold_for", 7) == 7
    assert found.flag("latch") is False
    assert found.number("clear_below", required=False) is None
    assert found.words("ids") == ()
    assert problems == []


@pytest.mark.parametrize("given", [float("nan"), float("inf"), True, "57", [57]])
def test_a_number_is_finite_and_no_truth_value(given: object) -> None:
    found, problems = form({"above": given})
    assert found.number("above") is None
    assert len(problems) == 1


def test_a_key_that_nobody_asked_for_is_refused_with_the_nearest_one() -> None:
    found, problems = form({"abvoe": 1})
    found.has("above")
    found.close()
    assert problems[0].path == ("rules", 0, "abvoe")
    assert "`above`" in problems[0].en


def test_unknown_words_name_what_was_meant() -> None:
    found, problems = form({"quantity": "temprature_c", "level": "alarmed", "count": 1})
    assert found.quantity("quantity", QuantityKind.NUMBER) is None
    assert found.level("level") is None
    assert found.count("count", least=2) is None
    assert ["temperature_c" in problems[0].en, "`alarm`" in problems[1].en] == [True, True]
    assert "2" in problems[2].en


def test_only_raised_levels_can_be_named() -> None:
    assert form({"level": "critical"})[0].level("level") is Level.CRITICAL
    assert form({"level": "clear"})[0].level("level") is None


def test_an_alarm_bit_is_no_number() -> None:
    found, problems = form({"quantity": "smoke_alarm"})
    assert found.quantity("quantity", QuantityKind.NUMBER) is None
    assert len(problems) == 1


@pytest.mark.parametrize("data", [None, 5, "text", ["a"]])
def test_what_is_no_mapping_is_said_once(data: object) -> None:
    found, problems = form(data)
    found.close()
    assert [problem.path for problem in problems] == [("rules", 0)]


def test_an_empty_list_is_a_mistake() -> None:
    found, problems = form({"of": []})
    assert found.list("of") == []
    assert len(problems) == 1


def test_a_far_word_lists_what_there_is() -> None:
    assert meant("zzz", ["gas", "fire"]) == ("；可用：`fire`, `gas`。", "; known: `fire`, `gas`.")
