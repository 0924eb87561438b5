"""What people have to be told after a change: the strongest purpose, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.broadcasts.broadcast import Purpose
from alerts.incidents import events as e
from alerts.incidents.state import Incident, Stage
from alerts.incidents.territory import Territory
from alerts.incidents.verification import corroborated
from alerts.response.plan import Plan
from devices.level import Level


def purpose_of(
    before: Incident | None,
    after: Incident,
    events: Sequence[e.Event],
    plan: Plan,
    territory: Territory,
) -> Purpose | None:
    """One broadcast per change, so that nobody gets two messages about the same second."""
    if (ending := _ending(before, events)) is not None:
        return ending
    agreed = after.confirmed_by is not None or corroborated(after)
    moves = plan.moves_people and territory.can_be_moved(after.place_id, agreed=agreed)
    if _has(events, e.Activated) and moves:
        return Purpose.EVACUATE
    if _alarmed(before, after):
        return Purpose.ALERT
    if before is not None and _grown(before, after, events):
        return Purpose.GROWN if moves and after.stage is not Stage.VERIFYING else Purpose.ALERT
    if _has(events, e.Escalated) or _has(events, e.Activated):
        return Purpose.ESCALATE
    return Purpose.NOTICE if before is None or _has(events, e.Worsened) else None


def _has(events: Sequence[e.Event], kind: type[e.Event]) -> bool:
    return any(isinstance(event, kind) for event in events)


def _ending(before: Incident | None, events: Sequence[e.Event]) -> Purpose | None:
    """All-clear when the danger is over, retract when there was none; once."""
    for event in events:
        if isinstance(event, e.Resolved):
            return Purpose.ALL_CLEAR
        if isinstance(event, e.Closed) and before is not None and not _was_ended(before):
            real = event.disposition is e.Disposition.REAL
            return Purpose.ALL_CLEAR if real else Purpose.RETRACT
    return None


def _was_ended(incident: Incident) -> bool:
    return incident.said != "" and Purpose(incident.said).ends_it


def _alarmed(before: Incident | None, after: Incident) -> bool:
    was = before.peak if before is not None else Level.CLEAR
    return was < Level.ALARM <= after.peak


def _grown(before: Incident, after: Incident, events: Sequence[e.Event]) -> bool:
    """Further places at alarm, or a higher level, of something people already know."""
    if after.peak < Level.ALARM:
        return False
    further = any(isinstance(event, e.Joined) and event.level >= Level.ALARM for event in events)
    news = _has(events, e.Reopened) or _has(events, e.Confirmed)
    return after.peak > before.peak or news or (further and after.places != before.places)
