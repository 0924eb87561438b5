"""A Tasmota board with a leak cable on its switch."""

from __future__ import annotations

import json
import random

from devices.instant import SECOND
from simulator.dialects.tasmota import TASMOTA
from simulator.voice import Identity

NOW = 1_800_000_000 * SECOND


def test_its_time_is_local_without_a_zone_and_its_alarm_a_switch() -> None:
    one = TASMOTA.voice(Identity("c", "leak-1", "tasmota_00000A", "water_leak"), random.Random(1))
    heartbeat, sensor = one.reading({"water_leak_alarm": True}, NOW)
    assert json.loads(heartbeat.payload)["Time"] == "2027-01-15T16:00:00"
    assert (sensor.topic, json.loads(sensor.payload)["Switch1"]) == ("tele/tasmota_00000A/SENSOR", "ON")
    assert [said.payload for said in (*one.online(NOW), *one.offline(NOW))] == [b"Online", b"Offline"]
    assert TASMOTA.address("leak-1", 10) == "tasmota_00000A"
