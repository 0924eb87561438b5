"""What one event makes of an incident: a table of small functions, and nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from alerts.incidents import events as e
from alerts.incidents.state import Ack, Condition, Incident, Stage, Standing
from devices.level import Level


def evolve(incident: Incident | None, event: e.Event) -> Incident:
    """The incident after the event. Only `Opened` may come to None; anything else there is a bug."""
    if isinstance(event, e.Opened):
        return _opened(event)
    assert incident is not None, f"{event.kind} before opened"
    return _EVOLVE[type(event)](incident, event)


def verified_stage(incident: Incident) -> Stage:
    """How far the crew is with something that is no longer being verified."""
    if incident.arrived_at is not None:
        return Stage.ON_SCENE
    return Stage.RESPONDING if incident.accepted_at is not None else Stage.ACTIVE


def _to(incident: Incident, stage: Stage, event: e.Event, **fields: Any) -> Incident:
    if stage is incident.stage:
        return replace(incident, **fields)
    return replace(incident, stage=stage, stages=(*incident.stages, (stage, event.at)), **fields)


def _opened(event: e.Opened) -> Incident:
    return Incident(
        id=event.incident_id,
        hazard=event.hazard,
        place_id=event.place_id,
        opened_at=event.at,
        drill=event.drill,
        stage=Stage.VERIFYING,
        level=event.level,
        peak=event.level,
        standings=(
            Standing(
                event.rule_id,
                event.rule_version,
                event.subject,
                event.source_place_id,
                event.level,
                event.level,
                event.at,
                event.evidence,
            ),
        ),
        age_unknown=event.age_unknown,
        again_of=event.again_of,
        vouched_by=event.vouched_by,
        alarm_at=event.at if event.level >= Level.ALARM else None,
        stages=((Stage.VERIFYING, event.at),),
    )


def _with_standings(incident: Incident, standings: tuple[Standing, ...]) -> Incident:
    level = max((standing.level for standing in standings), default=Level.CLEAR)
    abnormal = level > Level.CLEAR
    condition = Condition.ABNORMAL if abnormal else incident.condition
    return replace(incident, standings=standings, level=level, condition=condition)


def _joined(incident: Incident, event: e.Joined) -> Incident:
    new = Standing(
        event.rule_id,
        event.rule_version,
        event.subject,
        event.place_id,
        event.level,
        event.level,
        event.at,
        event.evidence,
    )
    return _with_standings(incident, (*incident.standings, new))


def _changed(incident: Incident, event: e.Changed) -> Incident:
    def after(standing: Standing) -> Standing:
        if standing.rule_id != event.rule_id or standing.subject != event.subject:
            return standing
        evidence = event.evidence if event.level >= standing.level else standing.evidence
        peak = max(standing.peak, event.level)
        return replace(standing, level=event.level, peak=peak, since_at=event.at, evidence=evidence)

    return _with_standings(incident, tuple(after(standing) for standing in incident.standings))


def _worsened(incident: Incident, event: e.Worsened) -> Incident:
    alarmed = event.level >= Level.ALARM and incident.alarm_at is None
    return replace(incident, peak=event.level, alarm_at=event.at if alarmed else incident.alarm_at)


def _acknowledged(incident: Incident, event: e.Acknowledged) -> Incident:
    return replace(incident, ack=Ack(event.by, event.level, event.at, event.until))


def _disputed(incident: Incident, event: e.Disputed) -> Incident:
    return replace(
        incident,
        disputed_by=event.by,
        progress_at=event.at,
        window_until=event.until or incident.window_until,
    )


def _accepted(incident: Incident, event: e.Accepted) -> Incident:
    stage = Stage.RESPONDING if incident.stage is Stage.ACTIVE else incident.stage
    return _to(incident, stage, event, accepted_by=event.by, accepted_at=event.at, progress_at=event.at)


def _arrived(incident: Incident, event: e.Arrived) -> Incident:
    moving = incident.stage in (Stage.ACTIVE, Stage.RESPONDING)
    stage = Stage.ON_SCENE if moving else incident.stage
    return _to(incident, stage, event, arrived_by=event.by, arrived_at=event.at, progress_at=event.at)


def _activated(incident: Incident, event: e.Activated) -> Incident:
    return _to(incident, verified_stage(incident), event, window_until=None)


def _contained(incident: Incident, event: e.Contained) -> Incident:
    return _to(incident, Stage.CONTAINED, event, window_until=None, progress_at=event.at)


def _reopened(incident: Incident, event: e.Reopened) -> Incident:
    """Nobody owns it and the clocks start anew; a crew that was sent home has to be called again."""
    since = event.at if incident.alarm_at is not None else None
    again = replace(incident, ack=None, tier=0, overdue=(), alarm_at=since)
    if incident.stage is Stage.RESOLVED:
        again = replace(again, accepted_by=None, accepted_at=None, arrived_by=None, arrived_at=None)
    return _to(again, verified_stage(again), event)


def _closed(incident: Incident, event: e.Closed) -> Incident:
    return _to(incident, Stage.CLOSED, event, window_until=None, ack=None, disposition=event.disposition)


def _replied(incident: Incident, event: e.Replied) -> Incident:
    others = tuple(pair for pair in incident.replies if pair[0] != event.household_id)
    return replace(incident, replies=(*others, (event.household_id, event.reply)))


_EVOLVE: Final[dict[type, Callable[[Incident, Any], Incident]]] = {
    e.Joined: _joined,
    e.Changed: _changed,
    e.Worsened: _worsened,
    e.Cleared: lambda incident, _: replace(incident, condition=Condition.NORMAL),
    e.Blinded: lambda incident, _: replace(incident, condition=Condition.UNKNOWN),
    e.Verifying: lambda incident, event: replace(incident, window_until=event.until),
    e.WindowEnded: lambda incident, _: replace(incident, window_until=None),
    e.Activated: _activated,
    e.Acknowledged: _acknowledged,
    e.Lapsed: lambda incident, event: replace(incident, ack=None, unowned_at=event.at),
    e.Confirmed: lambda incident, event: replace(incident, confirmed_by=event.by, progress_at=event.at),
    e.Disputed: _disputed,
    e.Escalated: lambda incident, event: replace(incident, tier=event.tier),
    e.Dispatched: lambda incident, event: replace(
        incident, station_id=event.station_id, dispatched_at=event.at
    ),
    e.Accepted: _accepted,
    e.Arrived: _arrived,
    e.Overdue: lambda incident, event: replace(incident, overdue=(*incident.overdue, event.clock)),
    e.Contained: _contained,
    e.Resolved: lambda incident, event: _to(incident, Stage.RESOLVED, event, progress_at=event.at),
    e.Reopened: _reopened,
    e.Closed: _closed,
    e.Announced: lambda incident, event: replace(incident, version=event.version, said=event.purpose),
    e.Delivered: lambda incident, _: incident,
    e.Replied: _replied,
}
