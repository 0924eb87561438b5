"""ingest.dialects.shelly_gen1: values one by one, and all together."""

from __future__ import annotations

import pytest

from ingest.dialects.shelly_gen1 import take_info, take_sensor
from ingest.understood import Understood


def sensor(name: str, text: str) -> Understood:
    said = Understood()
    take_sensor(said, name, text)
    return said


def info(**body: object) -> Understood:
    said = Understood()
    take_info(said, body)
    return said


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("flood", "true", {"water_leak_alarm": 1.0}),
        ("flood", "false", {"water_leak_alarm": 0.0}),
        ("flood", "", {"water_leak_alarm": None}),
        ("flood", "null", {"water_leak_alarm": None}),
        ("flood", "perhaps", {"water_leak_alarm": None}),
        ("smoke", "true", {"smoke_alarm": 1.0}),
        ("gas", "none", {"gas_alarm": 0.0}),
        ("gas", "mild", {"gas_alarm": 1.0}),
        ("gas", "heavy", {"gas_alarm": 1.0}),
        ("gas", "unknown", {"gas_alarm": None}),
        ("concentration", "312", {"gas_density": 312.0}),
        ("operation", "normal", {"fault": 0.0}),
        ("operation", "fault", {"fault": 1.0}),
        ("operation", "unknown", {"fault": None}),
        ("battery", "100", {"battery_percent": 100.0}),
        ("battery", "101", {"battery_percent": None}),
        ("error", "0", {"fault": 0.0}),
        ("error", "1", {"fault": 1.0}),
        ("error", "?", {"fault": None}),
        ("temperature", "80.1", {}),
        ("act_reasons", '["sensor"]', {}),
    ],
)
def test_value_on_its_own_topic(name: str, text: str, values: dict[str, float | None]) -> None:
    assert sensor(name, text).values == values


def test_warm_up_and_self_test_of_the_gas_detector_are_marked_and_are_no_alarm() -> None:
    warming, testing = sensor("operation", "warmup"), sensor("gas", "test")
    assert (warming.warmup, warming.values) == (True, {})
    assert (testing.test, testing.values) == (True, {})


def test_whole_status_of_a_flood_sensor() -> None:
    said = info(
        flood=True,
        sensor_error=0,
        tmp={"value": 80.4, "units": "F", "tC": 26.9, "tF": 80.4, "is_valid": True},
        bat={"value": 100, "voltage": 2.99},
    )
    assert said.values == {
        "water_leak_alarm": 1.0,
        "fault": 0.0,
        "battery_percent": 100.0,
        "battery_mv": 2990.0,
        "temperature_c": 26.9,
    }


def test_whole_status_of_a_gas_detector() -> None:
    said = info(gas_sensor={"sensor_state": "normal", "alarm_state": "heavy"})
    assert said.values == {"gas_alarm": 1.0, "fault": 0.0}
    assert info(gas_sensor={"alarm_state": ["heavy"]}).values == {"gas_alarm": None, "fault": None}


def test_temperature_of_a_relays_own_case_is_not_read() -> None:
    assert info(relays=[], tmp={"tC": 61.0, "is_valid": True}).values == {}


def test_temperature_that_is_not_valid_is_unknown() -> None:
    assert info(smoke=False, tmp={"tC": 999.0, "is_valid": False}).values["temperature_c"] is None


@pytest.mark.parametrize("odd", [None, 1, "x", [], {}])
def test_odd_parts_of_a_whole_status_say_nothing(odd: object) -> None:
    assert info(hum=odd, bat=odd, tmp=odd).values == {}
