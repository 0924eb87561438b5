"""What happened to a trouble: kept beside the events of incidents, under the trouble's own id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from alerts.incidents.events import Happened
from alerts.troubles.kind import TroubleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleHappened(Happened):
    """The head of all of these. `incident_id` is the trouble's, or the device's under test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleBegan(TroubleHappened):
    """It has lasted long enough to count. `causes`: what of the device says so."""

    kind: Literal["trouble_began"] = "trouble_began"
    trouble: TroubleKind
    subject: str
    place_id: str
    causes: tuple[str, ...]
    folded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleFolded(TroubleHappened):
    """Another trouble explains it from now on."""

    kind: Literal["trouble_folded"] = "trouble_folded"
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleTold(TroubleHappened):
    """The duty staff were told. `folded`: how many devices it stands for by now."""

    kind: Literal["trouble_told"] = "trouble_told"
    version: int
    folded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleAcknowledged(TroubleHappened):
    kind: Literal["trouble_acknowledged"] = "trouble_acknowledged"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleOver(TroubleHappened):
    """`folded`: how many devices it stood for at its worst."""

    kind: Literal["trouble_over"] = "trouble_over"
    folded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkStarted(TroubleHappened):
    """Somebody stands before the device and presses its button."""

    kind: Literal["walk_started"] = "walk_started"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEnded(TroubleHappened):
    """`passed`: it was heard in time."""

    kind: Literal["walk_ended"] = "walk_ended"
    passed: bool


TroubleEvent: TypeAlias = (
    TroubleBegan | TroubleFolded | TroubleTold | TroubleAcknowledged | TroubleOver | WalkStarted | WalkEnded
)
