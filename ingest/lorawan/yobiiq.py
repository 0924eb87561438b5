"""Yobiiq SD-1001 smoke detectors on the mains: channel, type, value; about itself under channel 0xFF."""

from __future__ import annotations

from typing import Final

from ingest.lorawan.body import Body, Field, Table, bit, nothing, number, plain, present
from ingest.strict_json import shown
from ingest.understood import Understood, truth

_PORTS: Final = (8, 50)
_ABOUT: Final = 0xFF
_ABOUT_SIZES: Final = {0x09: 2, 0x0A: 2, 0x16: 5, 0x0F: 1, 0x0B: 1}  # versions, serial, class, mains
_MAINS: Final = 0x0B
_CHANNELS: Final = {
    0x01: "batteryLevelInPercentage",
    0x02: "powerEvent",
    0x03: "lowBatteryAlarm",
    0x04: "faultAlarm",
    0x05: "smokeAlarm",
    0x06: "interconnectAlarm",
    0x07: "testButtonPressed",
}


def read(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    if f_port not in (*_PORTS, None):
        return f"SD-1001: port {f_port}, expected {_PORTS[0]}; check the model of the device"
    if len(body) == 1:
        return nothing("an answer to a command, not a measurement")
    fields: list[Field] = []
    at = 0
    while at < len(body):
        size = _size(body[at : at + 2])
        value = body[at + 2 : at + 2 + size]
        if not size or len(value) < size:
            break
        if body[at] != _ABOUT:
            fields.append((_CHANNELS[body[at]], value[0]))
        elif body[at + 1] == _MAINS:
            fields.append(("powerEvent", value[0]))
        at += 2 + size
    if at == 0:
        return f"SD-1001: nothing can be read of {shown(body.hex(' '))}; check the model of the device"
    found = present(fields, FIELDS)
    if at < len(body):
        found[0].understood.notes.append(f"cut short, or unknown: from byte {at} on it was not read")
    return found


def _size(head: bytes) -> int:
    """Of the value behind a channel and a type; 0: not known."""
    if len(head) < 2:
        return 0
    return _ABOUT_SIZES.get(head[1], 0) if head[0] == _ABOUT else int(head[0] in _CHANNELS)


def _power(said: Understood, name: str, value: object) -> None:
    """It goes on with its battery for a while: somebody should look."""
    read = {"ac power off": 0.0, "ac power on": 1.0}.get(str(plain(value)), truth(value))
    said.bit("fault", None if read is None else 1.0 - read)
    if read == 0.0:
        said.notes.append("mains power is off")


def _interconnect(said: Understood, name: str, value: object) -> None:
    """A detector wired to this one alarms; that none does is no word about this one."""
    if truth(plain(value)) == 1.0:
        said.bit("smoke_alarm", 1.0)
        said.notes.append("a detector that is connected with this one raised the alarm")


def _tested(said: Understood, name: str, value: object) -> None:
    said.test = said.test or truth(plain(value)) == 1.0


FIELDS: Final[Table] = {
    "batteryLevelInPercentage": number("battery_percent"),
    "powerEvent": _power,
    "lowBatteryAlarm": bit("battery_low"),
    "faultAlarm": bit("fault"),
    "smokeAlarm": bit("smoke_alarm"),
    "interconnectAlarm": _interconnect,
    "testButtonPressed": _tested,
}
