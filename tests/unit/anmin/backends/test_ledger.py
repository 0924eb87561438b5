"""The ledger's own promises: durable settings, full and broken told apart, a URL chosen and never guessed."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from anmin.backends.disk import Reserve
from anmin.backends.ledger import Ledger, LedgerBroken, LedgerFull, engine_of
from anmin.backends.unusable import LedgerUnusable
from tests.support.ledger import opened, url_in

BIG = "INSERT INTO meta VALUES ('big', zeroblob(400000))"


def execute(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def planted(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("planted")
    error.sqlite_errorcode = code
    return error


async def setting(ledger: Ledger, name: str) -> object:
    return await ledger.read(lambda c: c.exec_driver_sql(f"PRAGMA {name}").scalar())


async def test_sqlite_is_used_in_its_durable_form(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as ledger:
        assert await setting(ledger, "synchronous") == 2
        assert await setting(ledger, "journal_mode") == "wal"
        assert await setting(ledger, "locking_mode") == "exclusive"
        assert await setting(ledger, "foreign_keys") == 1


async def test_everything_runs_on_one_thread(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as ledger:
        reads = [ledger.read(lambda _: threading.get_ident()) for _ in range(5)]
        writes = [ledger.write(lambda _: threading.get_ident(), urgent=bool(n % 2)) for n in range(5)]
        assert len(set(await asyncio.gather(*reads, *writes))) == 1


async def test_no_space_is_an_answer_and_the_ledger_goes_on(tmp_path: Path) -> None:
    broken: list[LedgerBroken] = []
    async with opened(url_in(tmp_path), broken) as ledger:
        pages = await setting(ledger, "page_count")
        await ledger.write(lambda c: execute(c, f"PRAGMA max_page_count={pages}"))
        with pytest.raises(LedgerFull):
            await ledger.write(lambda c: execute(c, BIG))
        await ledger.write(lambda c: execute(c, "PRAGMA max_page_count=100000"))
        await ledger.write(lambda c: execute(c, BIG))
    assert broken == []


async def test_pipeline_gets_the_reserve_when_the_disk_is_full(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", 4096)
    reserve.make()
    tries: list[int] = []

    def full_once(connection: Connection) -> str:
        tries.append(1)
        if len(tries) == 1:
            connection.exec_driver_sql("PRAGMA max_page_count=1")
            execute(connection, BIG)
        return "written"

    async with opened(url_in(tmp_path), reserve=reserve) as ledger:
        with pytest.raises(LedgerFull):
            await ledger.write(full_once)
        assert reserve.present
        tries.clear()
        assert await ledger.write(full_once, urgent=True) == "written"
    assert not reserve.present


async def test_failing_disk_is_told_once_and_nothing_is_written_after_it(tmp_path: Path) -> None:
    broken: list[LedgerBroken] = []

    def fails(_: Connection) -> None:
        raise planted(sqlite3.SQLITE_IOERR)

    async with opened(url_in(tmp_path), broken) as ledger:
        jobs = [ledger.write(fails), ledger.write(lambda c: execute(c, BIG)), ledger.read(lambda _: 1)]
        answers = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(answer) for answer in answers] == [LedgerBroken] * 3
        with pytest.raises(LedgerBroken):
            await ledger.read(lambda _: 1)
    assert len(broken) == 1
    async with opened(url_in(tmp_path)) as ledger:
        assert await ledger.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM meta").scalar()) == 0


async def test_cancelled_waiter_does_not_hold_up_the_queue(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as ledger:
        gate = threading.Event()
        first = asyncio.create_task(ledger.write(lambda _: gate.wait(5)))
        second = asyncio.create_task(ledger.write(lambda c: execute(c, BIG)))
        await asyncio.sleep(0.02)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        await asyncio.sleep(0)  # the cancellation reaches the queue one turn later
        gate.set()
        assert await first
        assert await ledger.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM meta").scalar()) == 0


async def test_closed_ledger_refuses(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as ledger:
        pass
    with pytest.raises(LedgerBroken, match="closed"):
        await ledger.read(lambda _: 1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "a ledger in memory forgets"),
        ("sqlite:///:memory:", "a ledger in memory forgets"),
        ("nonsense", "is not understood; write postgresql://"),
        ("oracle+nothing://x", "is not understood"),
        ("mysql+pymysql://x", "needs the package pymysql"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_to_write(url: str, said: str) -> None:
    with pytest.raises(LedgerUnusable, match=said):
        engine_of(url)


def test_a_missing_driver_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerUnusable, match=r"needs the package psycopg, .* extra `postgres`") as caught:
        engine_of("postgresql://anmin:secret@db/anmin")
    assert "附加依赖 `postgres`" in caught.value.zh
    assert "secret" not in str(caught.value) + caught.value.zh


def test_an_error_never_shows_the_password() -> None:
    with pytest.raises(LedgerUnusable) as caught:
        engine_of("oracle+nothing://anmin:secret@host/db")
    assert "secret" not in str(caught.value)


def test_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database" * 500)
    with pytest.raises(LedgerUnusable, match=r"cannot be opened .* restore it from a backup"):
        Ledger.open(url_in(tmp_path), at=0, broken=lambda _: None)
