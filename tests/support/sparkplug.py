"""Sparkplug messages for tests, written byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

AT: Final = 1_790_000_000_000
"""Milliseconds."""
_VARINTS: Final[Mapping[str, int]] = {
    "alias": 2,
    "timestamp": 3,
    "datatype": 4,
    "is_historical": 5,
    "is_transient": 6,
    "is_null": 7,
    "int": 10,
    "long": 11,
    "boolean": 14,
}
BOOLEAN: Final = 11


def metric(**fields: str | float | bytes) -> bytes:
    """One metric, of the fields in their order: `metric(name="CO", datatype=9, float=3.5)`."""
    return b"".join(_field(name, value) for name, value in fields.items())


def flag(name: str, value: bool, **fields: str | float | bytes) -> bytes:
    return metric(name=name, datatype=BOOLEAN, boolean=value, **fields)


def payload(*metrics: bytes, timestamp: int | None = AT, seq: int | None = None) -> bytes:
    head = b"" if timestamp is None else b"\x08" + varint(timestamp)
    body = b"".join(b"\x12" + varint(len(one)) + one for one in metrics)
    return head + body + (b"" if seq is None else b"\x18" + varint(seq))


def varint(value: int) -> bytes:
    value %= 1 << 64
    out = []
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _field(name: str, value: str | float | bytes) -> bytes:
    if name in _VARINTS:
        return varint(_VARINTS[name] << 3) + varint(int(value))
    if name == "float":
        return b"\x65" + struct.pack("<f", value)
    if name == "double":
        return b"\x69" + struct.pack("<d", value)
    text = value if isinstance(value, bytes) else str(value).encode()
    number = {"name": 1, "properties": 9, "string": 15, "blob": 16}[name]
    return varint(number << 3 | 2) + varint(len(text)) + text
