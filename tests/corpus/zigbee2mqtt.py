"""The Zigbee2MQTT items, each through decode and admission as one device of a house."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from devices.instant import parse_rfc3339
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Ignored
from tests.support.hearing import House

NO_MESSAGES = {
    "hazard_devices_exposes.json": "a table derived from the converters, not a message",
    "ias_converter_matrix.json": "a table derived from the converters, not a message",
    "exposes_ts0207_from_log.json": "one definition out of a list of devices, not a message",
}
AMBIGUOUS = "gas_tuya_string_true.json"
PRESENCE = {"online": True, "offline": False, "left": False}


def check(item: dict[str, Any], path: Path) -> str:
    if path.name in NO_MESSAGES:
        return f"argued: {NO_MESSAGES[path.name]}"
    if "kind" not in item["expect"]:
        return _of_the_bridge(item, _messages(path)[0])
    base, _, name = item["topic"].partition("/")
    house = House(item["expect"]["kind"], name.removesuffix("/action"), base)
    for payload in _messages(path):
        house.hears(item["topic"], payload, retain=bool(item.get("retain")))
    return _of_a_device(house, item["expect"], path.name)


def _messages(path: Path) -> list[bytes]:
    if path.suffix == ".jsonl":
        lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
        return [json.dumps(json.loads(line)["payload"]).encode() for line in lines]
    return [path.read_bytes().rstrip(b"\n")]


def _of_a_device(house: House, expect: dict[str, Any], name: str) -> str:
    argued = ""
    if name == AMBIGUOUS:
        assert house.edges == [1.0], house.edges
        argued = "argued: what contradicts itself counts as alarm, and warm-up limits it to a notice"
    elif expect.get("flap"):
        assert house.edges == [1.0, 0.0], house.edges
    else:
        alarm = expect["alarm"]
        assert (house.edges or [None])[-1] == (None if alarm is None else float(alarm)), house.edges
    assert house.edges.count(1.0) == expect.get("incidents", house.edges.count(1.0)), house.edges
    for key, quantity in (("battery_pct", "battery_percent"), ("voltage_mv", "battery_mv")):
        assert key not in expect or house.latest(quantity) == expect[key], house.latest(quantity)
    assert "value" not in expect or house.latest("gas_density") == expect["value"]
    assert not expect.get("fault") or house.latest("fault") == 1.0
    decoded = house.heard[-1].decoded
    assert decoded.warmup == expect.get("warmup", False)
    if "ts" in expect or "ts_ms" in expect:
        at = parse_rfc3339(expect["ts"]) if "ts" in expect else expect["ts_ms"] * 1000
        assert decoded.device_at == at, decoded.device_at
    return argued


def _of_the_bridge(item: dict[str, Any], payload: bytes) -> str:
    found = Zigbee2Mqtt(item["topic"].partition("/")[0]).decode(item["topic"], payload, bool(item["retain"]))
    if "devices" in item["expect"]:
        assert isinstance(found, Ignored)
        assert found.why == f"the bridge knows {item['expect']['devices']} devices"
        return ""
    (said,) = item["expect"].values()
    assert isinstance(found, tuple), found
    assert found[0].online == PRESENCE[said], found
    return ""
