"""What waits for the store: kept in order, bounded, with every gap counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from anmin.history.ports import Refused
from anmin.history.spool import OVERFLOW, UNKNOWN, Gap, Spool
from tests.support.history import NOON, sample


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool.db", cap_bytes=20_000)
    yield made
    made.close()


def test_samples_come_back_in_order_and_unchanged(tmp_path: Path) -> None:
    given = [
        sample(n, NOON + n, None if n % 5 == 0 else n / 3, device=f"设备{n % 7}") for n in range(1, 4501)
    ]
    spool = Spool(tmp_path / "large.db")
    spool.secure(given, 4500)
    assert (spool.waiting, spool.oldest_sequence, spool.secured) == (4500, 1, 4500)
    spool.close()
    spool = Spool(tmp_path / "large.db")
    found = []
    while (chunk := spool.oldest()) is not None:
        found += chunk.samples
        spool.done(chunk.id, ())
    assert found == given
    assert (spool.waiting, spool.oldest_sequence, spool.secured) == (0, None, 4500)
    spool.close()


def test_secured_never_goes_back_but_by_a_rewind(spool: Spool) -> None:
    spool.secure([], 10)
    spool.secure([sample(3)], 5)
    assert spool.secured == 10
    spool.rewind(4)
    assert spool.secured == 4


def test_beyond_the_cap_the_oldest_go_into_one_gap(spool: Spool) -> None:
    for start in range(1, 40_001, 2000):
        spool.secure([sample(n, NOON + n * 7919) for n in range(start, start + 2000)], start + 1999)
    (gap,) = spool.gaps()
    chunk = spool.oldest()
    assert chunk is not None
    assert gap == Gap(1, chunk.samples[0].sequence - 1, chunk.samples[0].sequence - 1, OVERFLOW)
    assert spool.waiting + gap.samples == 40_000
    assert spool._bytes <= 20_000


def test_gaps_that_nobody_can_count_stand_alone(spool: Spool) -> None:
    spool.note(Gap(1, 5, 0, UNKNOWN))
    spool.note(Gap(6, 9, 0, UNKNOWN))
    assert spool.gaps() == [Gap(1, 5, 0, UNKNOWN), Gap(6, 9, 0, UNKNOWN)]


def test_what_is_refused_is_kept_whole(spool: Spool) -> None:
    spool.secure([sample(1), sample(2)], 2)
    chunk = spool.oldest()
    assert chunk is not None
    spool.done(chunk.id, [Refused(sample(2), "400: too old")])
    assert spool.asides() == [Refused(sample(2), "400: too old")]
    assert (spool.refused, spool.waiting) == (1, 0)


def test_file_gives_its_room_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "room.db")
    for start in range(0, 60_000, 2000):
        spool.secure([sample(n, NOON + n * 7919, n * 1.1) for n in range(start, start + 2000)], start)
    while (chunk := spool.oldest()) is not None:
        spool.done(chunk.id, ())
    spool.close()
    assert (tmp_path / "room.db").stat().st_size < 100_000


def test_later_format_is_told_and_not_touched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "later.db") as link:
        link.execute("PRAGMA user_version = 99")
    link.close()
    with pytest.raises(sqlite3.DatabaseError, match="format 99"):
        Spool(tmp_path / "later.db")
