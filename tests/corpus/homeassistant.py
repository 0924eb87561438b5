"""The Home Assistant items: configurations with a message of their entity, messages with a configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.dialects.home_assistant import HomeAssistant
from ingest.dialects.home_assistant_config import Announced, Entity, entity, spelled_out
from ingest.message import Decoded, Ignored

ANNOUNCED: dict[str, dict[str, Any]] = {
    "doc_window_json_state.json": {"value_template": "{{ value_json.state }}"},
    "esphome_binary_sensor_on.txt": {"uniq_id": "ESPbinary_sensorkitchen_smoke"},
    "espeasy_switch.txt": {"payload_on": "1", "payload_off": "0"},
}
"""What the devices of the bare messages would have said before, beside class, topic and presence."""


def check(item: dict[str, Any], path: Path) -> str:
    payload = path.read_bytes().rstrip(b"\n")
    if item["topic"].endswith("/config"):
        _announcement(item, payload)
    elif "device" in item["expect"]:
        online = _message(item, payload, {"stat_t": "elsewhere", "avty_t": item["topic"]}).online
        assert online is (item["expect"]["device"] != "offline"), online
    else:
        said = _message(item, payload, {"stat_t": item["topic"], **ANNOUNCED[path.name]})
        assert [one.value for one in said.points] == [float(item["expect"]["state"])], said
    return ""


def _message(item: dict[str, Any], payload: bytes, options: dict[str, Any]) -> Decoded:
    """The message after its announcement, as a smoke detector's."""
    root = item["topic"].partition("/")[0]
    dialect = HomeAssistant(topics=(f"{root}/#", "elsewhere"))
    config = json.dumps({"dev_cla": "smoke", "dev": {"ids": ["a"]}, **options}).encode()
    heard = dialect.decode("homeassistant/binary_sensor/a/b/config", config, True)
    assert isinstance(heard, Ignored), heard
    assert dialect.claims(item["topic"])
    return _only(dialect.decode(item["topic"], payload, bool(item["retain"])))


def _announcement(item: dict[str, Any], payload: bytes) -> None:
    body = json.loads(payload)
    _, component, node, *_ = item["topic"].split("/")
    found = entity(component, node, spelled_out(body))
    assert isinstance(found, Announced), found
    assert not found.notes, found.notes
    _fields(found.entity, component, item["expect"], body)
    kept = HomeAssistant(elsewhere=("zigbee2mqtt/",)).decode(item["topic"], payload, True)
    assert isinstance(kept, Ignored), kept
    assert "dialect of its own" in kept.why, kept
    _state(item["topic"], payload, found.entity)


def _fields(read: Entity, component: str, expect: dict[str, Any], body: dict[str, Any]) -> None:
    classes = {
        ("binary_sensor", "smoke"): "smoke_alarm",
        ("binary_sensor", "battery"): "battery_low",
        ("sensor", "battery"): "battery_percent",
    }
    assert read.quantity == classes[component, expect["device_class"]], read
    assert read.topic == expect.get("state_topic", body["state_topic"]), read
    assert read.template == body["value_template"], read
    assert "field" not in expect or expect["field"] in (read.template or ""), read
    assert read.address == body["device"]["identifiers"][0], read
    assert read.mode == body.get("availability_mode", "latest"), read
    assert [one.topic for one in read.availability] == [one["topic"] for one in body["availability"]], read
    templates = [one.get("value_template", "") for one in body["availability"]]
    assert [one.template for one in read.availability] == templates, read
    if component == "binary_sensor":
        assert (read.on, read.off) == ("True", "False"), read


def _state(topic: str, config: bytes, read: Entity) -> None:
    """The same device without a Zigbee2MQTT dialect: its state and its presence."""
    dialect = HomeAssistant(topics=("zigbee2mqtt/#",))
    assert isinstance(dialect.decode(topic, config, True), Ignored)
    for field, said, value in (("smoke", True, 1.0), ("battery_low", False, 0.0), ("battery", 76, 76.0)):
        body = json.dumps({field: said, "linkquality": 90}).encode()
        found = dialect.decode(read.topic, body, False)
        if field in str(read.template).replace("}", " ").replace(".", " ").split():
            assert [tuple(one) for one in _only(found).points] == [(read.quantity, value)], found
        else:
            assert isinstance(found, Ignored), found
    for source in read.availability:
        word = b'{"state":"offline"}' if source.template else b"offline"
        found = dialect.decode(source.topic, word, True)
    assert _only(found) == Decoded("home_assistant", read.address, online=False)


def _only(found: object) -> Decoded:
    assert isinstance(found, tuple), found
    (said,) = found
    assert isinstance(said, Decoded), said
    return said
