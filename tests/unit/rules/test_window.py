"""The smallest value of a length of time."""

from __future__ import annotations

from devices.instant import SECOND
from devices.reading import Reading
from rules.window import Window
from tests.support.rulebook import reading

MINUTE = 60 * SECOND


def rises(samples: list[tuple[float, float]], window: Window | None = None) -> list[float | None]:
    window = window or Window(MINUTE, SECOND)
    return [window.rise(value, reading("d", "temperature_c", value, t)) for t, value in samples]


def test_one_sample_is_no_trend() -> None:
    assert rises([(0, 20)]) == [None]


def test_the_rise_is_from_the_smallest_of_the_last_minute() -> None:
    assert rises([(0, 20), (30, 20), (60, 25), (90, 32)])[-1] == 12
    assert rises([(0, 20), (30, 20), (60, 25), (91, 32)])[-1] == 7


def test_it_is_never_less_than_the_difference_to_a_minute_ago_while_it_rises() -> None:
    samples = [(t, 20 + t * t / 1000) for t in range(200)]
    found = rises(list(samples))
    for t in range(61, 200):
        assert (found[t] or 0) >= samples[t][1] - samples[t - 60][1]


def test_one_wild_sample_is_no_low() -> None:
    assert max(rise or 0 for rise in rises([(0, 24), (1, 24), (2, -40), (3, 24), (4, 24)])) == 0


def test_samples_closer_than_the_least_interval_are_judged_and_not_kept() -> None:
    window = Window(MINUTE, SECOND)
    assert rises([(0, 20), (1, 20), (1.5, 31)], window)[-1] == 11
    assert len(window.lows) == 1


def test_memory_is_bounded_by_the_window() -> None:
    window = Window(MINUTE, SECOND)
    for tenth in range(100_00):
        window.rise(20 + tenth, reading("d", "temperature_c", 0, tenth / 10))
        assert len(window.lows) <= 61


def test_after_a_gap_the_average_rise_counts() -> None:
    assert rises([(0, 20), (300, 30)])[-1] == 2
    assert rises([(0, 20), (300, 70)])[-1] == 10


def test_the_sample_after_a_gap_is_a_low_when_it_did_not_fall() -> None:
    assert rises([(0, 20), (300, 25), (310, 34)])[-1] == 9
    assert rises([(0, 35), (300, 20), (310, 34)])[-1] is not None
    assert (rises([(0, 35), (300, 20), (310, 34)])[-1] or 0) <= 0


def test_a_frozen_or_stepped_back_device_clock_cannot_stop_the_window() -> None:
    """Promise P15."""
    for measured in (0.0, -3600.0):
        window = Window(MINUTE, SECOND)
        window.rise(20, reading("d", "temperature_c", 20, 0))
        window.rise(20, reading("d", "temperature_c", 20, 1))
        late = reading("d", "temperature_c", 33, 30, measured=measured)
        assert window.rise(33, late) == 13
        assert window.rise(20, reading("d", "temperature_c", 20, 95, measured=measured)) is not None
        assert all(low.t >= late.measured_at for low in window.lows) or measured < 0


def test_the_window_goes_by_the_device_when_messages_arrive_in_a_bunch() -> None:
    window = Window(MINUTE, SECOND)
    found = [
        window.rise(20.0 + t, reading("d", "temperature_c", 0, 500 + t / 1000, measured=t))
        for t in range(0, 100, 10)
    ]
    assert found[-1] == 60


def test_what_is_kept_can_be_taken_over() -> None:
    first, second = Window(MINUTE, SECOND), Window(MINUTE, SECOND)
    for t in range(40):
        first.rise(20 + t % 7, reading("d", "temperature_c", 20, t))
    second.load(first.rows())
    assert second.rows() == first.rows()
    following: Reading = reading("d", "temperature_c", 40, 41)
    assert second.rise(40, following) == first.rise(40, following)
