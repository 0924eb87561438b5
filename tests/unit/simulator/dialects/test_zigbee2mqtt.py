"""Zigbee2MQTT's voice: what is remembered, what is said once."""

from __future__ import annotations

import json
import random
from typing import Any

from devices.instant import SECOND
from simulator.dialects.zigbee2mqtt import ZIGBEE2MQTT
from simulator.voice import Identity, Said, Voice

NOW = 1_800_000_000 * SECOND


def voice(kind: str) -> Voice:
    return ZIGBEE2MQTT.voice(Identity("c", "d1", "home d1", kind), random.Random(1))


def state(said: tuple[Said, ...]) -> dict[str, Any]:
    (one,) = said
    assert one.topic == "zigbee2mqtt/home d1"
    found: dict[str, Any] = json.loads(one.payload)
    return found


def test_what_it_has_not_heard_is_null_and_what_it_has_is_repeated() -> None:
    one = voice("smoke")
    first = state(one.reading({"smoke_alarm": True}, NOW))
    assert (first["smoke"], first["battery"]) == (True, None)
    assert state(one.reading({"battery_percent": 80.0}, NOW))["smoke"] is True


def test_a_button_is_an_action_that_is_said_once() -> None:
    one = voice("sos")
    assert state(one.event({"sos_alarm": True}, NOW))["action"] == "emergency"
    assert "action" not in state(one.reading({"sos_alarm": True}, NOW))


def test_a_contact_is_the_other_way_round_and_depth_is_in_metres() -> None:
    assert state(voice("presence").reading({"door_open": True}, NOW))["contact"] is False
    assert state(voice("water_level").reading({"water_level_mm": 125.0}, NOW))["liquid_depth"] == 0.125


def test_the_bridge_is_a_gateway_of_its_own() -> None:
    bridge = voice("gateway")
    assert [one.topic for one in (*bridge.online(NOW), *bridge.offline(NOW), *bridge.event({}, NOW))] == [
        "zigbee2mqtt/bridge/state",
        "zigbee2mqtt/bridge/state",
        "zigbee2mqtt/bridge/health",
    ]


def test_availability_is_retained_and_a_test_is_said() -> None:
    one = voice("smoke")
    assert [said.retained for said in (*one.online(NOW), *one.offline(NOW))] == [True, True]
    one.testing = True
    assert state(one.reading({}, NOW))["test"] is True
