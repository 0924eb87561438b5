"""Sparkplug B payloads byte by byte: a few fields of protobuf, read without a library and within bounds.

Field numbers and datatypes are those of sparkplug_b.proto (Eclipse Sparkplug 3.0). What is not read
(metadata, properties, data sets, templates) is stepped over by its length.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from ingest.message import Reason

MAX_BYTES: Final = 256 * 1024
"""A birth holds every metric of a node, so it may be longer than a message in JSON."""
MAX_METRICS: Final = 10_000
REBIRTH: Final = "Node Control/Rebirth"

Value: TypeAlias = int | float | bool | str | None


class Datatype:
    """The numbers of the datatypes that we read; UNTOLD: the message leaves it to the birth."""

    UNTOLD: Final = 0
    DOUBLE: Final = 10
    BOOLEAN: Final = 11
    TEXTS: Final = frozenset({12, 14})  # String, Text
    NUMBERS: Final = frozenset(range(1, 11))  # Int8 to UInt64, Float, Double


class Metric(NamedTuple):
    """One metric as it came. `field` says which of the value fields it had (0: none, SEVERAL: more than one).

    `timestamp` is in milliseconds since 1970, UTC. Integers are as on the wire, without their sign.
    """

    name: str | None = None
    alias: int | None = None
    timestamp: int | None = None
    datatype: int = Datatype.UNTOLD
    is_historical: bool = False
    is_transient: bool = False
    is_null: bool = False
    field: int = 0
    value: Value = None


class Payload(NamedTuple):
    """`seq` None: absent, which some encoders make of 0."""

    timestamp: int | None
    metrics: tuple[Metric, ...]
    seq: int | None
    uuid: str | None = None
    body: bytes | None = None


class NotPayload(ValueError):
    """Bytes that are no Sparkplug payload, and why."""

    def __init__(self, detail: str, reason: Reason = Reason.MALFORMED) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def read(data: bytes) -> Payload:
    """The payload of any message but STATE. Raises NotPayload, and nothing else."""
    if len(data) > MAX_BYTES:
        raise NotPayload(f"{len(data)} bytes; at most {MAX_BYTES} are taken", Reason.TOO_LARGE)
    found, metrics = _scan(data)
    if not found.keys() <= _OF_PAYLOAD:
        _check(found, _OF_PAYLOAD, "a payload")
    if len(metrics) > MAX_METRICS:
        raise NotPayload(f"{len(metrics)} metrics; at most {MAX_METRICS} are taken", Reason.TOO_LARGE)
    if not metrics and _TIMESTAMP not in found and _SEQ not in found:
        raise NotPayload("neither timestamp nor seq nor metrics: no Sparkplug payload")
    get = found.get
    return Payload(get(_TIMESTAMP), tuple(map(_metric, metrics)), get(_SEQ), _text(get(_UUID)), get(_BODY))


def rebirth(timestamp: int | None) -> bytes:
    """What a node command says to be told everything anew, at a time in milliseconds if there is one."""
    at = b"" if timestamp is None or not 0 <= timestamp < _TOO_BIG else _varint(timestamp)
    name = REBIRTH.encode()
    metric = b"\x0a" + _varint(len(name)) + name + (b"\x18" + at if at else b"")
    metric += b"\x20" + _varint(Datatype.BOOLEAN) + b"\x70\x01"
    return (b"\x08" + at if at else b"") + b"\x12" + _varint(len(metric)) + metric


# Values -----------------------------------------------------------------------------------------------------


SEVERAL: Final = -1
_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING = range(10, 16)
_FIELDS_OF: Final[Mapping[int, tuple[int, ...]]] = {
    **dict.fromkeys(range(1, 9), (_INT, _LONG)),
    **dict.fromkeys((9, 10), (_FLOAT, _DOUBLE)),
    11: (_BOOLEAN,),
    **dict.fromkeys((12, 14), (_STRING,)),
}
_SIGNED: Final[Mapping[int, int]] = {1: 8, 2: 16, 3: 32, 4: 64}


def value_of(metric: Metric, datatype: int) -> tuple[Value, str]:
    """The value by the datatype of the metric (or of its birth), and what is wrong if there is none.

    Null is no value and nothing wrong.
    """
    if metric.is_null:
        return None, ""
    if metric.field <= 0:
        return None, "it has no value" if metric.field == 0 else "it has several values: which one counts?"
    if datatype == Datatype.UNTOLD:
        return metric.value, "" if metric.field <= _STRING else "its value is of a kind that we do not read"
    if metric.field not in _FIELDS_OF.get(datatype, ()):
        return None, f"its value does not fit its datatype {datatype}"
    if datatype in _SIGNED and isinstance(metric.value, int):
        return _signed(metric.value, _SIGNED[datatype])
    return metric.value, ""


def _signed(value: int, bits: int) -> tuple[Value, str]:
    """Negative integers come in as many bits as they have, or in all of the field's: all are understood."""
    for size in (bits, 32, 64):
        if value < 1 << size:
            read = value - (1 << size) if value >> (size - 1) else value
            if -(1 << (bits - 1)) <= read < 1 << (bits - 1):
                return read, ""
    return None, f"{value} does not fit into its {bits} bits"


# Bytes ------------------------------------------------------------------------------------------------------


def _text(raw: bytes | None) -> str | None:
    return raw.decode("utf-8", "replace") if raw is not None else None


_VARINT, _LENGTH = 0, 2
_SIZES: Final[Mapping[int, int]] = {1: 8, 5: 4}
_TIMESTAMP, _METRICS, _SEQ, _UUID, _BODY = 0x08, 0x12, 0x18, 0x22, 0x2A
_OF_PAYLOAD: Final = frozenset({_TIMESTAMP, _METRICS, _SEQ, _UUID, _BODY})
_NAME, _ALIAS, _AT, _DATATYPE, _HISTORICAL, _TRANSIENT, _NULL = 0x0A, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38
_UNREAD: Final = frozenset({0x42, 0x4A})  # metadata, properties
_PLAIN: Final = frozenset({_NAME, _ALIAS, _AT, _DATATYPE, _HISTORICAL, _TRANSIENT, _NULL}) | _UNREAD
_FLOATING, _DOUBLING, _BOOL, _WORDS = 0x65, 0x69, 0x70, 0x7A
_BLOBS: Final = frozenset({130, 138, 146, 154})
_VALUES: Final = frozenset({0x50, 0x58, _FLOATING, _DOUBLING, _BOOL, _WORDS}) | _BLOBS
_OF_METRIC: Final = _PLAIN | _VALUES
_TOO_BIG: Final = 1 << 64
_float: Final = struct.Struct("<f").unpack
_double: Final = struct.Struct("<d").unpack
_READ: Final[Mapping[int, Callable[[Any], Value]]] = {
    0x50: int,
    0x58: int,
    _FLOATING: lambda raw: float(_float(raw)[0]),
    _DOUBLING: lambda raw: float(_double(raw)[0]),
    _BOOL: bool,
    _WORDS: _text,
}


def _metric(data: bytes) -> Metric:
    found, others = _scan(data)
    field, value, odd = 0, None, bool(others)
    for key in found:
        if key in _VALUES:
            read = _READ.get(key)
            value = found[key] if read is None or field else read(found[key])
            field = key >> 3 if field == 0 else SEVERAL
        elif key not in _PLAIN:
            odd = True
    if odd:
        _check((*found, _METRICS) if others else found, _OF_METRIC, "a metric")
    if field == SEVERAL or field > _STRING:
        value = None
    get = found.get
    return Metric(
        _text(get(_NAME)),
        get(_ALIAS),
        get(_AT),
        get(_DATATYPE) or Datatype.UNTOLD,
        bool(get(_HISTORICAL)),
        bool(get(_TRANSIENT)),
        bool(get(_NULL)),
        field,
        value,
    )


def _scan(data: bytes) -> tuple[dict[int, Any], list[bytes]]:
    """Every field by number << 3 | wire type (the last of each counts), and those that are metrics.

    By the wire type a value is an integer (0) or bytes.
    """
    found: dict[int, Any] = {}
    metrics: list[bytes] = []
    at, end = 0, len(data)
    try:
        while at < end:
            key = data[at]
            at += 1
            if key >= 0x80:
                key, at = _long(data, at, key)
            wire = key & 7
            if wire == _VARINT or wire == _LENGTH:  # noqa: SIM109 this runs for every field
                number = data[at]
                at += 1
                if number >= 0x80:
                    number, at = _long(data, at, number)
                if wire == _VARINT:
                    found[key] = number
                    continue
                stop = at + number
            else:
                stop = at + _SIZES[wire]
            if stop > end:
                raise NotPayload(
                    f"cut short: {stop - end} bytes of field {key >> 3} at byte {at} are missing"
                )
            if key == _METRICS:
                metrics.append(data[at:stop])
            else:
                found[key] = data[at:stop]
            at = stop
    except IndexError:
        raise NotPayload(f"cut short: the message ends within a field, at byte {end}") from None
    except KeyError:
        raise NotPayload(f"byte {at}: {wire} is no way to write a field of Sparkplug") from None
    return found, metrics


def _long(data: bytes, at: int, first: int) -> tuple[int, int]:
    """The rest of a number of several bytes: its value, and where the next thing begins."""
    value, shift = first & 0x7F, 7
    while shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value < _TOO_BIG:
                return value, at
            break
        shift += 7
    raise NotPayload(f"byte {at}: a number that does not end, or of more than 64 bits")


def _check(found: Iterable[int], known: Collection[int], what: str) -> None:
    """A field of ours that is written in another way is none of ours: nobody knows what it says."""
    numbers = {key >> 3 for key in known}
    for key in found:
        if key < 8 or (key not in known and key >> 3 in numbers):
            raise NotPayload(
                f"field {key >> 3} of {what} is written in a way (type {key & 7}) that it has not"
            )


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))
