"""The items of a site's own JSON, each with the settings that a site would write for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.dialects.plain import Plain
from ingest.message import Decoded, Point

FRACTIONS = "iot_telemetry_garystafford_doc.json"


def check(item: dict[str, Any], path: Path) -> str:
    if path.name == FRACTIONS:
        return _fractions(item["expect"], path.read_bytes())
    return _meter(item, path.read_bytes())


def _fractions(expect: dict[str, Any], payload: bytes) -> str:
    """Smoke, CO and LPG are shares of one of an unknown whole: only what is sure is in the table."""
    topic = "community/sensors"
    sure = Plain({topic: {"data.temp": "temperature_c"}}, addresses={topic: "device_id"}, times={topic: "ts"})
    said = _said(sure, topic, payload)
    assert said.address == "6e:81:c9:d4:9e:58", said
    assert said.points == (Point("temperature_c", 31.799999237060547),), said
    assert said.device_at is not None, said
    assert abs(said.device_at - round(expect["ts_s"] * 1_000_000)) <= 1, said
    guessed = _said(Plain({topic: {"data.smoke": "smoke_alarm"}}), topic, payload)
    assert guessed.points == (Point("smoke_alarm", None),), "a share of one is neither alarm nor clear"
    assert len(guessed.notes) == 1, guessed
    return ""


def _meter(item: dict[str, Any], payload: bytes) -> str:
    topic, expect = item["topic"], item["expect"]
    fields = {"leakage": "water_leak_alarm", "batteryLevel": "battery_percent"}
    wanted = (
        Point("water_leak_alarm", float(expect["alarm"])),
        Point("battery_percent", expect["battery_pct"]),
    )
    assert _said(Plain({topic: fields}), topic, payload) == Decoded("plain", topic, wanted)
    own = _said(Plain({"meters/+/telemetry": fields}), "meters/flat-3/telemetry", payload)
    assert own == Decoded("plain", "flat-3", wanted), own
    return ""


def _said(dialect: Plain, topic: str, payload: bytes) -> Decoded:
    assert dialect.claims(topic), topic
    found = dialect.decode(topic, payload, False)
    assert isinstance(found, tuple), found
    assert len(found) == 1, found
    return found[0]
