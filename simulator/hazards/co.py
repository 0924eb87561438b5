"""Carbon monoxide from a blocked flue or charcoal indoors, in the room and in the bedroom beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.hazards.box import Box, NextRoom, Phase

_G_M3: Final = 1145.0
"""Density of carbon monoxide at 25 °C and 101.3 kPa."""

BLOCKED_FLUE: Final = 12.0
"""g/h, an assumption: a room of 40 m3 passes 100 ppm within half an hour."""
CHARCOAL: Final = 60.0
"""g/h: half a kilogram of charcoal an hour at about 120 g of CO a kilogram."""
ROOM_M3, BEDROOM_M3 = 40.0, 30.0


@dataclass(frozen=True, slots=True)
class Source:
    """Begins at 0 and ends at `until_s`; `aired_at_s`: windows are opened."""

    grams_h: float = BLOCKED_FLUE
    volume_m3: float = ROOM_M3
    air_changes_h: float = 0.5
    until_s: float | None = None
    aired_at_s: float | None = None

    def ppm(self, t_s: float) -> float:
        return self.box().fraction(t_s) * 1e6 if t_s > 0 else 0.0

    def box(self) -> Box:
        moments = sorted({0.0, *(at for at in (self.until_s, self.aired_at_s) if at is not None)})
        return Box(self.volume_m3, tuple(self._phase(at) for at in moments))

    def _phase(self, at_s: float) -> Phase:
        burns = self.until_s is None or at_s < self.until_s
        aired = self.aired_at_s is not None and at_s >= self.aired_at_s
        return Phase(at_s, self.grams_h / _G_M3 if burns else 0.0, 8.0 if aired else self.air_changes_h)


@dataclass(frozen=True, slots=True)
class Bedroom:
    """Behind a door that is ajar: 30 m3/h pass it."""

    source: Source
    volume_m3: float = BEDROOM_M3
    exchange_m3_h: float = 30.0
    air_changes_h: float = 0.3

    def ppm(self, t_s: float) -> float:
        room = NextRoom(self.source.box(), self.volume_m3, self.exchange_m3_h, self.air_changes_h)
        return room.fraction(t_s) * 1e6 if t_s > 0 else 0.0
