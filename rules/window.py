"""The smallest value of the last minute or so: what a rise is measured from."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from devices.instant import Instant, Micros
from devices.reading import Reading
from rules.elapsed import Elapsed
from rules.memory import Rows


class Sample(NamedTuple):
    """`t` is the window's own time, which only goes forward; `at` and `sequence` name the log record."""

    t: Instant
    value: float
    at: Instant
    sequence: int


class Window:
    """The smallest value within a length of time, of samples at least `least_for` apart.

    A low counts when its predecessor does not contradict it: the higher of two neighbours is kept, so one
    wild sample (a dropout to zero) is no low. `lows` is a monotone queue: times and values both increase, its
    first is the smallest, and it never holds more than length / least_for samples.
    """

    __slots__ = ("_last", "_least_for", "_length", "_time", "against", "lows", "rose")

    def __init__(self, length: Micros, least_for: Micros) -> None:
        self._length = length
        self._least_for = least_for
        self.lows: deque[Sample] = deque()
        self._last: Sample | None = None
        self._time = Elapsed()
        self.against: Sample | None = None  # what the newest sample was last compared with
        self.rose: float | None = None  # and what came of that

    def rise(self, value: float, reading: Reading) -> float | None:
        """Take a sample; the newest minus the smallest, or None while one sample is all there is.

        After a gap longer than the window it is the average rise per window: an average over the limit
        means that somewhere in the gap the limit was reached.
        """
        self.rose = self._rise(value, reading)
        return self.rose

    def _rise(self, value: float, reading: Reading) -> float | None:
        last = self._last
        if last is None:
            self._last = Sample(self._time.keep(reading), value, reading.at, reading.sequence)
            return None
        gap = self._time.since(reading)
        self._expire(last.t + gap - self._length)
        if gap >= self._least_for:
            sample = Sample(self._time.keep(reading), value, reading.at, reading.sequence)
            self._note_low(last, sample, gap)
            self._last = sample
        if gap > self._length:
            self.against = last
            return (value - last.value) * self._length / gap
        if not self.lows:
            return None
        self.against = self.lows[0]
        return value - self.against.value

    def _expire(self, before: Instant) -> None:
        lows = self.lows
        while lows and lows[0].t < before:
            lows.popleft()

    def _note_low(self, last: Sample, sample: Sample, gap: Micros) -> None:
        if last.value > sample.value:
            if gap > self._length:
                return  # too long ago to speak for or against it: its successor will
            low = last._replace(t=sample.t)
        else:
            low = sample
        lows = self.lows
        while lows and lows[-1].value >= low.value:
            lows.pop()
        lows.append(low)

    def rows(self) -> Rows:
        return () if self._last is None else (self._time.row(), self._last, *self.lows)

    def load(self, rows: Rows) -> None:
        time, last, *lows = rows
        self._time.load(time)
        self._last = _sample(last)
        self.lows = deque(_sample(low) for low in lows)


def _sample(row: tuple[int | float, ...]) -> Sample:
    t, value, at, sequence = row
    return Sample(int(t), value, int(at), int(sequence))
