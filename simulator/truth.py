"""What really happens, in a stream of its own: whoever scores knows it, the system never does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from devices.instant import MINUTE, Instant


class Nature(StrEnum):
    REAL = "real"
    DRILL = "drill"  # devices under test: nobody outside may hear of it
    NUISANCE = "nuisance"  # steam, cooking: an alarm about it is false
    HISTORIC = "historic"  # over long before it is heard of: to the record, and nobody is paged


FAMILY: Final = {
    "fire": frozenset({"fire", "co", "electrical"}),
    "electrical": frozenset({"electrical", "fire"}),
}
"""Hazards by whose alarm a hazard may be known: a fire makes carbon monoxide."""
GRACE: Final = 15 * MINUTE
"""After its end: sensors still feel it, and an alarm about it is not false."""


@dataclass(slots=True)
class Truth:
    """One thing that happened. `sensed_at`: when the first working detector would have sounded by itself.

    `must`: the least level that has to be reached (0: it may go unnoticed), `within_s` of `sensed_at`, or of
    its begin where no detector has an alarm of its own. `over_at`: None while it goes on.
    """

    name: str
    nature: Nature
    hazard: str
    place: str
    begins_at: Instant
    must: int = 3
    within_s: float = 60.0
    over_at: Instant | None = None
    sensed_at: Instant | None = None

    def is_of(self, hazard: str, place: str) -> bool:
        """Whether an incident of that hazard at that place is about this."""
        return hazard in FAMILY.get(self.hazard, {self.hazard}) and near(self.hazard, self.place, place)

    def stands(self, at: Instant) -> bool:
        return self.begins_at <= at and (self.over_at is None or at <= self.over_at + GRACE)


def near(hazard: str, place: str, other: str) -> bool:
    """The same place, one within the other, or for smoke the same stair."""
    if place == other or place.startswith(f"{other}.") or other.startswith(f"{place}."):
        return True
    return hazard == "fire" and place.split(".")[:3] == other.split(".")[:3] and place.count(".") > 2
