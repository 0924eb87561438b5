"""Brings a ledger to this version's tables before anything else opens it, with a copy made first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from anmin.folder import back_up
from devices.instant import Instant

_log = structlog.get_logger("anmin.backends")
_SCRIPTS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The tables were made by a later version; this one would misread them."""

    def __init__(self, url: str, found: str, known: str) -> None:
        super().__init__(url, found, known)
        self.url = url
        self.found = found
        self.known = known

    def __str__(self) -> str:
        return (
            f"{self.url}: the ledger has schema {self.found}, this version knows up to {self.known}; "
            f"run the newer version, or put back the copy from the backups folder that was made before it"
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


def migrate(engine: Engine, backups: Path | None, at: Instant) -> None:
    """Upgrade to the newest revision. An existing SQLite file is copied first; nobody else has it open.

    Raises SchemaTooNew, and sqlite3.Error or OSError when the copy cannot be made: then nothing was changed.
    """
    newest = head()
    with engine.connect() as connection:
        found = current(connection)
    if found == newest:
        return
    if found is not None:
        _refuse_unknown(engine, found, newest)
        _copy(engine, backups, newest, at)
    _upgrade(engine, newest)
    _log.info("ledger.migrated", before=found, after=newest)


def _refuse_unknown(engine: Engine, found: str, newest: str) -> None:
    if found not in {script.revision for script in scripts().walk_revisions()}:
        raise SchemaTooNew(repr(engine.url), found, newest)


def _copy(engine: Engine, backups: Path | None, newest: str, at: Instant) -> None:
    file = engine.url.database
    if engine.dialect.name == "sqlite" and file and backups is not None:
        engine.dispose()
        copy = back_up(Path(file), backups, f"before-{newest}", at)
        _log.info("ledger.backed_up", copy=str(copy))
    else:  # a database server is backed up by those who run it
        _log.warning("ledger.not_backed_up", url=repr(engine.url), do="back the database up before upgrades")


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
