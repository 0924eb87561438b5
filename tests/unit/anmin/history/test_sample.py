"""How ranges and steps are checked, and where buckets begin."""

from __future__ import annotations

import pytest

from anmin.history.sample import LAST, MOST_BUCKETS, Range, Step
from devices.instant import HOUR, MINUTE, SECOND
from tests.support.history import NOON


@pytest.mark.parametrize(("since", "until"), [(2, 1), (-1, 1), (0, LAST + 1)])
def test_range_that_is_none_is_refused(since: int, until: int) -> None:
    with pytest.raises(ValueError, match="range"):
        Range("d", "q", since, until)


@pytest.mark.parametrize(
    ("length", "offset"),
    [(0, 0), (SECOND // 2, 0), (90 * SECOND, 0), (MINUTE, SECOND), (SECOND, 1), (-HOUR, 0)],
)
def test_step_that_no_store_can_make_is_refused(length: int, offset: int) -> None:
    with pytest.raises(ValueError, match="step"):
        Step(length, offset)


def test_days_of_another_zone_begin_at_its_midnight() -> None:
    day = Step(24 * HOUR, 8 * HOUR)
    assert day.floor(NOON) % (24 * HOUR) == 16 * HOUR
    assert 0 <= NOON - day.floor(NOON) < 24 * HOUR


def test_every_step_that_the_range_touches_has_a_bucket() -> None:
    step = Step(MINUTE)
    asked = Range("d", "q", NOON + 1, NOON + 2 * MINUTE + 1)
    assert list(step.starts(asked)) == [NOON, NOON + MINUTE, NOON + 2 * MINUTE]
    assert step.whole(asked) == Range("d", "q", NOON, NOON + 3 * MINUTE)
    assert list(step.starts(Range("d", "q", NOON, NOON + MINUTE))) == [NOON]


def test_empty_range_has_no_bucket() -> None:
    asked = Range("d", "q", NOON, NOON)
    assert list(Step(MINUTE).starts(asked)) == []
    assert Step(MINUTE).whole(asked) == asked


def test_first_and_last_day_of_the_calendar_can_be_asked_for() -> None:
    whole = Step(24 * HOUR, 8 * HOUR).whole(Range("d", "q", 0, LAST))
    assert (whole.since, whole.until) == (0, LAST)


def test_more_buckets_than_anybody_can_see_are_refused() -> None:
    step = Step(SECOND)
    assert len(list(step.starts(Range("d", "q", NOON, NOON + MOST_BUCKETS * SECOND)))) == MOST_BUCKETS
    with pytest.raises(ValueError, match="longer step"):
        step.starts(Range("d", "q", NOON, NOON + (MOST_BUCKETS + 1) * SECOND))
