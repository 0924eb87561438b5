"""Depth of water with a say for how fast it rises: each class by depth, and steps worse by the rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.form import RAISED, Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.kinds.rise import Slope, parse_slope
from rules.kinds.threshold import Limits, against, parse_levels, reached, shown
from rules.memory import Memory, Rows
from rules.verdict import Evidence
from rules.window import Window


class Rate(NamedTuple):
    """A rise that makes a depth count `steps` levels more."""

    slope: Slope
    steps: int


class Depth:
    """The class by depth alone, whose hysteresis must not see what the rate added to it."""

    __slots__ = ("level",)

    def __init__(self) -> None:
        self.level = Level.UNKNOWN

    def rows(self) -> Rows:
        return () if self.level is Level.UNKNOWN else ((int(self.level),),)

    def load(self, rows: Rows) -> None:
        self.level = Level(int(rows[0][0]))


@dataclass(frozen=True, slots=True)
class WaterLevel(Judge):
    """`rates` count where the depth has reached a class: fast water of a centimetre endangers nobody."""

    quantity: str
    limits: Limits
    rates: tuple[Rate, ...]

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    def remember(self) -> list[Memory]:
        return [Memory(Depth()), *(Memory(rate.slope.window()) for rate in self.rates)]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        if value is None:
            return Level.UNKNOWN
        depth = memories[0].of(Depth)
        depth.level = reached(self.limits, value, depth.level)
        steps = 0
        for rate, memory in zip(self.rates, memories[1:], strict=True):
            met = rate.slope.met(memory.of(Window), value, reading, memory.met)
            if met is not None:  # a late reading tells the depth and not the trend
                memory.met = met
            if memory.met:
                steps = max(steps, rate.steps)
        return depth.level if depth.level <= Level.CLEAR else _worse(depth.level, steps)

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """The depth beside the limit of its class; before it the rise that made it worse."""
        depth = memories[0].of(Depth).level
        facts: tuple[Evidence, ...] = ()
        if level > depth:
            fast = [n for n, memory in enumerate(memories[1:], 1) if memory.met]
            worst = max(fast, key=lambda n: self.rates[n - 1].steps, default=0)
            if worst:
                slope, window = self.rates[worst - 1].slope, memories[worst].of(Window)
                facts = slope.evidence(window, reading, True)[:1]
        return (*facts, fact(reading, shown(self.limits, depth)))

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        """Rates are shown with the level that they would make of the depth of now."""
        depth = memories[0].of(Depth).level
        yield from against(self.limits, What.VALUE, self.quantity, value_of(last, self.quantity), depth)
        for rate, memory in zip(self.rates, memories[1:], strict=True):
            level = _worse(max(depth, Level.NOTICE), rate.steps)
            yield rate.slope.gauge(memory.of(Window), self.quantity, level, memory.met)


def _worse(level: Level, steps: int) -> Level:
    return RAISED[min(RAISED.index(level) + steps, len(RAISED) - 1)]


def parse(form: Form) -> WaterLevel | None:
    """`levels` of depth, `rates` of `by`, `within` and `steps`."""
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    limits = parse_levels(form, quantity)
    rates = tuple(_rates(form))
    if quantity is None or not limits:
        return None
    if any(limit.sign < 0 for _, limit in limits):
        form.wrong("levels", "水深只能用 `above`。", "depths are given with `above`.")
    return WaterLevel(quantity.name, limits, rates)


def _rates(form: Form) -> Iterator[Rate]:
    for entry in form.forms("rates"):
        slope, steps = parse_slope(entry), entry.count("steps", least=1)
        entry.close()
        if slope is not None and slope.sign < 0:
            entry.wrong("by", "`by` 应大于 0。", "`by` must be more than 0.")
        if slope is not None and steps is not None:
            yield Rate(slope, steps)
