"""When a device says that it measured. A bad clock is never a reason to lose an alarm (reliability S29)."""

from __future__ import annotations

from typing import Final

from devices.instant import Instant, parse_rfc3339

UNREADABLE: Final[Instant] = 0
"""A time was given that says nothing: so long ago that admission believes it no more than a wrong clock."""
_LATEST_MS: Final = 253_402_300_799_999  # the end of year 9999


def device_time(said: object) -> Instant | None:
    """From a text with a zone or milliseconds; None when nothing was said, UNREADABLE for anything else."""
    if said is None:
        return None
    if isinstance(said, str):
        return _of_text(said)
    if isinstance(said, (int, float)) and not isinstance(said, bool) and 0 <= said <= _LATEST_MS:
        return int(said * 1000)
    return UNREADABLE


def _of_text(text: str) -> Instant:
    try:
        return parse_rfc3339(text)
    except ValueError:
        number = text.strip()
        digits = number.isascii() and number.isdigit() and len(number) <= len(str(_LATEST_MS))
        return int(number) * 1000 if digits else UNREADABLE
