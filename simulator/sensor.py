"""Detectors as instruments: each follows the air with its own delay; noise and resolution make a reading."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final

from simulator.hazards.fire import Lag

_T90: Final = math.log(10)
"""A first-order sensor shows 90 % of a step after so many time constants."""
_STILL_M_S: Final = 0.2
"""Air in a closed room never moves slower past a detector: it makes a draught by its own warmth."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a value becomes a number: normal noise of `noise` (one sigma), steps of `step`, a span.

    Units are those of what is measured. A step of 0 leaves the number as it is.
    """

    noise: float = 0.0
    step: float = 0.0
    least: float = -math.inf
    most: float = math.inf

    def __post_init__(self) -> None:
        if min(self.noise, self.step) < 0 or self.least > self.most:
            raise ValueError("noise and step are not negative, and least is not above most")

    def of(self, value: float, chance: random.Random) -> float:
        """One reading. Draws from `chance` only where there is noise."""
        seen = value + chance.gauss(0.0, self.noise) if self.noise else value
        if self.step:
            seen = round(seen / self.step) * self.step
        return min(max(seen, self.least), self.most)


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor of the first order. `tau_s`: its time constant, 0 for one that follows at once."""

    tau_s: float
    reading: Reading = Reading()

    def __post_init__(self) -> None:
        if self.tau_s < 0:
            raise ValueError("a time constant is not negative")


def by_t90(seconds: float, reading: Reading = Reading()) -> Sensor:
    """The sensor that shows 90 % of a step after `seconds`, as makers of gas cells give it."""
    return Sensor(seconds / _T90, reading)


class Probe:
    """One sensor in use: remembers what it shows. `start` is what it was in before."""

    def __init__(self, sensor: Sensor, chance: random.Random, start: float = 0.0) -> None:
        self._sensor, self._chance = sensor, chance
        self._lag = Lag(sensor.tau_s, start)

    @property
    def value(self) -> float:
        """Where it stands, without noise."""
        return self._lag.value

    def follow(self, target: float, seconds: float) -> float:
        """A reading after `seconds` more in air of `target`."""
        if self._sensor.tau_s:
            self._lag.follow(target, seconds)
        else:
            self._lag.value = target
        return self._sensor.reading.of(self._lag.value, self._chance)


@dataclass(frozen=True, slots=True)
class HeatDetector:
    """A bead in the ceiling jet. `rti` in (m s)^0.5: its time constant is rti / sqrt(velocity).

    50 and less is quick response (ISO 6182-1), 80 and more a standard one.
    """

    rti: float = 65.0
    reading: Reading = Reading(noise=0.1, step=0.1)

    def __post_init__(self) -> None:
        if self.rti <= 0:
            raise ValueError("a response time index is positive")

    def tau_s(self, jet_m_s: float) -> float:
        return self.rti / math.sqrt(max(jet_m_s, _STILL_M_S))


class HeatProbe:
    """One heat detector in use, at `start` degrees C."""

    def __init__(self, detector: HeatDetector, chance: random.Random, start: float = 22.0) -> None:
        self._detector, self._chance, self.value = detector, chance, start

    def follow(self, air_c: float, jet_m_s: float, seconds: float) -> float:
        """A reading in degrees C after `seconds` more in a jet of that temperature and velocity."""
        self.value = Lag(self._detector.tau_s(jet_m_s), self.value).follow(air_c, seconds)
        return self._detector.reading.of(self.value, self._chance)


def jet_m_s(heat_kw: float, height_m: float, radial_m: float = 1.5) -> float:
    """Velocity of the ceiling jet (Alpert 1972), m/s: within 0.15 H of the axis that of the plume itself."""
    if heat_kw <= 0:
        return 0.0
    if radial_m <= 0.15 * height_m:
        return 0.96 * float((heat_kw / height_m) ** (1 / 3))
    return float(0.195 * heat_kw ** (1 / 3) * height_m**0.5 / radial_m ** (5 / 6))


SMOKE_CHAMBER: Final = Sensor(15.0, Reading(noise=0.002, step=0.001, least=0.0, most=6.0))
"""dB/m. Smoke enters within 10 to 30 s in the slow air of a growing fire."""
CO_CELL: Final = by_t90(60.0, Reading(noise=0.5, step=1.0, least=0.0, most=1_000.0))
"""ppm, electrochemical."""
GAS_BEAD: Final = by_t90(25.0, Reading(noise=0.1, step=0.1, least=0.0, most=100.0))
"""%LEL, catalytic."""
LEVEL: Final = Sensor(0.0, Reading(noise=2.0, step=1.0, least=0.0, most=3_000.0))
"""mm of water under an ultrasonic sensor."""
CABLE_BEAD: Final = Sensor(20.0, Reading(noise=0.3, step=0.1, least=-40.0, most=150.0))
"""Degrees C of a thermistor strapped to a joint."""
RESIDUAL: Final = Sensor(0.3, Reading(noise=3.0, step=1.0, least=0.0, most=1_500.0))
"""mA through a summation transformer."""
