"""The ledger: one thread, one connection, one closure one transaction, the pipeline's closures first.

SQLite by default, PostgreSQL by URL; nothing is chosen silently. A full disk is an answer (`LedgerFull`,
nothing was written), any other failure of the medium ends the process (`LedgerBroken`, `broken` is called).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from anmin.backends.disk import DiskBroken, NoSpace, Reserve, is_broken, is_full
from anmin.backends.migrate import migrate
from devices.instant import Instant

T = TypeVar("T")
_log = structlog.get_logger("anmin.backends")
_INTERRUPTS = 3
_GRACE_S = 0.02  # a short read is over sooner than an interruption and its repetition would be
_CHECKPOINT_EVERY = 256  # transactions; each touches a handful of pages


class LedgerFull(NoSpace):
    """No space: nothing was written, the ledger is good. Try again when there is room."""


class LedgerBroken(DiskBroken):
    """What is in the ledger is unknown until it is read again: stop."""


class LedgerUnusable(Exception):
    """The setting or the file is wrong; the start is refused. The text says what to do."""


@dataclass(slots=True)
class _Job:
    """One closure. `reads`: it may be interrupted and run again, for it changes nothing."""

    work: Callable[[Connection], Any]
    urgent: bool
    reads: bool
    future: Future[Any] = field(default_factory=Future)
    interrupts: int = 0
    interrupted: bool = False


class Ledger:
    """Use `Ledger.open`. `write` and `read` may be called from the event loop that runs when they are."""

    def __init__(
        self, engine: Engine, broken: Callable[[LedgerBroken], None], reserve: Reserve | None
    ) -> None:
        self._engine = engine
        self._on_broken = broken
        self._reserve = reserve
        self._turn = Condition()
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._current: _Job | None = None
        self._driver: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self._broken: LedgerBroken | None = None
        self._written = 0
        self._thread = Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        at: Instant,
        broken: Callable[[LedgerBroken], None],
        backups: Path | None = None,
        reserve: Reserve | None = None,
    ) -> Ledger:
        """Migrate (with a copy into `backups` first), then start. `broken` is called once, on the event loop.

        Raises LedgerUnusable, migrate.SchemaTooNew.
        """
        engine = engine_of(url)
        try:
            migrate(engine, backups, at)
        except (DBAPIError, sqlite3.Error, OSError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            do = "free some space" if is_full(error) else "restore it from a backup, or correct the URL"
            raise LedgerUnusable(f"{engine.url!r}: the ledger cannot be opened ({cause}); {do}") from error
        engine.dispose()
        return cls(engine, broken, reserve)

    async def write(self, work: Callable[[Connection], T], urgent: bool = False) -> T:
        """Run `work` in one transaction; urgent ones go before all others.

        Raises what `work` raises (nothing is written then), LedgerFull, LedgerBroken.
        """
        result: T = await self._submit(_Job(work, urgent, reads=False))
        return result

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads; it is interrupted and repeated when the pipeline waits for long."""
        result: T = await self._submit(_Job(work, urgent=False, reads=True))
        return result

    async def close(self) -> None:
        """Finish what is queued, then close."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        await asyncio.to_thread(self._thread.join)

    async def _submit(self, job: _Job) -> Any:
        self._loop = loop = asyncio.get_running_loop()
        with self._turn:
            if self._broken is not None or self._closing:
                raise self._broken or LedgerBroken("the ledger is closed")
            (self._urgent if job.urgent else self._others).append(job)
            self._turn.notify()
        nudge = None
        if job.urgent:
            nudge = loop.call_later(_GRACE_S, self._interrupt_reader)
        try:
            return await asyncio.wrap_future(job.future)
        finally:
            if nudge is not None:
                nudge.cancel()

    def _interrupt_reader(self) -> None:
        """What only reads while the pipeline waits starts again later; after three times it may finish."""
        with self._turn:
            job = self._current
            if self._urgent and job is not None and job.reads and job.interrupts < _INTERRUPTS:
                job.interrupted = True
                _interrupt(self._driver)

    # On the ledger's thread.

    def _run(self) -> None:
        try:
            with self._engine.connect() as connection:
                self._driver = connection.connection.driver_connection
                while (job := self._next()) is not None:
                    self._do(connection, job)
                self._checkpoint(connection)
        except Exception as error:
            self._break(error)
        self._fail_all(self._broken or LedgerBroken("the ledger is closed"))

    def _next(self) -> _Job | None:
        """The next closure; None when it is time to stop."""
        with self._turn:
            while not (self._urgent or self._others or self._closing):
                self._turn.wait()
            if self._broken is not None or not (self._urgent or self._others):
                return None
            return (self._urgent or self._others).popleft()

    def _do(self, connection: Connection, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            result = self._transact(connection, job)
        except Exception as error:
            self._fail(job, error)
        else:
            job.future.set_result(result)
            self._checkpoint_when_due(connection, job)

    def _transact(self, connection: Connection, job: _Job) -> Any:
        """Once, and again after an interruption, or with the reserve's room when the pipeline found none."""
        while True:
            job.interrupted = False
            try:
                with _Taking(self, job), connection.begin():
                    return job.work(connection)
            except DBAPIError as error:
                if job.interrupted:
                    job.interrupts += 1
                    self._let_urgent_pass(connection)
                    if self._broken is not None:
                        raise self._broken from error
                elif not (is_full(error) and job.urgent and self._reserve and self._reserve.release()):
                    raise

    def _let_urgent_pass(self, connection: Connection) -> None:
        while True:
            with self._turn:
                if not self._urgent:
                    return
                job = self._urgent.popleft()
            self._do(connection, job)

    def _fail(self, job: _Job, error: Exception) -> None:
        of_the_medium = isinstance(error, DBAPIError | sqlite3.Error)  # anything else is the closure's own
        if of_the_medium and is_full(error):
            error = LedgerFull(f"no space for the ledger: {error}")
        elif of_the_medium and is_broken(error):
            error = self._break(error)
        job.future.set_exception(error)

    def _checkpoint_when_due(self, connection: Connection, job: _Job) -> None:
        self._written += not job.reads
        if self._written >= _CHECKPOINT_EVERY:
            self._written = 0
            self._checkpoint(connection)

    def _checkpoint(self, connection: Connection) -> None:
        """By our own hand, because SQLite swallows the errors of its own checkpoints."""
        if connection.dialect.name != "sqlite":
            return
        try:
            self._driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            if not is_full(error):
                self._break(error)

    def _break(self, error: Exception) -> LedgerBroken:
        with self._turn:
            if self._broken is not None:
                return self._broken
            broken = self._broken = LedgerBroken(f"{self._engine.url!r}: the ledger failed: {error}")
            self._turn.notify()
        _log.critical("ledger.broken", url=repr(self._engine.url), error=str(error))
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_broken, broken)
        return broken

    def _fail_all(self, error: LedgerBroken) -> None:
        with self._turn:
            self._closing = True
            left = [*self._urgent, *self._others]
        for job in left:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(error)


class _Taking:
    """Marks what runs now, so that only a reader is ever interrupted."""

    def __init__(self, ledger: Ledger, job: _Job) -> None:
        self._ledger = ledger
        self._job = job

    def __enter__(self) -> None:
        with self._ledger._turn:
            self._ledger._current = self._job

    def __exit__(self, *_: object) -> None:
        with self._ledger._turn:
            self._ledger._current = None


def engine_of(url: str) -> Engine:
    """An engine with durable settings. Raises LedgerUnusable for a URL that cannot be used."""
    try:
        parsed = make_url(url)
        engine = create_engine(parsed, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError) as error:  # the text is not repeated: it may hold a password
        wanted = "sqlite:///path/to/ledger.db or postgresql+psycopg://user@host/database"
        raise LedgerUnusable(f"the ledger's URL is not understood; write {wanted}") from error
    except ModuleNotFoundError as error:
        raise LedgerUnusable(f"the ledger's URL needs a driver ({error}); install it") from error
    if engine.dialect.name == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise LedgerUnusable(f"{url}: a ledger in memory forgets; write sqlite:///path/to/ledger.db")
        event.listen(engine, "connect", _make_durable)
        event.listen(engine, "begin", _begin)
    elif engine.dialect.name != "postgresql":
        raise LedgerUnusable(f"{parsed!r}: only SQLite and PostgreSQL are held to their word by tests")
    return engine


def _make_durable(driver: sqlite3.Connection, _record: object) -> None:
    driver.isolation_level = None  # we say BEGIN ourselves, so that DDL is part of the transaction too
    for pragma in (
        "locking_mode=EXCLUSIVE",  # a second connection on a WAL file can lose writes before SQLite 3.51.3
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "wal_autocheckpoint=0",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _interrupt(driver: Any) -> None:
    """SQLite and psycopg call it differently; both may be called from another thread."""
    (driver.interrupt if hasattr(driver, "interrupt") else driver.cancel)()
