"""The lithium battery of an e-bike: white smoke from a vent, then flames at once; smoke up the stairwell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from simulator.hazards.fire import ULTRA_FAST, Air, RoomFire

LEAST_VENT_S, MOST_VENT_S = 30.0, 180.0
"""What published tests of packs show between the first vent and the flames."""
_VENT_G_S: Final = 0.05
"""Aerosol of one cell's electrolyte, some 3 g within a minute: an assumption."""
_WHITE_M2_PER_G: Final = 4.4
"""Specific extinction of smoke without flames (Seader and Einhorn 1977); soot of flames has 8.7."""
_DB_PER_NEPER: Final = 4.343
_CO_SHARE: Final = 0.2
"""Grams of CO that leave with a gram of aerosol: an assumption."""
_CO_G_PER_M3_PER_PPM: Final = 1.165e-3
_FLOOR_S: Final = 15.0
_THINNER: Final = 0.6
"""A floor of 3 m at a stack flow of 0.2 m/s, and the share that goes on."""

STAIRWELL: Final = RoomFire(ULTRA_FAST, peak_kw=1_500.0, area_m2=12.0, height_m=2.6, leak_for_s=90.0)
"""The pack and the bike around it on a landing open to the stairs; published peaks are 1 to 2 MW."""


@dataclass(frozen=True, slots=True)
class Battery:
    """Times are seconds from the first vent; flames begin at `vents_s`. `fire` counts from the flames.

    To put it out: `fire.out_s`, seconds from the flames. Smoke of the vent leaves through the openings
    with the fire's `leak_for_s`.
    """

    vents_s: float = 60.0
    fire: RoomFire = STAIRWELL

    def __post_init__(self) -> None:
        if not LEAST_VENT_S <= self.vents_s <= MOST_VENT_S:
            raise ValueError(f"a battery vents for {LEAST_VENT_S:g} to {MOST_VENT_S:g} s before it burns")

    def air(self, t: float) -> Air:
        """At the ceiling over it: before the flames smoke and a little CO, no heat."""
        burning = self.fire.air(t - self.vents_s)
        white = self._kept_g(t) / (self.fire.area_m2 * self.fire.height_m / 2)
        return Air(
            burning.temperature_c,
            burning.smoke_db_per_m + _DB_PER_NEPER * _WHITE_M2_PER_G * white,
            burning.co_ppm + _CO_SHARE * white / _CO_G_PER_M3_PER_PPM,
        )

    def landing(self, floors_up: int, t: float) -> Air:
        """So many floors above: later and thinner with each floor, and hardly warm. Below is none."""
        if floors_up < 0:
            return Air(self.fire.ambient_c, 0.0, 0.0)
        here = self.air(t - floors_up * _FLOOR_S)
        share = _THINNER**floors_up
        warm = share if not floors_up else 0.1 * share
        ambient = self.fire.ambient_c
        rise = here.temperature_c - ambient
        return Air(ambient + warm * rise, share * here.smoke_db_per_m, share * here.co_ppm)

    def _kept_g(self, t: float) -> float:
        """Aerosol that is still in the air: added evenly until the flames, lost as the fire's smoke is."""
        if t <= 0:
            return 0.0
        if t <= self.vents_s:
            return _VENT_G_S * self._filled(t)
        return _VENT_G_S * self._filled(self.vents_s) * math.exp(-(t - self.vents_s) / self.fire.leak_for_s)

    def _filled(self, t: float) -> float:
        return self.fire.leak_for_s * (1 - math.exp(-t / self.fire.leak_for_s))
