"""What rules say: a level with its evidence, and the edges between levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from devices.instant import Instant
from devices.level import Hazard, Level


class Evidence(NamedTuple):
    """One fact behind a verdict: what was measured, against which limit, from which log record."""

    device_id: str
    quantity: str
    value: float | None
    limit: float | None
    at: Instant
    sequence: int


class Verdict(NamedTuple):
    """What one rule says of one subject right now, before hold and hysteresis."""

    level: Level
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Transition:
    """An edge: the level of one rule on one subject changed.

    `subject` is a device id, or a place id for rules by place. `test` comes from a device under test or a
    reading marked test: it makes a drill incident. `age_unknown`: rests on a retained message.
    """

    rule_id: str
    rule_version: str
    hazard: Hazard
    subject: str
    place_id: str
    before: Level
    after: Level
    at: Instant
    evidence: tuple[Evidence, ...]
    test: bool = False
    age_unknown: bool = False

    @property
    def rises(self) -> bool:
        """Whether it is news of danger: a step down from something worse is none."""
        return self.after > max(Level.CLEAR, self.before)
