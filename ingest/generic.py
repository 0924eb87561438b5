"""Alarm bits that do not say what for: on this model it is what its profile or its kind says (trap 14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from devices.device import Device, DeviceKind
from ingest.message import Point

GENERIC: Final = "generic_alarm"
"""The alarm bit of a zone, Zigbee's `alarm_1`: always the device's own word."""
UNSURE: Final = "unsure_alarm"
"""Of most models a siren's control, of a few the detector's word: counts only where a profile says so."""

_OF_KIND: Final = {
    DeviceKind.SMOKE: "smoke_alarm",
    DeviceKind.HEAT: "heat_alarm",
    DeviceKind.GAS: "gas_alarm",
    DeviceKind.CO: "co_alarm",
    DeviceKind.WATER_LEAK: "water_leak_alarm",
    DeviceKind.WATER_LEVEL: "water_level_alarm",
    DeviceKind.ELECTRICAL: "electrical_alarm",
    DeviceKind.SOS: "sos_alarm",
    DeviceKind.CALL_POINT: "manual_alarm",
}


def specific(points: Sequence[Point], device: Device | None) -> Sequence[Point]:
    """The points with what was generic named. Beside a specific bit of the same meaning the worse counts.

    An unknown device keeps its generic alarm as it is; a siren or gateway has none.
    """
    said = {point.quantity for point in points}
    if UNSURE not in said and GENERIC not in said:
        return points
    if device is None:
        return [point for point in points if point.quantity != UNSURE]
    chosen = device.profile.alarm_quantity
    meant = chosen or _OF_KIND.get(device.kind)
    meaning = {GENERIC: meant, UNSURE: chosen}
    named = [(meaning.get(point.quantity, point.quantity), point) for point in points]
    bits = [point.value for quantity, point in named if quantity == meant]
    others = [point for quantity, point in named if quantity is not None and quantity != meant]
    return [Point(meant, _worst(bits)), *others] if meant and bits else others


def _worst(bits: Sequence[float | None]) -> float | None:
    """Any alarm is one; unknown beats clear."""
    return 1.0 if 1.0 in bits else None if None in bits else 0.0
