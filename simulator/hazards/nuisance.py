"""What is no danger and looks like one: the height of what a detector sees, over time.

Heights are below the set points of the norms (0.15 dB/m, 54 °C, 10 %LEL, 50 ppm for an hour), except for
burnt food, which is smoke and makes every smoke detector in the kitchen sound.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple


class Nuisance(NamedTuple):
    """Rises to its height with `rises_s` and goes with `fades_s` (time constants) once it is `lasts_s` old.

    dB/m of smoke or what a chamber takes for it, kelvin, ppm of CO, %LEL of gas.
    """

    smoke_db_per_m: float = 0.0
    warmer_k: float = 0.0
    co_ppm: float = 0.0
    gas_lel_percent: float = 0.0
    rises_s: float = 60.0
    fades_s: float = 120.0

    def share(self, t: float, lasts_s: float) -> float:
        """0 to 1 of the height."""
        if t <= 0:
            return 0.0
        risen = 1 - math.exp(-min(t, lasts_s) / self.rises_s)
        return risen * math.exp(-max(0.0, t - lasts_s) / self.fades_s)


NUISANCES: Final = {
    "cooking": Nuisance(smoke_db_per_m=0.07, warmer_k=6.0, rises_s=120.0),
    "steam": Nuisance(smoke_db_per_m=0.085, warmer_k=5.0, rises_s=45.0),
    "cigarette": Nuisance(smoke_db_per_m=0.04, rises_s=90.0),
    "insect": Nuisance(smoke_db_per_m=0.09, rises_s=0.5, fades_s=0.5),
    "sun": Nuisance(warmer_k=21.0, rises_s=3_600.0, fades_s=3_600.0),
    "welding": Nuisance(smoke_db_per_m=0.08, warmer_k=3.0, co_ppm=12.0, rises_s=180.0),
    "perfume": Nuisance(gas_lel_percent=3.5, rises_s=10.0, fades_s=60.0),
    "car_exhaust": Nuisance(co_ppm=25.0, smoke_db_per_m=0.02, rises_s=120.0, fades_s=600.0),
    "burnt_food": Nuisance(smoke_db_per_m=0.35, warmer_k=8.0, rises_s=40.0, fades_s=180.0),
}
"""The rise of the sun's is that of a roof, of steam that of a shower with the door ajar. Heights are
assumptions within what makers' false-alarm tests use; none was measured."""


class GasMeter(NamedTuple):
    """A household meter beside a gas detector: it counts m3 that burnt, and hundreds of them are no alarm.

    `counted_m3` when a burner of `m3_h` is lit at 0, which goes out at `burns_s`.
    """

    counted_m3: float = 812.0
    m3_h: float = 0.3
    burns_s: float = 1_800.0

    def m3(self, t: float) -> float:
        """What it shows: from `counted_m3` up, never back."""
        return self.counted_m3 + self.m3_h * min(max(t, 0.0), self.burns_s) / 3600
