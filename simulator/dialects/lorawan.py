"""What LoRaWAN detectors send by radio: a few bytes, the layout of which is known by the model alone.

TG563A smoke (5 bytes), Milesight EM300-ZLD leak, GS101 gas, EM500-SWL level and WS101 button (channel, type,
value, little endian). Layouts: payloads section 1.5 and the decoders that their makers publish.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from simulator.voice import Model, Values

HOUR_S: Final = 3_600.0


class Frame(NamedTuple):
    """The port and the bytes; the name by which a network server calls the model."""

    model: str
    port: int
    body: bytes


def _number(values: Values, quantity: str, otherwise: float) -> float:
    value = values.get(quantity)
    return otherwise if value is None else float(value)


def _smoke(values: Values) -> Frame:
    """Type and version, settings (bit 6 events on, period 1 h), degrees, two bytes of status."""
    mounted = not values.get("tamper")
    alarm, low = bool(values.get("smoke_alarm")), bool(values.get("battery_low"))
    warm = max(-40, min(80, round(_number(values, "temperature_c", 20.0))))
    body = struct.pack(">BBbBB", 0x10, 0x40, warm, int(mounted), int(alarm) | int(low) << 1)
    return Frame("TG563A", 1, body)


def _leak(values: Values) -> Frame:
    """01 75 battery, 03 67 tenths of a degree, 04 68 half percents of humidity, 05 00 leak."""
    battery = round(_number(values, "battery_percent", 90.0))
    warm = round(10 * _number(values, "temperature_c", 20.0))
    body = b"\x01\x75" + struct.pack("<B", battery) + b"\x03\x67" + struct.pack("<h", warm) + b"\x04\x68\x64"
    return Frame("EM300-ZLD", 85, body + b"\x05\x00" + bytes([bool(values.get("water_leak_alarm"))]))


def _gas(values: Values) -> Frame:
    """05 8E gas, 06 01 valve, 07 01 relay, 08 90 seconds of life left."""
    gas = bytes([bool(values.get("gas_alarm"))])
    body = b"\x05\x8e" + gas + b"\x06\x01\x00\x07\x01\x00\x08\x90" + struct.pack("<I", 90_000_000)
    return Frame("GS101", 85, body)


def _level(values: Values) -> Frame:
    """01 75 battery, 03 77 depth in centimetres."""
    depth = max(0, round(_number(values, "water_level_mm", 0.0) / 10))
    return Frame("EM500-SWL", 85, struct.pack("<2sB2sH", b"\x01\x75", 90, b"\x03\x77", depth))


def _button(values: Values) -> Frame:
    """01 75 battery, FF 2E long press (2) when it was pressed."""
    pressed = b"\xff\x2e\x02" if values.get("sos_alarm") else b""
    return Frame("WS101", 85, b"\x01\x75\x5a" + pressed)


FRAMES: Final[Mapping[str, Callable[[Values], Frame]]] = {
    "smoke": _smoke,
    "water_leak": _leak,
    "gas": _gas,
    "water_level": _level,
    "sos": _button,
}
MODELS: Final[Mapping[str, Model]] = {
    "smoke": Model("hourly-smoke", ("smoke_alarm", "temperature_c", "battery_low", "tamper"), HOUR_S),
    "water_leak": Model("hourly-water-leak", ("water_leak_alarm", "battery_percent"), HOUR_S),
    "gas": Model("hourly-gas", ("gas_alarm",), HOUR_S),
    "water_level": Model("hourly-water-level", ("water_level_mm",), HOUR_S),
    "sos": Model("daily-sos", (), 12 * HOUR_S),
}


def eui(device: str, number: int) -> str:
    """A DevEUI in lower case, of its own for each device."""
    return f"24e124{number:010x}"


def uuid(chance: random.Random) -> str:
    """A random name in the form of a UUID."""
    text = f"{chance.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
