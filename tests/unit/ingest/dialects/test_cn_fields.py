"""ingest.dialects.cn_fields: names, words and grades; unknown is never clear."""

from __future__ import annotations

from typing import Any

import pytest

from devices.quantity import QUANTITIES
from ingest.dialects.cn_fields import SHARED, Fields, Grade, Meaning
from ingest.understood import Understood


def said(
    body: dict[str, Any], grade: Grade = Grade.STATE, meanings: dict[str, Meaning] | None = None
) -> Understood:
    found = Understood()
    Fields(SHARED, meanings or {}).report(found, body, grade)
    return found


@pytest.mark.parametrize(
    ("name", "value", "quantity", "expected"),
    [
        ("SmokeSensorState", 1, "smoke_alarm", 1.0),
        (" smokesensorstate ", "0", "smoke_alarm", 0.0),
        ("smoke_state", True, "smoke_alarm", 1.0),
        ("smoke_state", False, "smoke_alarm", 0.0),
        ("smoke_state", None, "smoke_alarm", None),
        ("smoke_state", "", "smoke_alarm", None),
        ("smoke_state", 7, "smoke_alarm", None),
        ("smoke_state", 0.5, "smoke_alarm", None),
        ("smoke_state", [1], "smoke_alarm", None),
        ("gas_sensor_state", 2, "gas_alarm", 1.0),
        ("battery_voltage", 3.6, "battery_mv", 3600.0),
        ("BatteryVoltage", 3600, "battery_mv", 3600.0),
        ("battery_voltage", "x", "battery_mv", None),
        ("battery_value", "90", "battery_percent", 90.0),
        ("TamperState", 1, "tamper", 1.0),
        ("co_ppm", 5, "co_ppm", 5.0),
        ("fault", 1, "fault", 1.0),
    ],
)
def test_shared_names(name: str, value: Any, quantity: str, expected: float | None) -> None:
    assert said({name: value}).values == {quantity: expected}


def test_every_quantity_of_ours_is_a_name() -> None:
    assert set(QUANTITIES) <= set(SHARED)


@pytest.mark.parametrize(
    ("body", "grade", "values"),
    [
        ({"x": 1}, Grade.STATE, {}),
        ({"x": 1}, Grade.INFORMATION, {}),
        ({"x": 1}, Grade.ALARM, {"generic_alarm": 1.0}),
        ({"x": 0, "y": "0"}, Grade.ALARM, {"generic_alarm": 0.0}),
        ({"x": 0, "y": None}, Grade.ALARM, {"generic_alarm": 1.0}),
        ({"smoke_state": 0, "x": 1}, Grade.ALARM, {"smoke_alarm": 0.0}),
        ({"smoke_state": None}, Grade.ALARM, {"smoke_alarm": None, "generic_alarm": 1.0}),
        ({"tamper": 1}, Grade.ALARM, {"tamper": 1.0, "generic_alarm": 1.0}),
        ({"fault": None}, Grade.FAULT, {"fault": 1.0}),
        ({"fault": 0, "x": 1}, Grade.FAULT, {"fault": 0.0}),
    ],
)
def test_a_report_that_is_an_alarm_by_itself_alarms_unless_its_fields_say_otherwise(
    body: dict[str, Any], grade: Grade, values: dict[str, float | None]
) -> None:
    assert said(body, grade).values == values


def test_fields_without_a_meaning_are_named_once_and_few() -> None:
    found = said({f"field {n}": 1 for n in range(50)})
    assert len(found.notes) == 1
    assert found.notes[0].startswith("no meaning is set for field 0, field 1")
    assert said({"x": 1, "smoke_state": 0}).notes == []
    assert said({}).notes == []


def test_a_site_says_what_its_names_mean_before_what_is_known() -> None:
    meanings: dict[str, Meaning] = {"Smoke_State": "gas_alarm", "Level": ("water_level_mm", 10)}
    assert said({"smoke_state": 1, "LEVEL": "4.5"}, meanings=meanings).values == {
        "gas_alarm": 1.0,
        "water_level_mm": 45.0,
    }


@pytest.mark.parametrize(
    "meaning", ["smoke", ("smoke_alarm", 2.0), ("water_level_mm", 0.0), ("water_level_mm", float("inf"))]
)
def test_a_meaning_that_cannot_be_is_refused(meaning: Meaning) -> None:
    with pytest.raises(ValueError, match="'x': "):
        Fields({}, {"x": meaning})
