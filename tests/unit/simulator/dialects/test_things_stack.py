"""The Things Stack's envelope."""

from __future__ import annotations

import json
import random

from devices.instant import SECOND
from simulator.dialects.things_stack import ThingsStack
from simulator.voice import Identity

NOW = 1_800_000_000 * SECOND


def test_what_is_zero_is_left_out_and_the_application_server_is_later() -> None:
    one = ThingsStack(Identity("c", "d1", "24e1240000000001", "water_leak"), random.Random(1))
    first, second = (json.loads(one.reading({}, NOW)[0].payload) for _ in range(2))
    assert "f_cnt" not in first["uplink_message"]
    assert second["uplink_message"]["f_cnt"] == 1
    assert first["received_at"] > first["uplink_message"]["received_at"]
    assert first["end_device_ids"]["dev_eui"] == "24E1240000000001"
    assert one.event({}, NOW)[0].topic == "v3/safety@ttn/devices/eui-24e1240000000001/up"
