"""A Shelly that sleeps."""

from __future__ import annotations

import json
import random

from devices.instant import SECOND
from simulator.dialects.shelly import SHELLY
from simulator.voice import Identity

NOW = 1_800_000_000 * SECOND


def test_it_wakes_with_everything_and_no_clock_and_alarms_with_what_changed() -> None:
    address = SHELLY.address("smoke-b1-101", 7)
    one = SHELLY.voice(Identity("c", "smoke-b1-101", address, "smoke"), random.Random(1))
    whole = json.loads(one.reading({"smoke_alarm": False, "battery_percent": 85.0}, NOW)[0].payload)
    assert (whole["method"], whole["params"]["ts"] < 5) == ("NotifyFullStatus", True)
    assert whole["params"]["devicepower:0"]["battery"]["percent"] == 85.0
    alarm = json.loads(one.event({"smoke_alarm": True}, NOW)[0].payload)
    assert alarm["params"] == {"ts": 1_800_000_000.0, "smoke:0": {"id": 0, "alarm": True}}
    assert one.online(NOW)[0].topic == f"{address}/online"
    assert address.startswith("shellysmoke-")
