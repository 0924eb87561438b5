"""The outbox: what has to leave the house, who is sending it, what became of it.

Functions over one connection, run inside one ledger transaction. A row only moves as `_MAY_BECOME` says, so
that a replayed or late outcome never takes anything back: what reached a person stays reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Update, and_, exists, or_, select, update
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
_MAY_COME_FROM = {
    state: tuple(before.value for before, after in _MAY_BECOME.items() if state in after) for state in State
}


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
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    connection.execute(
        insert(outbox).on_conflict_do_nothing(index_elements=[outbox.c.key]), [_row(send) for send in new]
    )
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
    newer = outbox.alias()
    replaced = exists().where(
        newer.c.incident_id == outbox.c.incident_id,
        newer.c.recipient == outbox.c.recipient,
        newer.c.channel == outbox.c.channel,
        newer.c.version > outbox.c.version,
    )
    waiting = outbox.c.state.in_((State.QUEUED.value, State.RETRYING.value))
    scope = outbox.c.incident_id.in_(list(incidents)) if incidents is not None else waiting
    found = connection.execute(select(outbox.c.key).where(scope, waiting, replaced).order_by(outbox.c.key))
    keys = list(found.scalars())
    if keys:
        change = update(outbox).where(outbox.c.key.in_(keys))
        connection.execute(change.values(state=State.SUPERSEDED.value, leased_until=None, changed_at=at))
    return keys


def lease(connection: Connection, key: str, until: Instant, now: Instant) -> AnySend | None:
    """Take a send into one's hands; None when it must not, or need not, be sent now.

    None: it is superseded or final, past its deadline, in other hands, or something else to the same address
    of the same recipient and channel is. An expired lease may be taken over and marks a possible repeat.
    """
    row = connection.execute(select(outbox).where(outbox.c.key == key)).mappings().one_or_none()
    if row is None or row["state"] not in OPEN_STATES or row["deadline_at"] <= now:
        return None
    taken_over = row["state"] == State.LEASED
    if taken_over and row["leased_until"] > now:
        return None
    in_flight = select(outbox.c.key).where(
        outbox.c.recipient == row["recipient"],
        outbox.c.channel == row["channel"],
        outbox.c.address == row["address"],
        outbox.c.state == State.LEASED.value,
        outbox.c.leased_until > now,
    )
    if connection.execute(in_flight).first() is not None:
        return None
    change: dict[str, object] = {"state": State.LEASED.value, "leased_until": until, "changed_at": now}
    if taken_over:
        change["possible_repeat"] = True
    connection.execute(update(outbox).where(outbox.c.key == key).values(change))
    return load_send(row["body"])


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
    change = _move(key, state, detail, now).values(attempts=attempts, not_before_at=not_before_at)
    connection.execute(change)
    if state is State.RETRYING:
        _supersede(connection, _incident_of(connection, key), now)
    found = connection.execute(select(outbox.c.state).where(outbox.c.key == key)).scalar()
    return None if found is None else State(found)


def conclude(connection: Connection, outcomes: Iterable[tuple[str, State, str, Instant]]) -> None:
    """Outcomes that came back through the log: (key, state, detail, at). What says nothing new is dropped."""
    for key, state, detail, at in outcomes:
        connection.execute(_move(key, state, detail, at))


def _move(key: str, state: State, detail: str, at: Instant) -> Update:
    allowed = and_(outbox.c.key == key, outbox.c.state.in_(_MAY_COME_FROM[state]))
    return (
        update(outbox)
        .where(allowed)
        .values(state=state.value, detail=detail, leased_until=None, changed_at=at)
    )


def _incident_of(connection: Connection, key: str) -> list[str]:
    return list(connection.execute(select(outbox.c.incident_id).where(outbox.c.key == key)).scalars())


def open_sends(connection: Connection) -> list[OpenSend]:
    """Everything that is not finished, oldest version first, in the order it was meant."""
    query = (
        select(outbox)
        .where(outbox.c.state.in_(OPEN_STATES))
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
    query = select(outbox.c.body).where(outbox.c.state.in_(OPEN_STATES), outbox.c.deadline_at <= now, free)
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
