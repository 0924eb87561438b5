"""Heard, late, silent: whether a device is there, told from when it spoke last and how often it should."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from devices.device import Profile
from devices.instant import Instant, Micros

_MISSED_UNTIL_LATE: Final = 2


class Liveness(StrEnum):
    """Silence is a fault and never-heard is unknown; neither is ever shown as normal (R22).

    LATE: two reports are missing and it is not yet a fault; nobody is told of it.
    """

    HEARD = "heard"
    LATE = "late"
    SILENT = "silent"
    UNKNOWN = "unknown"


class Facts(NamedTuple):
    """What is known of a device that was heard. `values`: newest by quantity, and when (None: unknown)."""

    heard_at: Instant
    online: bool | None
    values: Mapping[str, tuple[float | None, Instant]]


def late_after_for(profile: Profile) -> Micros:
    return min(profile.missing_for(_MISSED_UNTIL_LATE), profile.silent_after_for)


def liveness(heard_at: Instant | None, now: Instant, profile: Profile) -> Liveness:
    """What stands at `now`."""
    if heard_at is None:
        return Liveness.UNKNOWN
    quiet_for = now - heard_at
    if quiet_for > profile.silent_after_for:
        return Liveness.SILENT
    return Liveness.LATE if quiet_for > late_after_for(profile) else Liveness.HEARD
