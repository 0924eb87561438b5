"""What the labels of both network servers' items mean, and whether a decoded message says that."""

from __future__ import annotations

from typing import Any

from devices.instant import parse_rfc3339
from ingest.message import Decoded

ALARMS = {
    "smoke": "smoke_alarm",
    "gas_combustible": "gas_alarm",
    "water_leak": "water_leak_alarm",
    "sos": "sos_alarm",
}
NUMBERS = {
    "battery_pct": ("battery_percent", 1),
    "battery_v": ("battery_mv", 1000),
    "value_cm": ("water_level_mm", 10),
}
EVENTS = {"join": "joined the network", "log_error": "UPLINK_MIC", "down_failed": "a command to it failed"}
MILLISECOND = 1_000


def as_labelled(said: Decoded, expect: dict[str, Any]) -> None:
    """Raises AssertionError. Nothing but the label's alarm may be one."""
    values = dict(said.points)
    wanted = ALARMS.get(expect.get("kind", "")) if "alarm" in expect else None
    if wanted is not None:
        assert values.get(wanted) == float(expect["alarm"]), values
        assert said.is_event == (expect["kind"] == "sos"), "event or state"
    assert not [one for one in ALARMS.values() if one != wanted and one in values], values
    for label, (quantity, scale) in NUMBERS.items():
        assert label not in expect or values[quantity] == expect[label] * scale, values
    for label in ("tamper", "fault"):
        assert label not in expect or values[label] == float(expect[label]), values
    if "event" in expect:
        assert EVENTS[expect["event"]] in said.notes[0], said.notes
        assert not values, values
    if expect.get("heartbeat"):
        assert (values, said.online) == ({}, None), said
    if "ts" in expect:
        at = parse_rfc3339(expect["ts"])
        assert said.network_at is not None, "no time"
        assert abs(said.network_at - at) < 5 * MILLISECOND, f"{said.network_at} is not {at}"
    assert said.device_at is None, "no device among these tells a time"
    assert not said.backfill, "none is history"
