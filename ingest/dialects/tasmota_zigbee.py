"""What a Zigbee device behind a Tasmota bridge says: friendly keys where the model is known, else raw bytes.

A real leak sensor raised its alarm by the raw zone status alone; its friendly key came hours later. Bits are
those of the Zigbee Cluster Library, IAS Zone 8.2.2.2.1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.dialects.fields import take_bit, take_number
from ingest.generic import GENERIC, UNSURE
from ingest.strict_json import shown
from ingest.understood import Understood

ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "Water": ("water_leak_alarm",),
    "Fire": (GENERIC,),  # smoke and heat detectors share the zone type
    "CO": ("co_alarm", UNSURE),  # so do CO and some gas detectors: a profile may say so
    "Panic": ("sos_alarm",),
    "PersonalAlarm": ("sos_alarm",),
    "Contact": (UNSURE,),
    "Movement": (UNSURE,),
    "Occupancy": (UNSURE,),
    "GlassBreak": (UNSURE,),
}
"""What the alarm bits of a zone mean beside its friendly key; alone they are the device's generic alarm."""
_NUMBERS: Final[Mapping[str, tuple[str, float]]] = {
    "BatteryPercentage": ("battery_percent", 1),
    "BatteryVoltage": ("battery_mv", 1000),
    "Temperature": ("temperature_c", 1),
    "LinkQuality": ("link_quality", 1),
}
_RAW: Final = ("0500<00", "0500?00")  # zone status change notification; the second sign is of older firmware
_STATUSES: Final = (*_RAW, "ZoneStatusChange", "ZoneStatus")
_COMMANDS: Final = {"0501!02": "sos_alarm", "0501!03": "manual_alarm", "0501!04": "sos_alarm"}
"""Of a button or keypad to its panel (IAS ACE): emergency, fire, panic."""
_ALARMS: Final = 0b11
_BITS: Final = {"tamper": 1 << 2, "battery_low": 1 << 3 | 1 << 9, "fault": 1 << 6}
_TEST: Final = 1 << 8


def understand(body: Mapping[str, Any]) -> Understood:
    said = Understood()
    for name, value in body.items():
        for quantity in ZONES.get(name, ()):
            take_bit(said, quantity, name, value)
    meant = tuple(said.values) or (GENERIC,)
    for status in _statuses(said, body):
        _take_zone(said, status, meant)
    for name, value in body.items():
        if name in _NUMBERS:
            quantity, scale = _NUMBERS[name]
            take_number(said, quantity, name, value, scale)
        elif name in _COMMANDS:
            said.bit(_COMMANDS[name], 1.0)
    said.sos = said.values.get("sos_alarm") == 1.0 or "0501!03" in body
    return said


def _take_zone(said: Understood, status: int | None, meant: tuple[str, ...]) -> None:
    for quantity in meant:
        said.bit(quantity, None if status is None else float(bool(status & _ALARMS)))
    if status is not None:
        for condition, mask in _BITS.items():
            said.bit(condition, float(bool(status & mask)))
        said.test = said.test or bool(status & _TEST)


def _statuses(said: Understood, body: Mapping[str, Any]) -> tuple[int | None, ...]:
    """Every zone status that can be read; one None when some were given and none of them can."""
    read: dict[int | None, str] = {}
    for name in _STATUSES:
        if name in body:
            read[_status(name, body[name])] = name
    if None in read:
        name = read[None]
        said.notes.append(f"{name}: {shown(body[name])!r} is no zone status")
    return tuple(status for status in read if status is not None or len(read) == 1)


def _status(name: str, value: object) -> int | None:
    """Of six bytes in hexadecimal the first two, least first; the friendly form is the number."""
    if name in _RAW:
        try:
            octets = bytes.fromhex(value) if isinstance(value, str) and len(value) <= 64 else b""
        except ValueError:
            return None
        return int.from_bytes(octets[:2], "little") if len(octets) >= 2 else None
    number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0xFFFF
    return value if number and isinstance(value, int) else None
