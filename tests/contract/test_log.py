"""What every log owes: one order, no gap, time that never goes back, and nothing told before it is kept."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anmin.backends.log import Limits
from anmin.backends.segment import LogDamaged
from devices.instant import HOUR
from ingest.message import Lane, Record, RecordKind
from ingest.ports import Entry
from tests.support.log import Bench, entry, fill, records

ROOT = Path(__file__).resolve().parents[2]
SMALL = Limits(roll_bytes=20_000, ring=50)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_sequence_counts_from_one_without_gaps(bench: Bench) -> None:
    async with bench.opened() as log:
        await fill(log, 600)
        assert log.last == 600
    assert [record.sequence for record in bench.taken] == list(range(1, 601))


async def test_what_was_given_comes_back_unchanged(bench: Bench) -> None:
    odd = Entry(RecordKind.OUTCOME, "来源", "a/b", b"\x00\xff", retain=True, dup=False, queued=True)
    async with bench.opened() as log:
        given = await log.append(odd, Lane.ALARM)
    assert given == Record(1, bench.at, RecordKind.OUTCOME, "来源", "a/b", b"\x00\xff", True, False, True)
    async with bench.opened() as log:
        assert await records(log) == [given]


async def test_every_kind_of_record_survives_a_reopening(bench: Bench) -> None:
    async with bench.opened() as log:
        for kind in RecordKind:
            await log.append(entry(kind=kind), Lane.ALARM)
    async with bench.opened() as log:
        assert [record.kind for record in await records(log)] == list(RecordKind)


async def test_time_never_goes_back_though_the_clock_does(bench: Bench) -> None:
    async with bench.opened() as log:
        bench.at = 5_000_000
        await fill(log, 1)
        bench.at = 3_000_000
        await fill(log, 1)
        assert log.last_at == 5_000_000
    bench.at = 1
    async with bench.opened() as log:
        await fill(log, 1)
    assert [record.at for record in bench.taken] == [5_000_000] * 3


async def test_alarms_go_before_telemetry_that_came_first(bench: Bench) -> None:
    async with bench.opened() as log:
        log.post(entry(), Lane.TELEMETRY)  # the writer may take this one alone
        for number in range(300):
            log.post(entry(number), Lane.TELEMETRY)
        alarm = await log.append(entry(9000), Lane.ALARM)
        await log.append(entry(), Lane.TELEMETRY)
    assert alarm.sequence <= 2 + Limits().group
    assert [r.topic for r in bench.taken if r.topic != alarm.topic][1:301] == [
        f"anmin/c/{n}" for n in range(300)
    ]


async def test_telemetry_is_committed_at_most_256_at_a_time(bench: Bench) -> None:
    async with bench.opened() as log:
        for number in range(1000):
            log.post(entry(number), Lane.TELEMETRY)
    assert sum(bench.groups) == 1000
    assert max(bench.groups) == 256


async def test_receipt_is_called_after_the_group_was_handed_on(bench: Bench) -> None:
    heard: list[int] = []
    async with bench.opened() as log:
        for _ in range(10):
            assert log.post(entry(), Lane.TELEMETRY, lambda: heard.append(len(bench.taken)))
    assert len(heard) == 10
    assert all(known >= turn for turn, known in enumerate(heard, start=1))


async def test_reopened_log_goes_on_where_it_was(bench: Bench) -> None:
    async with bench.opened() as log:
        await fill(log, 5)
    async with bench.opened() as log:
        assert (log.last, log.last_at) == (5, bench.at)
        assert (await fill(log, 1))[0].sequence == 6


async def test_an_empty_log_says_so(bench: Bench) -> None:
    async with bench.opened() as log:
        assert (log.first, log.last, log.last_at) == (1, 0, 0)
        assert await records(log) == []


async def test_reading_crosses_segments_and_the_ring(bench: Bench) -> None:
    async with bench.opened(SMALL) as log:
        for start in range(0, 1000, 100):
            await fill(log, 100, start, size=100)
            await asyncio.sleep(0.02)  # the next segment is made on another thread
        assert len(list(bench.log_folder.glob("*.db"))) > 3
        assert await records(log) == bench.taken
        assert await records(log, 123, 777) == bench.taken[123:777]
        assert await records(log, 990) == bench.taken[990:]
    async with bench.opened(SMALL) as log:
        assert await records(log) == bench.taken


async def test_reading_while_writing_sees_a_prefix_in_order(bench: Bench) -> None:
    async with bench.opened(SMALL) as log:
        await fill(log, 300)
        for number in range(2000):
            log.post(entry(number), Lane.TELEMETRY)
        seen = await records(log)
        assert len(seen) >= 300
    assert seen == bench.taken[: len(seen)]


async def test_segment_is_rolled_after_an_hour(bench: Bench) -> None:
    async with bench.opened() as log:
        await fill(log, 1)
        await asyncio.sleep(0.05)
        bench.at += HOUR
        await fill(log, 1)  # still goes into the old one, which is then left
        await fill(log, 1)
        assert await records(log) == bench.taken
    assert len(list(bench.log_folder.glob("*.db"))) == 3


async def test_trimming_deletes_only_what_is_older_than_asked(bench: Bench) -> None:
    async with bench.opened(SMALL) as log:
        for start in range(0, 1000, 100):
            await fill(log, 100, start, size=100)
            await asyncio.sleep(0.02)
        log.trim(500)
        async with asyncio.timeout(5):
            while log.first == 1:  # noqa: ASYNC110 the keeper works in the background
                await asyncio.sleep(0.01)
        first = log.first
        assert 1 < first <= 500
        assert await records(log, first - 1) == bench.taken[first - 1 :]
        with pytest.raises(LogDamaged, match="the oldest kept is"):
            await records(log, first - 2)
    async with bench.opened(SMALL) as log:
        assert (log.first, log.last) == (first, 1000)


async def test_future_of_a_cancelled_appender_does_not_disturb_the_others(bench: Bench) -> None:
    async with bench.opened() as log:
        first = log.append(entry(1), Lane.TELEMETRY)
        first.cancel()
        second = await log.append(entry(2), Lane.TELEMETRY)
    assert (second.sequence, len(bench.taken)) == (2, 2)


KILLS = 5


@pytest.mark.parametrize("seed", range(KILLS))
def test_what_was_acknowledged_survives_a_kill(bench: Bench, seed: int) -> None:
    """The child prints each sequence only after its receipt; then it is killed at a random moment."""
    command = [sys.executable, "-m", "tests.support.log_child", str(bench.folder), "--roll", "60000"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"started\n"
    try:
        child.wait(random.Random(seed).uniform(0.05, 0.4))
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
    printed = child.stdout.read().split(b"\n")[:-1]  # the last line may be torn
    child.wait()
    child.stdout.close()
    acknowledged = [int(line) for line in printed]
    assert len(acknowledged) > 100
    found = asyncio.run(reopened(bench))
    assert [record.sequence for record in found] == list(range(1, len(found) + 1))
    assert acknowledged[-1] <= len(found)
    assert all(record.topic == f"anmin/c/{record.sequence - 1}" for record in found)


async def reopened(bench: Bench) -> list[Record]:
    async with bench.opened() as log:
        return await records(log)
