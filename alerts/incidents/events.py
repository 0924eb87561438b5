"""What happened to an incident: the audit schema. Every change of state is one of these and nothing else.

Each event is frozen and carries the id derived from the log record and its position in what that record
caused, so that a replay yields the same ids and nothing can be sent twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from devices.instant import Instant
from devices.level import Hazard, Level
from rules.verdict import Evidence


class Disposition(StrEnum):
    """What it turned out to be; compulsory at closing (R26: a pick, never typing)."""

    REAL = "real"
    FALSE_COOKING = "false_cooking"
    FALSE_DEVICE = "false_device"
    DRILL = "drill"
    TEST = "test"
    DUPLICATE = "duplicate"


class Because(StrEnum):
    """Why a verification ended and everybody near is told."""

    CORROBORATED = "corroborated"  # a second independent source
    CONFIRMED = "confirmed"  # a person said so
    TIMEOUT = "timeout"  # nobody said anything until the window ended
    LEVEL = "level"  # critical by itself


class Reply(StrEnum):
    SAFE = "safe"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """The head of every event."""

    id: str
    incident_id: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Happened):
    kind: Literal["opened"] = "opened"
    hazard: Hazard
    place_id: str  # the scope: household, zone, or what the source belongs to
    source_place_id: str
    level: Level
    subject: str
    rule_id: str
    rule_version: str
    evidence: tuple[Evidence, ...]
    drill: bool = False
    age_unknown: bool = False
    again_of: str | None = None  # the closed incident at the same place that this recurs from
    vouched_by: str | None = None  # the open incident of a kindred hazard there, a voice for this one too


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Happened):
    """Another subject, or another rule on a subject already there, belongs to this incident."""

    kind: Literal["joined"] = "joined"
    subject: str
    place_id: str
    rule_id: str
    rule_version: str
    level: Level
    evidence: tuple[Evidence, ...]
    independent: bool  # a known device speaks in it that did not before


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Happened):
    """The level of one rule on one subject moved within the incident."""

    kind: Literal["changed"] = "changed"
    subject: str
    rule_id: str
    level: Level
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worsened(Happened):
    """The incident's own level rose above its highest so far."""

    kind: Literal["worsened"] = "worsened"
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Happened):
    """No source says alarm any more. It stays on the board until a person closes it."""

    kind: Literal["cleared"] = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinded(Happened):
    """What was in alarm can no longer be heard: unknown, not clear."""

    kind: Literal["blinded"] = "blinded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifying(Happened):
    """A window for people opened; it ends in escalation whatever they do or do not do."""

    kind: Literal["verifying"] = "verifying"
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEnded(Happened):
    """The window ended while its source was normal again: no siren, but the tiers go on."""

    kind: Literal["window_ended"] = "window_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated(Happened):
    """Verification is over: the building is told."""

    kind: Literal["activated"] = "activated"
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Happened):
    kind: Literal["acknowledged"] = "acknowledged"
    by: str
    level: Level
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed(Happened):
    """An acknowledgement without progress ran out, or the level rose above it."""

    kind: Literal["lapsed"] = "lapsed"
    because: Literal["time", "level"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Happened):
    """A person saw it: counts as an independent source."""

    kind: Literal["confirmed"] = "confirmed"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed(Happened):
    """A person believes it is false and gets the longest window to close it; the window still ends."""

    kind: Literal["disputed"] = "disputed"
    by: str
    reason: str
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Happened):
    """Nobody acknowledged in time: the next tier is told. Tier 0 was told at once."""

    kind: Literal["escalated"] = "escalated"
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched(Happened):
    kind: Literal["dispatched"] = "dispatched"
    station_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Happened):
    """A member of the crew is on the way."""

    kind: Literal["accepted"] = "accepted"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Happened):
    kind: Literal["arrived"] = "arrived"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue(Happened):
    """A 1-3-5 clock ran out."""

    kind: Literal["overdue"] = "overdue"
    clock: Literal["accept", "arrive", "joint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contained(Happened):
    kind: Literal["contained"] = "contained"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Happened):
    kind: Literal["resolved"] = "resolved"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Happened):
    kind: Literal["reopened"] = "reopened"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Happened):
    kind: Literal["closed"] = "closed"
    by: str
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Happened):
    """A broadcast was planned: one version, to so many."""

    kind: Literal["announced"] = "announced"
    version: int
    purpose: str
    recipients: int
    households: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Happened):
    """What became of one send; `state` is a value of alerts.broadcasts.delivery.State."""

    kind: Literal["delivered"] = "delivered"
    key: str
    recipient: str
    channel: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied(Happened):
    kind: Literal["replied"] = "replied"
    household_id: str
    by: str
    reply: Reply


Event: TypeAlias = (
    Opened
    | Joined
    | Changed
    | Worsened
    | Cleared
    | Blinded
    | Verifying
    | WindowEnded
    | Activated
    | Acknowledged
    | Lapsed
    | Confirmed
    | Disputed
    | Escalated
    | Dispatched
    | Accepted
    | Arrived
    | Overdue
    | Contained
    | Resolved
    | Reopened
    | Closed
    | Announced
    | Delivered
    | Replied
)
