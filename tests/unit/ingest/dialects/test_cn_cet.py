"""ingest.dialects.cn_cet: Chinese point names, their units, and events that make fires."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.dialects.cn_cet import understand
from ingest.dialects.cn_fields import SHARED, Fields, Meaning


def read(*points: dict[str, Any], **meanings: Meaning) -> dict[str, float | None]:
    return understand(points, Fields(SHARED, meanings)).values


def number(key: str, value: Any, unit: Any) -> dict[str, Any]:
    return {"type": "AI", "key": key, "value": value, "unit": unit}


def event(key: str, value: Any = 1) -> dict[str, Any]:
    return {"type": "SOE", "key": key, "value": value}


@pytest.mark.parametrize(
    ("point", "values"),
    [
        (number("剩余电流", 310, "mA"), {"residual_current_ma": 310.0}),
        (number("漏电流", 0.31, "A"), {"residual_current_ma": 310.0}),
        (number("A相温度", 45, "℃"), {"cable_temperature_c": 45.0}),
        (number("A相温度", 9999, "℃"), {"cable_temperature_c": None}),
        (number("A相温度", 45, "%"), {}),
        (number("A相温度", 45, ["℃"]), {}),
        (number("A相电流", 0.25, "A"), {}),
        (event("漏电报警"), {"electrical_alarm": 1.0}),
        (event("短路", 0), {"electrical_alarm": 0.0}),
        (event("过流", None), {"electrical_alarm": None}),
        (event("电压越限"), {"unsure_alarm": 1.0}),
        (event("门禁"), {"unsure_alarm": 1.0}),
    ],
)
def test_points_by_name_and_unit(point: dict[str, Any], values: dict[str, float | None]) -> None:
    assert read(point) == values


def test_of_several_phases_the_highest_counts() -> None:
    phases = [number(f"{phase}相温度", value, "℃") for phase, value in (("A", 45), ("B", 71), ("C", 44))]
    assert read(*phases) == {"cable_temperature_c": 71.0}


def test_a_site_may_mean_more_and_a_nameless_point_is_told() -> None:
    assert read(event("电压越限"), 电压越限="fault") == {"fault": 1.0}
    assert understand([{"value": 1}], Fields({})).notes == ["key: a point without a name"]
