"""An older ledger is copied and brought up; a newer one is refused; a crash in between changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, Text

from anmin.backends import migrate as subject
from anmin.backends import schema
from anmin.backends.ledger import Ledger, engine_of
from anmin.backends.migrate import SchemaTooNew, current, head, migrate, scripts
from anmin.backends.unusable import LedgerUnusable
from devices.instant import SECOND
from tests.support.ledger import url_in
from tests.support.postgres import Postgres

SECOND_REVISION = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.execute("INSERT INTO meta VALUES ('upgraded', 'yes')")
    {then}
"""


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A version of the product that knows one more revision; its file is yet to be written."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    first = Path(scripts().dir) / "versions" / "r0001_first.py"
    (folder / "versions" / first.name).write_text(first.read_text())
    monkeypatch.setattr(subject, "_SCRIPTS", folder)
    return folder / "versions" / "r0002_more.py"


def made(folder: Path) -> str:
    url = url_in(folder)
    migrate(engine_of(url), None, 0)
    return url


def upgraded(folder: Path) -> bool:
    with sqlite3.connect(folder / "ledger.db") as connection:
        found = connection.execute("SELECT count(*) FROM meta WHERE key = 'upgraded'").fetchone()
    connection.close()
    return bool(found[0])


def test_new_ledger_gets_the_newest_tables_and_no_copy(tmp_path: Path) -> None:
    engine = engine_of(url_in(tmp_path))
    migrate(engine, tmp_path, 0)
    with engine.connect() as connection:
        assert current(connection) == head()
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]
    migrate(engine, tmp_path, 0)  # again: nothing to do


def test_older_ledger_is_copied_before_it_is_changed(tmp_path: Path, later: Path) -> None:
    url = made(tmp_path)
    later.write_text(SECOND_REVISION.format(then=""))
    backups = tmp_path / "backups"
    backups.mkdir()
    migrate(engine_of(url), backups, 1_700_000_000 * SECOND)
    assert upgraded(tmp_path)
    (copy,) = backups.iterdir()
    assert copy.name == "ledger-before-0002-20231114T221320Z.db"
    copy.rename(backups / "ledger.db")
    assert not upgraded(backups)


def test_failed_migration_leaves_the_tables_as_they_were(tmp_path: Path, later: Path) -> None:
    url = made(tmp_path)
    fails = "op.execute('CREATE TABLE half (x)'); raise KeyError('a bug')"
    later.write_text(SECOND_REVISION.format(then=fails))
    with pytest.raises(KeyError):
        migrate(engine_of(url), tmp_path, 0)
    assert not upgraded(tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    assert "half" not in names
    assert version == ("0001",)


def test_ledger_of_a_later_version_is_refused(tmp_path: Path) -> None:
    made(tmp_path)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.close()
    with pytest.raises(SchemaTooNew, match="has schema 0999, this version knows up to 0001; run the newer"):
        Ledger.open(url_in(tmp_path), at=0, broken=lambda _: None)


def test_without_a_copy_there_is_no_migration(tmp_path: Path, later: Path) -> None:
    url = made(tmp_path)
    later.write_text(SECOND_REVISION.format(then=""))
    with pytest.raises(LedgerUnusable):
        Ledger.open(url, at=0, broken=lambda _: None, backups=tmp_path / "missing")
    assert not upgraded(tmp_path)


def test_a_servers_database_is_changed_only_when_its_operator_has_backed_it_up(
    later: Path, postgres: Postgres
) -> None:
    name = postgres.database()
    engine = engine_of(postgres.url(name))
    migrate(engine, None, 0)
    later.write_text(SECOND_REVISION.format(then=""))
    for given in ("", "0002"):
        with pytest.raises(
            LedgerUnusable, match=r"schema 0001 to 0002.* run `pg_dump .* start again"
        ) as caught:
            migrate(engine, None, 0, given)
        assert f"pg_dump -Fc -f ledger-0001.dump {name}" in caught.value.zh
        assert 'upgrade_from = "0001"' in str(caught.value)
    migrate(engine, None, 0, "0001")
    upgraded = postgres.admin("SELECT value FROM meta WHERE key = 'upgraded'", database=name)
    assert upgraded == [("yes",)]
    migrate(engine, None, 0, "0001")  # the setting left in place allows nothing more


def test_a_failed_migration_leaves_a_servers_tables_as_they_were(later: Path, postgres: Postgres) -> None:
    name = postgres.database()
    engine = engine_of(postgres.url(name))
    migrate(engine, None, 0)
    later.write_text(
        SECOND_REVISION.format(then="op.execute('CREATE TABLE half (x int)'); raise KeyError('a bug')")
    )
    with pytest.raises(KeyError):
        migrate(engine, None, 0, "0001")
    found = "SELECT (SELECT version_num FROM alembic_version), to_regclass('half')"
    assert postgres.admin(found, database=name) == [("0001", None)]


def differences(url: str, wanted: MetaData) -> list[object]:
    engine = engine_of(url)
    migrate(engine, None, 0)
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), wanted))


def test_migrations_lead_to_the_tables_of_the_schema(tmp_path: Path) -> None:
    assert differences(url_in(tmp_path), schema.metadata) == []


def test_migrations_lead_to_them_on_a_server_too(postgres: Postgres) -> None:
    assert differences(postgres.url(), schema.metadata) == []


def test_a_table_without_a_migration_is_noticed(tmp_path: Path) -> None:
    """The control of the test above."""
    wanted = MetaData()
    for table in schema.metadata.sorted_tables:
        table.to_metadata(wanted)
    Table("forgotten", wanted, Column("key", Text, primary_key=True))
    assert len(differences(url_in(tmp_path), wanted)) == 1


def test_revisions_form_one_line() -> None:
    assert len(scripts().get_heads()) == 1
