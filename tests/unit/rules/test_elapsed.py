"""Time that only goes forward."""

from __future__ import annotations

from devices.reading import Trust
from rules.elapsed import Elapsed, no_trend
from tests.support.community import T0
from tests.support.rulebook import SECOND, reading


def times(*said: tuple[float, float]) -> list[float]:
    """Seconds of the elapsed time, from (when it came, what the device's clock said)."""
    time = Elapsed()
    return [(time.keep(reading("d", "co_ppm", 0, at, measured=clock)) - T0) / SECOND for at, clock in said]


def test_it_is_the_devices_own_where_that_advances() -> None:
    assert times((0, 0), (5, 3), (9, 7)) == [0, 3, 7]


def test_a_clock_that_stands_or_steps_back_is_replaced_by_ours() -> None:
    assert times((0, 0), (10, 0), (20, 0)) == [0, 10, 20]
    assert times((0, 0), (10, -500), (20, -490)) == [0, 10, 20]


def test_the_first_is_nothing_after_nothing() -> None:
    assert Elapsed().since(reading("d", "co_ppm", 0, 5)) == 0


def test_it_can_be_taken_over() -> None:
    first, second = Elapsed(), Elapsed()
    first.keep(reading("d", "co_ppm", 0, 5))
    second.load(first.row())
    following = reading("d", "co_ppm", 0, 8)
    assert second.since(following) == first.since(following) == 3 * SECOND


def test_what_waited_somewhere_says_nothing_of_since_when() -> None:
    assert not no_trend(reading("d", "co_ppm", 0, 0))
    assert not no_trend(reading("d", "co_ppm", 0, 0, Trust.CLOCK))
    assert no_trend(reading("d", "co_ppm", 0, 0, Trust.QUEUED))
    assert no_trend(reading("d", "co_ppm", 0, 0, Trust.WARMUP | Trust.TEST))
