"""The outbox: what has to leave the house, who is sending it, what became of it.

Functions over one connection, run inside one ledger transaction. A row only moves as `_MAY_BECOME` says, so
that a replayed or late outcome never takes anything back: what reached a person stays reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, exists, false, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerts.broadcasts.broadcast import AnySend, DrillSend
from alerts.broadcasts.delivery import State
from anmin.backends.schema import OPEN_STATES, outbox
from anmin.codec import dump, load_send
from devices.instant import Instant

_PROOF = frozenset({State.HANDED_OFF, State.DELIVERED, State.SEEN})
_MAY_BECOME: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset(State) - {State.QUEUED},
    State.LEASED: frozenset(State) - {State.LEASED, State.QUEUED},
    State.RETRYING: frozenset(State) - {State.QUEUED},
    State.HANDED_OFF: frozenset({State.DELIVERED, State.SEEN, State.FAILED}),
    State.DELIVERED: frozenset({State.SEEN}),
    State.SEEN: frozenset(),
    State.FAILED: _PROOF,
    State.EXPIRED: _PROOF,
    State.SUPERSEDED: _PROOF,
}


def _may_become(state: State) -> ColumnElement[bool]:
    """Not an IN: of that SQLAlchemy makes no executemany."""
    before = (before.value for before, after in _MAY_BECOME.items() if state in after)
    return or_(false(), *(outbox.c.state == one for one in before))


# Statements are made once: making them takes longer than the database does.

_OPEN = outbox.c.state.in_(bindparam("open", OPEN_STATES, expanding=True, literal_execute=True))
"""Spelled out, as the index `outbox_open` has it: SQLite uses that index for no parameter."""
_ROWS = select(outbox).where(outbox.c.key.in_(bindparam("keys", expanding=True)))
_IN_FLIGHT = select(outbox.c.recipient, outbox.c.channel, outbox.c.address).where(
    _OPEN,
    outbox.c.recipient.in_(bindparam("recipients", expanding=True)),
    outbox.c.state == State.LEASED.value,
    outbox.c.leased_until > bindparam("now"),
)
_LEASE = (
    update(outbox)
    .where(outbox.c.key == bindparam("taken"))
    .values(
        state=State.LEASED.value,
        leased_until=bindparam("until"),
        changed_at=bindparam("now"),
        possible_repeat=bindparam("again"),
    )
)
_MOVE = {
    state: update(outbox)
    .where(outbox.c.key == bindparam("moved"), _may_become(state))
    .values(state=state.value, detail=bindparam("why"), leased_until=None, changed_at=bindparam("now"))
    for state in State
}
_newer = outbox.alias()
_REPLACED = (
    select(outbox.c.key)
    .where(
        _OPEN,
        outbox.c.state != State.LEASED.value,
        exists().where(
            _newer.c.incident_id == outbox.c.incident_id,
            _newer.c.recipient == outbox.c.recipient,
            _newer.c.channel == outbox.c.channel,
            _newer.c.version > outbox.c.version,
        ),
    )
    .order_by(outbox.c.key)
)
_REPLACED_OF = _REPLACED.where(outbox.c.incident_id.in_(bindparam("incidents", expanding=True)))


@cache
def _put(dialect: str) -> Any:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert
    return insert(outbox).on_conflict_do_nothing(index_elements=[outbox.c.key])


class OpenSend(NamedTuple):
    """A row that somebody still has to do something about."""

    send: AnySend
    state: State
    attempts: int
    not_before_at: Instant
    leased_until: Instant | None
    possible_repeat: bool


class SentRow(NamedTuple):
    """One row of an incident, as people are shown it."""

    send: AnySend
    state: State
    detail: str
    attempts: int
    possible_repeat: bool
    changed_at: Instant


def put(connection: Connection, sends: Iterable[AnySend]) -> list[str]:
    """Insert what is not there yet and supersede what it replaces. The superseded keys, in order."""
    new = list(sends)
    if not new:
        return []
    connection.execute(_put(connection.dialect.name), [_row(send) for send in new])
    at = max(send.created_at for send in new)
    return _supersede(connection, sorted({send.incident_id for send in new}), at)


def _row(send: AnySend) -> dict[str, object]:
    return {
        "key": send.key,
        "incident_id": send.incident_id,
        "version": send.version,
        "purpose": send.purpose.value,
        "recipient": send.recipient.id,
        "channel": send.recipient.channel,
        "address": send.recipient.address,
        "drill": isinstance(send, DrillSend),
        "state": State.QUEUED.value,
        "body": dump(send),
        "created_at": send.created_at,
        "deadline_at": send.deadline_at,
        "not_before_at": send.created_at,
        "attempts": 0,
        "leased_until": None,
        "possible_repeat": False,
        "detail": "",
        "changed_at": send.created_at,
    }


def _supersede(connection: Connection, incidents: Iterable[str] | None, at: Instant) -> list[str]:
    """Rows not in anybody's hands for whose recipient and channel a newer version of the incident exists."""
    if incidents is None:
        found = connection.execute(_REPLACED)
    else:
        found = connection.execute(_REPLACED_OF, {"incidents": list(incidents)})
    keys = list(found.scalars())
    if keys:
        change = update(outbox).where(outbox.c.key.in_(keys))
        connection.execute(change.values(state=State.SUPERSEDED.value, leased_until=None, changed_at=at))
    return keys


def lease(connection: Connection, keys: Sequence[str], until: Instant, now: Instant) -> list[AnySend | None]:
    """Take sends into one's hands, in order; None for one that must not, or need not, be sent now.

    None: it is superseded or final, past its deadline, in other hands, or something else to the same address
    of the same recipient and channel is. An expired lease may be taken over and marks a possible repeat.
    """
    rows = {row["key"]: row for row in connection.execute(_ROWS, {"keys": list(keys)}).mappings()}
    recipients = [row["recipient"] for row in rows.values()]
    found = connection.execute(_IN_FLIGHT, {"recipients": recipients, "now": now})
    busy = {_lane(row) for row in found.mappings()}
    taken: list[dict[str, object]] = []
    sends: list[AnySend | None] = []
    for key in keys:
        row = rows.get(key)
        if row is None or row["state"] not in OPEN_STATES or row["deadline_at"] <= now or _lane(row) in busy:
            sends.append(None)
            continue
        busy.add(_lane(row))
        again = row["possible_repeat"] or row["state"] == State.LEASED
        taken.append({"taken": key, "until": until, "now": now, "again": again})
        sends.append(load_send(row["body"]))
    if taken:
        connection.execute(_LEASE, taken)
    return sends


def _lane(row: RowMapping) -> tuple[str, str, str]:
    return row["recipient"], row["channel"], row["address"]


def settle(
    connection: Connection,
    key: str,
    state: State,
    detail: str,
    attempts: int,
    not_before_at: Instant,
    now: Instant,
) -> State | None:
    """Write down what became of an attempt. The state the row is in then; None when there is no such row.

    RETRYING becomes SUPERSEDED when a newer version came while it was in flight: an alarm is not repeated
    after its all-clear.
    """
    moved = {"moved": key, "why": detail, "now": now}
    connection.execute(_MOVE[state].values(attempts=attempts, not_before_at=not_before_at), moved)
    if state is State.RETRYING:
        _supersede(connection, _incident_of(connection, key), now)
    found = connection.execute(select(outbox.c.state).where(outbox.c.key == key)).scalar()
    return None if found is None else State(found)


def conclude(connection: Connection, outcomes: Iterable[tuple[str, State, str, Instant]]) -> None:
    """Outcomes that came back through the log: (key, state, detail, at). What says nothing new is dropped."""
    for state, group in groupby(outcomes, key=itemgetter(1)):
        moves = [{"moved": key, "why": detail, "now": at} for key, _, detail, at in group]
        connection.execute(_MOVE[state], moves)


def _incident_of(connection: Connection, key: str) -> list[str]:
    return list(connection.execute(select(outbox.c.incident_id).where(outbox.c.key == key)).scalars())


def open_sends(connection: Connection) -> list[OpenSend]:
    """Everything that is not finished, oldest version first, in the order it was meant."""
    query = (
        select(outbox)
        .where(_OPEN)
        .order_by(outbox.c.created_at, outbox.c.incident_id, outbox.c.version, outbox.c.key)
    )
    return [
        OpenSend(
            load_send(row["body"]),
            State(row["state"]),
            row["attempts"],
            row["not_before_at"],
            row["leased_until"],
            row["possible_repeat"],
        )
        for row in connection.execute(query).mappings()
    ]


def void_leases(connection: Connection, now: Instant) -> int:
    """At start: what was in somebody's hands may have reached the provider and is sent again, so marked.

    How many there were.
    """
    leased = outbox.c.state == State.LEASED.value
    voided = connection.execute(
        update(outbox)
        .where(leased)
        .values(
            state=State.RETRYING.value,
            leased_until=None,
            possible_repeat=True,
            attempts=outbox.c.attempts + 1,
            not_before_at=now,
            changed_at=now,
        )
    ).rowcount
    _supersede(connection, None, now)
    return voided


def overdue(connection: Connection, now: Instant) -> list[AnySend]:
    """Open sends past their deadline that nobody has in hand: to be reported as expired."""
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    query = select(outbox.c.body).where(_OPEN, outbox.c.deadline_at <= now, free)
    return [load_send(body) for body in connection.execute(query.order_by(outbox.c.key)).scalars()]


def sends_of(connection: Connection, incident_id: str) -> list[SentRow]:
    """Every send of one incident, version by version."""
    query = (
        select(outbox)
        .where(outbox.c.incident_id == incident_id)
        .order_by(outbox.c.version, outbox.c.recipient, outbox.c.channel, outbox.c.address)
    )
    return [
        SentRow(
            load_send(row["body"]),
            State(row["state"]),
            row["detail"],
            row["attempts"],
            row["possible_repeat"],
            row["changed_at"],
        )
        for row in connection.execute(query).mappings()
    ]
