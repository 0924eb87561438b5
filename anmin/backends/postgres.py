"""A PostgreSQL database as the ledger's medium: one service holds it, and only where a commit is durable.

The hold is an advisory lock of one session, so it ends with the process however that ends. When the server
went away and came back, the same service goes on only with the same database, which nobody has written to.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from threading import Thread
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Engine, delete, event, insert, select, text
from sqlalchemy.exc import DBAPIError

from anmin.backends.schema import meta
from anmin.backends.unusable import LedgerUnusable, ServerAway, place_of, refused

_log = structlog.get_logger("anmin.backends")

LOCK = int.from_bytes(b"anmin")
PAUSES_S = (0.1, 0.2, 0.5, *(1.0,) * 10, *(2.0,) * 24)
"""About a minute of tries: a restart of the server, or its recovery after a crash."""
OWNER = "owner"  # key of the row that names the process which holds the ledger
SITE = "site"  # and of the one that names the data directory whose log it follows
_LOCAL = ("127.", "::1", "/")

CONNECT = {  # what libpq is given unless the URL says otherwise: a server that vanished is noticed in 15 s
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
    "application_name": "anmin",
}
_SESSION = {  # what a role or database may have been given by default and a ledger cannot live with
    "statement_timeout": "0",
    "lock_timeout": "0",
    "transaction_timeout": "0",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "tcp_keepalives_idle": "10",  # the server's side: the lock of a host that died is free within 25 s
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_UNSAFE = (("fsync", "off"), ("full_page_writes", "off"), ("data_sync_retry", "on"))


class _Identity(NamedTuple):
    """Which history a session sees; a promoted standby or a restored copy is another."""

    system: int
    timeline: str


class Server:
    """The database that an engine leads to, and our hold on it."""

    def __init__(self, engine: Engine) -> None:
        self.where = place_of(engine.url)
        self._engine = engine
        self._token = secrets.token_hex(8)
        self._identity: _Identity | None = None

    def check(self) -> None:
        """Look without taking it, also beside a service that runs. Raises LedgerUnusable, ServerAway."""
        with self._linked() as connection:
            try:
                self._look(connection)
            except DBAPIError as error:
                raise refused(error, self.where) from error

    def take(
        self, pauses: tuple[float, ...] = (), given_up: Callable[[], bool] = lambda: False
    ) -> Connection:
        """A connection that holds the lock, on a server that keeps its word. Tried again after each pause.

        Raises LedgerUnusable, ServerAway.
        """
        waiting = False
        for pause in pauses:
            try:
                return self._once()
            except LedgerUnusable as why:
                if not why.passes or given_up():
                    raise
                if not waiting:
                    _log.warning("ledger.waiting", why=str(why), for_s=round(sum(pauses)))
                waiting = True
                time.sleep(pause)
        return self._once()

    def _once(self) -> Connection:
        connection = self._linked()
        try:
            with connection.begin():
                self._look(connection)
                self._lock(connection)
                self._recognise(connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, DBAPIError):
                raise refused(error, self.where) from error
            raise
        return connection

    def _linked(self) -> Connection:
        try:
            return self._engine.connect()
        except DBAPIError as error:
            raise refused(error, self.where) from error

    def own(self, connection: Connection, site: str) -> None:
        """Write down who holds it, once its tables are there: what `take` compares later.

        `site`: the data directory whose log it follows; that of another is refused with LedgerUnusable.
        """
        with connection.begin():
            known = _noted(connection, SITE)
            if known and site and known != site:
                raise LedgerUnusable(
                    f"{self.where}: this ledger follows the log of another data directory; name that one in "
                    "[site] data_dir, or an empty database in [ledger] url",
                    f"{self.where}：这个账本属于另一个数据目录的日志；"
                    "请在 [site] data_dir 中写那个目录，或在 [ledger] url 中写一个空数据库",
                )
            _note(connection, OWNER, self._token)
            _note(connection, SITE, known or site)
            self._identity = _identity(connection)

    def _look(self, connection: Connection) -> None:
        """Refuse a server on which a commit is no promise."""
        if connection.execute(text("SELECT pg_is_in_recovery()")).scalar():
            raise ServerAway(
                f"{self.where}: this server is a standby, read only; name the primary in [ledger] url",
                f"{self.where}：该服务器是备机，不能写入；请在 [ledger] url 中写主机",
            )
        settings = _settings(connection)
        if settings["server_encoding"] != "UTF8":
            raise LedgerUnusable(
                f"{self.where}: the database is encoded as {settings['server_encoding']}; "
                "make one with ENCODING 'UTF8' TEMPLATE template0 and name it in [ledger] url",
                f"{self.where}：数据库编码是 {settings['server_encoding']}；"
                "请用 ENCODING 'UTF8' TEMPLATE template0 新建，并写入 [ledger] url",
            )
        for name, bad in _UNSAFE:
            if settings[name] == bad:
                good = "on" if bad == "off" else "off"
                raise LedgerUnusable(
                    f"{self.where}: {name} is {bad}, so that a crash of the server may damage the ledger; "
                    f"set {name} = {good} in postgresql.conf and restart the server",
                    f"{self.where}：{name} = {bad}，服务器崩溃可能损坏账本；"
                    f"请在 postgresql.conf 中设 {name} = {good} 并重启服务器",
                )
        for warning in self._warnings(connection, settings):
            _log.warning("ledger.server", where=self.where, warning=warning)

    def _warnings(self, connection: Connection, settings: dict[str, str]) -> Iterator[str]:
        """What a start is no worse for, and somebody should know."""
        if self._identity is not None:
            return  # said at the start
        how = settings["synchronous_commit"]
        if how in ("local", "remote_write") and settings["synchronous_standby_names"]:
            yield f"synchronous_commit is {how}: what is committed may be lost when the standby takes over"
        link = connection.connection.driver_connection
        host = getattr(link.info, "hostaddr", "") or link.info.host if link else ""
        if link and not host.startswith(_LOCAL) and not link.pgconn.ssl_in_use:
            yield "not encrypted: whoever is on the network can read it; add ?sslmode=verify-full to the url"

    def _lock(self, connection: Connection) -> None:
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar():
            return
        raise LedgerUnusable(
            f"{self.where}: another Anmin holds this ledger ({_holder(connection)}); "
            "stop that one first, or name another database in [ledger] url",
            f"{self.where}：另一个 Anmin 正在使用这个账本（{_holder(connection)}）；"
            "请先停止它，或在 [ledger] url 中写另一个数据库",
            passes=True,
        )

    def _recognise(self, connection: Connection) -> None:
        """After an absence: the history that we know, written by us alone."""
        if self._identity is None:
            return
        if (_noted(connection, OWNER), _identity(connection)) != (self._token, self._identity):
            raise LedgerUnusable(
                f"{self.where}: the database that came back is not as we left it (another service used it, a "
                "standby took over, or it was restored); the next start compares it with the log",
                f"{self.where}：恢复连接的数据库与断开前不同（被其他服务使用、备机接管或被还原过）；"
                "下次启动时会与日志比对",
            )


def _noted(connection: Connection, key: str) -> str:
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar() or ""


def _note(connection: Connection, key: str, value: str) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta), {"key": key, "value": value})


def _settings(connection: Connection) -> dict[str, str]:
    found = connection.execute(text("SELECT name, setting FROM pg_settings"))
    return {row.name: row.setting for row in found}


def _identity(connection: Connection) -> _Identity:
    query = "SELECT system_identifier, pg_walfile_name(pg_current_wal_lsn()) FROM pg_control_system()"
    system, file = connection.execute(text(query)).one()
    return _Identity(system, file[:8])


def _holder(connection: Connection) -> str:
    """Who has the lock, as far as the server tells: `process 17 of the server, from 10.0.0.5`."""
    query = """
        SELECT l.pid, coalesce(host(a.client_addr), 'the same machine')
        FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32 | l.objid::bigint) = :key"""
    row = connection.execute(text(query), {"key": LOCK}).first()
    return f"session {row[0]} of the server, from {row[1]}" if row else "just now"


def prepare(engine: Engine) -> None:
    """Give every connection of an engine what the ledger needs."""
    event.listen(engine, "connect", _arrive)


def _arrive(driver: Any, _record: object) -> None:
    driver.adapters.register_dumper(str, _text_dumper())
    cursor = driver.cursor()
    known = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s"
    for name, value in _SESSION.items():
        cursor.execute(known, (value, name))
    # off would promise what may be lost; whoever chose more than on, or local beside a standby, has a reason
    durable = "SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'synchronous_commit'"
    cursor.execute(f"{durable} AND setting = 'off'")
    cursor.close()
    driver.commit()


@cache
def _text_dumper() -> Any:
    """PostgreSQL has no NUL in a text: one that a device sent becomes a mark, not an end of the service."""
    from psycopg.types.string import StrDumperUnknown

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return WithoutNul


def cancel(driver: Any) -> None:
    """Interrupt what runs, from the event loop: the request is a connection of its own, hence a thread."""

    def ask() -> None:
        with suppress(Exception):  # it was over, or the server is gone: whoever waits for it will hear
            driver.cancel_safe(timeout=2.0)

    Thread(target=ask, name="ledger cancel", daemon=True).start()
