"""What happens at places of the town: each hazard's physics, as the sensors around it come to feel it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from simulator.felt import NOTHING, Felt
from simulator.hazards.burning import Burning
from simulator.hazards.co import Bedroom
from simulator.hazards.co import Source as Flue
from simulator.hazards.fire import FAST, MEDIUM, SLOW, ULTRA_FAST, RoomFire
from simulator.hazards.flood import Basement, Shower, Street
from simulator.hazards.gas import Leak
from simulator.town import Sensor

GROWTH: Final = {"slow": SLOW, "medium": MEDIUM, "fast": FAST, "ultra_fast": ULTRA_FAST}


class Cause(Protocol):
    """Something at a place. Times are seconds since it began, and are asked in their order.

    `every_s`: how often it is worth looking. `over(t)`: nothing is to be felt any more.
    """

    @property
    def place(self) -> str: ...
    @property
    def every_s(self) -> float: ...
    def reaches(self, sensor: Sensor) -> bool: ...
    def felt(self, sensor: Sensor, t: float) -> Felt: ...
    def end(self, t: float) -> None: ...
    def over(self, t: float) -> bool: ...


@dataclass(slots=True)
class Fire:
    """In a home, or on a landing. A closed door keeps nine tenths of the smoke in.

    Smoke goes out of the door to the landing, up the stair a floor every 15 s (a stack flow of 0.2 m/s),
    thinner with each; a tenth of what is on a landing gets into the homes there.
    """

    place: str
    burning: Burning
    door_open: bool
    every_s: float = 2.0
    dies_for_s: float = 600.0
    _out_s: float = math.inf

    def reaches(self, sensor: Sensor) -> bool:
        return self._way(sensor) is not None

    def felt(self, sensor: Sensor, t: float) -> Felt:
        way = self._way(sensor)
        if way is None or t <= 0:
            return NOTHING
        delay_s, share = way
        if share == 1.0:
            here, hot = self.burning.air(t), 1.0
        else:
            here, hot = self.burning.beyond(t, delay_s=delay_s, share=share), 1.0
        rise = here.temperature_c - self.burning.fire.ambient_c
        return Felt(warmer_k=hot * rise, smoke_db_per_m=here.smoke_db_per_m, co_ppm=here.co_ppm)

    def end(self, t: float) -> None:
        self._out_s = min(self._out_s, t)
        self.burning.put_out(t)

    def over(self, t: float) -> bool:
        return t > self._out_s + self.dies_for_s

    def _way(self, sensor: Sensor) -> tuple[float, float] | None:
        """Delay in seconds and share of the smoke; None where none comes."""
        if sensor.place == self.place:
            return 0.0, 1.0
        at, here = self.place.split("."), sensor.place.split(".")
        if len(at) < 4 or len(here) < 4 or at[:3] != here[:3]:
            return None
        up = int(here[3][1:]) - int(at[3][1:])
        if not 0 <= up <= 3:
            return None
        leaves = 1.0 if len(at) == 4 else (0.5 if self.door_open else 0.05)
        share, delay_s = leaves * 0.6**up, 20.0 + 15.0 * up
        return (delay_s, share) if len(here) == 4 else (delay_s + 30.0, 0.1 * share)


@dataclass(slots=True)
class Gas:
    """A leak in a kitchen; a twentieth of it gets to the door beside."""

    place: str
    leak: Leak
    every_s: float = 10.0
    _ended_s: float = math.inf

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind == "gas" and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        return Felt(gas_lel_percent=self.leak.lel_percent(t)) if t > 0 else NOTHING

    def end(self, t: float) -> None:
        """Somebody shuts the valve and opens the window."""
        if t < self._ended_s:
            self._ended_s = t
            self.leak = replace(self.leak, closed_at_s=t, aired_at_s=t)

    def over(self, t: float) -> bool:
        return t > self._ended_s + 3_600.0


@dataclass(slots=True)
class Monoxide:
    """From a blocked flue or charcoal; `bedroom`: the detector hangs behind a door that is ajar."""

    place: str
    source: Flue
    bedroom: bool = False
    every_s: float = 30.0
    _ended_s: float = math.inf

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind == "co" and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        if t <= 0:
            return NOTHING
        return Felt(co_ppm=Bedroom(self.source).ppm(t) if self.bedroom else self.source.ppm(t))

    def end(self, t: float) -> None:
        """Put out, and every window opened."""
        if t < self._ended_s:
            self._ended_s = t
            self.source = replace(self.source, until_s=t, aired_at_s=t)

    def over(self, t: float) -> bool:
        return t > self._ended_s + 3 * 3_600.0


@dataclass(slots=True)
class Rain:
    """A shower on a hollow; the rain ends by itself, the water when the drain has taken it."""

    place: str
    shower: Shower
    street: Street
    every_s: float = 60.0
    _depths: list[float] = field(default_factory=list)

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind == "water_level" and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        return Felt(depth_mm=self._depth(t)) if t > 0 else NOTHING

    def end(self, t: float) -> None:
        """Nobody ends the rain."""

    def over(self, t: float) -> bool:
        return t > self.shower.ends_s and self._depth(t) <= 0.0

    def _depth(self, t: float) -> float:
        if not self._depths:
            until = self.shower.ends_s + 24 * 3_600.0
            self._depths = [depth for _, depth in self.street.depths_mm(self.shower, until)]
        return self._depths[min(int(t // 10), len(self._depths) - 1)]


@dataclass(slots=True)
class BurstPipe:
    """Water on a floor: a leak sensor is wet at once, a level sensor sees it rise."""

    place: str
    basement: Basement
    every_s: float = 60.0
    _ended_s: float = math.inf

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind in ("water_leak", "water_level") and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        if t <= 0 or self.over(t):
            return NOTHING
        depth = self.basement.depth_mm(min(t, self._ended_s)) * max(0.0, 1 - (t - self._ended_s) / 3_600.0)
        if t <= self._ended_s:
            depth = self.basement.depth_mm(t)
        return Felt(depth_mm=depth, wet=depth > 1.0)

    def end(self, t: float) -> None:
        """The main is shut and it is pumped out within the hour."""
        self._ended_s = min(self._ended_s, t)

    def over(self, t: float) -> bool:
        return t > self._ended_s + 3_600.0


@dataclass(slots=True)
class Curve:
    """Anything that a function of time tells: nuisances, cables. `kinds`: who can feel it."""

    place: str
    kinds: tuple[str, ...]
    of: Callable[[float], Felt]
    lasts_s: float
    every_s: float = 5.0
    _ended_s: float = math.inf

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind in self.kinds and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        return self.of(t) if t > 0 and not self.over(t) else NOTHING

    def end(self, t: float) -> None:
        self._ended_s = min(self._ended_s, t)

    def over(self, t: float) -> bool:
        return t > min(self.lasts_s, self._ended_s)


@dataclass(slots=True)
class Pressed:
    """A button: somebody holds it for two seconds."""

    place: str
    kind: str
    every_s: float = 1.0

    def reaches(self, sensor: Sensor) -> bool:
        return sensor.kind == self.kind and sensor.place == self.place

    def felt(self, sensor: Sensor, t: float) -> Felt:
        return Felt(pressed=True) if 0 < t <= 2.0 else NOTHING

    def end(self, t: float) -> None:
        """It is released by itself."""

    def over(self, t: float) -> bool:
        return t > 3.0


def room_fire(place: str, growth: str, *, door_open: bool, peak_kw: float = 500.0) -> Fire:
    """A fire in a home. An open door lets the smoke out of the room within two minutes, else in five."""
    room = RoomFire(GROWTH[growth], peak_kw=peak_kw, leak_for_s=120.0 if door_open else 300.0)
    return Fire(place, Burning(room), door_open)


def stair_fire(place: str, growth: str, peak_kw: float) -> Fire:
    """On a landing of 12 m2, open to the stair above, or in a garage."""
    room = RoomFire(GROWTH[growth], peak_kw=peak_kw, area_m2=12.0, leak_for_s=90.0)
    return Fire(place, Burning(room), door_open=True)
