"""What people have to be told after a change: the strongest purpose, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.broadcasts.audience import is_confirmed
from alerts.broadcasts.broadcast import Purpose
from alerts.incidents import events as e
from alerts.incidents.state import Incident, Stage
from alerts.incidents.territory import Territory
from alerts.response.plan import Moves, Plan
from devices.level import Level

_ACTING = (Stage.ACTIVE, Stage.RESPONDING, Stage.ON_SCENE)


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
    placed = territory.can_be_moved(after.place_id)
    moves = placed and _moves(after, plan)
    moved = placed and before is not None and _moves(before, plan)
    if moves and not moved and not _has(events, e.Reopened):
        return Purpose.EVACUATE
    if _alarmed(before, after) or _has(events, e.Dispatched):
        return Purpose.ALERT
    if before is not None and _grown(before, after, events):
        return Purpose.GROWN if moves else Purpose.ALERT
    if _has(events, e.Escalated, e.Activated) or _unanswered(after, events, plan):
        return Purpose.ESCALATE
    if before is None or _has(events, e.Worsened):
        return Purpose.NOTICE
    return Purpose.OWNED if _has(events, e.Acknowledged) else None


def _moves(incident: Incident, plan: Plan) -> bool:
    """Whether people are told to move: verified, not yet in hand, and as far as the plan moves anybody."""
    if plan.moves is Moves.NEVER or incident.stage not in _ACTING or incident.peak < Level.ALARM:
        return False
    return plan.moves is Moves.ACTIVE or is_confirmed(incident)


def _unanswered(after: Incident, events: Sequence[e.Event], plan: Plan) -> bool:
    """Silence that no tier will break: the owner's crew does not come, or the owner of the last tier went."""
    if _has(events, e.Overdue):
        return after.ack is not None
    return _has(events, e.Lapsed) and after.tier >= len(plan.tiers)


def _has(events: Sequence[e.Event], *kinds: type[e.Event]) -> bool:
    return any(isinstance(event, kinds) for event in events)


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
