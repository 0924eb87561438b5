"""Faults of the device itself: it measures, and says something else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.voice import Values

HOUR_S = 3_600.0


class Measuring(Protocol):
    """From what is measured, and the seconds since the fault began, to what is said."""

    def __call__(self, values: Values, t: float) -> Values: ...


@dataclass(frozen=True, slots=True)
class Stuck:
    """Repeats what it said first, to the last digit."""

    def on(self, chance: random.Random) -> Measuring:
        first: dict[str, float | bool | None] = {}

        def said(values: Values, t: float) -> Values:
            for name, value in values.items():
                first.setdefault(name, value)
            return {name: first[name] for name in values}

        return said


@dataclass(frozen=True, slots=True)
class Drift:
    """A number creeps away by `per_hour`, in its unit, until it is `at_most` away."""

    quantity: str
    per_hour: float
    at_most: float = 1e9

    def on(self, chance: random.Random) -> Measuring:
        def off(t: float) -> float:
            far = abs(self.per_hour) * t / HOUR_S
            return min(far, self.at_most) * (1 if self.per_hour > 0 else -1)

        return _number(self.quantity, lambda value, t: round(value + off(t), 2))


@dataclass(frozen=True, slots=True)
class Noise:
    """A number jumps about by `sigma`, never below 0."""

    quantity: str
    sigma: float

    def on(self, chance: random.Random) -> Measuring:
        return _number(
            self.quantity, lambda value, t: round(max(0.0, value + chance.gauss(0.0, self.sigma)), 3)
        )


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A cold sensor says `adds` too much at first, and less and less of it (time constant `settles_s`)."""

    quantity: str
    adds: float
    settles_s: float = 60.0

    def on(self, chance: random.Random) -> Measuring:
        return _number(
            self.quantity, lambda value, t: round(value + self.adds * 2.0 ** (-t / self.settles_s), 2)
        )


@dataclass(frozen=True, slots=True)
class UnitChange:
    """After an update it says the same in another unit (degrees Fahrenheit: times 1.8, plus 32)."""

    quantity: str
    factor: float
    plus: float = 0.0

    def on(self, chance: random.Random) -> Measuring:
        return _number(self.quantity, lambda value, t: round(value * self.factor + self.plus, 2))


@dataclass(frozen=True, slots=True)
class DyingBattery:
    """From `from_percent` to nothing in `within_s`; low from a fifth on."""

    from_percent: float = 30.0
    within_s: float = 10 * 86_400.0

    def on(self, chance: random.Random) -> Measuring:
        def said(values: Values, t: float) -> Values:
            left = max(0.0, self.from_percent * (1 - t / self.within_s))
            return {**values, "battery_percent": round(left), "battery_low": left < 20.0}

        return said


@dataclass(frozen=True, slots=True)
class Says:
    """A condition of its own: `tamper`, `fault`, or an alarm that nothing caused."""

    quantity: str

    def on(self, chance: random.Random) -> Measuring:
        return lambda values, t: {**values, self.quantity: True}


@dataclass(frozen=True, slots=True)
class Flapping:
    """A bit that goes on for `on_s` every `every_s` (each drawn within a third), whatever there is."""

    quantity: str
    every_s: float = 300.0
    on_s: float = 20.0

    def on(self, chance: random.Random) -> Measuring:
        ends = 0.0
        begins = chance.uniform(0.0, self.every_s)

        def said(values: Values, t: float) -> Values:
            nonlocal begins, ends
            while t >= begins:
                ends = begins + self.on_s * chance.uniform(0.67, 1.33)
                begins += max(self.on_s, self.every_s * chance.uniform(0.67, 1.33))
            return {**values, self.quantity: t < ends or values.get(self.quantity)}

        return said


def _number(quantity: str, change: Callable[[float, float], float]) -> Measuring:
    """Only a number that is there can be wrong."""

    def said(values: Values, t: float) -> Values:
        value = values.get(quantity)
        if value is None or isinstance(value, bool):
            return values
        return {**values, quantity: change(value, t)}

    return said
