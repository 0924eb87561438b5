"""Brings a ledger to this version's tables before anything else opens it, with a copy made first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from anmin.backends.unusable import LedgerUnusable, place_of
from anmin.folder import back_up
from devices.instant import Instant

_log = structlog.get_logger("anmin.backends")
_SCRIPTS = Path(__file__).parent / "migrations"
_OURS = frozenset({"cursor", "event", "incident", "meta", "outbox"})
"""Tables of every revision: whoever has a revision and not these is somebody else."""


class SchemaTooNew(LedgerUnusable):
    """The tables were made by a later version; this one would misread them."""

    def __init__(self, where: str, found: str, known: str) -> None:
        super().__init__(
            f"{where}: the ledger has schema {found}, this version knows up to {known}; "
            "run the newer version, or put back the copy that was made before it",
            f"{where}：账本的结构版本是 {found}，本版本只认识到 {known}；"
            "请运行更新的版本，或还原升级前的备份",
        )


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def head() -> str:
    """The newest revision that this version knows."""
    found = scripts().get_current_head()
    assert found is not None, "the package carries no migrations"
    return found


def current(connection: Connection) -> str | None:
    """The revision of a database; None when it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine, backups: Path | None, at: Instant, upgrade_from: str = "") -> None:
    """Upgrade to the newest revision. An existing SQLite file is copied first; nobody else has it open.

    Raises what `look` raises, and sqlite3.Error or OSError when the copy cannot be made: then nothing was
    changed.
    """
    newest, found = head(), look(engine, upgrade_from)
    if found == newest:
        return
    if found is not None and engine.dialect.name == "sqlite":
        _copy(engine, backups, newest, at)
    _upgrade(engine, newest)
    _log.info("ledger.migrated", before=found, after=newest)


def look(engine: Engine, upgrade_from: str = "") -> str | None:
    """The revision that is there, None in an empty database. Changes nothing.

    A server's database cannot be copied from here: it may be changed only when its operator has named the
    revision that was backed up (`upgrade_from`). Raises LedgerUnusable otherwise, and for the tables of
    somebody else; SchemaTooNew.
    """
    with engine.connect() as connection:
        found = current(connection)
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    newest, where = head(), place_of(engine.url)
    if tables if found is None else not tables >= _OURS:
        raise _foreign(where, tables)
    if found is not None and found not in {script.revision for script in scripts().walk_revisions()}:
        raise SchemaTooNew(where, found, newest)
    if engine.dialect.name != "sqlite" and found not in (None, newest, upgrade_from):
        raise _not_backed_up(where, str(found), newest, engine.url.database or "")
    return found


def _foreign(where: str, tables: set[str]) -> LedgerUnusable:
    some = ", ".join(sorted(tables)[:3])
    return LedgerUnusable(
        f"{where}: the database is not empty and no ledger of Anmin (tables: {some or 'none of ours'}); "
        "give Anmin a database of its own and name it in [ledger] url",
        f"{where}：数据库不为空，也不是 Anmin 的账本（表：{some or '没有本系统的表'}）；"
        "请为 Anmin 单独建一个数据库，并写入 [ledger] url",
    )


def _not_backed_up(where: str, found: str, newest: str, database: str) -> LedgerUnusable:
    dump = f"pg_dump -Fc -f ledger-{found}.dump {database}"
    return LedgerUnusable(
        f"{where}: this version changes the tables (schema {found} to {newest}) and makes no copy of a "
        f'server\'s database: run `{dump}`, then set [ledger] upgrade_from = "{found}" and start again',
        f"{where}：本版本要更改数据表（{found} 到 {newest}），且不会备份服务器上的数据库："
        f'请先运行 `{dump}`，再设 [ledger] upgrade_from = "{found}" 并重新启动',
    )


def _copy(engine: Engine, backups: Path | None, newest: str, at: Instant) -> None:
    file = engine.url.database
    if file and backups is not None:
        engine.dispose()
        copy = back_up(Path(file), backups, f"before-{newest}", at)
        _log.info("ledger.backed_up", copy=str(copy))


def _upgrade(engine: Engine, newest: str) -> None:
    """All in one transaction: a crash in the middle leaves the tables as they were."""
    script = scripts()

    def steps(found: str, _context: MigrationContext) -> Any:
        return script._upgrade_revs(newest, found)  # what alembic's own `upgrade` command does

    with engine.begin() as connection, EnvironmentContext(_config(), script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config
