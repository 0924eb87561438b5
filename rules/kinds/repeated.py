"""The same sign several times: n of the last m samples (in a row where n is m), or n within a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from devices.instant import Micros
from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.elapsed import Elapsed, no_trend
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.kinds.logic import parse_bit
from rules.kinds.threshold import Limit, parse_limit
from rules.memory import Memory, Row, Rows
from rules.verdict import Evidence

MOST: Final = 100
"""Samples that a rule may look back on."""


class Hits:
    """The last samples as (t, hit, value, at, sequence): `most` of them, whether hits or not."""

    __slots__ = ("_time", "last", "seen")

    def __init__(self, most: int) -> None:
        self._time = Elapsed()
        self.seen: deque[Row] = deque(maxlen=most)
        self.last: bool | None = None

    def note(self, hit: bool, keep: bool, value: float, reading: Reading) -> int:
        """Take a sample, keep it when told to; its time."""
        t = self._time.keep(reading)
        self.last = hit
        if keep:
            self.seen.append((t, int(hit), value, reading.at, reading.sequence))
        return t

    def rows(self) -> Rows:
        if self.last is None:
            return ()
        return (self._time.row(), (int(self.last),), *self.seen)

    def load(self, rows: Rows) -> None:
        time, (last,), *seen = rows
        self._time.load(time)
        self.last = bool(last)
        self.seen = deque(seen, self.seen.maxlen)


@dataclass(frozen=True, slots=True)
class Repeated(Judge):
    """`count` hits among the last `of` samples, or within `within_for` (then `of` is 0).

    Within a time a number counts each sample beyond its limit; a bit counts each time it comes on, since
    that it is still on is nothing new.
    """

    quantity: str
    limit: Limit
    is_bit: bool
    count: int
    of: int
    within_for: Micros
    level: Level

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    def remember(self) -> list[Memory]:
        return [Memory(Hits(self.of or self.count))]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        if value is None:
            return Level.UNKNOWN
        if no_trend(reading):
            return None
        hits = memories[part].of(Hits)
        raised = standing >= self.level
        hit = self.limit.met(value, raised)
        if self.of:
            hits.note(hit, True, value, reading)
            met = sum(int(row[1]) for row in hits.seen) >= self.count
        else:
            news = hit and not (self.is_bit and hits.last)
            t = hits.note(hit, news, value, reading)
            met = len(hits.seen) == self.count and t - hits.seen[0][0] <= self.within_for
        return self.level if met else Level.CLEAR

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """The samples that count; of what is clear the newest."""
        hits = memories[part].of(Hits)
        if level <= Level.CLEAR:
            return (fact(reading, self.limit.at),)
        device, quantity, limit = reading.device_id, reading.quantity, self.limit.at
        return tuple(
            Evidence(device, quantity, value, limit, int(at), int(sequence))
            for _, hit, value, at, sequence in hits.seen
            if hit
        )

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        hits = memories[0].of(Hits)
        need = self.limit.clear if standing >= self.level else self.limit.at
        yield Gauge(
            What.VALUE, self.quantity, value_of(last, self.quantity), need, self.level, self.limit.sign
        )
        count = None if hits.last is None else float(sum(int(row[1]) for row in hits.seen))
        yield Gauge(What.COUNT, self.quantity, count, self.count, self.level, 1, self.within_for)


def parse(form: Form) -> Repeated | None:
    """A limit (`above`, `below`, or `is` for a bit), `count`, and either `of` or `within`."""
    quantity = form.quantity("quantity", *QuantityKind)
    count, level = form.count("count", least=2), form.level("level")
    by_time = form.has("within")
    if by_time == form.has("of"):
        form.wrong(None, "`of` 和 `within` 要写其中一个。", "needs either `of` or `within`.")
        return None
    of = None if by_time else form.count("of", least=2)
    within_for = form.duration("within") if by_time else 0
    if quantity is None:
        return None
    is_bit = quantity.kind is not QuantityKind.NUMBER
    limit = parse_bit(form) if is_bit else parse_limit(form, quantity)
    if limit is None or count is None or level is None or within_for is None or (of is None and not by_time):
        return None
    if (of is not None and of < count) or max(count, of or 0) > MOST:
        key = "of" if of is not None else "count"
        form.wrong(key, f"应在 {count} 和 {MOST} 之间。", f"must be from {count} to {MOST}.")
        return None
    return Repeated(quantity.name, limit, is_bit, count, of or 0, within_for, level)
