"""ingest.native_values: bits, numbers, and what is neither."""

from __future__ import annotations

import pytest

from devices.quantity import QUANTITIES, QuantityKind
from ingest.message import Point, Reason
from ingest.native_values import alarmed, points


def test_bits_become_one_zero_or_unknown() -> None:
    said, odd = points(
        {"smoke_alarm": True, "tamper": False, "fault": None, "gas_alarm": 1.0, "heat_alarm": 0.0}
    )
    assert said == [
        Point("smoke_alarm", 1.0),
        Point("tamper", 0.0),
        Point("fault", None),
        Point("gas_alarm", 1.0),
        Point("heat_alarm", 0.0),
    ]
    assert odd == []
    assert all(type(point.value) is not bool for point in said)


def test_number_outside_of_its_range_is_unknown_and_noted() -> None:
    said, odd = points({"temperature_c": 99_999.0, "co_ppm": 12.0, "water_level_mm": None})
    assert said == [Point("temperature_c", None), Point("co_ppm", 12.0), Point("water_level_mm", None)]
    assert [(one.reason, one.text) for one in odd] == [
        (None, "temperature_c: 99999 is outside of what a working sensor says")
    ]


@pytest.mark.parametrize(
    ("values", "reason", "told"),
    [
        ({"smok_alarm": True}, Reason.UNSUPPORTED, "'smok_alarm'"),
        ({"nothing": None}, Reason.UNSUPPORTED, "'nothing'"),
        ({"smoke_alarm": 7.0}, Reason.WRONG_TYPE, "smoke_alarm: 7.0 is not true, false or null"),
        ({"temperature_c": True}, Reason.WRONG_TYPE, "temperature_c: True is not a number or null"),
    ],
)
def test_what_cannot_be_meant_is_named(
    values: dict[str, bool | float | None], reason: Reason, told: str
) -> None:
    said, odd = points(values)
    assert said == []
    assert odd[0].reason is reason
    assert told in odd[0].text


def test_only_an_alarm_bit_that_says_alarm_counts_as_alarmed() -> None:
    assert alarmed([Point("smoke_alarm", 1.0)])
    assert not alarmed([Point("smoke_alarm", 0.0), Point("tamper", 1.0), Point("co_ppm", 300.0)])


def test_every_quantity_is_understood() -> None:
    for name, quantity in QUANTITIES.items():
        value = quantity.high if quantity.kind is QuantityKind.NUMBER else True
        assert points({name: value}) == ([Point(name, float(value))], [])


def test_ends_of_a_range_are_within_it() -> None:
    """A clean room has exactly 0 ppm."""
    for name, known in QUANTITIES.items():
        if known.kind is QuantityKind.NUMBER:
            for value in (known.low, known.high):
                assert points({name: value}) == ([Point(name, value)], [])
