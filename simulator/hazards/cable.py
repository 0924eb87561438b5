"""Electricity going wrong: a joint that heats by I2R, insulation that leaks, a breaker that ends it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

COPPER_MELTS_C: Final = 1_085.0
_DAY_S: Final = 86_400.0
_MOST_DOUBLINGS: Final = 60.0


class Load(NamedTuple):
    """From `at_s` on so many amperes."""

    at_s: float
    amps: float


@dataclass(frozen=True, slots=True)
class Breaker:
    """Thermal-magnetic, type C: a bimetal of the first order, and at once from `magnetic` times rated on.

    The bimetal lets go at 1.3 times the rated current held for ever, with 90 s: within the bands of
    IEC 60898 (never at 1.13, within an hour at 1.45, between 1 and 60 s at 2.55 times up to 32 A).
    """

    rated_a: float
    magnetic: float = 7.5
    tau_s: float = 90.0

    def trips_s(self, loads: tuple[Load, ...]) -> float:
        """When it lets go, starting cold at the first load; infinite for never."""
        warm = 0.0
        for load, until in _spans(loads):
            pull, takes = (load.amps / self.rated_a) ** 2, math.inf
            if load.amps >= self.magnetic * self.rated_a:
                return load.at_s
            if pull > _LETS_GO:
                takes = self.tau_s * math.log((pull - warm) / (pull - _LETS_GO))
            if load.at_s + takes < until:
                return load.at_s + takes
            warm = pull + (warm - pull) * math.exp(-(until - load.at_s) / self.tau_s)
        return math.inf


_LETS_GO: Final = 1.3**2


@dataclass(frozen=True, slots=True)
class Joint:
    """A clamp under load: `mohm` of contact resistance warm it by `k_per_w` over the room, with `tau_s`.

    A bad one oxidises: its resistance doubles every `doubles_s`, counted from 0, while current flows or not.
    A sound clamp of 1 mohm at 32 A is 5 K warmer than its surroundings. `breaker`: what may end it.
    `cut_s`: somebody switches off. Loads begin at 0 and follow each other; before 0 there is none.
    """

    loads: tuple[Load, ...]
    mohm: float = 1.0
    k_per_w: float = 5.0
    tau_s: float = 600.0
    doubles_s: float = math.inf
    ambient_c: float = 25.0
    breaker: Breaker | None = None
    cut_s: float = math.inf

    def __post_init__(self) -> None:
        if (
            not self.loads
            or self.loads[0].at_s != 0
            or any(b.at_s <= a.at_s for a, b in pairwise(self.loads))
        ):
            raise ValueError("loads must begin at 0 and follow each other in time")
        if min(self.mohm, self.k_per_w, self.tau_s, self.doubles_s) <= 0:
            raise ValueError("resistance, warming and times are positive")

    @property
    def off_s(self) -> float:
        """When the current ends: by the breaker or by hand."""
        trips = math.inf if self.breaker is None else self.breaker.trips_s(self.loads)
        return min(trips, self.cut_s)

    def temperature_c(self, t_s: float) -> float:
        """Exact within each load: no step size matters. At most what copper melts at."""
        rise, off_s = 0.0, self.off_s
        for load, until in _spans((*(load for load in self.loads if load.at_s < off_s), Load(off_s, 0.0))):
            if load.at_s >= t_s:
                break
            rise = self._after(rise, load, min(until, t_s))
        return min(self.ambient_c + rise, COPPER_MELTS_C)

    def _after(self, rise: float, load: Load, until: float) -> float:
        """tau dT/dt = K I2 R(t) - T, with R growing as 2^(t / doubles_s)."""
        decays = math.exp(-(until - load.at_s) / self.tau_s)
        rate = math.log(2) / self.doubles_s
        steady = self.k_per_w * load.amps**2 * self.mohm / 1000 / (1 + rate * self.tau_s)
        return steady * (self._grown(until) - self._grown(load.at_s) * decays) + rise * decays

    def _grown(self, t_s: float) -> float:
        return float(2 ** min(t_s / self.doubles_s, _MOST_DOUBLINGS))


@dataclass(frozen=True, slots=True)
class Leakage:
    """Residual current of a feeder, mA. Filters and long cables leak `natural_ma`, more by day than by night.

    From `fails_s` on insulation gives way: the excess grows evenly by its logarithm from 1 mA to `to_ma`
    within `within_s` and stays. A residual current device that acts at `trips_ma` does so after
    `trips_after_s` and ends all current; without one (None) it only is to be seen.
    """

    natural_ma: float = 150.0
    swing_ma: float = 40.0
    fails_s: float = math.inf
    to_ma: float = 800.0
    within_s: float = 3_600.0
    trips_ma: float | None = None
    trips_after_s: float = 0.3

    def __post_init__(self) -> None:
        if self.natural_ma < self.swing_ma or self.swing_ma < 0 or self.to_ma < 1 or self.within_s <= 0:
            raise ValueError("natural leakage must not swing below 0, and a failure is 1 mA and more")

    def ma(self, t_s: float) -> float:
        """0 to natural + swing + to; 0 once it has tripped."""
        return 0.0 if t_s >= self.off_s else self._natural(t_s) + self._excess(t_s)

    @property
    def off_s(self) -> float:
        """When the device has tripped; infinite for never. The failure alone counts, beside the mean."""
        if self.trips_ma is None or not math.isfinite(self.fails_s):
            return math.inf
        needs = max(self.trips_ma - self.natural_ma, 1.0)
        if needs > self.to_ma:
            return math.inf
        share = math.log(needs) / math.log(self.to_ma) if self.to_ma > 1 else 0.0
        return self.fails_s + share * self.within_s + self.trips_after_s

    def _natural(self, t_s: float) -> float:
        return self.natural_ma + self.swing_ma * math.sin(2 * math.pi * t_s / _DAY_S)

    def _excess(self, t_s: float) -> float:
        if t_s < self.fails_s:
            return 0.0
        return float(self.to_ma ** min((t_s - self.fails_s) / self.within_s, 1.0))


def _spans(loads: tuple[Load, ...]) -> list[tuple[Load, float]]:
    ends = [*(load.at_s for load in loads[1:]), math.inf]
    return list(zip(loads, ends, strict=True))
