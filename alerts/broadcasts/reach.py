"""Who was told what, and what became of it: the memory behind all-clear, retract and "not reached"."""

from __future__ import annotations

from dataclasses import dataclass, replace

from alerts.broadcasts.broadcast import AnySend, Purpose, Recipient
from alerts.broadcasts.delivery import State
from devices.instant import Instant


@dataclass(frozen=True, slots=True)
class Told:
    """The newest send of one incident to one recipient on one channel."""

    recipient: Recipient
    key: str
    version: int
    purpose: Purpose
    state: State
    detail: str
    at: Instant


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What the dispatcher reports of one send; it comes back through the log."""

    incident_id: str
    key: str
    recipient: str
    channel: str
    state: State
    detail: str = ""


_ORDER = {state: rank for rank, state in enumerate((State.QUEUED, State.LEASED, State.RETRYING))}
_FINAL = {State.HANDED_OFF: 10, State.FAILED: 11, State.EXPIRED: 11, State.DELIVERED: 12, State.SEEN: 13}


def _rank(state: State) -> int:
    return _FINAL.get(state, _ORDER.get(state, 11))


def told(send: AnySend) -> Told:
    return Told(send.recipient, send.key, send.version, send.purpose, State.QUEUED, "", send.created_at)


def advance(known: Told, outcome: SendOutcome, at: Instant) -> Told | None:
    """The new state, or None when the outcome is of another send or says nothing newer.

    Receipts may overtake the hand-off, so states only ever move forward.
    """
    if known.key != outcome.key or _rank(outcome.state) <= _rank(known.state):
        return None
    return replace(known, state=outcome.state, detail=outcome.detail, at=at)
