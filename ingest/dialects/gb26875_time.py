"""The six bytes of a time in GB/T 26875.3: no zone, no century, and in one of two encodings, unannounced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from devices.instant import Instant, instant, moment

LENGTH: Final = 6
REFERENCE: Final[Instant] = instant(datetime(2030, 1, 1, tzinfo=UTC))
"""Taken when both readings are times and nothing better is known: right for clocks of 2025 to 2035."""
_CENTURY: Final = 2000
_NOT_A_DIGIT: Final = bytes(byte for byte in range(256) if byte >> 4 > 9 or byte & 15 > 9)
_OF_BCD: Final = bytes((byte >> 4) * 10 + (byte & 15) & 255 for byte in range(256))


class Tagged(NamedTuple):
    """`local` is the time as the device says it, in its own zone, counted as if that were UTC."""

    local: Instant
    bcd: bool


def read_time(raw: bytes, reference: Instant = REFERENCE) -> Tagged | None:
    """Second, minute, hour, day, month, year: binary as the standard says, or BCD as some devices do.

    Of two readings that are both times the one nearest `reference` (local, as `Tagged.local`) is taken; None
    when neither is one: a clock that was never set says zeros or FF.
    """
    binary = _instant(raw)
    decimal = None if raw.translate(None, _NOT_A_DIGIT) != raw else _instant(raw.translate(_OF_BCD))
    if decimal is None or (binary is not None and abs(binary - reference) <= abs(decimal - reference)):
        return None if binary is None else Tagged(binary, False)
    return Tagged(decimal, True)


def write_time(local: Instant, bcd: bool = False) -> bytes:
    """Six bytes for a local time, counted as if it were UTC; years 2000 to 2099."""
    at = moment(local)
    parts = (at.second, at.minute, at.hour, at.day, at.month, at.year % 100)
    return bytes(part // 10 * 16 + part % 10 for part in parts) if bcd else bytes(parts)


def _instant(parts: bytes) -> Instant | None:
    if len(parts) != LENGTH or parts[5] > 99:
        return None
    second, minute, hour, day, month, year = parts
    try:
        return instant(datetime(_CENTURY + year, month, day, hour, minute, second, tzinfo=UTC))
    except ValueError:
        return None
