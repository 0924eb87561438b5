"""An ordinary day of somebody at home, as a motion sensor in the hall sees it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from devices.instant import DAY, HOUR, Instant
from simulator.felt import NOTHING, Felt
from simulator.town import Sensor
from simulator.voice import LOCAL_AHEAD

_UP, _DOWN = 6.5, 22.5


def hours_of(at: Instant) -> float:
    """Local time of day."""
    return ((at + LOCAL_AHEAD) % DAY) / HOUR


@dataclass(slots=True)
class Life:
    """About for a minute or so every half hour, between getting up and going to bed; by night hardly."""

    place: str
    began_hours: float
    chance: random.Random
    every_s: float = 30.0
    _next_s: float = 0.0
    _until_s: float = 0.0
    _ended_s: float = field(default=math.inf)

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind == "presence" and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        if t >= self._ended_s:
            return NOTHING
        while t >= self._next_s:
            hours = (self.began_hours + self._next_s / 3_600.0) % 24.0
            self._until_s = self._next_s + self.chance.uniform(30.0, 120.0)
            rate_s = 1_800.0 if _UP <= hours <= _DOWN else 4 * 3_600.0
            self._next_s = self._until_s + min(5 * 3_600.0, self.chance.expovariate(1.0 / rate_s))
        return Felt(moving=True) if t < self._until_s else NOTHING

    def end(self, t: float) -> None:
        self._ended_s = min(self._ended_s, t)

    def over(self, t: float) -> bool:
        return t > self._ended_s
