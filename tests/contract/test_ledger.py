"""What every ledger owes: a batch with its cursor or nothing, a closure at a time, the pipeline first."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from anmin.backends import schema
from anmin.backends.ledger import Ledger
from anmin.backends.outbox import open_sends
from anmin.backends.projection import Batch, cursor, event_ids, incident_rows, record_batch, timeline
from tests.support.ledger import happened, incident, opened, send, url_in
from tests.support.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return url_in(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return server.url()


@pytest.fixture
async def ledger(url: str) -> AsyncIterator[Ledger]:
    async with opened(url) as ledger:
        yield ledger


def batch(sequence: int) -> Batch:
    return Batch(
        cursor=sequence,
        events=(happened(sequence), happened(sequence, 1)),
        incidents=(incident(),),
        sends=(send(version=sequence),),
    )


def says(heard: list[str], word: str) -> Callable[[Connection], None]:
    return lambda _: heard.append(word)


async def test_batch_and_cursor_are_written_together(ledger: Ledger) -> None:
    await ledger.write(lambda c: record_batch(c, batch(7)), urgent=True)
    assert await ledger.read(cursor) == 7
    assert await ledger.read(lambda c: event_ids(c, 0, 7)) == [(7, 0, "i1-7-0"), (7, 1, "i1-7-1")]
    assert await ledger.read(incident_rows) == [incident()]
    assert [row.send for row in await ledger.read(open_sends)] == [send(version=7)]


async def test_failed_closure_leaves_nothing_behind(ledger: Ledger) -> None:
    def fails(connection: Connection) -> None:
        record_batch(connection, batch(7))
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await ledger.write(fails)
    assert await ledger.read(cursor) == 0
    assert await ledger.read(lambda c: timeline(c, "i1")) == []
    await ledger.write(lambda c: record_batch(c, batch(8)))  # and it goes on
    assert await ledger.read(cursor) == 8


async def test_wrong_statement_is_the_callers_and_breaks_nothing(ledger: Ledger) -> None:
    row = {"key": "k", "value": "v"}
    await ledger.write(lambda c: c.execute(insert(schema.meta), row) and None)
    with pytest.raises(IntegrityError):
        await ledger.write(lambda c: c.execute(insert(schema.meta), row) and None)
    kept = select(schema.meta.c.value).where(schema.meta.c.key == "k")
    assert await ledger.read(lambda c: c.execute(kept).scalar()) == "v"


async def test_replayed_batch_changes_nothing(ledger: Ledger) -> None:
    def everything(connection: Connection) -> list[object]:
        tables = schema.metadata.sorted_tables
        return [[tuple(row) for row in connection.execute(select(table))] for table in tables]

    for sequence in (1, 2, 3):
        await ledger.write(partial(record_batch, batch=batch(sequence)))
    before = await ledger.read(everything)
    for sequence in (2, 3):
        assert await ledger.write(partial(record_batch, batch=batch(sequence))) == []
    assert await ledger.read(everything) == before


async def test_what_was_written_is_there_after_reopening(url: str) -> None:
    async with opened(url) as ledger:
        await ledger.write(lambda c: record_batch(c, batch(5)))
    async with opened(url) as ledger:
        assert await ledger.read(cursor) == 5


async def test_urgent_closures_go_first_and_all_in_order(ledger: Ledger) -> None:
    order: list[str] = []
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def blocks(_: Connection) -> None:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(5)

    first = asyncio.create_task(ledger.write(blocks))
    await asyncio.sleep(0.01)
    names = [("slow 1", False), ("slow 2", False), ("fast 1", True), ("fast 2", True)]
    rest = [asyncio.create_task(ledger.write(says(order, name), urgent)) for name, urgent in names]
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(first, *rest)
    assert order == ["fast 1", "fast 2", "slow 1", "slow 2"]


async def test_long_read_makes_way_for_the_pipeline_and_still_answers(ledger: Ledger) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
    runs: list[str] = []

    def slow(connection: Connection) -> int:
        runs.append("read")
        count = connection.exec_driver_sql(numbers + "SELECT count(*) FROM n").scalar_one()
        return int(count)

    reader = asyncio.create_task(ledger.read(slow))
    while not runs:  # noqa: ASYNC110 until the ledger's thread is in it
        await asyncio.sleep(0.001)
    for turn in range(5):
        await ledger.write(says(runs, f"write {turn}"), urgent=True)
    assert await reader == 3_000_000
    assert runs[:2] == ["read", "write 0"]  # the write did not wait for the end of the read
    assert 2 <= runs.count("read") <= 4  # begun again, at most three times


def test_committed_batches_survive_a_kill(url: str) -> None:
    command = [sys.executable, "-m", "tests.support.ledger_child", url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(60)]
        os.kill(child.pid, signal.SIGKILL)
        lines += child.stdout.read().split(b"\n")[:-1]
    told = max(int(line) for line in lines if line.strip().isdigit())

    async def found() -> tuple[int, int, int]:
        async with opened(url) as ledger:
            events = await ledger.read(lambda c: event_ids(c, 0, 10**9))
            sends = await ledger.read(open_sends)
            return await ledger.read(cursor), len(events), len(sends)

    kept, events, sends = asyncio.run(found())
    assert told <= kept
    assert (events, sends) == (2 * kept, 1)  # each version replaced the one before
