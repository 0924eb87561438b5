"""Rain on a street: what runs off, what the drain takes, what stands; and a burst pipe in a basement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Final

_STEP_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Shower:
    """A triangle: from nothing to `peak_mm_h` at `peak_at_s`, and to nothing at `ends_s`."""

    peak_mm_h: float
    peak_at_s: float
    ends_s: float

    def mm_h(self, t_s: float) -> float:
        if not 0 < t_s < self.ends_s:
            return 0.0
        if t_s <= self.peak_at_s:
            return self.peak_mm_h * t_s / self.peak_at_s
        return self.peak_mm_h * (self.ends_s - t_s) / (self.ends_s - self.peak_at_s)

    @property
    def total_mm(self) -> float:
        return self.peak_mm_h * self.ends_s / 2 / 3600


@dataclass(frozen=True, slots=True)
class Street:
    """A hollow that gets the water of `catchment_m2`, which stands in a wedge between its two slopes.

    `drain_m3_h` is what its inlets take; `clogged` (0..1) of that is leaves. `wedge_m` is the length of the
    hollow times the sum of its two slopes' runs per rise, so that volume = wedge_m * depth^2 / 2 in metres.
    """

    catchment_m2: float = 3_000.0
    runoff: float = 0.85
    drain_m3_h: float = 90.0
    clogged: float = 0.0
    wedge_m: float = 2_000.0

    def depths_mm(self, rain: Shower, until_s: float) -> Iterator[tuple[float, float]]:
        """(second, depth) every ten seconds. Water is conserved: what came has drained or stands."""
        volume, at = 0.0, 0.0
        takes = self.drain_m3_h * (1 - self.clogged) / 3600
        while at <= until_s:
            yield at, self.depth_mm(volume)
            came = self.runoff * self.catchment_m2 * rain.mm_h(at + _STEP_S / 2) / 1000 / 3600
            volume = max(0.0, volume + (came - takes) * _STEP_S)
            at += _STEP_S

    def depth_mm(self, volume_m3: float) -> float:
        return 1000 * sqrt(2 * volume_m3 / self.wedge_m)


@dataclass(frozen=True, slots=True)
class Basement:
    """A burst pipe: `flow_m3_h` on a flat floor with a pump that may fail."""

    area_m2: float = 60.0
    flow_m3_h: float = 3.0
    pump_m3_h: float = 0.0

    def depth_mm(self, t_s: float) -> float:
        return max(0.0, (self.flow_m3_h - self.pump_m3_h) * t_s / 3600 / self.area_m2 * 1000)
