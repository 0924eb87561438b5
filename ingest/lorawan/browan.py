"""Browan TABS water leak sensor (TBWL100): 5 bytes on port 106.

Bit 0 of the first says wet (its reference manual, 4.1.3). A decoder in use tells no leak at all, only the
bytes (trap 20).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.lorawan.body import Body, Field, Table, bit, number, present, unexpected, volts
from ingest.understood import Understood

_PORT: Final = 106
_SIZE: Final = 5
_BATTERIES: Final = range(1, 15)  # of the battery nibble


def read(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    if f_port not in (_PORT, None):
        return f"TBWL100: port {f_port}, expected {_PORT}; check the model of the device"
    if len(body) != _SIZE:
        return unexpected("TBWL100", len(body), str(_SIZE))
    if not any(body):
        return "TBWL100: all bytes are zero, which it never measures"
    return present(_fields(body), FIELDS)


def _fields(body: bytes) -> Iterator[Field]:
    yield "status", body[0] & 1
    battery = body[1] & 0x0F
    yield "battery", (25 + battery) / 10 if battery in _BATTERIES else None
    yield "temperature", (body[4] & 0x7F) - 32


def _bytes(said: Understood, name: str, value: object) -> None:
    if isinstance(value, list) and len(value) == _SIZE and isinstance(value[0], (int, float)) and any(value):
        said.bit("water_leak_alarm", float(int(value[0]) & 1) if 0 <= value[0] <= 255 else None)


FIELDS: Final[Table] = {
    "bytes": _bytes,
    "status": bit("water_leak_alarm"),
    "battery": volts,
    "temperature": number("temperature_c"),
}
