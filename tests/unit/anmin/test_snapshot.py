"""A snapshot is that of one sequence, whole: the one before or the one after, never something between."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import NamedTuple

import pytest

from anmin.backends.disk import DiskBroken, NoSpace
from anmin.codec import load
from anmin.snapshot import Snapshot, SnapshotStore, SnapshotUnusable

VERSIONS = {"code": "0.1.0", "rules": "abc"}


class Memory(NamedTuple):
    """What a room might keep of one device."""

    heard_at: int
    value: float | None


async def written(store: SnapshotStore) -> None:
    changes: dict[str, list[tuple[str, object | None]]] = {
        "admission": [("d1", Memory(5, 1.5)), ("d2", Memory(6, None))],
        "engine": [("r1", (1, 2))],
    }
    await store.write(10, changes, VERSIONS)


def reopened(path: Path) -> Snapshot | None:
    store = SnapshotStore(path)
    try:
        return store.load()
    finally:
        store._connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "snapshot.db"


async def test_nothing_written_is_no_snapshot(path: Path) -> None:
    store = SnapshotStore(path)
    assert store.load() is None
    await store.close()


async def test_what_was_written_comes_back_by_room(path: Path) -> None:
    store = SnapshotStore(path)
    await written(store)
    await store.close()
    found = reopened(path)
    assert found is not None
    assert (found.sequence, found.versions, found.clean) == (10, VERSIONS, False)
    assert {room: [key for key, _ in entries] for room, entries in found.rooms.items()} == {
        "admission": ["d1", "d2"],
        "engine": ["r1"],
    }
    assert load(Memory, dict(found.rooms["admission"])["d1"]) == Memory(5, 1.5)


async def test_only_what_changed_is_changed_and_none_deletes(path: Path) -> None:
    store = SnapshotStore(path)
    await written(store)
    await store.write(20, {"admission": [("d1", None), ("d3", Memory(9, 2.0))]}, VERSIONS, clean=True)
    await store.close()
    found = reopened(path)
    assert found is not None
    assert (found.sequence, found.clean) == (20, True)
    assert sorted(dict(found.rooms["admission"])) == ["d2", "d3"]
    assert "engine" in found.rooms


async def test_whole_snapshot_drops_what_it_does_not_name(path: Path) -> None:
    store = SnapshotStore(path)
    await written(store)
    await store.write(20, {"desk": [("i1", 1)]}, {"code": "0.2.0"}, whole=True)
    await store.close()
    found = reopened(path)
    assert found == (20, {"desk": [("i1", "1")]}, {"code": "0.2.0"}, False)


async def test_values_are_taken_over_before_anything_else_runs(path: Path) -> None:
    """What is collected at S is what is written, though the next record is handled meanwhile."""
    store = SnapshotStore(path)
    pairs: list[tuple[str, object | None]] = [("d1", Memory(1, 1.0))]
    writing = asyncio.ensure_future(store.write(1, {"admission": pairs}, VERSIONS))
    await asyncio.sleep(0)
    pairs.append(("d2", Memory(2, 2.0)))
    await writing
    await store.close()
    found = reopened(path)
    assert found is not None
    assert [key for key, _ in found.rooms["admission"]] == ["d1"]


async def test_a_large_snapshot_never_holds_the_loop_for_long(path: Path) -> None:
    store = SnapshotStore(path)
    values = [(f"d{n}", Memory(n, 1.0)) for n in range(20_000)]
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    running = asyncio.create_task(others())
    await store.write(1, {"admission": values}, VERSIONS)
    running.cancel()
    await store.close()
    assert turns >= 100  # at most 200 values between two turns


async def test_no_space_keeps_the_snapshot_before(path: Path) -> None:
    store = SnapshotStore(path)
    await written(store)
    before = store.load()
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(NoSpace):
        await store.write(20, {"admission": [("d2", None), ("d1", "x" * 100_000)]}, VERSIONS)
    await store.close()
    assert reopened(path) == before


async def test_failing_disk_is_told(path: Path) -> None:
    store = SnapshotStore(path)
    store._connection.execute("PRAGMA query_only=ON")  # any error that is not lack of space
    with pytest.raises(DiskBroken, match=r"snapshot\.db: the snapshot cannot be written"):
        await written(store)
    await store.close()


async def test_overlapping_writes_keep_their_order(path: Path) -> None:
    store = SnapshotStore(path)
    await asyncio.gather(*(store.write(n, {"desk": [("i", n)]}, VERSIONS) for n in range(1, 6)))
    await store.close()
    found = reopened(path)
    assert found is not None
    assert (found.sequence, found.rooms["desk"]) == (5, [("i", "5")])


def test_damaged_or_later_files_are_refused_with_what_to_do(path: Path) -> None:
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(SnapshotUnusable, match="move the file away to replay the log"):
        SnapshotStore(path)
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(SnapshotUnusable, match="has format 7, this version reads 1"):
        SnapshotStore(path)
