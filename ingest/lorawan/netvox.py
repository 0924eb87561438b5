"""Netvox: eleven bytes on port 6 that name the device type themselves; bit 7 of the voltage: battery low."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ingest.lorawan.body import (
    Body,
    Field,
    Reader,
    Table,
    bit,
    nothing,
    number,
    present,
    press,
    unexpected,
    volts,
)
from ingest.understood import Understood

_SIZE: Final = 11
_DATA: Final = 6
_LOW: Final = "(low battery)"
_ANSWERS: Final = (7, 13)  # to commands that set the intervals, or how long a button must be pressed


class _Type(NamedTuple):
    """A device type: its name, what bytes 4 and on say, and whether a temperature in tenths is in 6 and 7."""

    name: str
    alarms: tuple[str, ...]
    has_temperature: bool = False


_TYPES: Final = {
    0x0A: _Type("RA02A", ("FireAlarm", "HighTempAlarm"), has_temperature=True),
    0x11: _Type("RA02C", ("COAlarm", "HighTempAlarm")),
    0x10: _Type("RB02I", ("Alarm",)),
    0x46: _Type("R718WA2", ("WaterLeak_1", "WaterLeak_2")),
}


def reader(model: str) -> Reader:
    """`model` as Netvox writes it: a body of another type is read as what it says it is, with a note."""

    def read(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
        if f_port in _ANSWERS:
            return nothing("an answer to a command, not a measurement")
        if f_port not in (_DATA, None):
            return f"{model}: port {f_port}, expected {_DATA}; check the model of the device"
        if len(body) != _SIZE:
            return unexpected(model, len(body), str(_SIZE))
        device = _TYPES.get(body[1])
        if device is None:
            return f"{model}: device type 0x{body[1]:02x} is not one we read; check the model of the device"
        if body[2] == 0:
            return nothing("started: hardware and software version, no measurement")
        if body[2] != 1:
            return f"{model}: report type {body[2]} is not one we read"
        found = present(_fields(device, body), FIELDS)
        if device.name != model:
            found[0].understood.notes.append(f"registered as {model}, but says that it is a {device.name}")
        return found

    return read


def _fields(device: _Type, body: bytes) -> Iterator[Field]:
    volt = (body[3] & 0x7F) / 10
    yield "Volt", f"{volt}{_LOW}" if body[3] & 0x80 else volt
    for place, name in enumerate(device.alarms, 4):
        yield name, body[place] != 0
    if device.has_temperature:
        yield "Temp", int.from_bytes(body[6:8], "big", signed=True) / 10


def _volt(said: Understood, name: str, value: object) -> None:
    low = isinstance(value, str) and value.endswith(_LOW)
    volts(said, name, value.removesuffix(_LOW) if isinstance(value, str) else value)
    said.bit("battery_low", 1.0 if low else 0.0 if said.values["battery_mv"] is not None else None)


FIELDS: Final[Table] = {
    "Volt": _volt,
    "FireAlarm": bit("smoke_alarm"),
    "HighTempAlarm": bit("heat_alarm"),
    "COAlarm": bit("co_alarm"),
    "Alarm": press,
    "WaterLeak_1": bit("water_leak_alarm"),
    "WaterLeak_2": bit("water_leak_alarm"),
    "Temp": number("temperature_c"),
}
