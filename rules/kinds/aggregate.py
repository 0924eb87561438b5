"""What many samples say together: mean, median, smallest, largest or range of a length of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from devices.instant import SECOND, Micros
from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.elapsed import Elapsed, no_trend
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact
from rules.kinds.threshold import Limits, against, parse_levels, reached, shown
from rules.memory import Memory, Row, Rows
from rules.verdict import Evidence

MOST: Final = 600
"""Samples that a rule may look back on."""

_TAKE: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "mean": lambda values: sum(values) / len(values),
    "median": median,
    "min": min,
    "max": max,
    "range": lambda values: max(values) - min(values),
}


class Span:
    """Samples of a length of time, at least `least_for` apart, as (t, value, sequence)."""

    __slots__ = ("_least_for", "_length", "_time", "samples")

    def __init__(self, length: Micros, least_for: Micros) -> None:
        self._length = length
        self._least_for = least_for
        self._time = Elapsed()
        self.samples: deque[Row] = deque()

    def note(self, value: float, reading: Reading) -> None:
        """Take a sample; one that comes sooner than it should takes the place of the last."""
        samples = self.samples
        if samples and self._time.since(reading) < self._least_for:
            samples[-1] = (samples[-1][0], value, reading.sequence)
            return
        t = self._time.keep(reading)
        samples.append((t, value, reading.sequence))
        while samples[0][0] < t - self._length:
            samples.popleft()

    def rows(self) -> Rows:
        return (self._time.row(), *self.samples) if self.samples else ()

    def load(self, rows: Rows) -> None:
        self._time.load(rows[0])
        self.samples = deque(rows[1:])


@dataclass(frozen=True, slots=True)
class Aggregate(Judge):
    """`limits` from the worst level down, on what is taken of at least `least` samples of `length_for`."""

    quantity: str
    take: str
    length_for: Micros
    least_for: Micros
    least: int
    limits: Limits

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    def remember(self) -> list[Memory]:
        return [Memory(Span(self.length_for, self.least_for))]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        if value is None:
            return Level.UNKNOWN
        if no_trend(reading):
            return None
        span = memories[part].of(Span)
        span.note(value, reading)
        if len(span.samples) < self.least:
            return Level.UNKNOWN
        return reached(self.limits, self._taken(span), standing)

    def _taken(self, span: Span) -> float:
        return _TAKE[self.take]([row[1] for row in span.samples])

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        span = memories[part].of(Span)
        value = self._taken(span) if len(span.samples) >= self.least else None
        return (fact(reading, shown(self.limits, level))._replace(value=value),)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        span = memories[0].of(Span)
        count = len(span.samples)
        if count < self.least:
            yield Gauge(What.SAMPLES, self.quantity, count, self.least, Level.UNKNOWN, 1, self.length_for)
        have = self._taken(span) if count >= self.least else None
        yield from against(self.limits, What.TAKEN, self.quantity, have, standing, self.length_for)


def parse(form: Form) -> Aggregate | None:
    """`take` of the samples `within` a time, at least `least` of them, against `levels`."""
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    take = form.choice("take", _TAKE)
    length_for, least_for = form.duration("within"), form.duration("sampled", SECOND)
    least = form.count("least", least=2)
    limits = parse_levels(form, quantity)
    if quantity is None or take is None or length_for is None or least_for is None or least is None:
        return None
    if not 0 < least_for <= length_for or length_for > MOST * least_for:
        zh = f"应大于 0、不超过 `within`，且 `within` 内最多 {MOST} 个样本。"
        en = f"must be more than 0 and at most `within`, which may hold {MOST} samples."
        form.wrong("sampled", zh, en)
        return None
    if least > length_for // least_for + 1:
        form.wrong("least", "`within` 内没有这么多样本。", "`within` cannot hold so many samples.")
        return None
    return Aggregate(quantity.name, take, length_for, least_for, least, limits) if limits else None
