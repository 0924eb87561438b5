"""The trouble machine: one table, and `step`, which applies a trigger to one trouble.

A trouble stands while any of its causes does. What lasts too short to count is never told; what flutters is
one trouble; what a dead gateway or a power cut explains is folded into that and counted there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from alerts.troubles.kind import TERMS, TroubleKind
from devices.instant import DAY, Instant, Micros


class Stage(StrEnum):
    BEGINNING = "beginning"  # too new to count
    STANDING = "standing"
    FOLDED = "folded"  # explained by another trouble
    ENDING = "ending"  # gone, not yet for long enough to believe it
    OVER = "over"


class Trigger(StrEnum):
    BEGIN = "begin"
    END = "end"  # the last cause is gone
    DUE = "due"  # the time of the stage has passed
    FOLD = "fold"
    UNFOLD = "unfold"


TABLE: Final[dict[tuple[Stage, Trigger], Stage]] = {
    (Stage.BEGINNING, Trigger.END): Stage.OVER,
    (Stage.BEGINNING, Trigger.DUE): Stage.STANDING,
    (Stage.BEGINNING, Trigger.FOLD): Stage.FOLDED,
    (Stage.STANDING, Trigger.END): Stage.ENDING,
    (Stage.STANDING, Trigger.FOLD): Stage.FOLDED,
    (Stage.FOLDED, Trigger.END): Stage.OVER,
    (Stage.FOLDED, Trigger.FOLD): Stage.FOLDED,  # into a larger one
    (Stage.FOLDED, Trigger.UNFOLD): Stage.BEGINNING,
    (Stage.ENDING, Trigger.BEGIN): Stage.STANDING,
    (Stage.ENDING, Trigger.DUE): Stage.OVER,
    (Stage.ENDING, Trigger.FOLD): Stage.FOLDED,
}
"""What is not in the table changes nothing."""

ACKNOWLEDGED_FOR: Final[Micros] = DAY
"""Somebody sees to it: not told again for so long, however often its kind is."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`subject`: a device, or a place for AREA. `due_at`: when its stage ends by itself, or when it is told
    again. `counted`: it lasted long enough to be a fact. `told_at`: when people were told last. `peak`: the
    most that were ever folded into it."""

    id: str
    kind: TroubleKind
    subject: str
    place_id: str
    since: Instant
    stage: Stage = Stage.BEGINNING
    due_at: Instant | None = None
    causes: tuple[str, ...] = ()
    parent_id: str | None = None
    told_at: Instant | None = None
    acknowledged_by: str = ""
    acknowledged_at: Instant | None = None
    peak: int = 0
    counted: bool = False

    @property
    def stands(self) -> bool:
        return self.stage in (Stage.STANDING, Stage.ENDING)


def step(trouble: Trouble, trigger: Trigger, at: Instant, begins_for: Micros) -> Trouble:
    """The trouble after a trigger; itself where the table has nothing."""
    stage = TABLE.get((trouble.stage, trigger))
    if stage is None:
        return trouble
    parent = trouble.parent_id if stage in (Stage.FOLDED, Stage.OVER) else None
    return replace(trouble, stage=stage, due_at=_due(trouble, stage, at, begins_for), parent_id=parent)


def _due(trouble: Trouble, stage: Stage, at: Instant, begins_for: Micros) -> Instant | None:
    if stage is Stage.BEGINNING:
        return at + begins_for
    if stage is Stage.ENDING:
        return at + TERMS[trouble.kind].ends_for
    if stage is Stage.STANDING:
        return again_at(trouble, at)
    return None


def again_at(trouble: Trouble, at: Instant) -> Instant:
    """When it is told (again): at once when nobody was, else after its time, or after that of its owner."""
    if trouble.told_at is None:
        return at
    owned = trouble.acknowledged_at is not None and trouble.acknowledged_at >= trouble.told_at
    every = TERMS[trouble.kind].again_for
    last = trouble.acknowledged_at if owned and trouble.acknowledged_at is not None else trouble.told_at
    return max(at, last + (max(every, ACKNOWLEDGED_FOR) if owned else every))
