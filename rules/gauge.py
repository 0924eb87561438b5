"""How far a rule is from its levels: what it has beside what it needs, for people who ask why."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from devices.instant import Micros
from devices.level import Level


class What(StrEnum):
    """What is held against the limit."""

    VALUE = "value"
    RISE = "rise"  # within `over_for`; a fall where the sign is -1
    TAKEN = "taken"  # mean, median ... over `over_for`
    DOSE = "dose"  # mean weighted by time over `over_for`
    COUNT = "count"  # of samples or voices
    SAMPLES = "samples"  # too few to say anything
    LEARNING = "learning"  # time that it has listened, in seconds


class Gauge(NamedTuple):
    """`have` None: nothing is known. Reached when `have` is at or beyond `need` on the side of `sign`.

    `quantity` is empty where it is about no single one; `level` is what reaching it means, UNKNOWN where it
    only lets the rule speak at all.
    """

    what: What
    quantity: str
    have: float | None
    need: float
    level: Level
    sign: int = 1
    over_for: Micros = 0

    @property
    def reached(self) -> bool | None:
        return None if self.have is None else self.sign * self.have >= self.sign * self.need
