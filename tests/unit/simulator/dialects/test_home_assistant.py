"""An ESPHome board by discovery."""

from __future__ import annotations

import json
import random

from devices.instant import SECOND
from simulator.dialects.home_assistant import HOME_ASSISTANT
from simulator.voice import Identity

NOW = 1_800_000_000 * SECOND


def test_it_announces_itself_retained_and_then_says_bare_states() -> None:
    one = HOME_ASSISTANT.voice(Identity("c", "co-1", "esp-000001", "co"), random.Random(1))
    *announced, status = one.online(NOW)
    assert all(said.retained for said in (*announced, status))
    assert {json.loads(said.payload)["dev_cla"] for said in announced} == {"carbon_monoxide"}
    assert (status.topic, status.payload) == ("esphome/esp-000001/status", b"online")
    states = one.event({"co_alarm": True, "co_ppm": 120.0}, NOW)
    assert [said.payload for said in states] == [b"ON", b"120.0"]
    assert one.reading({"co_ppm": None}, NOW) == ()
