"""One kind of time for the whole pure core: whole microseconds since 1970-01-01 UTC.

Integers compare and subtract exactly, so a replay is the same history to the last digit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Instant: TypeAlias = int
"""Microseconds since the Unix epoch, UTC."""
Micros: TypeAlias = int
"""A length of time in microseconds."""

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def instant(moment: datetime) -> Instant:
    """The instant of an aware datetime; a naive one is a bug and raises TypeError."""
    return (moment - _EPOCH) // _TICK


def moment(at: Instant) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + at * _TICK


def rfc3339(at: Instant) -> str:
    """`2026-11-23T03:00:00.250Z`: milliseconds, always UTC (API convention)."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> Instant:
    """The instant of an RFC 3339 text with a zone. Raises ValueError, also when the zone is missing."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"time without a zone: {text!r}")
    return instant(parsed)
