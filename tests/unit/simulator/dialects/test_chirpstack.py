"""ChirpStack's envelope."""

from __future__ import annotations

import json
import random
from typing import Any

from devices.instant import SECOND
from simulator.dialects.chirpstack import APPLICATION, ChirpStack
from simulator.voice import Identity, Said

NOW = 1_800_000_000 * SECOND


def body(said: tuple[Said, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said[0].payload)
    return found


def test_each_uplink_has_its_own_id_and_the_next_count_until_it_joins_anew() -> None:
    one = ChirpStack(Identity("c", "d1", "24e1240000000001", "gas"), random.Random(1))
    ups = [body(one.event({"gas_alarm": True}, NOW)) for _ in range(3)]
    assert [up["fCnt"] for up in ups] == [1, 2, 3]
    assert len({up["deduplicationId"] for up in ups}) == 3
    assert ups[0]["time"] == "2027-01-15T08:00:00.000000000+00:00"
    assert ups[0]["deviceInfo"]["deviceProfileName"] == "GS101"
    (join,) = one.online(NOW)
    assert join.topic == f"application/{APPLICATION}/device/24e1240000000001/event/join"
    assert body(one.reading({}, NOW))["fCnt"] == 1
    assert one.offline(NOW) == ()
