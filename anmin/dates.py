"""Dates that people write, as instants: noon of that day, UTC, which is the same day nearly everywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from devices.instant import SECOND, Instant

_DATE = re.compile(r"\s*(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?\s*")


def instant_of(text: str) -> Instant | None:
    """Of `2026-05-31`, `2026/5/31`, `2026年5月31日`; None for what is no date."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        noon = datetime(int(match[1]), int(match[2]), int(match[3]), 12, tzinfo=UTC)
    except ValueError:
        return None
    return int(noon.timestamp()) * SECOND


def date_of(at: Instant) -> str:
    """`2026-05-31`."""
    return datetime.fromtimestamp(at // SECOND, UTC).date().isoformat()
