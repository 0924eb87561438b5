"""One command to one device from the asking to its end: a table, and the events it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from alerts.broadcasts.delivery import State
from alerts.incidents.events import Happened
from devices.instant import Instant


class Progress(StrEnum):
    """Stored and shown: never rename one."""

    ASKED = "asked"
    DONE = "done"  # the device itself says so
    REFUSED = "refused"
    EXPIRED = "expired"  # no answer in time
    REPLACED = "replaced"  # by another command, before it left


ENDS: Final = {
    State.DELIVERED: Progress.DONE,
    State.FAILED: Progress.REFUSED,
    State.EXPIRED: Progress.EXPIRED,
    State.SUPERSEDED: Progress.REPLACED,
}
"""What the send's end means; anything else means nothing yet."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`version` counts a device's commands; `incident_id` "" where it belongs to none."""

    id: str
    device_id: str
    version: int
    action: str
    by: str
    incident_id: str
    asked_at: Instant
    expires_at: Instant
    progress: Progress = Progress.ASKED
    ended_at: Instant | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationHappened(Happened):
    """The head of these. `incident_id` is the incident's it belongs to, else `device <id>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAsked(OperationHappened):
    """`by` is "system" where a plan asked."""

    kind: Literal["operation_asked"] = "operation_asked"
    operation_id: str
    subject: str
    action: str
    by: str
    expires_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationEnded(OperationHappened):
    kind: Literal["operation_ended"] = "operation_ended"
    operation_id: str
    subject: str
    action: str
    progress: Progress
    detail: str = ""


OperationEvent: TypeAlias = OperationAsked | OperationEnded
