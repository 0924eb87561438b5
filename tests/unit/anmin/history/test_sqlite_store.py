"""The folder of days: damage stays in its day, old days go as files, trouble is a value."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anmin.history import sqlite_day
from anmin.history.ports import HistoryAway, Later, Stored
from anmin.history.sample import Step
from anmin.history.sqlite_store import SqliteHistory
from devices.instant import HOUR
from tests.support.history import NOON, around, sample

DAY = 24 * HOUR


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteHistory]:
    made = SqliteHistory(tmp_path)
    yield made
    await made.close()


async def sequences(store: SqliteHistory, days: int = 10) -> list[int]:
    return [one.sequence async for one in store.read(around(24 * days))]


async def reopened(store: SqliteHistory, folder: Path) -> SqliteHistory:
    await store._do(store._close)
    return store


async def test_each_utc_day_has_its_file(store: SqliteHistory, tmp_path: Path) -> None:
    await store.write([sample(1, NOON), sample(2, NOON + DAY), sample(3, NOON - DAY)])
    names = sorted(name for name in os.listdir(tmp_path) if name.endswith(".db"))
    assert names == ["2026-09-20.db", "2026-09-21.db", "2026-09-22.db"]
    assert await sequences(store) == [3, 1, 2]


async def test_more_days_than_are_held_open_are_written_and_read(store: SqliteHistory) -> None:
    await store.write([sample(n, NOON + n * DAY) for n in range(-8, 9)])
    assert await sequences(store) == list(range(-8, 9))
    assert len(store._days) <= 4


async def test_damaged_day_is_put_aside_and_the_others_go_on(store: SqliteHistory, tmp_path: Path) -> None:
    await store.write([sample(1, NOON), sample(2, NOON + DAY)])
    await reopened(store, tmp_path)
    (tmp_path / "2026-09-21.db").write_bytes(b"no database at all, whatever it says it is" * 100)
    assert await store.write([sample(3, NOON), sample(4, NOON + DAY)]) == Stored()
    assert store.damaged == ("2026-09-21.db.damaged-1",)
    assert (tmp_path / "2026-09-21.db.damaged-1").exists()
    assert await sequences(store) == [3, 2, 4]


async def test_damage_that_a_reader_finds_is_put_aside_too(store: SqliteHistory, tmp_path: Path) -> None:
    await store.write([sample(1, NOON), sample(2, NOON + DAY)])
    await reopened(store, tmp_path)
    (tmp_path / "2026-09-21.db").write_bytes(b"no database at all, whatever it says it is" * 100)
    assert await sequences(store) == [2]
    assert sum(b.count for b in await store.summary(around(48), Step(HOUR))) == 1
    assert len(store.damaged) == 1


async def test_second_damage_of_a_day_gets_another_name(store: SqliteHistory, tmp_path: Path) -> None:
    for _ in range(2):
        await store.write([sample(1, NOON)])
        await reopened(store, tmp_path)
        (tmp_path / "2026-09-21.db").write_bytes(b"no database at all, whatever it says it is" * 100)
        await sequences(store)
    assert store.damaged == ("2026-09-21.db.damaged-1", "2026-09-21.db.damaged-2")


async def test_file_of_a_later_version_is_left_alone(
    store: SqliteHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write([sample(1, NOON)])
    await reopened(store, tmp_path)
    monkeypatch.setattr(sqlite_day, "FORMAT", 0)
    written = await store.write([sample(2, NOON)])
    assert isinstance(written, Later)
    assert "format 1" in written.problem
    assert store.damaged == ()
    with pytest.raises(HistoryAway, match="format 1"):
        await sequences(store)


async def test_full_disk_means_later_and_says_what_to_do(
    store: SqliteHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(sqlite_day.DayFile, "write", full)
    written = await store.write([sample(1)])
    assert isinstance(written, Later)
    assert "no space" in written.problem


async def test_failed_write_leaves_nothing_and_the_next_succeeds(store: SqliteHistory) -> None:
    await store.write([sample(1, NOON)])
    broken = sample(2, NOON)._replace(trust=None)  # type: ignore[arg-type]  # a bug's value
    assert isinstance(await store.write([sample(3, NOON, device="new"), broken]), Later)
    assert await store.write([sample(4, NOON, device="new"), sample(5, NOON)]) == Stored()
    assert await sequences(store) == [1, 5]
    assert [one.sequence async for one in store.read(around(device="new"))] == [4]


async def test_days_before_the_retention_go_as_files(store: SqliteHistory, tmp_path: Path) -> None:
    await store.write([sample(n, NOON + n * DAY) for n in range(-5, 3)])
    (tmp_path / "2026-09-17.db.damaged-1").write_bytes(b"x")
    await store.trim(NOON)
    assert await sequences(store) == [0, 1, 2]
    assert min(os.listdir(tmp_path)).startswith("2026-09-21")


async def test_folder_that_cannot_be_written_is_not_ready(store: SqliteHistory, tmp_path: Path) -> None:
    assert await store.ready() == ""
    (tmp_path / "ready").mkdir()
    assert "cannot be written" in await store.ready()


async def test_folder_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    store = SqliteHistory(tmp_path / "a" / "history")
    assert (tmp_path / "a" / "history").stat().st_mode & 0o077 == 0
    await store.close()
