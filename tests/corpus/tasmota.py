"""The Tasmota items, of a plain device and of a Zigbee bridge whose FullTopic is the other way round."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devices.device import Device, DeviceKind, Profile
from devices.instant import HOUR, parse_rfc3339
from ingest.dialects.tasmota import Tasmota
from ingest.generic import specific
from ingest.message import Decoded

PLAIN = "tasmota_9CF9D1"
CHILD = "SonoffZigbeeBridge/0x898E"
LINK = {"zb_aqara_leak_report": 155.0, "zb_aqara_leak_alarm_raw": 110.0, "zb_aqara_leak_clear_raw": 157.0}
LEAK = Device(
    "d", Profile("p", DeviceKind.WATER_LEAK, frozenset()), "c", "tasmota", CHILD, "水浸", "Leak sensor"
)


def check(item: dict[str, Any], path: Path) -> str:
    payload = path.read_bytes().rstrip(b"\n")
    expect = item["expect"]
    if "kind" in expect:
        said = _said(Tasmota("/%topic%/%prefix%/"), item, payload)
        _check_leak(said, expect, LINK[path.stem.removesuffix("_recorded")])
        return ""
    said = _said(Tasmota(utc_offset_for=8 * HOUR), item, payload)
    assert said.address == PLAIN, said
    if "device" in expect:
        assert said == Decoded("tasmota", PLAIN, online=expect["device"] != "offline"), said
    elif "heartbeat" in expect:
        assert said == Decoded("tasmota", PLAIN), said
    else:
        _check_contact(item, payload, said)
    return ""


def _check_leak(said: Decoded, expect: dict[str, Any], link: float) -> None:
    assert (said.address, said.device_at) == (CHILD, None), said
    values = {point.quantity: point.value for point in specific(said.points, LEAK)}
    assert values.pop("water_leak_alarm") == float(expect["alarm"]), values
    assert values.pop("link_quality") == link, values
    if "battery_pct" in expect:
        assert values.pop("battery_percent") == expect["battery_pct"], values
        assert values.pop("battery_mv") == 3000.0, values
    else:
        assert {values.pop(one) for one in ("tamper", "battery_low", "fault")} == {0.0}, values
    assert not values, values


def _check_contact(item: dict[str, Any], payload: bytes, said: Decoded) -> None:
    """Without a meaning it is a remark; with one it is what the contact is told to be."""
    assert item["expect"] == {"contact": "ON"}, item
    assert said.points == (), said
    assert said.notes == ("Switch1 is ON: name what this contact means under `switches`",), said
    assert said.device_at == parse_rfc3339("2024-02-24T22:20:38+08:00"), said
    meant = _said(Tasmota(switches={"Switch1": "water_leak_alarm"}), item, payload)
    assert meant.points == (("water_leak_alarm", 1.0),), meant


def _said(dialect: Tasmota, item: dict[str, Any], payload: bytes) -> Decoded:
    assert dialect.claims(item["topic"]), item["topic"]
    found = dialect.decode(item["topic"], payload, bool(item["retain"]))
    assert isinstance(found, tuple), found
    assert len(found) == 1, found
    return found[0]
