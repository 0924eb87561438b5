"""Hours of duty."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.instant import HOUR, instant
from devices.shift import Shift, on_duty


def local(day: int, hour: int, minute: int = 0) -> int:
    """That day of a week that begins on Monday the 1st, in a place two hours ahead of UTC."""
    return instant(datetime(2024, 1, day, hour, minute, tzinfo=UTC)) - 2 * HOUR


def is_on(text: str, day: int, hour: int, minute: int = 0) -> bool:
    return on_duty([Shift.of(text)], local(day, hour, minute), 2 * HOUR)


def test_nobody_without_hours_is_ever_off_duty() -> None:
    assert on_duty((), local(3, 4), 2 * HOUR)


@pytest.mark.parametrize(
    ("text", "on", "off"),
    [
        ("mon-fri 08:00-18:00", [(1, 8), (5, 17)], [(1, 7), (5, 18), (6, 9)]),
        ("22:00-06:00", [(1, 22), (2, 5), (7, 23), (1, 3)], [(1, 6), (3, 21)]),
        ("sat 22:00-06:00", [(6, 23), (7, 5)], [(7, 23), (6, 5)]),
        ("fri-mon 00:00-24:00", [(5, 0), (7, 12), (1, 23)], [(2, 0), (4, 23)]),
        ("Wed 09:30-10:00", [(3, 9, 30), (3, 9, 59)], [(3, 9, 29), (3, 10, 0)]),
    ],
)
def test_a_shift_is_days_and_hours_of_the_place(
    text: str, on: list[tuple[int, ...]], off: list[tuple[int, ...]]
) -> None:
    assert all(is_on(text, *at) for at in on)
    assert not any(is_on(text, *at) for at in off)


@pytest.mark.parametrize(
    "text", ["", "mon", "8-18", "08:00-25:00", "moo 08:00-18:00", "08:00-18:61", "x08:00-09:00"]
)
def test_what_is_no_shift_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        Shift.of(text)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1439))
def test_its_text_is_read_as_itself(first: int, last: int, begins: int, ends: int) -> None:
    shift = Shift(first, last, begins, ends)
    assert Shift.of(str(shift)) == shift
