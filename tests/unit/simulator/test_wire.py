"""What the outsider writes, read by the system's own dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Decoded
from simulator.scenario import calm
from simulator.town import town
from simulator.wire import zigbee2mqtt

SENSORS = [sensor for sensor in town(7).sensors if sensor.dialect == "zigbee2mqtt"]
LEAK = next(sensor for sensor in SENSORS if sensor.kind == "leak")
BUTTON = next(sensor for sensor in SENSORS if sensor.kind == "sos")


def understood(topic: str, payload: bytes) -> dict[str, float | None]:
    said = Zigbee2Mqtt("zigbee2mqtt").decode(topic, payload, False)
    assert isinstance(said, tuple)
    decoded = said[0]
    assert isinstance(decoded, Decoded)
    return {point.quantity: point.value for point in decoded.points}


def test_the_topic_is_base_and_friendly_name() -> None:
    topic, payload = zigbee2mqtt(LEAK, {"water_leak_alarm": False}, base="site/z2m")
    assert topic == f"site/z2m/{LEAK.address}"
    assert json.loads(payload) == {"battery": 97, "linkquality": 120, "water_leak": False}


@pytest.mark.parametrize("wet", [True, False])
def test_a_leak_is_read_as_a_leak(wet: bool) -> None:
    values: dict[str, Any] = {"water_leak_alarm": wet}
    assert understood(*zigbee2mqtt(LEAK, values))["water_leak_alarm"] == float(wet)


def test_a_pressed_button_is_read_as_a_call_for_help() -> None:
    assert understood(*zigbee2mqtt(BUTTON, {"sos_alarm": True}))["sos_alarm"] == 1.0


def test_a_button_that_nobody_presses_sends_no_action() -> None:
    assert "action" not in json.loads(zigbee2mqtt(BUTTON, calm(BUTTON))[1])


@pytest.mark.parametrize("sensor", [LEAK, BUTTON])
def test_a_calm_sensor_tells_of_its_battery_and_of_no_alarm(sensor: Any) -> None:
    said = understood(*zigbee2mqtt(sensor, calm(sensor)))
    assert said["battery_percent"] == 97
    assert not any(value for name, value in said.items() if name.endswith("_alarm"))
