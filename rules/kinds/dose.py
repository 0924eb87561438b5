"""How much of a gas people have taken in: rows as EN 50291 has them, over a time-weighted integral."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from devices.instant import MINUTE, Micros
from devices.level import Level
from devices.quantity import Quantity, QuantityKind
from devices.reading import Reading
from rules.elapsed import Elapsed, no_trend
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.memory import Memory, Rows
from rules.verdict import Evidence

CLEAR_SHARE: Final = 0.8
"""A dose is over when the value is under this share of the mildest row."""
_STEPS: Final = 8
"""How many parts of the shortest row are told apart."""


class Step(NamedTuple):
    """One row: the mean over `length_for` reaches `above`."""

    above: float
    length_for: Micros
    level: Level


class Exposure:
    """The integral of a value over the time that is looked back on.

    A value holds until the next one, for `holds_for` at most; after that nothing is known, and what counts is
    the smaller of the two ends of the silence. Points (t, integral) lie on straight lines between them; equal
    values and what lies closer together than `grain_for` make one line, so that they stay few.
    """

    __slots__ = ("_grain_for", "_holds_for", "_length", "_points", "_time", "_value")

    def __init__(self, length: Micros, holds_for: Micros, grain_for: Micros) -> None:
        self._length = length
        self._holds_for = holds_for
        self._grain_for = grain_for
        self._time = Elapsed()
        self._value = 0.0
        self._points: list[tuple[int, float]] = []

    def take(self, value: float, reading: Reading) -> None:
        points = self._points
        if not points:
            points.append((self._time.keep(reading), 0.0))
            self._value = value
            return
        began, gap = self._time.t, self._time.since(reading)
        if gap > self._holds_for:
            self._reach(began + self._holds_for, self._value, same=False)
            self._reach(began + gap, min(self._value, value), same=False)
        elif gap > 0:
            self._reach(began + gap, self._value, same=True)
        self._time.keep(reading)
        self._value = value
        self._forget(self._time.t - self._length)

    def _reach(self, t: int, value: float, *, same: bool) -> None:
        """Extend the integral to `t`; the last point moves on while its line goes on or is too short."""
        points = self._points
        last, total = points[-1]
        total += value * (t - last)
        if same and len(points) > 1:
            before, reached = points[-2]
            straight = abs((points[-1][1] - reached) - value * (last - before)) <= 1e-9 * max(1.0, total)
            if straight or t - before <= self._grain_for:
                points[-1] = (t, total)
                return
        points.append((t, total))

    def _forget(self, before: int) -> None:
        """Keep one point at or before the horizon, and count from there so that the sum stays small."""
        points = self._points
        gone = bisect_right(points, (before, float("inf"))) - 1
        if gone > 0:
            del points[:gone]
            base = points[0][1]
            self._points = [(t, total - base) for t, total in points]

    def mean(self, length: Micros) -> float:
        """Over the last `length`; what was before the first reading counts as none."""
        points = self._points
        end, total = points[-1]
        start = end - length
        if start <= points[0][0]:
            return total / length
        at = bisect_right(points, (start, float("inf"))) - 1
        (t0, sum0), (t1, sum1) = points[at], points[min(at + 1, len(points) - 1)]
        share = (start - t0) / (t1 - t0) if t1 > t0 else 0.0
        return (total - sum0 - (sum1 - sum0) * share) / length

    def rows(self) -> Rows:
        return (self._time.row(), (self._value,), *self._points) if self._points else ()

    def load(self, rows: Rows) -> None:
        time, (self._value,), *points = rows
        self._time.load(time)
        self._points = [(int(t), total) for t, total in points]

    def __len__(self) -> int:
        return len(self._points)


@dataclass(frozen=True, slots=True)
class Dose(Judge):
    """`steps` from the worst level down. Ends when the value itself is below `clear`."""

    quantity: str
    steps: tuple[Step, ...]
    clear: float
    holds_for: Micros

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    def remember(self) -> list[Memory]:
        lengths = [step.length_for for step in self.steps]
        return [Memory(Exposure(max(lengths), self.holds_for, min(lengths) // _STEPS))]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        if value is None:
            return Level.UNKNOWN
        if no_trend(reading):
            return None
        exposure = memories[part].of(Exposure)
        exposure.take(value, reading)
        if value < self.clear:
            return Level.CLEAR
        step = self._step(exposure)
        found = Level.CLEAR if step is None else step.level
        return max(found, standing) if standing > Level.CLEAR else found

    def _step(self, exposure: Exposure) -> Step | None:
        """The first row whose dose is reached."""
        for step in self.steps:
            if exposure.mean(step.length_for) >= step.above:
                return step
        return None

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """The mean of the row that is reached beside its limit, then the value; when clear the value."""
        exposure = memories[part].of(Exposure)
        step = self._step(exposure) if level > Level.CLEAR else None
        if step is None:
            return (fact(reading, self.clear),)
        return (fact(reading, step.above)._replace(value=exposure.mean(step.length_for)), fact(reading))

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        exposure = memories[0].of(Exposure)
        for step in self.steps:
            have = exposure.mean(step.length_for) if len(exposure) else None
            yield Gauge(What.DOSE, self.quantity, have, step.above, step.level, 1, step.length_for)
        if standing > Level.CLEAR:
            value = value_of(last, self.quantity)
            yield Gauge(What.VALUE, self.quantity, value, self.clear, standing)


def parse(form: Form) -> Dose | None:
    """`rows` of `above`, `for` and `level`; `clear_below`; `holds`: how long a value speaks for itself."""
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    steps = tuple(_steps(form, quantity))
    holds_for = form.duration("holds", 10 * MINUTE)
    clear = form.number("clear_below", required=False)
    if quantity is None or not steps or holds_for is None:
        return None
    mildest = min(step.above for step in steps)
    if clear is None:
        clear = CLEAR_SHARE * mildest
    if clear > mildest:
        zh, en = (
            f"不能大于最低一行的 `{mildest:g}`。",
            f"must not be more than the lowest row, `{mildest:g}`.",
        )
        form.wrong("clear_below", zh, en)
    if holds_for <= 0:
        form.wrong("holds", "应大于 0。", "must be more than 0.")
        return None
    return Dose(quantity.name, tuple(sorted(steps, key=_worst)), clear, holds_for)


def _worst(step: Step) -> tuple[int, float]:
    return -step.level, -step.above


def _steps(form: Form, quantity: Quantity | None) -> Iterator[Step]:
    for entry in form.forms("rows"):
        above, length_for, level = entry.number("above"), entry.duration("for"), entry.level("level")
        entry.close()
        if above is not None and quantity is not None and (above <= 0 or not quantity.plausible(above)):
            reach = f"0..{quantity.high:g} {quantity.unit}".rstrip()
            entry.wrong("above", f"应大于 0，在 {reach} 之内。", f"must be more than 0, within {reach}.")
        elif length_for is not None and length_for < MINUTE:
            entry.wrong("for", "应不短于 1 分钟。", "must be at least a minute.")
        elif above is not None and length_for is not None and level is not None:
            yield Step(above, length_for, level)
