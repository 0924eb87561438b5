"""The device's own alarm: its maker has judged already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devices.instant import Micros
from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.memory import Memory
from rules.verdict import Evidence


@dataclass(frozen=True, slots=True)
class AlarmBit(Judge):
    """Any of the bits raises it. A bit never heard says nothing; a bit heard as unknown is unknown."""

    quantities: tuple[str, ...]
    level: Level
    lasts_for: Micros = 0

    @property
    def watches(self) -> tuple[str, ...]:
        return self.quantities

    @property
    def any_of(self) -> bool:
        return True

    @property
    def remembers(self) -> bool:
        """A single bit is its own memory."""
        return len(self.quantities) > 1

    def remember(self) -> list[Memory]:
        return [Memory() for _ in self.quantities] if self.remembers else []

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        met = None if value is None else value > 0
        if not self.remembers:
            return Level.UNKNOWN if met is None else self.level if met else Level.CLEAR
        memories[part].met = met
        memories[part].facts = (fact(reading, 1.0),)
        heard = [memory.met for memory in memories if memory.facts]
        if True in heard:
            return self.level
        return Level.UNKNOWN if None in heard else Level.CLEAR

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        if level <= Level.CLEAR:
            return (fact(reading, 1.0),)
        met = tuple(one for memory in memories if memory.met for one in memory.facts)
        return met or (fact(reading, 1.0),)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        return (Gauge(What.VALUE, name, value_of(last, name), 1.0, self.level) for name in self.quantities)


def parse(form: Form) -> AlarmBit | None:
    """`lasts` says that the bit tells of an event (a button) and for how long that counts."""
    quantities = form.quantities("quantities", QuantityKind.ALARM, QuantityKind.CONDITION)
    level = form.level("level")
    lasts_for = form.duration("lasts", 0)
    if not quantities or level is None or lasts_for is None:
        return None
    return AlarmBit(tuple(quantity.name for quantity in quantities), level, lasts_for)
