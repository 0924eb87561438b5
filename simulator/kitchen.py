"""The demonstration: the story of a kitchen fire that climbs one floor, as each sensor would feel it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from simulator.hazards.fire import FAST, Air, Lag, RoomFire
from simulator.town import Sensor, home_at

Values = dict[str, float | bool | None]

SMOKE_ALARM_DB_PER_M = 0.15
CO_ALARM_PPM = 300.0


@dataclass
class KitchenFire:
    """Burns at `home` from `ignition_s` on. `feel` is asked once a second per sensor that is near.

    `spread` names the homes that smoke reaches: delay in seconds and share of the smoke.
    """

    home: str
    ignition_s: float
    spread: dict[str, tuple[float, float]]
    fire: RoomFire = field(default_factory=lambda: RoomFire(alpha=FAST))
    _lags: dict[str, Lag] = field(default_factory=dict)

    def near(self, sensor: Sensor) -> bool:
        return sensor.household == self.home or sensor.household in self.spread

    def truth(self) -> dict[str, float | str]:
        """What really happened, for whoever scores."""
        return {"hazard": "fire", "home": self.home, "ignition_s": self.ignition_s}

    def put_out(self, now_s: float) -> None:
        """Somebody gets water on it."""
        self.fire = replace(self.fire, out_s=min(self.fire.out_s, now_s - self.ignition_s))

    def feel(self, sensor: Sensor, now_s: float) -> Values:
        """What this sensor measures now; its own alarm bit is its own opinion."""
        air = self._air(sensor, now_s - self.ignition_s)
        if sensor.kind == "smoke":
            smoke = self._lag(sensor, 5.0).follow(air.smoke_db_per_m, 1.0)
            alarm = smoke >= SMOKE_ALARM_DB_PER_M
            return {"smoke_obscuration_db_per_m": round(smoke, 3), "smoke_alarm": alarm}
        if sensor.kind == "heat":
            lag = self._lag(sensor, 8.0, self.fire.ambient_c)
            return {"temperature_c": round(lag.follow(air.temperature_c, 1.0), 1)}
        if sensor.kind == "co":
            ppm = self._lag(sensor, 20.0).follow(air.co_ppm, 1.0)
            return {"co_ppm": round(ppm, 1), "co_alarm": ppm >= CO_ALARM_PPM}
        return calm(sensor)

    def _air(self, sensor: Sensor, t: float) -> Air:
        if sensor.household == self.home:
            return self.fire.air(t)
        delay, share = self.spread[sensor.household or ""]
        return self.fire.beyond(t, delay_s=delay, share=share)

    def _lag(self, sensor: Sensor, tau: float, start: float = 0.0) -> Lag:
        return self._lags.setdefault(sensor.id, Lag(tau, start))


def kitchen_fire(homes: tuple[str, ...], seed: int, ignition_s: float) -> KitchenFire:
    """Somewhere between the 4th and the 12th floor; smoke reaches two floors above and the door beside."""
    chance = random.Random(seed + 3)  # noqa: S311 where it burns guards nothing
    building, floor, door = chance.choice(("b1", "b2")), chance.randint(4, 12), 1

    def at(level: int, number: int) -> str:
        return home_at(building, level, number)

    spread = {
        at(floor + 1, door): (12.0, 0.15),
        at(floor + 2, door): (25.0, 0.06),
        at(floor, 2): (20.0, 0.08),
    }
    home = at(floor, door)
    assert home in homes
    return KitchenFire(home, ignition_s, {near: how for near, how in spread.items() if near in homes})


_CALM: dict[str, Values] = {
    "smoke": {"smoke_obscuration_db_per_m": 0.0, "smoke_alarm": False},
    "heat": {"temperature_c": 22.0},
    "gas": {"gas_lel_percent": 0.0, "gas_alarm": False},
    "co": {"co_ppm": 0.0, "co_alarm": False},
    "water_level": {"water_level_mm": 0.0},
    "water_leak": {"water_leak_alarm": False},
    "sos": {"sos_alarm": False},
}


def calm(sensor: Sensor) -> Values:
    """What it says when nothing happens."""
    return dict(_CALM[sensor.kind])
