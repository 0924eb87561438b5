"""The time of one quantity of one device: it only goes forward, whatever the device's clock does."""

from __future__ import annotations

from devices.instant import Instant, Micros
from devices.reading import Reading, Trust
from rules.memory import Row

NO_TREND = int(Trust.QUEUED | Trust.RETAINED | Trust.WARMUP | Trust.STALE)
"""Readings whose time says nothing about when the value was so."""


class Elapsed:
    """Time is the device's where it advances; where it does not (frozen, stepped back, out of order) the
    engine's time counts instead, so that a broken clock cannot stop what is measured (promise P15).

    `t` is the time of the last reading that was kept; 0 before the first.
    """

    __slots__ = ("_at", "_measured_at", "t")

    def __init__(self) -> None:
        self.t: Instant = 0
        self._at: Instant = 0
        self._measured_at: Instant = 0

    def since(self, reading: Reading) -> Micros:
        """How long after the last kept reading this one is; 0 for the first."""
        if not self.t:
            return 0
        gap = reading.measured_at - self._measured_at
        return gap if gap > 0 else reading.at - self._at

    def keep(self, reading: Reading) -> Instant:
        """Go on to this reading; its `t`."""
        self.t = self.t + self.since(reading) if self.t else reading.measured_at
        self._at, self._measured_at = reading.at, reading.measured_at
        return self.t

    def row(self) -> Row:
        return (self.t, self._at, self._measured_at)

    def load(self, row: Row) -> None:
        self.t, self._at, self._measured_at = (int(part) for part in row)


def no_trend(reading: Reading) -> bool:
    """Whether the reading says what is so, but not since when."""
    return reading.trust != 0 and bool(int(reading.trust) & NO_TREND)
