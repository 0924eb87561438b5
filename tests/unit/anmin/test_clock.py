"""The only clock."""

from __future__ import annotations

import asyncio

import pytest

from anmin.clock import Clock, ScaledClock, VirtualClock
from devices.instant import HOUR, SECOND

_MS = 1_000_000  # nanoseconds


class Times:
    """Wall and monotonic clocks of a machine, in nanoseconds."""

    def __init__(self, wall: int = 1_800_000_000 * 1000 * _MS) -> None:
        self.wall = wall
        self.monotonic = 5_000 * _MS

    def pass_ms(self, ms: int) -> None:
        self.wall += ms * _MS
        self.monotonic += ms * _MS

    def clock(self, not_before: int = 0) -> Clock:
        return Clock(wall=lambda: self.wall, monotonic=lambda: self.monotonic, not_before=not_before)


def test_starts_with_the_wall_clock_and_advances_with_the_monotonic_one() -> None:
    times = Times()
    clock = times.clock()
    assert clock.now() == 1_800_000_000 * SECOND
    times.pass_ms(250)
    assert clock.now() == 1_800_000_000 * SECOND + 250_000


def test_a_wall_clock_put_back_does_not_turn_time_back_and_is_reported_once() -> None:
    times = Times()
    clock = times.clock()
    before = clock.now()
    times.wall -= 3600 * 1000 * _MS
    assert clock.now() == before
    assert clock.step() == -HOUR
    assert clock.step() is None
    assert clock.behind == -HOUR


def test_a_wall_clock_put_forward_makes_no_deadline_due() -> None:
    times = Times()
    clock = times.clock()
    before = clock.now()
    times.wall += 3600 * 1000 * _MS
    assert clock.now() == before
    assert clock.step() == HOUR


def test_two_steps_are_two_reports() -> None:
    times = Times()
    clock = times.clock()
    times.wall += 10_000 * _MS
    assert clock.step() == 10 * SECOND
    times.wall -= 4_000 * _MS
    assert clock.step() == -4 * SECOND


def test_less_than_a_second_is_no_step() -> None:
    times = Times()
    clock = times.clock()
    times.wall += 900 * _MS
    assert clock.step() is None


def test_never_earlier_than_the_last_record_of_an_earlier_run() -> None:
    times = Times()
    last = 1_900_000_000 * SECOND
    clock = times.clock(not_before=last)
    assert clock.now() == last
    times.pass_ms(1)
    assert clock.now() == last + 1000
    assert clock.step() is None


async def test_sleeps_until_an_instant_and_not_for_a_past_one() -> None:
    clock = Clock()
    began = clock.now()
    await clock.sleep_until(began - SECOND)
    await clock.sleep_until(began + 30_000)
    assert 30_000 <= clock.now() - began < 500_000


async def test_a_scaled_clock_runs_faster_from_its_own_start() -> None:
    base = VirtualClock(100 * SECOND)
    clock = ScaledClock(60.0, start=0, base=base)
    await base.advance(2 * SECOND)
    assert clock.now() == 120 * SECOND


async def test_a_scaled_clock_sleeps_in_its_own_time() -> None:
    clock = ScaledClock(1000.0, start=0)
    async with asyncio.timeout(2):
        await clock.sleep_until(20 * SECOND)
    assert clock.now() >= 20 * SECOND


def test_a_clock_that_stands_still_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        ScaledClock(0.0, start=0)


async def test_virtual_sleepers_wake_in_order_and_at_their_own_time() -> None:
    clock = VirtualClock()
    woken: list[tuple[str, int]] = []

    async def sleeper(name: str, at: int) -> None:
        await clock.sleep_until(at)
        woken.append((name, clock.now()))

    tasks = [asyncio.create_task(sleeper(name, at)) for name, at in (("late", 30), ("early", 10))]
    await asyncio.sleep(0)
    assert clock.next_wake == 10
    await clock.advance(20)
    assert (woken, clock.now()) == ([("early", 10)], 20)
    await clock.advance(20)
    assert woken == [("early", 10), ("late", 30)]
    await asyncio.gather(*tasks)


async def test_a_cancelled_virtual_sleeper_is_forgotten() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(clock.sleep_until(10))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.next_wake is None
    await clock.advance(20)
    assert clock.now() == 20
