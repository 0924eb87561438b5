"""The incident machine: one table, and `decide`, which says what follows from a cause.

Causes come from sensors (`Join`), from time (`TimedOut`, `TierDue`, `AckDue`, `ClockDue`) and from people
(the commands). `decide` returns events and changes nothing; `evolve` applies one event and decides nothing.
The same pair runs live and in replay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from alerts.incidents import events as e
from alerts.incidents.command import (
    Accept,
    Acknowledge,
    Arrive,
    Close,
    Command,
    Confirm,
    Contain,
    Declined,
    Dispatch,
    Dispute,
    Reopen,
    Resolve,
    Respond,
)
from alerts.incidents.consequence import Context, Make, consequences
from alerts.incidents.evolution import evolve
from alerts.incidents.state import Condition, Incident, Stage, Standing, voices
from alerts.incidents.verification import times_out
from alerts.response.dispatch import Clock
from alerts.response.plan import LONGEST_WINDOW, Plan
from devices.instant import Instant
from devices.level import Level
from rules.verdict import Transition

__all__ = ["TABLE", "Cause", "Context", "Move", "Trigger", "decide", "evolve"]


class Trigger(StrEnum):
    JOIN = "join"  # another source, or the same one at another level
    WORSEN = "worsen"  # a source at pre-alarm or more, and worse than it was
    TIMEOUT = "timeout"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    OVERDUE = "overdue"
    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    ARRIVE = "arrive"
    CONTAIN = "contain"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    RESPOND = "respond"


class Move(StrEnum):
    """What a trigger does to a stage when it does not lead to a fixed one."""

    STAY = "stay"  # recorded, the stage stays
    SAME = "same"  # it is so already: nothing happens, and that is no error
    REFUSE = "refuse"
    VERIFIED = "verified"  # as far as the crew is: active, responding or on scene


_S, _X, _R, _V = Move.STAY, Move.SAME, Move.REFUSE, Move.VERIFIED
_RESP, _ON, _CON, _RES, _CLO = (
    Stage.RESPONDING,
    Stage.ON_SCENE,
    Stage.CONTAINED,
    Stage.RESOLVED,
    Stage.CLOSED,
)
_COLUMNS: Final = (
    Stage.VERIFYING,
    Stage.ACTIVE,
    Stage.RESPONDING,
    Stage.ON_SCENE,
    Stage.CONTAINED,
    Stage.RESOLVED,
    Stage.CLOSED,
)
_ROWS: Final[dict[Trigger, tuple[Stage | Move, ...]]] = {
    #                    verifying active responding on_scene contained resolved closed
    Trigger.JOIN: (_S, _S, _S, _S, _S, _S, _R),
    Trigger.WORSEN: (_S, _S, _S, _S, _V, _V, _R),
    Trigger.TIMEOUT: (_V, _X, _X, _X, _X, _X, _X),
    Trigger.ESCALATE: (_S, _S, _S, _S, _X, _X, _X),
    Trigger.LAPSE: (_S, _S, _S, _S, _X, _X, _X),
    Trigger.OVERDUE: (_S, _S, _S, _S, _X, _X, _X),
    Trigger.ACKNOWLEDGE: (_S, _S, _S, _S, _S, _S, _R),
    Trigger.CONFIRM: (_V, _S, _S, _S, _S, _R, _R),
    Trigger.DISPUTE: (_S, _S, _S, _S, _S, _R, _R),
    Trigger.DISPATCH: (_S, _S, _S, _S, _S, _R, _R),
    Trigger.ACCEPT: (_S, _RESP, _X, _X, _X, _R, _R),
    Trigger.ARRIVE: (_S, _ON, _ON, _X, _X, _R, _R),
    Trigger.CONTAIN: (_CON, _CON, _CON, _CON, _X, _R, _R),
    Trigger.RESOLVE: (_R, _RES, _RES, _RES, _RES, _X, _R),
    Trigger.CLOSE: (_CLO, _CLO, _CLO, _CLO, _CLO, _CLO, _X),
    Trigger.REOPEN: (_R, _R, _R, _R, _R, _V, _R),
    Trigger.RESPOND: (_S, _S, _S, _S, _S, _S, _R),
}
TABLE: Final[dict[tuple[Stage, Trigger], Stage | Move]] = {
    (stage, trigger): move
    for trigger, row in _ROWS.items()
    for stage, move in zip(_COLUMNS, row, strict=True)
}


@dataclass(frozen=True, slots=True)
class Join:
    """A transition of a rule that belongs to this incident."""

    transition: Transition


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The verification window ended."""


@dataclass(frozen=True, slots=True)
class TierDue:
    """Nobody acknowledged in time."""


@dataclass(frozen=True, slots=True)
class AckDue:
    """The acknowledgement ran out."""


@dataclass(frozen=True, slots=True)
class ClockDue:
    """One of the crew's clocks ran out."""

    clock: Clock


Cause: TypeAlias = Join | TimedOut | TierDue | AckDue | ClockDue | Command


def open_incident(
    incident_id: str,
    transition: Transition,
    place_id: str,
    context: Context,
    *,
    again_of: str | None = None,
    vouched_by: str | None = None,
) -> tuple[e.Event, ...]:
    """The events of a new incident. `place_id` is the scope (household, zone) of the first source."""
    opened = e.Opened(
        id=context.stamp(),
        incident_id=incident_id,
        at=context.at,
        hazard=transition.hazard,
        place_id=place_id,
        source_place_id=transition.place_id,
        level=transition.after,
        subject=transition.subject,
        rule_id=transition.rule_id,
        rule_version=transition.rule_version,
        evidence=transition.evidence,
        drill=transition.test,
        age_unknown=transition.age_unknown,
        again_of=again_of,
        vouched_by=vouched_by,
    )
    return (opened, *consequences(evolve(None, opened), context))


def decide(incident: Incident, cause: Cause, context: Context) -> tuple[e.Event, ...] | Declined:
    """What follows from a cause, by the table; nothing is changed."""
    trigger = _trigger(incident, cause)
    move = TABLE[incident.stage, trigger]
    if move is Move.REFUSE:
        return _refusal(incident, trigger)
    if move is Move.SAME:
        return ()
    if isinstance(cause, Close | Resolve) and (declined := _may_not_end(incident, cause, context.plan)):
        return declined
    direct = tuple(_direct(incident, cause, trigger, context))
    after = incident
    for event in direct:
        after = evolve(after, event)
    return (*direct, *consequences(after, context))


_TRIGGERS: Final[dict[type, Trigger]] = {
    Join: Trigger.JOIN,
    TimedOut: Trigger.TIMEOUT,
    TierDue: Trigger.ESCALATE,
    AckDue: Trigger.LAPSE,
    ClockDue: Trigger.OVERDUE,
    Acknowledge: Trigger.ACKNOWLEDGE,
    Confirm: Trigger.CONFIRM,
    Dispute: Trigger.DISPUTE,
    Dispatch: Trigger.DISPATCH,
    Accept: Trigger.ACCEPT,
    Arrive: Trigger.ARRIVE,
    Contain: Trigger.CONTAIN,
    Resolve: Trigger.RESOLVE,
    Close: Trigger.CLOSE,
    Reopen: Trigger.REOPEN,
    Respond: Trigger.RESPOND,
}


def _trigger(incident: Incident, cause: Cause) -> Trigger:
    if isinstance(cause, Join) and _worsens(incident, cause.transition):
        return Trigger.WORSEN
    return _TRIGGERS[type(cause)]


def _worsens(incident: Incident, transition: Transition) -> bool:
    """Worse than what this incident knows of the source: what only says it again or cools down is not."""
    known = _known(incident, transition)
    before = transition.before if known is None else known.level
    return transition.after >= Level.PREALARM and transition.after > before


def _known(incident: Incident, transition: Transition) -> Standing | None:
    about = (transition.rule_id, transition.subject)
    return next((known for known in incident.standings if (known.rule_id, known.subject) == about), None)


def _refusal(incident: Incident, trigger: Trigger) -> Declined:
    if incident.stage is Stage.CLOSED:
        return Declined("closed", "the incident is closed; what happens now is a new one")
    return Declined("not_in_stage", f"{trigger.value} is not possible while {incident.stage.value}")


_STILL = (
    "a detector still measures it: reset it or wait until it reads clear; where none can be heard any more, "
    "one person arrives there and another one ends it"
)
_STATED_FALSE = (e.Disposition.FALSE_COOKING, e.Disposition.FALSE_DEVICE, e.Disposition.DUPLICATE)


def _may_not_end(incident: Incident, ask: Close | Resolve, plan: Plan) -> Declined | None:
    """Gas, CO and flood end by measurement (Shiyan 2021), for nobody may be told to return into it.

    Where nothing measures any more, two people say so: one who is there, and another one. A device that
    nobody registered is no measurement. What is real closes when no source is in alarm any more.
    """
    if incident.drill or incident.condition is Condition.NORMAL:
        return None
    blind = incident.condition is Condition.UNKNOWN
    if plan.needs_clear and any(standing.voices for standing in incident.standings):
        may = blind and incident.arrived_by not in (None, ask.by)
    else:
        may = blind or isinstance(ask, Resolve) or ask.disposition in _STATED_FALSE
    return None if may else Declined("still_abnormal", _STILL)


def _direct(incident: Incident, cause: Cause, trigger: Trigger, context: Context) -> Iterator[e.Event]:
    """The events that say the cause itself; what follows from them comes after."""
    make = context.maker(incident.id)
    match cause:
        case Join(transition):
            yield _joined(incident, transition, make)
            if trigger is Trigger.WORSEN and TABLE[incident.stage, trigger] is Move.VERIFIED:
                yield make(e.Reopened, by="system")
        case TimedOut():
            if times_out(incident):
                yield make(e.Activated, because=e.Because.TIMEOUT)
            else:
                yield make(e.WindowEnded)
        case TierDue():
            yield make(e.Escalated, tier=incident.tier + 1)
        case AckDue():
            yield make(e.Lapsed, because="time")
        case ClockDue(clock):
            yield make(e.Overdue, clock=clock)
        case _:
            yield from _commanded(incident, cause, context, make)


def _joined(incident: Incident, transition: Transition, make: Make) -> e.Event:
    facts = {
        "subject": transition.subject,
        "rule_id": transition.rule_id,
        "level": transition.after,
        "evidence": transition.evidence,
    }
    if _known(incident, transition) is not None:
        return make(e.Changed, **facts)
    heard = {voice for standing in incident.standings for voice in standing.voices}
    return make(
        e.Joined,
        place_id=transition.place_id,
        rule_version=transition.rule_version,
        independent=not voices(transition.subject, transition.evidence) <= heard,
        **facts,
    )


def _commanded(incident: Incident, command: Command, context: Context, make: Make) -> Iterator[e.Event]:
    match command:
        case Acknowledge(by=by):
            until = context.at + context.plan.acknowledged_for
            yield make(e.Acknowledged, by=by, level=incident.peak, until=until)
        case Confirm(by=by):
            if incident.confirmed_by is None:
                yield make(e.Confirmed, by=by)
        case Dispute(by=by, reason=reason):
            yield make(e.Disputed, by=by, reason=reason, until=_longest(incident))
        case Dispatch():
            if incident.dispatched_at is None and context.station_id is not None:
                yield make(e.Dispatched, station_id=context.station_id)
        case Accept(by=by):
            if incident.accepted_at is None:
                yield make(e.Accepted, by=by)
        case Arrive(by=by):
            if incident.arrived_at is None:
                yield make(e.Arrived, by=by)
        case Contain(by=by):
            yield make(e.Contained, by=by)
        case Resolve(by=by):
            yield make(e.Resolved, by=by)
        case Reopen(by=by):
            yield make(e.Reopened, by=by)
        case Close(by=by, disposition=disposition):
            yield make(e.Closed, by=by, disposition=disposition)
        case Respond(by=by, household_id=household_id, reply=reply):
            if (household_id, reply) not in incident.replies:
                yield make(e.Replied, household_id=household_id, by=by, reply=reply)


def _longest(incident: Incident) -> Instant | None:
    """Whoever disputes gets the longest window that is allowed to close it, counted from the alarm."""
    if incident.window_until is None or incident.alarm_at is None:
        return None
    return max(incident.window_until, incident.alarm_at + LONGEST_WINDOW)
