"""What there is to be felt at one spot, and detectors that feel it: slowly, with noise, each by its kind."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from simulator.sensor import (
    CABLE_BEAD,
    CO_CELL,
    GAS_BEAD,
    LEVEL,
    RESIDUAL,
    SMOKE_CHAMBER,
    Probe,
    Reading,
    Sensor,
)
from simulator.voice import Values

_ROOM_C: Final = 22.0
CABLE_C: Final = 30.0
"""Ordinary temperatures of a room, and of a cable under its usual load."""


class Felt(NamedTuple):
    """What causes add to an ordinary day: kelvin over the room, dB/m, ppm, %LEL, mm, mA, kelvin of a cable.

    `wet`, `pressed`, `moving` and `opened` are there or not.
    """

    warmer_k: float = 0.0
    smoke_db_per_m: float = 0.0
    co_ppm: float = 0.0
    gas_lel_percent: float = 0.0
    depth_mm: float = 0.0
    leaking_ma: float = 0.0
    cable_k: float = 0.0
    wet: bool = False
    pressed: bool = False
    moving: bool = False
    opened: bool = False


NOTHING: Final = Felt()


def together(parts: Iterable[Felt]) -> Felt:
    """Numbers add up, and what one cause does is done."""
    found = [part for part in parts if part is not NOTHING]
    if len(found) < 2:
        return found[0] if found else NOTHING
    return Felt._make(
        any(column) if isinstance(column[0], bool) else sum(column) for column in zip(*found, strict=True)
    )


class Bit:
    """A detector's own alarm: on at `above`, off again below `below`."""

    def __init__(self, above: float, below: float) -> None:
        self._above, self._below, self.on = above, below, False

    def follow(self, value: float) -> bool:
        self.on = value >= (self._below if self.on else self._above)
        return self.on


class Cell:
    """The own alarm of a CO detector: rows of EN 50291 (ppm, seconds), each within what the norm allows."""

    ROWS: Final = ((300.0, 120.0), (100.0, 1_500.0), (50.0, 4_500.0), (30.0, 7_500.0))

    def __init__(self) -> None:
        self._above = [0.0] * len(self.ROWS)
        self.on = False

    def follow(self, ppm: float, seconds: float) -> bool:
        for row, (above, for_s) in enumerate(self.ROWS):
            self._above[row] = self._above[row] + seconds if ppm >= above else 0.0
            self.on = self.on or self._above[row] >= for_s
        self.on = self.on and ppm >= 25.0
        return self.on


Feel = Callable[[Felt, float], Values]
"""From what is felt and the seconds since the last time to what is measured."""


def detector(kind: str, chance: random.Random) -> Feel:
    """A detector of that kind, fresh from the box. Its noise and its tolerance are drawn from `chance`."""
    return _MAKE.get(kind, _nothing)(chance)


def _smoke(chance: random.Random) -> Feel:
    """Alarm at 0.15 dB/m (GB 4715 type B) within a tenth."""
    chamber = Probe(SMOKE_CHAMBER, chance)
    warmth = Probe(Sensor(60.0, Reading(noise=0.1, step=0.1)), chance, _ROOM_C)
    alarm = Bit(chance.uniform(0.135, 0.165), 0.10)

    def feel(felt: Felt, seconds: float) -> Values:
        dense = chamber.follow(felt.smoke_db_per_m, seconds)
        return {
            "smoke_alarm": alarm.follow(chamber.value),
            "smoke_obscuration_db_per_m": round(dense, 3),
            "temperature_c": round(warmth.follow(_ROOM_C + felt.warmer_k, seconds), 1),
        }

    return feel


def _heat(chance: random.Random) -> Feel:
    """Class A1: 54 to 65 °C; a bead that lags by 8 to 20 s, an RTI of 20 to 60 in a jet of some 8 m/s."""
    bead = Probe(Sensor(chance.uniform(8.0, 20.0), Reading(noise=0.1, step=0.1)), chance, _ROOM_C)
    alarm = Bit(chance.uniform(55.0, 62.0), 48.0)

    def feel(felt: Felt, seconds: float) -> Values:
        warm = bead.follow(_ROOM_C + felt.warmer_k, seconds)
        return {"heat_alarm": alarm.follow(bead.value), "temperature_c": round(warm, 1)}

    return feel


def _gas(chance: random.Random) -> Feel:
    """Alarm at 10 %LEL within a tenth."""
    bead, alarm = Probe(GAS_BEAD, chance), Bit(chance.uniform(9.0, 11.0), 8.0)

    def feel(felt: Felt, seconds: float) -> Values:
        lel = bead.follow(felt.gas_lel_percent, seconds)
        return {"gas_alarm": alarm.follow(bead.value), "gas_lel_percent": round(lel, 1)}

    return feel


def _co(chance: random.Random) -> Feel:
    cell, alarm = Probe(CO_CELL, chance), Cell()

    def feel(felt: Felt, seconds: float) -> Values:
        ppm = cell.follow(felt.co_ppm, seconds)
        return {"co_alarm": alarm.follow(cell.value, seconds), "co_ppm": round(ppm)}

    return feel


def _level(chance: random.Random) -> Feel:
    """A dry one reads 0; its float closes at 270 mm."""
    gauge, float_switch = Probe(LEVEL, chance), Bit(270.0, 220.0)

    def feel(felt: Felt, seconds: float) -> Values:
        depth = gauge.follow(felt.depth_mm, seconds) if felt.depth_mm > 5.0 else 0.0
        return {"water_level_mm": round(depth), "water_level_alarm": float_switch.follow(felt.depth_mm)}

    return feel


def _leak(chance: random.Random) -> Feel:
    def feel(felt: Felt, seconds: float) -> Values:
        return {"water_leak_alarm": felt.wet, "temperature_c": 20.0}

    return feel


def _meter(chance: random.Random) -> Feel:
    """Natural leakage of 100 to 200 mA; its own alarm at 500 mA after 30 s, or at a cable of 80 °C."""
    natural, over, hot = chance.uniform(100.0, 180.0), Bit(30.0, 1.0), Bit(80.0, 70.0)
    ring, bead = Probe(RESIDUAL, chance, natural), Probe(CABLE_BEAD, chance, CABLE_C)
    stood = 0.0

    def feel(felt: Felt, seconds: float) -> Values:
        nonlocal stood
        current = ring.follow(natural + felt.leaking_ma, seconds)
        cable = bead.follow(CABLE_C + felt.cable_k, seconds)
        stood = stood + seconds if ring.value >= 500.0 else 0.0
        return {
            "electrical_alarm": any((over.follow(stood), hot.follow(bead.value))),
            "residual_current_ma": round(current),
            "cable_temperature_c": round(cable, 1),
        }

    return feel


def _button(quantity: str) -> Callable[[random.Random], Feel]:
    def make(chance: random.Random) -> Feel:
        def feel(felt: Felt, seconds: float) -> Values:
            return {quantity: felt.pressed}

        return feel

    return make


def _presence(chance: random.Random) -> Feel:
    def feel(felt: Felt, seconds: float) -> Values:
        return {"motion": felt.moving, "door_open": felt.opened}

    return feel


def _nothing(chance: random.Random) -> Feel:
    def feel(felt: Felt, seconds: float) -> Values:
        return {}

    return feel


_MAKE: Final = {
    "smoke": _smoke,
    "heat": _heat,
    "gas": _gas,
    "co": _co,
    "water_level": _level,
    "water_leak": _leak,
    "electrical": _meter,
    "sos": _button("sos_alarm"),
    "call_point": _button("manual_alarm"),
    "presence": _presence,
}

CHANGES: Final = {
    "temperature_c": 1.0,
    "smoke_obscuration_db_per_m": 0.02,
    "gas_lel_percent": 1.0,
    "co_ppm": 10.0,
    "water_level_mm": 10.0,
    "residual_current_ma": 30.0,
    "cable_temperature_c": 2.0,
}
"""How far a number must move before a device speaks of it by itself."""


def alarming(values: Values) -> bool:
    """Whether any of the device's own alarm bits is set."""
    return any(value is True for name, value in values.items() if name.endswith("_alarm"))


def moved(before: Values, now: Values) -> bool:
    """Whether a device would speak of the difference by itself. Infinite where it never spoke."""
    for name, value in now.items():
        known = before.get(name)
        if isinstance(value, bool) or value is None or known is None:
            if value != known:
                return True
        elif abs(value - known) >= CHANGES.get(name, math.inf):
            return True
    return False
