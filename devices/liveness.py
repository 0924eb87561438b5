"""Heard, late, silent: whether a device is there, told from when it spoke last and how often it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final, NamedTuple

from devices.device import Profile, misses
from devices.instant import DAY, SECOND, Instant, Micros

_MISSED_UNTIL_LATE: Final = 2
LEAST_SAID_FOR: Final[Micros] = 10 * SECOND
MOST_SAID_FOR: Final[Micros] = 7 * DAY


class Liveness(StrEnum):
    """Silence is a fault and never-heard is unknown; neither is ever shown as normal (R22).

    LATE: two reports are missing and it is not yet a fault; nobody is told of it.
    """

    HEARD = "heard"
    LATE = "late"
    SILENT = "silent"
    UNKNOWN = "unknown"


class Facts(NamedTuple):
    """What is known of a device that was heard. `values`: newest by quantity, and when (None: unknown);
    `reports_every_for`: how often it says of itself that it is heard (None: it never said)."""

    heard_at: Instant
    online: bool | None
    values: Mapping[str, tuple[float | None, Instant]]
    reports_every_for: Micros | None = None


def is_believable(reports_every_for: Micros) -> bool:
    """Of what a device says itself: less often than that, nobody would notice for weeks that it is gone."""
    return LEAST_SAID_FOR <= reports_every_for <= MOST_SAID_FOR


def expected(profile: Profile, said_for: Micros | None = None) -> Profile:
    """The profile with the interval that the device says itself. How many may be missing follows from it,
    unless somebody has set that number by hand."""
    if said_for is None or said_for == profile.reports_every_for:
        return profile
    by_rule = profile.missed_allowed == misses(profile.reports_every_for)
    missed = misses(said_for) if by_rule else profile.missed_allowed
    return replace(profile, reports_every_for=said_for, missed_allowed=missed)


def late_after_for(profile: Profile) -> Micros:
    return min(profile.missing_for(_MISSED_UNTIL_LATE), profile.silent_after_for)


def liveness(
    heard_at: Instant | None, now: Instant, profile: Profile, said_for: Micros | None = None
) -> Liveness:
    """What stands at `now`. `said_for`: the interval that the device says itself."""
    if heard_at is None:
        return Liveness.UNKNOWN
    quiet_for, terms = now - heard_at, expected(profile, said_for)
    if quiet_for > terms.silent_after_for:
        return Liveness.SILENT
    return Liveness.LATE if quiet_for > late_after_for(terms) else Liveness.HEARD
