"""The only clock: wall time at start plus monotonic time, never backwards. All others are told the time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple, Protocol

from devices.instant import SECOND, Instant, Micros

_Nanoseconds = Callable[[], int]
_LONGEST_NAP_S = 3600.0


class Timepiece(Protocol):
    """What tells the time to the edges of the application."""

    def now(self) -> Instant: ...

    async def sleep_until(self, at: Instant) -> None:
        """Return once `now()` >= `at`; at once when it is past."""


class Clock:
    """Engine time. `now()` never goes back and never jumps, whatever happens to the wall clock.

    `not_before`: the last instant of an earlier run (the log's `last_at`), in case the wall clock is behind.
    A step of the wall clock is reported by `step()` and changes nothing: moving engine time forward would
    make every hold and deadline due at once. It is taken over at the next start.
    """

    def __init__(
        self,
        *,
        not_before: Instant = 0,
        wall: _Nanoseconds = time.time_ns,
        monotonic: _Nanoseconds = time.monotonic_ns,
        tolerance: Micros = SECOND,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._tolerance = tolerance
        began = max(wall() // 1000, not_before)
        self._origin = began - monotonic() // 1000
        self._known = self.behind

    def now(self) -> Instant:
        return self._origin + self._monotonic() // 1000

    @property
    def behind(self) -> Micros:
        """Wall clock minus engine time: positive when the wall clock was put forward."""
        return self._wall() // 1000 - self.now()

    def step(self) -> Micros | None:
        """How far the wall clock was stepped since the last call, None when it was not.

        Slewing (NTP) moves both clocks and is no step; a machine that slept shows as a step forward.
        """
        behind = self.behind
        if abs(moved := behind - self._known) < self._tolerance:
            return None
        self._known = behind
        return moved

    async def sleep_until(self, at: Instant) -> None:
        await _nap_until(self.now, at, speed=1.0)


class ScaledClock:
    """A replay's time: starts at `start` and runs `speed` times as fast as the clock below it."""

    def __init__(self, speed: float, start: Instant, base: Timepiece | None = None) -> None:
        if not speed > 0:
            raise ValueError(f"a clock's speed is above zero, not {speed}")
        self.speed = speed
        self._start = start
        self._base: Timepiece = base or Clock()
        self._began = self._base.now()

    def now(self) -> Instant:
        return self._start + int((self._base.now() - self._began) * self.speed)

    async def sleep_until(self, at: Instant) -> None:
        await _nap_until(self.now, at, speed=self.speed)


class _Leg(NamedTuple):
    at: Instant
    real: Instant
    speed: float


class PacedClock(ScaledClock):
    """A scaled clock whose speed may change on the way; time stays continuous."""

    def __init__(self, speed: float, start: Instant, base: Timepiece) -> None:
        super().__init__(speed, start, base)
        self._real = base
        self._legs = [_Leg(start, base.now(), speed)]

    def now(self) -> Instant:
        leg = self._legs[-1]
        return leg.at + int((self._real.now() - leg.real) * leg.speed)

    def pace(self, speed: float) -> None:
        """Go on from here at another speed."""
        if speed == self.speed:
            return
        real = self._real.now()
        leg = self._legs[-1]
        self._legs.append(_Leg(leg.at + int((real - leg.real) * leg.speed), real, speed))
        self.speed = speed

    def real(self, at: Instant) -> Instant:
        """When an instant of the replay was, by the clock below."""
        leg = self._legs[max(bisect_right(self._legs, at, key=lambda leg: leg.at) - 1, 0)]
        return leg.real + int((at - leg.at) / leg.speed)


class VirtualClock:
    """Time that stands still until somebody moves it; sleepers wake in the order of their instants."""

    def __init__(self, at: Instant = 0) -> None:
        self._now = at
        self._order = itertools.count()
        self._sleepers: list[tuple[Instant, int, asyncio.Future[None]]] = []

    def now(self) -> Instant:
        return self._now

    @property
    def next_wake(self) -> Instant | None:
        """When the first sleeper is due."""
        self._forget_the_cancelled()
        return self._sleepers[0][0] if self._sleepers else None

    async def sleep_until(self, at: Instant) -> None:
        if at <= self._now:
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (at, next(self._order), turn))
        await turn

    async def advance(self, by: Micros) -> None:
        """Move on by `by`, stopping at each sleeper's instant so that it runs at its own time."""
        end = self._now + by
        while (due := self.next_wake) is not None and due <= end:
            self._now = max(self._now, due)
            heapq.heappop(self._sleepers)[2].set_result(None)
            await _settle()
        self._now = end
        await _settle()

    def _forget_the_cancelled(self) -> None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)


async def _settle() -> None:
    """Let what became ready run; a few turns, for a waiter may wake another."""
    for _ in range(5):
        await asyncio.sleep(0)


async def _nap_until(now: Callable[[], Instant], at: Instant, *, speed: float) -> None:
    # A loop, because the event loop's timer may fire a little early.
    while (left := at - now()) > 0:  # noqa: ASYNC110 time is no event
        await asyncio.sleep(min(left / SECOND / speed, _LONGEST_NAP_S))
