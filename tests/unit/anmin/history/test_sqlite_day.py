"""One day in one file: what is new counts once in samples and envelopes alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from anmin.history.sample import Range, Step
from anmin.history.sqlite_day import DayFile, FormatUnknown
from devices.instant import HOUR, MINUTE
from tests.support.history import DEVICE, NOON, QUANTITY, sample

ALL = Range(DEVICE, QUANTITY, NOON, NOON + 2 * HOUR)


@pytest.fixture
def day(tmp_path: Path) -> Iterator[DayFile]:
    made = DayFile(tmp_path / "day.db")
    yield made
    made.close()


def test_envelope_holds_min_max_sum_and_count_of_known_values(day: DayFile) -> None:
    day.write([sample(n, NOON + n, value) for n, value in enumerate((3.0, -1.0, None, 4.0))])
    assert day.summary(ALL, Step(MINUTE)) == [(NOON, -1.0, 4.0, 6.0, 3)]
    assert day.summary(ALL, Step(HOUR)) == [(NOON, -1.0, 4.0, 6.0, 3)]


def test_unknown_alone_makes_no_envelope(day: DayFile) -> None:
    day.write([sample(1, value=None)])
    assert day.summary(ALL, Step(MINUTE)) == []
    assert [one.value for one in day.read(ALL)] == [None]


@pytest.mark.parametrize("step", [Step(MINUTE), Step(HOUR)])
def test_what_is_there_or_twice_in_a_batch_counts_once(day: DayFile, step: Step) -> None:
    first, second = sample(1, NOON, 1.0), sample(2, NOON, 3.0)
    day.write([first])
    day.write([first, second, second])
    assert day.summary(ALL, step) == [(NOON, 1.0, 3.0, 4.0, 2)]
    assert day.read(ALL) == [first, second]


def test_failed_batch_changes_nothing(day: DayFile) -> None:
    day.write([sample(1)])
    with pytest.raises(sqlite3.IntegrityError):
        day.write([sample(2), sample(3)._replace(trust=None)])  # type: ignore[arg-type]  # a bug's value
    assert [one.sequence for one in day.read(ALL)] == [1]
    assert day.summary(ALL, Step(HOUR)) == [(NOON, 20.5, 20.5, 20.5, 1)]


def test_series_are_found_after_reopening(tmp_path: Path) -> None:
    day = DayFile(tmp_path / "again.db")
    day.write([sample(1), sample(2, device="another")])
    day.close()
    day = DayFile(tmp_path / "again.db")
    day.write([sample(3)])
    assert [one.sequence for one in day.read(ALL)] == [1, 3]
    day.close()


def test_later_format_is_told(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "later.db") as link:
        link.execute("PRAGMA user_version = 99")
    link.close()
    with pytest.raises(FormatUnknown, match="format 99"):
        DayFile(tmp_path / "later.db")
