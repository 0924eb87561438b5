"""The kinds of trouble, and for each how long it must last to count and how often it is told again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from devices.device import Device
from devices.instant import DAY, HOUR, MINUTE, SECOND, Micros


class TroubleKind(StrEnum):
    """Stored and shown: never rename one."""

    AREA = "area"  # many devices of one place lost at once: power or network
    LOST = "lost"  # too many reports missing in a row, or said to be gone
    FAULT = "fault"
    TAMPER = "tamper"
    BATTERY = "battery"
    END_OF_LIFE = "end_of_life"  # it says so itself
    EXPIRED = "expired"  # its label or its model says so
    MUTED = "muted"  # silenced, and left so
    COMMAND = "command"  # did not do, or did not confirm, what it was told
    IMPLAUSIBLE = "implausible"  # says what cannot be
    STUCK = "stuck"  # says the same to the last digit for days
    STALE = "stale"  # is heard, and no longer says one of the things it measures
    TEST_DUE = "test_due"  # nobody has proved it for too long
    CALIBRATION_DUE = "calibration_due"


SILENT: Final = "silent"
"""The cause of LOST that time brings; what a broker, a bridge or a platform says is `offline`."""
OFFLINE: Final = "offline"
DATED: Final = frozenset({TroubleKind.EXPIRED, TroubleKind.TEST_DUE, TroubleKind.CALIBRATION_DUE})
"""Work to be planned: in the list, told once a month."""


class Terms(NamedTuple):
    """`begins_for`: how long it must stand before it counts; `ends_for`: how long it must be gone before it
    is over (what flutters is one trouble); `again_for`: how often it is told until it is over."""

    begins_for: Micros
    ends_for: Micros
    again_for: Micros


TERMS: Final[Mapping[TroubleKind, Terms]] = {
    TroubleKind.AREA: Terms(30 * SECOND, MINUTE, HOUR),
    TroubleKind.LOST: Terms(2 * MINUTE, MINUTE, 4 * HOUR),
    TroubleKind.FAULT: Terms(60 * SECOND, MINUTE, 4 * HOUR),  # shown within 100 s (EN 54-2, 8.2)
    TroubleKind.TAMPER: Terms(30 * SECOND, MINUTE, 4 * HOUR),
    TroubleKind.BATTERY: Terms(10 * MINUTE, HOUR, DAY),
    TroubleKind.END_OF_LIFE: Terms(10 * MINUTE, HOUR, 7 * DAY),
    TroubleKind.EXPIRED: Terms(0, 0, 30 * DAY),
    TroubleKind.MUTED: Terms(15 * MINUTE, 0, 4 * HOUR),
    TroubleKind.COMMAND: Terms(0, 0, HOUR),
    TroubleKind.IMPLAUSIBLE: Terms(10 * MINUTE, HOUR, DAY),
    TroubleKind.STUCK: Terms(0, 0, 7 * DAY),
    TroubleKind.STALE: Terms(0, 0, DAY),
    TroubleKind.TEST_DUE: Terms(0, 0, 30 * DAY),
    TroubleKind.CALIBRATION_DUE: Terms(0, 0, 30 * DAY),
}


def begins_for(kind: TroubleKind, device: Device | None, cause: str) -> Micros:
    """Silence was waited for already; what it gets beyond is a twentieth of that, so that the fault shows
    within 1.1 times its profile's limit (P10)."""
    terms = TERMS[kind].begins_for
    if cause == SILENT and device is not None:
        return min(terms, device.profile.silent_after_for // 20)
    return terms
