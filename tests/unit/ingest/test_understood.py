"""ingest.understood: words and numbers of foreign devices, and what several fields say of one quantity."""

from __future__ import annotations

import math

import pytest

from devices.instant import HOUR
from ingest.message import Point
from ingest.understood import Understood, measure, truth


@pytest.mark.parametrize(("said", "read"), [(True, 1), ("ON", 1), (" detected ", 1), (0, 0), ("dry", 0)])
def test_words_for_yes_and_no_are_read_in_any_case(said: object, read: float) -> None:
    assert truth(said) == read


@pytest.mark.parametrize("said", [None, "", "maybe", 2, 0.5, math.nan, [], {}])
def test_what_is_neither_yes_nor_no_is_unknown(said: object) -> None:
    assert truth(said) is None


def test_numbers_come_as_texts_too_and_truth_is_no_number() -> None:
    assert [measure(said) for said in ("100.00", 3, 2.5, True, "warm", None)] == [
        100,
        3,
        2.5,
        None,
        None,
        None,
    ]


def test_any_alarm_counts_and_unknown_beats_clear() -> None:
    for said, stands in (
        ((0.0, 1.0, None), 1.0),
        ((0.0, None, 0.0), None),
        ((0.0, 0.0), 0.0),
        ((None, 1.0), 1.0),
    ):
        understood = Understood()
        for value in said:
            understood.bit("smoke_alarm", value)
        assert understood.points() == (Point("smoke_alarm", stands),)


def test_number_that_cannot_be_read_does_not_hide_one_that_can() -> None:
    understood = Understood()
    understood.number("temperature_c", None)
    understood.number("temperature_c", 21.0)
    understood.number("temperature_c", None)
    assert understood.points() == (Point("temperature_c", 21.0),)


@pytest.mark.parametrize("said", [0, 9, 604_801, -5, 10**30, 60.0, "60", None, True])
def test_an_interval_beyond_reason_is_told_and_not_used(said: object) -> None:
    found = Understood()
    found.interval("period", said)
    assert found.reports_every_for is None
    assert "period" in found.notes[0]


def test_an_interval_is_kept_in_microseconds() -> None:
    found = Understood()
    found.interval("period", 3600)
    assert (found.reports_every_for, found.notes) == (HOUR, [])
