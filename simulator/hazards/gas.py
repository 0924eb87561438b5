"""Combustible gas in a kitchen: a loose hose, an unlit burner, a cut pipe; a valve that closes, a window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from simulator.hazards.box import Box, Phase


class Gas(Enum):
    """Lower explosive limit in % by volume (IEC 60079-20-1; for LPG its butane)."""

    METHANE = 4.4
    LPG = 1.4

    def lel_percent(self, fraction: float) -> float:
        """100 is the lower explosive limit."""
        return 100 * 100 * fraction / self.value


LOOSE_HOSE: Final = 0.05
"""m3/h: what a hose that slipped a little lets out at 2 kPa; an hour and more until a detector alarms."""
UNLIT_BURNER: Final = 0.3
"""m3/h: a burner of 3 kW at 10 kWh/m3 of natural gas."""
CUT_PIPE: Final = 2.5
"""m3/h: what a household meter of G1.6 lets pass at most (EN 1359)."""
KITCHEN_M3: Final = 15.0
CLOSED_ACH, AIRED_ACH = 0.5, 10.0
"""Air changes per hour of a closed kitchen, and with the window wide open."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Begins at 0. `closed_at_s`: the valve shuts; `aired_at_s`: somebody opens the window."""

    gas: Gas = Gas.METHANE
    source_m3_h: float = UNLIT_BURNER
    volume_m3: float = KITCHEN_M3
    air_changes_h: float = CLOSED_ACH
    closed_at_s: float | None = None
    aired_at_s: float | None = None

    def lel_percent(self, t_s: float) -> float:
        """% of the lower explosive limit, 0 before the leak."""
        return self.gas.lel_percent(self._box().fraction(t_s)) if t_s > 0 else 0.0

    def _box(self) -> Box:
        moments = sorted({0.0, *(at for at in (self.closed_at_s, self.aired_at_s) if at is not None)})
        return Box(self.volume_m3, tuple(self._phase(at) for at in moments))

    def _phase(self, at_s: float) -> Phase:
        flows = self.closed_at_s is None or at_s < self.closed_at_s
        aired = self.aired_at_s is not None and at_s >= self.aired_at_s
        changes = AIRED_ACH if aired else self.air_changes_h
        return Phase(at_s, self.source_m3_h if flows else 0.0, changes)
