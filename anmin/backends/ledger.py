"""The ledger: one thread, one connection, one closure one transaction, the pipeline's closures first.

SQLite by default, PostgreSQL by URL; nothing is chosen silently. A full disk is an answer (`LedgerFull`,
nothing was written). A server that went away between two commits is waited for, and whoever asked waits with
it. Any other failure of the medium ends the process (`LedgerBroken`, `broken` is called): so does a commit
that was not answered, for whether it was done is only known when everything is read again.
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
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from anmin.backends import postgres
from anmin.backends.disk import DiskBroken, NoSpace, Reserve, is_broken, is_full, is_lost, is_passing
from anmin.backends.migrate import migrate
from anmin.backends.unusable import LedgerUnusable, cause_of, place_of, refused
from devices.instant import Instant

T = TypeVar("T")
_log = structlog.get_logger("anmin.backends")
_INTERRUPTS = 3
_GRACE_S = 0.02  # a short read is over sooner than an interruption and its repetition would be
_CHECKPOINT_EVERY = 256  # transactions; each touches a handful of pages
_AGAIN = 5  # a cancellation meant for another, a deadlock with somebody's own session
_PING_S = 3.0  # how long a server may be gone before it is noticed although nobody asked


class LedgerFull(NoSpace):
    """No space: nothing was written, the ledger is good. Try again when there is room."""


class LedgerBroken(DiskBroken):
    """What is in the ledger is unknown until it is read again: stop."""


@dataclass(slots=True)
class _Job:
    """One closure. `reads`: it may be interrupted and run again, for it changes nothing."""

    work: Callable[[Connection], Any]
    urgent: bool
    reads: bool
    future: Future[Any] = field(default_factory=Future)
    interrupts: int = 0
    interrupted: bool = False
    tries: int = 0
    committing: bool = False


class Ledger:
    """Use `Ledger.open`. `write` and `read` may be called from the event loop that runs when they are."""

    def __init__(
        self,
        engine: Engine,
        broken: Callable[[LedgerBroken], None],
        reserve: Reserve | None,
        server: postgres.Server | None,
        held: Connection | None,
    ) -> None:
        self._engine = engine
        self._server = server
        self._held = held
        self._where = place_of(engine.url)
        self._leaving = False
        self.away = ""
        """Why the server is waited for; empty when it is there."""
        self._on_broken = broken
        self._reserve = reserve
        self._turn = Condition()
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._current: _Job | None = None
        self._connection: Connection
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
        upgrade_from: str = "",
        site: str = "",
        pauses: tuple[float, ...] = (),
    ) -> Ledger:
        """Migrate (with a copy into `backups` first), then start. `broken` is called once, on the event loop.

        `pauses`: seconds between the tries to reach a server; `site`: the data directory, for a server holds
        the ledgers of many. Raises LedgerUnusable, ServerAway, migrate.SchemaTooNew.
        """
        engine = engine_of(url)
        server = postgres.Server(engine) if engine.dialect.name == "postgresql" else None
        held = server.take(pauses) if server else None
        try:
            migrate(engine, backups, at, upgrade_from)
            if server and held:
                server.own(held, site)
        except BaseException as error:
            if held:
                held.close()
            if isinstance(error, DBAPIError | sqlite3.Error | OSError):
                raise _cannot_open(engine, error) from error
            raise
        engine.dispose()
        return cls(engine, broken, reserve, server, held)

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

    def leave(self) -> None:
        """The service is about to stop: a server that is away is not waited for any more."""
        self._leaving = True

    async def close(self) -> None:
        """Finish what is queued, then close."""
        self.leave()
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
            self._use(self._held or self._engine.connect())
            try:
                while (job := self._next()) is not None:
                    self._do(job)
                self._checkpoint()
            finally:
                self._connection.close()
        except Exception as error:
            self._break(error)
        self._fail_all(self._broken or LedgerBroken("the ledger is closed"))

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = connection.connection.driver_connection

    def _next(self) -> _Job | None:
        """The next closure; None when it is time to stop."""
        with self._turn:
            while not (self._urgent or self._others or self._closing):
                if not self._turn.wait(_PING_S if self._server else None):
                    return _Job(_ping, urgent=False, reads=True)
            if self._broken is not None or not (self._urgent or self._others):
                return None
            return (self._urgent or self._others).popleft()

    def _do(self, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            result = self._transact(job)
        except Exception as error:
            self._fail(job, error)
        else:
            job.future.set_result(result)
            self._checkpoint_when_due(job)

    def _transact(self, job: _Job) -> Any:
        """Once, and again when nothing was written and another time may go well."""
        while True:
            job.interrupted = job.committing = False
            try:
                with _Taking(self, job), self._connection.begin():
                    result = job.work(self._connection)
                    job.committing = not job.reads
                return result
            except DBAPIError as error:
                self._make_way(job, error)

    def _make_way(self, job: _Job, error: DBAPIError) -> None:
        """Return when the job may be done again; raise what no repetition mends."""
        job.tries += 1
        if is_lost(error):
            self._reconnect(job, error)
        elif job.interrupted:
            job.interrupts += 1
            self._let_urgent_pass()
            if self._broken is not None:
                raise self._broken from error
        elif not (
            (is_full(error) and job.urgent and self._gives_room())
            or (is_passing(error) and job.tries < _AGAIN)
        ):
            raise error

    def _gives_room(self) -> bool:
        """Release the reserve, which is on our disk: a server's is another."""
        return self._server is None and self._reserve is not None and self._reserve.release()

    def _reconnect(self, job: _Job, error: DBAPIError) -> None:
        """Wait for the server with everything as it is. A commit without an answer is not guessed about.

        Nor is a job given again and again to a server that falls over it.
        """
        if self._server is None or job.committing or job.tries > _AGAIN:
            raise error
        self.away = cause_of(error)
        _log.error("ledger.away", where=self._where, why=self.away, do="see to the PostgreSQL server")
        self._connection.close()
        self._use(self._server.take(postgres.PAUSES_S, lambda: self._leaving))
        self.away = ""
        _log.info("ledger.back", where=self._where)

    def _let_urgent_pass(self) -> None:
        while True:
            with self._turn:
                if not self._urgent:
                    return
                job = self._urgent.popleft()
            self._do(job)

    def _fail(self, job: _Job, error: Exception) -> None:
        of_the_medium = isinstance(error, DBAPIError | sqlite3.Error)  # anything else is the closure's own
        if of_the_medium and is_full(error):
            error = LedgerFull(f"no space for the ledger: {error}")
        elif isinstance(error, LedgerUnusable) or (of_the_medium and is_broken(error)):
            error = self._break(error)
        job.future.set_exception(error)

    def _checkpoint_when_due(self, job: _Job) -> None:
        self._written += not job.reads
        if self._written >= _CHECKPOINT_EVERY:
            self._written = 0
            self._checkpoint()

    def _checkpoint(self) -> None:
        """By our own hand, because SQLite swallows the errors of its own checkpoints."""
        if self._server is not None:
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
            broken = self._broken = LedgerBroken(f"{self._where}: the ledger failed: {error}")
            self._turn.notify()
        _log.critical("ledger.broken", where=self._where, error=str(error))
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
        if parsed.get_backend_name() in ("postgresql", "postgres"):
            options = dict(postgres.CONNECT) | parsed.query
            parsed = parsed.set(drivername="postgresql+psycopg", query=options)
        engine = create_engine(parsed, poolclass=NullPool, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ValueError):  # the text is not repeated: it may hold a password
        raise LedgerUnusable(
            "[ledger] url is not understood; write postgresql://user:password@host:5432/database, "
            "or leave it out to use SQLite in the data directory",
            "[ledger] url 无法识别；应形如 postgresql://用户:密码@主机:5432/数据库，"
            "留空则使用数据目录中的 SQLite",
        ) from None
    except ModuleNotFoundError as error:
        raise LedgerUnusable(
            f"[ledger] url needs the package {error.name}, which is not installed here; install Anmin with "
            "its extra `postgres` (uv sync --extra postgres), or leave the url out to use SQLite",
            f"[ledger] url 需要软件包 {error.name}，本机没有安装；请安装 Anmin 的附加依赖 `postgres`"
            "（uv sync --extra postgres），或留空以使用 SQLite",
        ) from error
    if engine.dialect.name == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise LedgerUnusable(f"{url}: a ledger in memory forgets; write sqlite:///path/to/ledger.db")
        event.listen(engine, "connect", _make_durable)
        event.listen(engine, "begin", _begin)
    elif engine.dialect.name == "postgresql":
        postgres.prepare(engine)
    else:
        raise LedgerUnusable(f"{parsed!r}: only SQLite and PostgreSQL are held to their word by tests")
    return engine


def _cannot_open(engine: Engine, error: DBAPIError | sqlite3.Error | OSError) -> LedgerUnusable:
    where = place_of(engine.url)
    if engine.dialect.name == "postgresql":
        return refused(error, where)
    full = is_full(error)
    do = "free some space" if full else "restore it from a backup, or correct the URL"
    zh = "请腾出空间" if full else "请从备份还原，或改正地址"
    cause = cause_of(error)
    return LedgerUnusable(
        f"{where}: the ledger cannot be opened ({cause}); {do}", f"{where}：账本无法打开（{cause}）；{zh}"
    )


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


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
    """May be called from another thread than the one that waits."""
    if hasattr(driver, "interrupt"):
        driver.interrupt()
    else:
        postgres.cancel(driver)
