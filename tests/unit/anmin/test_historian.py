"""How readings come to the history: nothing lost, nothing twice, nobody kept waiting, gaps counted."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from anmin import historian as module
from anmin.backends.disk import NoSpace
from anmin.historian import Historian
from anmin.history.sample import Range
from anmin.history.spool import OVERFLOW, UNKNOWN, Gap, Spool
from anmin.history.sqlite_store import SqliteHistory
from devices.reading import Trust
from tests.support.history import DEVICE, NOON, QUANTITY, MemoryHistory, around, heard

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHER_S", 0.005)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.01)
    monkeypatch.setattr(module, "CURSOR_EVERY_S", 0.01)


class Place:
    """A data folder with a store that outlives the process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "spool.db"
        self.store = MemoryHistory()
        self.noted: list[int] = []

    @asynccontextmanager
    async def open(
        self, snapshot: int = 0, last: int = 10**9, running: bool = True, **options: Any
    ) -> AsyncIterator[Historian]:
        async def note(sequence: int) -> None:
            self.noted.append(sequence)

        options = {"batch": 50, "held": 100, "first_pause_s": 0.002} | options
        historian = Historian(self.path, self.store, note, **options)
        await historian.begin(snapshot, last, self.noted[-1] if self.noted else 0)
        task = asyncio.create_task(historian.run()) if running else None
        try:
            yield historian
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await historian.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 the work is on another thread
            await asyncio.sleep(0.002)


async def test_accepted_readings_reach_the_store(place: Place) -> None:
    async with place.open() as historian:
        historian.take([heard(1), heard(2), heard(3)])
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == [1, 2, 3]


async def test_duplicates_and_strangers_are_not_history(place: Place) -> None:
    repeated, stranger = heard(1, trust=Trust.DUPLICATE), heard(2)
    stranger.heard[0] = stranger.heard[0]._replace(unknown=True)
    async with place.open() as historian:
        historian.take([repeated, stranger, heard(3, trust=Trust.BACKFILL)])
        await until(lambda: place.store.sequences == [3])


async def test_value_that_is_no_number_is_unknown(place: Place) -> None:
    async with place.open() as historian:
        historian.take([heard(1, (float("inf"), float("nan"), 1.0))])
        await until(lambda: historian.state.waiting == 0)
    assert sorted(str(one.value) for one in place.store.kept.values()) == ["1.0", "None", "None"]


async def test_store_that_was_away_gets_everything_later(place: Place) -> None:
    place.store.away = "the server is down"
    async with place.open() as historian:
        for sequence in range(1, 1001):
            historian.take([heard(sequence)])
            if sequence % 100 == 0:
                await asyncio.sleep(0.005)
        await until(lambda: bool(historian.problem))
        assert historian.state.problem == "the server is down"
        assert historian.state.waiting == 1000
        assert not place.store.kept
        place.store.away = ""
        await until(lambda: historian.state.waiting == 0)
        assert historian.problem == ""
    assert place.store.sequences == list(range(1, 1001))


async def test_what_a_store_forgot_when_it_died_is_handed_over_again(place: Place) -> None:
    async with place.open(held=1000) as historian:
        historian.take([heard(sequence) for sequence in range(1, 301)])
        await until(lambda: historian.state.waiting == 0)
        place.store.kept = {key: one for key, one in place.store.kept.items() if one.sequence <= 200}
        place.store.away, place.store.gone = "no answer", True
        historian.take([heard(301)])
        await until(lambda: historian.state.waiting == 301)
        place.store.away = ""
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == list(range(1, 302))


async def test_a_store_that_answers_that_it_is_busy_gets_nothing_twice(place: Place) -> None:
    async with place.open(held=1000) as historian:
        historian.take([heard(sequence) for sequence in range(1, 301)])
        await until(lambda: historian.state.waiting == 0)
        place.store.away = "429"
        historian.take([heard(301)])
        await until(lambda: bool(historian.problem))
        assert historian.state.waiting == 1


async def test_only_what_was_confirmed_shortly_before_is_handed_over_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECENT", 100)
    async with place.open(held=1000) as historian:
        historian.take([heard(sequence) for sequence in range(1, 301)])
        await until(lambda: historian.state.waiting == 0)
        place.store.away, place.store.gone = "no answer", True
        historian.take([heard(301)])
        await until(lambda: 1 < historian.state.waiting <= 101)


async def test_memory_goes_to_the_spool_while_the_store_is_away(place: Place) -> None:
    place.store.away = "down"
    async with place.open() as historian:
        historian.take([heard(sequence) for sequence in range(1, 501)])
        await until(lambda: historian._spool.waiting >= 400 and historian._held < 100)
        await until(lambda: historian.state.waiting == 500)


async def test_what_was_secured_survives_without_the_log(place: Place) -> None:
    place.store.away = "down"
    async with place.open() as historian:
        historian.take([heard(1), heard(2)])
        await historian.secure(2)
        historian.take([heard(3)])  # only in memory: the log has it
    place.store.away = ""
    async with place.open(snapshot=2) as historian:
        historian.take([heard(1), heard(2), heard(3)])  # a replay brings more than it must
        await until(lambda: historian.state.waiting == 0)
        assert historian.state.gaps == ()
    assert place.store.sequences == [1, 2, 3]


async def test_batch_that_is_under_way_is_secured_too(place: Place) -> None:
    gate = asyncio.Event()
    write = place.store.write

    async def slow(samples: Any) -> Any:
        await gate.wait()
        return await write(samples)

    place.store.write = slow  # type: ignore[method-assign]  # slowed down
    async with place.open() as historian:
        historian.take([heard(1)])
        await until(lambda: bool(historian._flight))
        await asyncio.wait_for(historian.secure(1), 1)  # does not wait for the store
        assert historian._spool.waiting == 1
        gate.set()
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == [1]


async def test_cursor_says_what_is_in_the_store(place: Place) -> None:
    async with place.open() as historian:
        historian.take([heard(1), heard(2)])
        await until(lambda: place.noted[-1:] == [2])
        place.store.away = "down"
        historian.take([heard(3), heard(4)])
        await until(lambda: bool(historian.problem))
        await historian.secure(4)
        await asyncio.sleep(0.05)
        assert place.noted[-1] == 2
        assert historian.state.confirmed == 2
        place.store.away = ""
        await until(lambda: place.noted[-1] == 4)


async def test_records_before_the_history_was_kept_are_a_gap(place: Place) -> None:
    async with place.open(snapshot=500) as historian:
        assert historian.state.gaps == (Gap(1, 500, 0, UNKNOWN),)
        assert historian.state.lost == 0


async def test_lost_spool_is_a_gap_from_the_cursor_on(place: Place) -> None:
    async with place.open() as historian:
        historian.take([heard(1), heard(2)])
        await until(lambda: place.noted[-1:] == [2])
        place.store.away = "down"
        historian.take([heard(3), heard(4)])
        await historian.secure(4)
    place.path.write_bytes(b"this is no database, and long enough to be sure of it" * 100)
    async with place.open(snapshot=4) as historian:
        assert historian.state.gaps == (Gap(3, 4, 0, UNKNOWN),)
    assert place.path.with_name("spool.db.damaged").exists()


async def test_log_of_an_older_backup_is_taken_anew(place: Place) -> None:
    async with place.open() as historian:
        historian.take([heard(sequence) for sequence in range(1, 11)])
        await historian.secure(10)
        await until(lambda: historian.state.waiting == 0)
    place.store.kept.clear()
    async with place.open(snapshot=5, last=5) as historian:
        historian.take([heard(6)])
        await until(lambda: place.store.sequences == [6])


async def test_beyond_the_cap_the_oldest_go_and_are_counted(place: Place) -> None:
    place.store.away = "down"
    async with place.open(cap_bytes=40_000) as historian:
        for start in range(1, 20_001, 1000):
            historian.take([heard(sequence, (float(sequence),)) for sequence in range(start, start + 1000)])
            await historian.secure(start + 999)
        state = historian.state
        (gap,) = state.gaps
        assert (gap.first, gap.samples, gap.why) == (1, gap.last, OVERFLOW)
        assert state.lost == gap.samples > 0
        place.store.away = ""
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == list(range(gap.last + 1, 20_001))
    async with place.open(snapshot=20_000) as historian:
        assert historian.state.gaps == (gap,)


async def test_full_disk_forbids_the_snapshot_and_loses_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.store.away = "down"

    def full(*_: object) -> None:
        raise NoSpace("full")

    async with place.open() as historian:
        historian.take([heard(1)])
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "secure", full)
            with pytest.raises(NoSpace, match="no space"):
                await historian.secure(1)
            assert historian._secured == 0
            assert historian.state.waiting == 1
        await historian.secure(1)
        place.store.away = ""
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == [1]


async def test_no_room_anywhere_drops_the_oldest_and_counts_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 300)

    def full(*_: object) -> None:
        raise NoSpace("full")

    monkeypatch.setattr(Spool, "secure", full)
    place.store.away = "down"
    async with place.open() as historian:
        historian.take([heard(sequence) for sequence in range(1, 1001)])
        await until(lambda: historian.state.lost > 0)
        assert historian.state.waiting <= 300
        assert historian.state.lost + historian.state.waiting == 1000


async def test_damaged_spool_is_put_aside_and_work_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    def torn(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    async with place.open() as historian:
        with monkeypatch.context() as patch:
            patch.setattr(historian._spool, "secure", torn)
            historian.take([heard(1)])
            await historian.secure(1)
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == [1]
    assert place.path.with_name("spool.db.damaged").exists()


async def test_refused_samples_are_kept_aside_with_the_reason(place: Place) -> None:
    place.store.never = {2, 4}
    async with place.open() as historian:
        historian.take([heard(1), heard(2)])
        await until(lambda: historian.state.waiting == 0)
        place.store.away = "down"
        historian.take([heard(3), heard(4)])
        await historian.secure(4)
        place.store.away = ""
        await until(lambda: historian.state.waiting == 0)
        await until(lambda: historian.state.refused == 2)
        assert [one.sample.sequence for one in historian._spool.asides()] == [4, 2]
        assert historian._spool.asides()[0].why == "never"
    assert place.store.sequences == [1, 3]


async def test_bug_in_a_store_stops_nothing(place: Place) -> None:
    place.store.fails = KeyError("a bug")
    async with place.open() as historian:
        historian.take([heard(1)])
        await until(lambda: "a bug" in historian.problem)
        place.store.fails = None
        await until(lambda: historian.state.waiting == 0)
    assert place.store.sequences == [1]


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_twice(tmp_path: Path, seed: int) -> None:
    """The child is killed several times; what it printed was committed to its log before."""
    count, chance = 4000, random.Random(seed)
    command = [sys.executable, "-m", "tests.support.history_child", str(tmp_path), str(count)]
    for _ in range(4):
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert child.stdout is not None
        for _ in range(chance.randrange(20, 600)):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=60)
    assert done.stdout.endswith(b"done\n")
    found, buckets = asyncio.run(in_store(tmp_path / "history"))
    assert found == [(sequence, float(sequence)) for sequence in range(1, count + 1)]
    assert buckets == count  # the envelopes counted nothing twice either


async def in_store(folder: Path) -> tuple[list[tuple[int, float | None]], int]:
    from anmin.history.sample import Step
    from devices.instant import HOUR

    store = SqliteHistory(folder)
    found = [(one.sequence, one.value) async for one in store.read(around())]
    asked = Range(DEVICE, QUANTITY, NOON, NOON + 24 * HOUR)
    buckets = sum(bucket.count for bucket in await store.summary(asked, Step(HOUR)))
    await store.close()
    return found, buckets
