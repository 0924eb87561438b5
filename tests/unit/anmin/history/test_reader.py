"""Downsampling: extremes are kept, unknown counts nothing, gaps stay gaps."""

from __future__ import annotations

from anmin.history.reader import buckets, gaps, step_for, with_gaps
from anmin.history.sample import Bucket, Range, Step
from devices.instant import HOUR, MINUTE, SECOND
from tests.support.history import NOON, sample

HALF = Range("d", "q", NOON, NOON + 3 * MINUTE)


def test_bucket_holds_extremes_mean_and_count_of_known_values() -> None:
    given = [sample(n, NOON + n, value) for n, value in enumerate((3.0, -1.0, None, 4.0))]
    assert buckets(given, HALF, Step(MINUTE))[0] == Bucket(NOON, -1.0, 4.0, 2.0, 3)


def test_step_without_a_known_value_is_a_gap() -> None:
    given = [sample(1, NOON, 1.0), sample(2, NOON + MINUTE, None)]
    found = buckets(given, HALF, Step(MINUTE))
    assert [one.count for one in found] == [1, 0, 0]
    assert found[1] == Bucket(NOON + MINUTE, None, None, None, 0)
    assert gaps(found, Step(MINUTE)) == [(NOON + MINUTE, NOON + 3 * MINUTE)]


def test_zero_is_a_value_and_no_gap() -> None:
    found = buckets([sample(1, NOON, 0.0)], HALF, Step(MINUTE))
    assert found[0] == Bucket(NOON, 0.0, 0.0, 0.0, 1)


def test_buckets_outside_the_range_are_left_out() -> None:
    stray = Bucket(NOON - HOUR, 1.0, 1.0, 1.0, 1)
    assert [one.count for one in with_gaps([stray], HALF, Step(MINUTE))] == [0, 0, 0]


def test_step_for_a_chart_is_one_that_people_can_read() -> None:
    def seconds(span: int) -> int:
        return step_for(Range("d", "q", NOON, NOON + span), 500).length_for // SECOND

    assert seconds(MINUTE) == 1
    assert seconds(HOUR) == 10
    assert seconds(24 * HOUR) == 300
    assert seconds(30 * 24 * HOUR) == 7200
    assert seconds(3650 * 24 * HOUR) == 8 * 86400


def test_step_below_a_minute_takes_no_offset() -> None:
    asked = Range("d", "q", NOON, NOON + MINUTE)
    assert step_for(asked, 500, 8 * HOUR) == Step(SECOND)
    assert step_for(Range("d", "q", NOON, NOON + 48 * HOUR), 2, 8 * HOUR) == Step(24 * HOUR, 8 * HOUR)
