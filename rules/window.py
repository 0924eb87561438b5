"""Bounded memory of readings: what one rule remembers of one quantity of one device."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from devices.instant import Instant, Micros
from devices.reading import Reading
from rules.verdict import Evidence


class Sample(NamedTuple):
    """`t` is the window's own time, which only goes forward; `at` and `sequence` name the log record."""

    t: Instant
    value: float
    at: Instant
    sequence: int


class WindowState(NamedTuple):
    lows: tuple[Sample, ...]
    last: Sample | None
    measured_at: Instant


class Window:
    """The smallest value within a length of time, of samples at least `least_for` apart.

    A low counts when its predecessor does not contradict it: the higher of two neighbours is kept, so one
    wild sample (a dropout to zero) is no low. `lows` is a monotone queue: times and values both increase, its
    first is the smallest, and it never holds more than length / least_for samples.

    Time is the device's where it advances; where it does not (frozen, stepped back, out of order) the
    engine's time counts instead, so that a broken clock cannot stop the window (promise P15).
    """

    __slots__ = ("_last", "_least_for", "_length", "_measured_at", "against", "lows")

    def __init__(self, length: Micros, least_for: Micros) -> None:
        self._length = length
        self._least_for = least_for
        self.lows: deque[Sample] = deque()
        self._last: Sample | None = None
        self._measured_at: Instant = 0
        self.against: Sample | None = None  # what the newest sample was last compared with

    def rise(self, value: float, reading: Reading) -> float | None:
        """Take a sample; the newest minus the smallest, or None while one sample is all there is.

        After a gap longer than the window it is the average rise per window: an average over the limit
        means that somewhere in the gap the limit was reached.
        """
        last = self._last
        if last is None:
            self._keep(Sample(reading.measured_at, value, reading.at, reading.sequence), reading)
            return None
        gap = reading.measured_at - self._measured_at
        if gap <= 0:
            gap = reading.at - last.at
        t = last.t + gap
        self._expire(t - self._length)
        if gap >= self._least_for:
            sample = Sample(t, value, reading.at, reading.sequence)
            self._note_low(last, sample, gap)
            self._keep(sample, reading)
        if gap > self._length:
            self.against = last
            return (value - last.value) * self._length / gap
        if not self.lows:
            return None
        self.against = self.lows[0]
        return value - self.against.value

    def _keep(self, sample: Sample, reading: Reading) -> None:
        self._last = sample
        self._measured_at = reading.measured_at

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

    def state(self) -> WindowState:
        return WindowState(tuple(self.lows), self._last, self._measured_at)

    def load(self, state: WindowState) -> None:
        self.lows = deque(state.lows)
        self._last, self._measured_at = state.last, state.measured_at


class MemoryState(NamedTuple):
    met: bool | None
    facts: tuple[Evidence, ...]
    window: WindowState | None


class Memory:
    """`met`: whether this part's condition holds, None while unknown; `facts` are what that rests on."""

    __slots__ = ("facts", "met", "window")

    def __init__(self, window: Window | None = None) -> None:
        self.met: bool | None = None
        self.facts: tuple[Evidence, ...] = ()
        self.window = window

    def state(self) -> MemoryState:
        return MemoryState(self.met, self.facts, self.window.state() if self.window else None)

    def load(self, state: MemoryState) -> None:
        self.met, self.facts = state.met, state.facts
        if self.window is not None and state.window is not None:
            self.window.load(state.window)
