"""The crew's clocks 1-3-5: accepted, arrived, joined by others (公消〔2015〕301号), from the first alarm."""

from __future__ import annotations

from typing import Literal, TypeAlias

from alerts.incidents.state import Incident, Stage
from devices.instant import Instant
from devices.station import Station

Clock: TypeAlias = Literal["accept", "arrive", "joint"]


def next_clock(incident: Incident, station: Station | None) -> tuple[Instant, Clock] | None:
    """The next clock that can run out and when; None when the crew was not called or all are met or over."""
    if station is None or incident.dispatched_at is None or incident.alarm_at is None:
        return None
    if not incident.is_open or incident.stage in (Stage.CONTAINED, Stage.RESOLVED):
        return None
    start = incident.alarm_at
    clocks: tuple[tuple[Instant, Clock, bool], ...] = (
        (start + station.accept_within_for, "accept", incident.accepted_at is not None),
        (start + station.arrive_within_for, "arrive", incident.arrived_at is not None),
        (start + station.joint_within_for, "joint", incident.arrived_at is not None),
    )
    running = ((at, clock) for at, clock, met in clocks if not met and clock not in incident.overdue)
    return min(running, default=None)
