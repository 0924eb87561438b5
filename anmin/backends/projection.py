"""What the log led to, as tables: one transaction per batch, with the cursor that says how far it goes.

Everything here is idempotent: rows are inserted by the ids that were derived from the log, and a batch at or
below the cursor counts nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerts.broadcasts.broadcast import AnySend
from alerts.broadcasts.delivery import State
from alerts.incidents.state import Incident, Stage
from anmin.backends import schema
from anmin.backends.outbox import conclude, put
from anmin.codec import AnyEvent, dump, load, load_event
from devices.instant import Instant

PIPELINE = "pipeline"
KEEP_PAYLOAD = 64 << 10
KEEP_SAMPLE = 4 << 10
_MANY = 500  # values in one IN list

Row: TypeAlias = Mapping[str, object]


class RejectRow(NamedTuple):
    """A message nobody understood. `payload` is cut to its first 64 KiB, `size` is the whole."""

    sequence: int
    at: Instant
    source: str
    topic: str
    reason: str
    detail: str
    address: str
    payload: bytes
    size: int
    replayed_at: Instant | None = None


class InboxRow(NamedTuple):
    """An address that spoke and belongs to no device. In a batch `messages` is how many more there were."""

    address: str
    dialect: str
    first_at: Instant
    last_at: Instant
    messages: int
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What the records up to `cursor` led to.

    `events`: (sequence, position within that record, event); `incidents`: as they are now;
    `outcomes`: (key of the send, state, detail, at).
    """

    cursor: int
    events: tuple[tuple[int, int, AnyEvent], ...] = ()
    incidents: tuple[Incident, ...] = ()
    sends: tuple[AnySend, ...] = ()
    rejects: tuple[RejectRow, ...] = ()
    inbox: tuple[InboxRow, ...] = ()
    outcomes: tuple[tuple[str, State, str, Instant], ...] = ()


def record_batch(connection: Connection, batch: Batch) -> list[str]:
    """Write a batch and its cursor. The keys of sends that newer versions in it replaced."""
    fresh = batch.cursor > cursor(connection)
    _insert_new(connection, schema.event, "id", [_event_row(*entry) for entry in batch.events])
    _put_incidents(connection, batch)
    replaced = put(connection, batch.sends)
    conclude(connection, batch.outcomes)
    _insert_new(connection, schema.reject, "sequence", [_reject_row(entry) for entry in batch.rejects])
    if fresh:
        _put_inbox(connection, batch.inbox)
        _set_cursor(connection, batch.cursor)
    return replaced


def cursor(connection: Connection, name: str = PIPELINE) -> int:
    """How far a reader of the log has come; 0 at the beginning."""
    found: int | None = connection.execute(_CURSOR, {"reader": name}).scalar()
    return found or 0


def keep_cursor(connection: Connection, name: str, sequence: int) -> None:
    """How far a reader of the log other than the pipeline has come; it may go back after a restore."""
    _set_cursor(connection, sequence, name)


def _set_cursor(connection: Connection, sequence: int, name: str = PIPELINE) -> None:
    connection.execute(_cursor_upsert(connection.dialect.name), {"name": name, "sequence": sequence})


# Statements are made once: making them takes longer than the database does.

_CURSOR = select(schema.cursor.c.sequence).where(schema.cursor.c.name == bindparam("reader"))


def _insert(dialect: str, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT; both spell it alike and share no type."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


@cache
def _insert_if_new(dialect: str, table: Table, key: str) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=[key])


@cache
def _cursor_upsert(dialect: str) -> Any:
    insert = _insert(dialect, schema.cursor)
    return insert.on_conflict_do_update(index_elements=["name"], set_={"sequence": insert.excluded.sequence})


@cache
def _incident_upsert(dialect: str) -> Any:
    insert = _insert(dialect, schema.incident)
    new = insert.excluded
    changing = ("stage", "level", "closed_at", "body", "sequence")
    return insert.on_conflict_do_update(
        index_elements=["id"],
        set_={name: new[name] for name in changing},
        where=new.sequence >= schema.incident.c.sequence,
    )


@cache
def _inbox_upsert(dialect: str) -> Any:
    insert = _insert(dialect, schema.inbox)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["address"],
        set_={
            "dialect": new.dialect,
            "last_at": new.last_at,
            "messages": schema.inbox.c.messages + new.messages,
            "sample": new.sample,
        },
    )


def _insert_new(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(_insert_if_new(connection.dialect.name, table, key), rows)


def _event_row(sequence: int, position: int, event: AnyEvent) -> Row:
    return {
        "id": event.id,
        "incident_id": event.incident_id,
        "sequence": sequence,
        "position": position,
        "at": event.at,
        "kind": event.kind,
        "body": dump(event),
    }


def _put_incidents(connection: Connection, batch: Batch) -> None:
    rows = [_incident_row(incident, batch.cursor) for incident in batch.incidents]
    if rows:
        connection.execute(_incident_upsert(connection.dialect.name), rows)


def _incident_row(incident: Incident, sequence: int) -> Row:
    return {
        "id": incident.id,
        "hazard": incident.hazard.value,
        "place_id": incident.place_id,
        "drill": incident.drill,
        "stage": incident.stage.value,
        "level": int(incident.level),
        "opened_at": incident.opened_at,
        "closed_at": incident.reached_stage_at(Stage.CLOSED),
        "body": dump(incident),
        "sequence": sequence,
    }


def _reject_row(entry: RejectRow) -> Row:
    return entry._asdict() | {"payload": entry.payload[:KEEP_PAYLOAD]}


def _put_inbox(connection: Connection, rows: Iterable[InboxRow]) -> None:
    values = [row._asdict() | {"sample": row.sample[:KEEP_SAMPLE]} for row in rows]
    if values:
        connection.execute(_inbox_upsert(connection.dialect.name), values)


def event_ids(connection: Connection, after: int, until: int) -> list[tuple[int, int, str]]:
    """(sequence, position, id) of events with after < sequence <= until: what a replay is compared with."""
    table = schema.event.c
    query = (
        select(table.sequence, table.position, table.id)
        .where(table.sequence > after, table.sequence <= until)
        .order_by(table.sequence, table.position)
    )
    return [(row.sequence, row.position, row.id) for row in connection.execute(query)]


def incident_rows(
    connection: Connection, *, open_only: bool = False, limit: int | None = None
) -> list[Incident]:
    """Incidents, newest first."""
    table = schema.incident.c
    query = select(table.body).order_by(table.opened_at.desc(), table.id.desc()).limit(limit)
    if open_only:
        query = query.where(table.stage != Stage.CLOSED.value)
    return [load(Incident, body) for body in connection.execute(query).scalars()]


def timeline(connection: Connection, incident_id: str) -> list[AnyEvent]:
    """Everything that happened to one incident, in order."""
    return timelines(connection, [incident_id]).get(incident_id, [])


def timelines(connection: Connection, incident_ids: Sequence[str]) -> dict[str, list[AnyEvent]]:
    """The same for many at once; an incident without events is missing."""
    table = schema.event.c
    found: dict[str, list[AnyEvent]] = {}
    for start in range(0, len(incident_ids), _MANY):
        query = (
            select(table.incident_id, table.body)
            .where(table.incident_id.in_(incident_ids[start : start + _MANY]))
            .order_by(table.incident_id, table.sequence, table.position)
        )
        for row in connection.execute(query):
            found.setdefault(row.incident_id, []).append(load_event(row.body))
    return found


def rejects(connection: Connection, limit: int, before: int | None = None) -> list[RejectRow]:
    """Newest first; `before` is the sequence that the last page ended with."""
    table = schema.reject
    query = select(table).order_by(table.c.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.sequence < before)
    return [RejectRow(**row) for row in connection.execute(query).mappings()]


def reject(connection: Connection, sequence: int) -> RejectRow | None:
    table = schema.reject
    found = connection.execute(select(table).where(table.c.sequence == sequence)).mappings().one_or_none()
    return None if found is None else RejectRow(**found)


def mark_replayed(connection: Connection, sequence: int, at: Instant) -> None:
    table = schema.reject
    connection.execute(update(table).where(table.c.sequence == sequence).values(replayed_at=at))


def trim_rejects(connection: Connection, keep: int) -> int:
    """Delete all but the newest `keep`: a babbling device must not fill the disk. How many went."""
    table = schema.reject
    oldest = select(table.c.sequence).order_by(table.c.sequence.desc()).offset(keep).limit(1)
    limit = connection.execute(oldest).scalar()
    if limit is None:
        return 0
    return connection.execute(delete(table).where(table.c.sequence <= limit)).rowcount


def reject_count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(schema.reject)).scalar_one()


def inbox_rows(connection: Connection) -> list[InboxRow]:
    """Addresses without a device, last heard first."""
    table = schema.inbox
    query = select(table).order_by(table.c.last_at.desc(), table.c.address)
    return [InboxRow(**row) for row in connection.execute(query).mappings()]
