"""Who is next, and when: tiers that are told while nobody owns the incident."""

from __future__ import annotations

from alerts.incidents.state import Incident, Stage
from alerts.response.plan import Plan
from devices.instant import Instant

QUIET = (Stage.CONTAINED, Stage.RESOLVED, Stage.CLOSED)
"""Stages in which somebody evidently has it in hand."""


def next_tier_at(incident: Incident, plan: Plan) -> Instant | None:
    """When the tier after `incident.tier` is told; None while it is owned, in hand, or there is none left."""
    if incident.alarm_at is None or incident.ack is not None or incident.stage in QUIET:
        return None
    if incident.tier >= len(plan.tiers):
        return None
    return max(incident.alarm_at + plan.tiers[incident.tier], incident.unowned_at or 0)


def lapses_at(incident: Incident) -> Instant | None:
    """When the acknowledgement runs out: at its end, unless somebody did something since it was given."""
    if incident.ack is None or incident.stage in QUIET:
        return None
    if incident.progress_at is not None and incident.progress_at > incident.ack.at:
        return None
    return incident.ack.until
