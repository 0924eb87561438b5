"""The first revision and the tables that the code uses are the same thing."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, Table, Text

from anmin.backends import schema
from tests.support.ledger import opened, url_in


def differences(connection: Connection, wanted: MetaData) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), wanted))


async def test_migrations_lead_to_the_tables_of_the_schema(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as ledger:
        assert await ledger.read(lambda c: differences(c, schema.metadata)) == []


async def test_a_table_without_a_migration_is_noticed(tmp_path: Path) -> None:
    """The control of the test above."""
    wanted = MetaData()
    for table in schema.metadata.sorted_tables:
        table.to_metadata(wanted)
    Table("forgotten", wanted, Column("key", Text, primary_key=True))
    async with opened(url_in(tmp_path)) as ledger:
        assert len(await ledger.read(lambda c: differences(c, wanted))) == 1
