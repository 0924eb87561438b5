"""What follows by itself from what just happened to an incident, one event at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from alerts.incidents import events as e
from alerts.incidents.evolution import evolve
from alerts.incidents.state import Condition, Incident
from alerts.incidents.verification import corroborated, ended_by, opens_until
from alerts.response.plan import Plan
from devices.instant import Instant
from devices.level import Level

Make: TypeAlias = Callable[..., e.Event]
"""(class of the event, its facts by name) -> the event with its head."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know beside the incident: when, by which plan, who serves the place.

    `stamp` yields the ids of the events, derived from the log record that caused them.
    """

    at: Instant
    plan: Plan
    station_id: str | None
    stamp: Callable[[], str]

    def maker(self, incident_id: str) -> Make:
        """Makes events of one incident at this instant."""

        def make(kind: Callable[..., e.Event], **facts: object) -> e.Event:
            return kind(id=self.stamp(), incident_id=incident_id, at=self.at, **facts)

        return make


def consequences(incident: Incident, context: Context) -> Iterator[e.Event]:
    """What follows, in a fixed order, until nothing does: each step adds exactly one event."""
    make = context.maker(incident.id)
    while incident.is_open and (event := _next(incident, context, make)) is not None:
        yield event
        incident = evolve(incident, event)


def assess(incident: Incident) -> Level:
    """The level it deserves: the highest that any source reached, one more when a second voice agrees.

    A person who saw it counts as a voice, and makes an alarm of what the sensors only suspect.
    """
    highest = max((standing.peak for standing in incident.standings), default=Level.CLEAR)
    if incident.confirmed_by is not None:
        highest = max(highest, Level.PREALARM)
    elif not corroborated(incident):
        return highest
    return Level(min(Level.CRITICAL, highest + 1))


def _next(incident: Incident, context: Context, make: Make) -> e.Event | None:
    if (level := assess(incident)) > incident.peak:
        return make(e.Worsened, level=level)
    if incident.ack is not None and incident.peak > incident.ack.level:
        return make(e.Lapsed, because="level")
    if (because := ended_by(incident, context.plan)) is not None:
        return make(e.Activated, because=because)
    if (until := opens_until(incident, context.plan, context.at)) is not None:
        return make(e.Verifying, until=until)
    if _calls_crew(incident, context):
        return make(e.Dispatched, station_id=context.station_id)
    return _condition_changed(incident, make)


def _calls_crew(incident: Incident, context: Context) -> bool:
    alarmed = incident.peak >= Level.ALARM and incident.dispatched_at is None
    return alarmed and context.station_id is not None


def _condition_changed(incident: Incident, make: Make) -> e.Event | None:
    now = _condition(incident)
    if now is incident.condition or now is Condition.ABNORMAL:
        return None
    return make(e.Cleared if now is Condition.NORMAL else e.Blinded)


def _condition(incident: Incident) -> Condition:
    levels = [standing.level for standing in incident.standings]
    if any(level > Level.CLEAR for level in levels):
        return Condition.ABNORMAL
    return Condition.UNKNOWN if Level.UNKNOWN in levels else Condition.NORMAL
