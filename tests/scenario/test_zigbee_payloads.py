"""Every recorded Zigbee2MQTT payload through the whole core: incident or none, as it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.inventory import Inventory
from devices.level import Hazard
from tests.support.community import home, places
from tests.support.monitor import Story
from tests.support.services import need

EXCEPTIONS = {
    "gas_tuya_string_true.json": "ambiguous: gas 'True' while it warms up; a notice at most, nobody is paged",
    "leak_smartthings_chatter.jsonl": "flapping: one incident, whatever it says last",
    "exposes_ts0207_from_log.json": "a definition out of a device list, not a message",
    "ias_converter_matrix.json": "a table derived from the converters, not a message",
    "hazard_devices_exposes.json": "a table derived from the converters, not a message",
}
HAZARDS = {
    "smoke": (Hazard.FIRE, DeviceKind.SMOKE, "smoke_alarm"),
    "gas_combustible": (Hazard.GAS, DeviceKind.GAS, "gas_alarm"),
    "water_leak": (Hazard.WATER_LEAK, DeviceKind.WATER_LEAK, "water_leak_alarm"),
    "sos": (Hazard.SOS, DeviceKind.SOS, "sos_alarm"),
}
NOT_MESSAGES = ("exposes_ts0207_from_log.json", "ias_converter_matrix.json", "hazard_devices_exposes.json")


def items() -> Iterator[tuple[Path, dict[str, Any]]]:
    folder = need("shared data") / "payloads" / "zigbee2mqtt"
    for line in (folder / "index.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        yield folder / item["file"], item


def told(path: Path) -> list[bytes]:
    """The payloads of one file: a file of lines is a sequence of messages."""
    raw = path.read_bytes()
    if path.suffix == ".jsonl":
        return [json.dumps(json.loads(line)["payload"]).encode() for line in raw.splitlines() if line.strip()]
    return [raw.strip() if path.suffix == ".txt" else raw]


def town(topic: str, kind: str) -> Inventory:
    """One home with the device that this topic is about."""
    base, _, name = topic.partition("/")
    for leaf in ("/availability", "/action"):
        name = name.removesuffix(leaf)
    _, device_kind, alarm = HAZARDS[kind]
    profile = Profile("recorded", device_kind, frozenset({alarm, "battery_percent"}), alarm_quantity=alarm)
    device = Device("d", profile, home(3), base, name, "设备", "device")
    return Inventory.of("c", "z", places(), [device])


def test_every_recorded_payload_makes_the_incident_it_should_or_none() -> None:
    seen = 0
    for path, item in items():
        kind = item["expect"].get("kind")
        if path.name in EXCEPTIONS or kind is None:
            continue
        base = item["topic"].partition("/")[0]
        story = Story(town(item["topic"], kind), base)
        for second, payload in enumerate(told(path)):
            story.message(second * 3, item["topic"], payload)
        expected = [HAZARDS[kind][0]] if item["expect"].get("alarm") is True else []
        assert [incident.hazard for incident in story.incidents] == expected, path.name
        assert not any(one.rejected for one in story.effects), path.name
        seen += 1
    assert seen >= 18


def test_bridge_messages_are_understood_and_raise_nothing() -> None:
    seen = 0
    for path, item in items():
        if path.name in NOT_MESSAGES or "kind" in item["expect"]:
            continue
        story = Story(None, item["topic"].partition("/")[0])
        story.message(0, item["topic"], told(path)[0], retain=bool(item["retain"]))
        assert story.incidents == (), path.name
        assert not any(one.rejected for one in story.effects), path.name
        seen += 1
    assert seen >= 6


@pytest.mark.parametrize("name", ["leak_smartthings_chatter.jsonl", "gas_tuya_string_true.json"])
def test_the_ambiguous_ones_never_multiply(name: str) -> None:
    path, item = next(pair for pair in items() if pair[0].name == name)
    kind = item["expect"]["kind"]
    base = item["topic"].partition("/")[0]
    story = Story(town(item["topic"], kind), base)
    for second, payload in enumerate(told(path)):
        story.message(second / 10, item["topic"], payload)
    assert len(story.incidents) <= 1
    assert not any("alert" in line or "evacuate" in line for line in story.told() if "gas" in name)


def test_the_exceptions_exist() -> None:
    names = {path.name for path, _ in items()}
    assert set(EXCEPTIONS) <= names
    assert len(names) == 29
