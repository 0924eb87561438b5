"""A well-mixed room: what flows in, what the air takes out, exactly, and a second room through a door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import NamedTuple


class Phase(NamedTuple):
    """From `at_s` on: a source (m3/h of the pure gas) and the room's air changes per hour."""

    at_s: float
    source_m3_h: float
    air_changes_h: float


@dataclass(frozen=True, slots=True)
class Box:
    """One room. `phases` in the order of time, the first at 0; the air outside is clean.

    dC/dt = S/V - n C, solved exactly within a phase, so that no step size matters. Steady state: S / (n V).
    """

    volume_m3: float
    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        starts = [phase.at_s for phase in self.phases]
        if not starts or starts[0] != 0 or starts != sorted(starts):
            raise ValueError("phases must begin at 0 and follow each other in time")
        if self.volume_m3 <= 0 or any(phase.air_changes_h < 0 for phase in self.phases):
            raise ValueError("a room has a volume, and air changes are not negative")

    def fraction(self, t_s: float) -> float:
        """Volume fraction of the gas (0..1) after `t_s` seconds."""
        found = 0.0
        for phase, length_h in self._spans(t_s):
            found = _after(found, phase.source_m3_h / self.volume_m3, phase.air_changes_h, length_h)
        return min(found, 1.0)

    def _spans(self, t_s: float) -> Sequence[tuple[Phase, float]]:
        ends = [*(phase.at_s for phase in self.phases[1:]), float("inf")]
        return [
            (phase, (min(end, t_s) - phase.at_s) / 3600)
            for phase, end in zip(self.phases, ends, strict=True)
            if phase.at_s < t_s
        ]


def _after(start: float, rate_h: float, air_changes_h: float, length_h: float) -> float:
    """The fraction after a time in which nothing changes but itself."""
    if not air_changes_h:
        return start + rate_h * length_h
    steady = rate_h / air_changes_h
    return steady + (start - steady) * exp(-air_changes_h * length_h)


@dataclass(frozen=True, slots=True)
class NextRoom:
    """A room that gets its gas from another through a door or a crack, and gives nothing back worth counting.

    `exchange_m3_h`: air that passes from the first room into this one.
    """

    first: Box
    volume_m3: float
    exchange_m3_h: float
    air_changes_h: float
    step_s: float = 10.0

    def fraction(self, t_s: float) -> float:
        """Steps of `step_s`, each exact for the mean of the first room's fraction within it."""
        found, at = 0.0, 0.0
        leaves = self.air_changes_h + self.exchange_m3_h / self.volume_m3
        while at < t_s:
            length = min(self.step_s, t_s - at)
            mean = (self.first.fraction(at) + self.first.fraction(at + length)) / 2
            found = _after(found, self.exchange_m3_h * mean / self.volume_m3, leaves, length / 3600)
            at += length
        return found
