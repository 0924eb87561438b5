"""MClimate Flood Sensor: two bytes, or three with a temperature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.lorawan.body import Body, Field, Table, bit, number, present, unexpected, volts
from ingest.understood import Understood

_SIZES: Final = (2, 3)
_REASONS: Final = ("keepalive", "testButtonPressed", "floodDetected", "fraudDetected")
_MV: Final = 16  # a step of the battery byte


def read(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    if len(body) not in _SIZES:
        return unexpected("MClimate flood", len(body), "2 or 3")
    return present(_fields(body), FIELDS)


def _fields(body: bytes) -> Iterator[Field]:
    reason = body[0] >> 5
    yield "flood", body[0] >> 1 & 1
    yield "reason", _REASONS[reason] if reason < len(_REASONS) else reason
    yield "boxTamper", body[0] >> 3 & 1
    yield "battery", body[1] * _MV
    if len(body) == 3:
        yield "temperature", body[2]


def _reason(said: Understood, name: str, value: object) -> None:
    """Why it sent. A press of its test button takes nothing from a flood that it sees at the same time."""
    if value == "testButtonPressed":
        said.test = said.values.get("water_leak_alarm") != 1.0
        said.notes.append("its test button was pressed")
    elif value == "floodDetected" and said.values.get("water_leak_alarm") == 0.0:
        said.values["water_leak_alarm"] = None
        said.notes.append("sent because of a flood, with its flood bit off: which one counts?")
    elif value == "fraudDetected":
        said.notes.append("somebody tampers with it")
    elif value not in _REASONS:
        said.notes.append("sent for a reason that we do not know")


FIELDS: Final[Table] = {
    "flood": bit("water_leak_alarm"),
    "reason": _reason,
    "boxTamper": bit("tamper"),
    "battery": volts,
    "temperature": number("temperature_c"),
}
