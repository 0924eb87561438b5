"""The tables hold together: portable types, times as BIGINT, open states that mean what the machine means."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from alerts.broadcasts.delivery import State
from anmin.backends import schema


def test_every_time_is_a_big_integer() -> None:
    times = [column for table in schema.metadata.sorted_tables for column in table.c if is_time(column.name)]
    assert len(times) > 20
    assert [str(column) for column in times if not isinstance(column.type, BigInteger)] == []


def is_time(name: str) -> bool:
    return name == "at" or name.endswith(("_at", "_until"))


def test_open_states_are_those_in_which_somebody_must_still_act() -> None:
    assert {State(name) for name in schema.OPEN_STATES} == {State.QUEUED, State.LEASED, State.RETRYING}
    assert not any(State(name).is_final or State(name).reached for name in schema.OPEN_STATES)


def test_postgresql_understands_every_table_and_index() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # untyped in SQLAlchemy
    for table in schema.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect)).strip().startswith("CREATE TABLE")
        for index in table.indexes:
            assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))
    partial = next(index for index in schema.outbox.indexes if index.name == "outbox_open")
    assert "WHERE state IN" in str(
        CreateIndex(partial).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    )
