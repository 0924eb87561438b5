"""What the history holds and how it is asked: samples, ranges, steps and the buckets that come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from devices.instant import HOUR, MINUTE, SECOND, Instant, Micros

MOST_BUCKETS = 20_000
FIRST: Instant = 0
LAST: Instant = 253_402_300_800 * SECOND
"""Year 10000, where calendars of every store end."""


class Sample(NamedTuple):
    """One reading as it is kept. Device, quantity, `at` and sequence name it: written twice, it is one.

    `at`: when it was measured (`Reading.measured_at`); `value`: None for unknown; `trust`: bits of
    devices.reading.Trust; `sequence`: of the log record that brought it.
    """

    device_id: str
    quantity: str
    at: Instant
    value: float | None
    trust: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Range:
    """One quantity of one device from `since` (included) to `until` (not). Raises ValueError."""

    device_id: str
    quantity: str
    since: Instant
    until: Instant

    def __post_init__(self) -> None:
        if not FIRST <= self.since <= self.until <= LAST:
            raise ValueError("a range begins in 1970 or later and ends after that, before the year 10000")


@dataclass(frozen=True, slots=True)
class Step:
    """How long a bucket is. Buckets begin at multiples of it since 1970, shifted by `offset_for`.

    Whole seconds; from a minute on whole minutes, the offset too (8 h for days of UTC+8). Raises ValueError.
    """

    length_for: Micros
    offset_for: Micros = 0

    def __post_init__(self) -> None:
        unit = SECOND if self.length_for < MINUTE else MINUTE
        if self.length_for < SECOND or self.length_for % unit or self.offset_for % unit:
            raise ValueError("a step is whole seconds, from one minute on whole minutes, and its offset too")

    def floor(self, at: Instant) -> Instant:
        """Beginning of the bucket that holds `at`."""
        return at - (at + self.offset_for) % self.length_for

    def starts(self, asked: Range) -> Iterator[Instant]:
        """Beginnings of all buckets that the range touches. Raises ValueError for more than MOST_BUCKETS."""
        first = self.floor(asked.since)
        if asked.until - first > MOST_BUCKETS * self.length_for:
            raise ValueError(f"more than {MOST_BUCKETS} buckets; ask for a longer step or a shorter range")
        return iter(range(first, asked.until, self.length_for))

    def whole(self, asked: Range) -> Range:
        """The range widened to whole buckets, within the calendar."""
        last = self.floor(asked.until - 1) + self.length_for if asked.until > asked.since else asked.until
        return Range(asked.device_id, asked.quantity, max(self.floor(asked.since), FIRST), min(last, LAST))

    @property
    def of_hours(self) -> bool:
        return self.length_for % HOUR == 0 and self.offset_for % HOUR == 0

    @property
    def of_minutes(self) -> bool:
        return self.length_for % MINUTE == 0


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was measured from `at` on for one step. `count` is of known values; 0 is a gap: all is None."""

    at: Instant
    min: float | None
    max: float | None
    mean: float | None
    count: int
