"""When the disk fails: who is refused, who waits, who is told, and that nobody is told too much."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from anmin.backends.disk import Space
from anmin.backends.log import Limits, SqliteLog
from anmin.backends.segment import Live, LogDamaged, Row
from ingest.message import Lane
from ingest.ports import LogBroken, LogFull
from tests.support.harness import until
from tests.support.log import ROOMY, Bench, entry, fill, records

AHEAD = Limits().ahead
LOW = Space(free=900 << 20, total=100 << 30)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


class Disk:
    """Stands between the writer and SQLite: full for telemetry, full for all, or broken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error = 0
        self.times: float = math.inf  # how many writes fail
        self.gate = threading.Event()
        self.gate.set()
        self.writes = 0
        self.real = Live.append
        monkeypatch.setattr(Live, "append", lambda live, rows: self.append(live, rows))

    def append(self, live: Live, rows: list[Row]) -> None:
        assert self.gate.wait(5)
        self.writes += 1
        if self.error and self.times > 0:
            self.times -= 1
            error = sqlite3.OperationalError("planted")
            error.sqlite_errorcode = self.error
            raise error
        self.real(live, rows)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


async def soon(log: SqliteLog, refusing: bool) -> None:
    async with asyncio.timeout(5):
        while log.refusing is not refusing:  # noqa: ASYNC110 the writer looks once a second
            await asyncio.sleep(0.01)


async def test_low_space_refuses_telemetry_counts_it_and_lets_alarms_in(bench: Bench) -> None:
    bench.space = LOW
    async with bench.opened() as log:
        assert log.refusing
        assert not log.post(entry(), Lane.TELEMETRY)
        with pytest.raises(LogFull):
            await log.append(entry(), Lane.TELEMETRY)
        assert (await log.append(entry(), Lane.ALARM)).sequence == 1
        assert log.refused == 2
        bench.space = ROOMY
        await soon(log, refusing=False)
        assert log.post(entry(), Lane.TELEMETRY)
    assert len(bench.taken) == 2


async def test_room_just_above_the_limit_does_not_flap(bench: Bench) -> None:
    bench.space = LOW
    async with bench.opened() as log:
        bench.space = Space(free=(1 << 30) + 1, total=100 << 30)  # the limit of a big disk is 1 GiB
        await asyncio.sleep(1.2)
        assert log.refusing


async def test_full_disk_refuses_the_telemetry_of_the_group_and_keeps_its_alarm(
    bench: Bench, disk: Disk
) -> None:
    async with bench.opened() as log:
        await fill(log, 1)
        disk.error = sqlite3.SQLITE_FULL
        telemetry = log.append(entry(), Lane.TELEMETRY)
        with pytest.raises(LogFull):
            await telemetry
        assert bench.reserve_there()  # telemetry alone does not touch it
        alarm = log.append(entry(), Lane.ALARM)
        await asyncio.sleep(0.2)
        assert not alarm.done()
        assert not bench.reserve_there()
        assert (log.waiting, log.refused) == (1, 1)
        disk.error = 0
        assert (await asyncio.wait_for(alarm, 5)).sequence == 2
        await soon(log, refusing=False)
        assert bench.reserve_there()


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_alarms_wait_in_order_until_there_is_room(bench: Bench, disk: Disk, times: int) -> None:
    receipts: list[int] = []
    async with bench.opened() as log:
        disk.gate.clear()
        log.post(entry(), Lane.ALARM)
        await asyncio.sleep(0.05)  # the writer has this one in hand, and the others meet together
        for number in range(1, 20):
            log.post(entry(number), Lane.ALARM, lambda number=number: receipts.append(number))
        disk.error, disk.times = sqlite3.SQLITE_FULL, times
        disk.gate.set()
        await asyncio.wait_for(log.append(entry(20), Lane.ALARM), 5)
        assert log.waiting == 0
    assert receipts == list(range(1, 20))
    assert [record.topic for record in bench.taken] == [f"anmin/c/{n}" for n in range(21)]
    assert [record.sequence for record in bench.taken] == list(range(1, 22))


async def test_closing_a_full_log_acknowledges_nothing(bench: Bench, disk: Disk) -> None:
    async with bench.opened() as log:
        disk.error = sqlite3.SQLITE_FULL
        alarm = log.append(entry(), Lane.ALARM)
        await asyncio.sleep(0.05)
    assert isinstance(alarm.exception(), LogFull)
    assert bench.taken == []


async def test_telemetry_waits_for_the_handling_of_what_was_before_it_and_alarms_do_not(bench: Bench) -> None:
    async with bench.opened() as log:
        log.handled(0)
        for _ in range(300):
            assert log.post(entry(), Lane.TELEMETRY)
        await until(lambda: log.last == AHEAD)
        assert (await log.append(entry(), Lane.ALARM)).sequence == AHEAD + 1
        log.handled(AHEAD // 2)  # half of the room is not yet free: no fsync for so few
        await asyncio.sleep(0.05)
        assert (log.last, log.held) == (AHEAD + 1, 300 - AHEAD)
        log.handled(AHEAD // 2 + 1)
        await until(lambda: log.last == AHEAD + AHEAD // 2 + 1)


async def test_telemetry_waits_for_no_handling_that_stands_still(bench: Bench) -> None:
    async with bench.opened() as log:
        log.handled(0)
        for _ in range(300):
            assert log.post(entry(), Lane.TELEMETRY)
        await until(lambda: log.last == AHEAD)
        await until(lambda: log.last == 300, 5)  # a second later, for the ledger may be away for long


async def test_closing_writes_what_was_held(bench: Bench) -> None:
    async with bench.opened() as log:
        log.handled(0)
        for _ in range(300):
            log.post(entry(), Lane.TELEMETRY)
    assert len(bench.taken) == 300


async def test_failed_fsync_says_broken_once_and_hands_nothing_on(bench: Bench, disk: Disk) -> None:
    async with bench.opened() as log:
        await fill(log, 3)
        disk.error = sqlite3.SQLITE_IOERR | (4 << 8)
        futures = [log.append(entry(), Lane.TELEMETRY), log.append(entry(), Lane.ALARM)]
        for future in futures:
            with pytest.raises(LogBroken):
                await future
        disk.error = 0
        assert not log.post(entry(), Lane.ALARM)
        with pytest.raises(LogBroken):
            await log.append(entry(), Lane.ALARM)
    assert len(bench.broken) == 1
    assert len(bench.taken) == 3
    assert disk.writes <= 4 + 1  # three singles at most, and the one that failed


async def test_group_committed_before_the_failure_is_not_told_after_it(bench: Bench) -> None:
    """Durable is not enough: once the log is broken nobody hears anything any more (P4)."""
    async with bench.opened() as log:
        told = log.append(entry(), Lane.ALARM)
        while log._sequence == 0:  # committed by the writer, while this loop has not heard of it yet
            time.sleep(0.001)  # noqa: ASYNC251 the loop must not turn
        log._break(sqlite3.OperationalError("an fsync on the keeper's thread failed"))
        with pytest.raises(LogBroken):
            await told
    assert bench.taken == []
    assert len(bench.broken) == 1


async def test_failure_before_the_start_is_told_at_the_start(bench: Bench) -> None:
    log = bench.log(Limits())
    log._break(sqlite3.OperationalError("while the next segment was made"))
    log.start(bench.take)
    await asyncio.sleep(0)
    assert len(bench.broken) == 1
    await log.close()


async def test_nothing_is_accepted_before_the_start(bench: Bench) -> None:
    log = bench.log(Limits())
    assert not log.post(entry(), Lane.ALARM)
    with pytest.raises(LogBroken, match="not started"):
        await log.append(entry(), Lane.ALARM)
    await log.close()


async def test_clock_may_be_given_late_so_that_it_begins_after_the_last_record(bench: Bench) -> None:
    async with bench.opened() as log:
        await fill(log, 1)
    later = bench.log(Limits())
    later.clock = lambda: later.last_at + 7
    later.start(bench.take)
    assert (await fill(later, 1))[0].at == bench.at + 7
    await later.close()


async def test_records_before_the_ring_come_from_the_live_segment(bench: Bench) -> None:
    async with bench.opened(Limits(ring=10)) as log:
        await fill(log, 100)
        assert await records(log) == bench.taken
        assert len(log._ring) == 10


async def test_missing_segment_stops_the_start_with_its_name(bench: Bench) -> None:
    for number in (1, 3):
        (bench.log_folder / f"{number:08d}.db").write_bytes(b"")
    with pytest.raises(LogDamaged, match=r"00000002\.db: this segment of the log is missing"):
        bench.log(Limits())
