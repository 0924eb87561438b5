"""The window in which people may look: when it opens, what ends it, and that it always ends."""

from __future__ import annotations

from alerts.incidents.events import Because
from alerts.incidents.state import Condition, Incident, Stage
from alerts.response.plan import Plan
from devices.instant import Instant
from devices.level import Level


def corroborated(incident: Incident) -> bool:
    """Two independent voices: one at alarm and another at least at pre-alarm, which may be that of a kindred
    incident there (carbon monoxide or a hot cable before the smoke)."""
    loud = {voice for s in incident.standings if s.peak >= Level.PREALARM for voice in s.voices}
    return len(loud) + (incident.vouched_by is not None) >= 2 and any(
        s.peak >= Level.ALARM for s in incident.standings
    )


def ended_by(incident: Incident, plan: Plan) -> Because | None:
    """Why people need not look any longer, None while they still should."""
    if incident.stage is not Stage.VERIFYING or incident.peak < Level.ALARM:
        return None
    if incident.confirmed_by is not None:
        return Because.CONFIRMED
    if corroborated(incident):
        return Because.CORROBORATED
    if plan.verify_for == 0 or _critical(incident):
        return Because.LEVEL
    return None


def _critical(incident: Incident) -> bool:
    return any(standing.level >= Level.CRITICAL for standing in incident.standings)


def opens_until(incident: Incident, plan: Plan, at: Instant) -> Instant | None:
    """The end of the window that has to be opened now, None when none has to be.

    A source that went back to normal and comes again within the same incident opens a new one.
    """
    waiting = incident.stage is Stage.VERIFYING and incident.window_until is None
    loud = incident.level >= Level.ALARM and incident.condition is Condition.ABNORMAL
    return at + plan.verify_for if waiting and loud and plan.verify_for else None


def times_out(incident: Incident) -> bool:
    """Whether the end of the window tells the building. A source that is normal again tells the next tier
    instead: never silence, and no siren for what is over. Unknown counts as not over."""
    return incident.condition is not Condition.NORMAL
