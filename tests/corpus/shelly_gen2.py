"""The Shelly items, each on the topic where its device says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.device_time import UNREADABLE
from ingest.dialects.shelly import Shelly
from ingest.message import Decoded

ALARM = {"smoke": "smoke_alarm", "water_leak": "water_leak_alarm"}
DATAGRAM = "flood_gen1_coiot_recorded.json"
TOPICS_OF = {23: "sensor/flood", 33: "sensor/temperature", 77: "sensor/battery"}


def check(item: dict[str, Any], path: Path) -> str:
    if path.name == DATAGRAM:
        return _datagram(item, json.loads(path.read_bytes()))
    said = _said(item["topic"], path.read_bytes())
    values = {point.quantity: point.value for point in said.points}
    expect = item["expect"]
    assert said.address == item["topic"].partition("/")[0], said.address
    assert values.pop(ALARM[expect["kind"]]) == float(expect["alarm"]), values
    if "battery_pct" in expect:
        assert values.pop("battery_percent") == expect["battery_pct"], values
        assert values.pop("battery_mv") == 2940.0, values
    assert values.pop("muted", 0.0) == 0.0, values
    assert values.pop("fault", 0.0) == 0.0, values
    assert not values, values
    assert said.online is None, said.online
    _check_time(said, expect, json.loads(path.read_bytes()))
    return ""


def _check_time(said: Decoded, expect: dict[str, Any], body: dict[str, Any]) -> None:
    if "ts" in expect:  # null: there is no time that anybody could believe
        assert said.device_at == UNREADABLE, said.device_at
        assert said.notes == ("ts 2.46: its clock is not set yet",), said.notes
    else:
        assert said.device_at == round(body["params"]["ts"] * 1_000_000), said.device_at


def _datagram(item: dict[str, Any], body: dict[str, Any]) -> str:
    """What the device says by CoIoT it says by MQTT as one text for each value."""
    home = item["topic"].partition(" MQTT ")[2].removesuffix("sensor/flood")
    values: dict[str, float | None] = {}
    for _, key, value in body["G"]:
        text = json.dumps(bool(value)) if key == 23 else str(value)
        said = _said(home + TOPICS_OF[key], text.encode())
        assert said.address == "shellyflood-445566", said.address
        values.update({point.quantity: point.value for point in said.points})
    expect = {"water_leak_alarm": 0.0, "battery_percent": float(item["expect"]["battery_pct"])}
    assert values == expect, values
    assert _said(home + "online", b"false").online is False
    return "argued: a CoIoT datagram is no MQTT message; its values were taken on the topics that carry them"


def _said(topic: str, payload: bytes) -> Decoded:
    dialect = Shelly()
    assert dialect.claims(topic), topic
    found = dialect.decode(topic, payload, False)
    assert isinstance(found, tuple), found
    assert len(found) == 1, found
    return found[0]
