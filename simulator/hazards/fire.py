"""A fire in a room, as far as detectors can tell: ceiling temperature, smoke, carbon monoxide.

Growth is t-squared (NFPA 92): Q = alpha * t^2 up to a peak. The ceiling jet over the fire is Alpert's
(1972); smoke and CO are yields (SFPE handbook, upholstered furniture) spread in the room's upper half, with
an exponential loss through its openings. A neighbour sees what leaks to it, later and thinner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

SLOW, MEDIUM, FAST, ULTRA_FAST = 0.0029, 0.0117, 0.0469, 0.1878
"""Growth coefficients of NFPA 92 in kW/s^2."""

_HEAT_KJ_PER_KG = 24_000.0
_SOOT_YIELD = 0.06
_CO_YIELD = 0.04
_EXTINCTION_M2_PER_G = 8.7
_DB_PER_NEPER = 4.343
_CO_G_PER_M3_PER_PPM = 1.165e-3
_DIES_FOR_S = 10.0
_AIRED_FOR_S = 20.0


class Air(NamedTuple):
    """What there is at a detector: degrees C, dB/m, ppm."""

    temperature_c: float
    smoke_db_per_m: float
    co_ppm: float


@dataclass(frozen=True, slots=True)
class RoomFire:
    """One fire in one room. Times are seconds from ignition; before it the room is as it was.

    `area_m2` and `height_m` describe the room, `leak_for_s` is the time constant of its openings,
    `peak_kw` what ventilation allows. At `out_s` there is water on it and the windows are open: the fire dies
    and the smoke goes within minutes (time constants of 10 and 20 s, chosen so that a demonstration ends).
    `radial_m` is how far from the fire's axis the detector hangs; fitted to a recording it is shorter than
    the true one, for the hot layer of a small room adds to the jet. Before `lights_s` it only smoulders.
    """

    alpha: float = MEDIUM
    peak_kw: float = 500.0
    area_m2: float = 10.0
    height_m: float = 2.6
    leak_for_s: float = 300.0
    ambient_c: float = 22.0
    out_s: float = math.inf
    radial_m: float = 1.5
    lights_s: float = 0.0

    def heat_kw(self, t: float) -> float:
        """Heat release rate."""
        burning = max(0.0, min(t, self.out_s) - self.lights_s)
        return min(self.alpha * burning**2, self.peak_kw) * math.exp(-max(0.0, t - self.out_s) / _DIES_FOR_S)

    def air(self, t: float) -> Air:
        """At the ceiling of the room of origin."""
        return self.air_with(t, self._kept_kj(t))

    def air_with(self, t: float, kept_kj: float) -> Air:
        """The same, where it is known how much energy's smoke is still in the room."""
        if t <= 0:
            return Air(self.ambient_c, 0.0, 0.0)
        rise = 5.38 * (self.heat_kw(t) / self.radial_m) ** (2 / 3) / self.height_m
        burnt_g = 1000.0 * kept_kj / _HEAT_KJ_PER_KG
        per_m3 = burnt_g / (self.area_m2 * self.height_m / 2)
        smoke = _DB_PER_NEPER * _EXTINCTION_M2_PER_G * _SOOT_YIELD * per_m3
        return Air(self.ambient_c + rise, smoke, _CO_YIELD * per_m3 / _CO_G_PER_M3_PER_PPM)

    def beyond(self, t: float, *, delay_s: float, share: float) -> Air:
        """Next door or a floor up: what leaks through, later and thinner, and no longer hot."""
        here = self.air(t - delay_s)
        return Air(
            self.ambient_c + 0.1 * share * (here.temperature_c - self.ambient_c),
            share * here.smoke_db_per_m,
            share * here.co_ppm,
        )

    def _kept_kj(self, t: float) -> float:
        """Energy whose smoke is still in the room: the integral of Q with exponential loss, by seconds."""
        kept = 0.0
        for second in range(math.ceil(t)):
            kept = self.kept_after(kept, second, min(1.0, t - second))
        return kept

    def kept_after(self, kept_kj: float, second: float, step: float = 1.0) -> float:
        """One step of that integral, from `second` on."""
        leak_for_s = self.leak_for_s if second < self.out_s else _AIRED_FOR_S
        return kept_kj * math.exp(-step / leak_for_s) + self.heat_kw(second + step / 2) * step


CHAIR_CLOSED = RoomFire(0.0216, 372.0, area_m2=13.7, height_m=2.4, radial_m=0.215, lights_s=83.8)
"""An upholstered chair behind a closed door: fitted to the ceiling of 7 recorded fires (UL FSRI 2018) until
it is hottest. RMS 16.5 K against their median; from their 21 degrees to 57 in 110 s, recorded 106.5
(median; p10 90, p90 117)."""
CHAIR_OPEN = RoomFire(
    0.0141, 663.0, area_m2=13.7, height_m=2.4, leak_for_s=120.0, radial_m=0.215, lights_s=79.2
)
"""The same chair, the door open. RMS 15.7 K; to 57 degrees in 111 s, recorded 113.5 (100 to 129).
Smoke and CO were not recorded: of both chairs they are the yields of any fire here."""


class Lag:
    """A sensor follows what it measures with a first-order delay (a heat detector's RTI, smoke entry)."""

    def __init__(self, time_constant_s: float, start: float = 0.0) -> None:
        self._tau = time_constant_s
        self.value = start

    def follow(self, target: float, seconds: float) -> float:
        """The sensor's value after `seconds` in air of `target`."""
        self.value += (target - self.value) * (1 - math.exp(-seconds / self._tau))
        return self.value
