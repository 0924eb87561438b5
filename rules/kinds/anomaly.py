"""Far from what this very device usually says: a robust baseline of its own, learned and slowly followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import copysign
from typing import Final

from devices.instant import SECOND, Micros
from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.elapsed import Elapsed, no_trend
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.kinds.threshold import HYSTERESIS
from rules.memory import Memory, Rows
from rules.verdict import Evidence

LEAST_SAMPLES: Final = 30
_CLIP: Final = 3.0
"""What is farther off than this many spreads pulls no harder (Huber's psi; Huber 1964)."""
_TO_SIGMA: Final = 1.2533
"""Mean absolute deviation to standard deviation, for a normal distribution: sqrt(pi / 2)."""
_SIDES: Final = {"above": (1,), "below": (-1,), "both": (1, -1)}
_MOST: Final = Level.PREALARM


class Baseline:
    """Where a value usually is and how far it strays, as exponential averages that outliers cannot drag.

    A value pulls the centre by at most `_CLIP` spreads, so that a day of alarm moves it little and a sensor
    that drifts over weeks is followed. `floor` is the least spread: a value that never moves is no reason to
    call its first move far.
    """

    __slots__ = ("_began", "_floor", "_learn_for", "_spread", "_time", "centre", "count")

    def __init__(self, learn_for: Micros, floor: float) -> None:
        self._learn_for = learn_for
        self._floor = floor
        self._time = Elapsed()
        self._began = 0
        self.centre = 0.0
        self._spread = floor
        self.count = 0

    @property
    def sigma(self) -> float:
        return max(self._spread * _TO_SIGMA, self._floor)

    @property
    def learned(self) -> bool:
        return self.count >= LEAST_SAMPLES and self.heard_for >= self._learn_for

    @property
    def heard_for(self) -> Micros:
        return self._time.t - self._began

    def take(self, value: float, reading: Reading) -> None:
        gap = self._time.since(reading)
        t = self._time.keep(reading)
        self.count += 1
        if self.count == 1:
            self._began, self.centre = t, value
            return
        gain = max(min(gap / self._learn_for, 1.0), 1 / self.count if not self.learned else 0.0)
        off = value - self.centre
        reach = _CLIP * self.sigma
        pull = off if abs(off) <= reach else copysign(reach, off)
        self.centre += gain * pull
        self._spread += gain * (abs(pull) - self._spread)

    def rows(self) -> Rows:
        if not self.count:
            return ()
        return (self._time.row(), (self._began, self.centre, self._spread, self.count))

    def load(self, rows: Rows) -> None:
        self._time.load(rows[0])
        began, self.centre, self._spread, count = rows[1]
        self._began, self.count = int(began), int(count)


@dataclass(frozen=True, slots=True)
class Anomaly(Judge):
    """`beyond` spreads from the centre; unknown while it learns. A strange value is no proof of danger: a
    pre-alarm at most."""

    quantity: str
    learn_for: Micros
    beyond: float
    least: float
    sides: tuple[int, ...]
    level: Level

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    def remember(self) -> list[Memory]:
        return [Memory(Baseline(self.learn_for, self.least / self.beyond))]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        if value is None:
            return Level.UNKNOWN
        if no_trend(reading):
            return None
        baseline = memories[part].of(Baseline)
        learned, off = baseline.learned, value - baseline.centre
        limit = self.beyond * baseline.sigma * (1 - HYSTERESIS if standing >= self.level else 1)
        baseline.take(value, reading)
        if not learned:
            return Level.UNKNOWN
        return self.level if any(side * off >= limit for side in self.sides) else Level.CLEAR

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        baseline = memories[part].of(Baseline)
        if not baseline.learned or reading.value is None:
            return (fact(reading),)
        side = self.sides[0]
        if len(self.sides) > 1 and reading.value < baseline.centre:
            side = -1
        return (fact(reading, round(baseline.centre + side * self.beyond * baseline.sigma, 3)),)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        baseline = memories[0].of(Baseline)
        if not baseline.learned:
            listened, learn = baseline.heard_for / SECOND, self.learn_for / SECOND
            yield Gauge(What.LEARNING, self.quantity, listened, learn, Level.UNKNOWN)
            return
        value = value_of(last, self.quantity)
        for side in self.sides:
            need = baseline.centre + side * self.beyond * baseline.sigma
            yield Gauge(What.VALUE, self.quantity, value, need, self.level, side)


def parse(form: Form) -> Anomaly | None:
    """`learn`: how long; `beyond`: how many spreads; `least`: at least so far, in the quantity's unit."""
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    learn_for, level = form.duration("learn"), form.level("level")
    beyond, least = form.number("beyond"), form.number("least")
    side = form.choice("side", _SIDES) if form.has("side") else "above"
    for key, number in (("beyond", beyond), ("least", least)):
        if number is not None and number <= 0:
            form.wrong(key, "应大于 0。", "must be more than 0.")
            return None
    if level is not None and level > _MOST:
        zh = f"偏离平常不能证明危险：最高 `{_MOST.word}`。"
        en = f"what is unusual is no proof of danger: `{_MOST.word}` at most."
        form.wrong("level", zh, en)
    if quantity is None or learn_for is None or level is None or side is None:
        return None
    if beyond is None or least is None:
        return None
    if learn_for <= 0:
        form.wrong("learn", "应大于 0。", "must be more than 0.")
        return None
    return Anomaly(quantity.name, learn_for, beyond, least, _SIDES[side], level)
