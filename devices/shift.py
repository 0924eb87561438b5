"""Hours in which somebody is on duty, as people write them: `mon-fri 08:00-18:00`, `22:00-06:00`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from devices.instant import DAY, MINUTE, Instant, Micros

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TEXT: Final = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+)?(?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)"
)
_A_DAY: Final = 24 * 60
_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From `begins` to `ends`, minutes of the local day, on days from `first` to `last` (0 is Monday).

    One that ends before it begins goes on into the next day. Equal ones are the whole day.
    """

    first: int
    last: int
    begins: int
    ends: int

    @classmethod
    def of(cls, text: str) -> Shift:
        """Raises ValueError for what is no shift."""
        found = _TEXT.fullmatch(text.strip().lower())
        days = (found["first"], found["last"]) if found else ("", "")
        if found is None or any(day and day not in DAYS for day in days):
            raise ValueError(f"`{text}` is no shift: write `mon-fri 08:00-18:00` or `22:00-06:00`")
        first = DAYS.index(found["first"]) if found["first"] else 0
        last = DAYS.index(found["last"]) if found["last"] else first if found["first"] else 6
        return cls(first, last, _minutes(found["from"]), _minutes(found["to"]))

    def __str__(self) -> str:
        days = "" if (self.first, self.last) == (0, 6) else DAYS[self.first]
        if days and self.last != self.first:
            days += f"-{DAYS[self.last]}"
        return f"{days} {_clock(self.begins)}-{_clock(self.ends)}".strip()

    def covers(self, day: int, minute: int) -> bool:
        """Whether somebody with this shift is on duty then."""
        if self.begins < self.ends:
            return self._on(day) and self.begins <= minute < self.ends
        return (self._on(day) and minute >= self.begins) or (self._on((day - 1) % 7) and minute < self.ends)

    def _on(self, day: int) -> bool:
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


def on_duty(shifts: Iterable[Shift], at: Instant, utc_offset_for: Micros) -> bool:
    """Always, where there are none."""
    local = at + utc_offset_for
    day, minute = (local // DAY + _MONDAY) % 7, local % DAY // MINUTE
    found = tuple(shifts)
    return not found or any(shift.covers(day, minute) for shift in found)


def _minutes(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    if hours * 60 + minutes > _A_DAY or minutes > 59:
        raise ValueError(f"`{clock}` is no time of day")
    return (hours * 60 + minutes) % _A_DAY


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
