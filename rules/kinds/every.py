"""Several conditions on one device that must hold together (in rule files: `all`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.form import Form
from rules.kinds.rise import Slope, parse_slope
from rules.kinds.threshold import Limit, parse_limit
from rules.verdict import Evidence
from rules.window import Memory


@dataclass(frozen=True, slots=True)
class Condition:
    """One part: `of` says which of the watched quantities it is about."""

    of: int
    test: Limit | Slope

    def remember(self) -> Memory:
        return Memory(self.test.window() if isinstance(self.test, Slope) else None)

    def hear(self, memory: Memory, value: float | None, reading: Reading) -> bool:
        """Take a reading; False when it is no evidence for this condition."""
        met: bool | None = None
        if value is not None and isinstance(self.test, Limit):
            met = self.test.met(value, memory.met)
        elif value is not None and isinstance(self.test, Slope) and memory.window is not None:
            met = self.test.met(memory.window, value, reading, memory.met)
            if met is None:
                return False
        memory.met = met
        memory.facts = self._facts(memory, reading) if met else ()
        return True

    def _facts(self, memory: Memory, reading: Reading) -> tuple[Evidence, ...]:
        if isinstance(self.test, Slope) and memory.window is not None:
            return self.test.evidence(memory.window, reading, True)
        limit = self.test.at if isinstance(self.test, Limit) else None
        return (
            Evidence(reading.device_id, reading.quantity, reading.value, limit, reading.at, reading.sequence),
        )


@dataclass(frozen=True, slots=True)
class Every:
    """False as soon as one condition is false, unknown while any is unknown."""

    watches: tuple[str, ...]
    conditions: tuple[Condition, ...]
    level: Level
    any_of: bool = False
    remembers: bool = True
    lasts_for: int = 0

    def remember(self) -> list[Memory]:
        return [condition.remember() for condition in self.conditions]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        heard, level = False, self.level
        for condition, memory in zip(self.conditions, memories, strict=True):
            if condition.of == part and condition.hear(memory, value, reading):
                heard = True
            if memory.met is False:
                level = Level.CLEAR
            elif memory.met is None and level is not Level.CLEAR:
                level = Level.UNKNOWN
        return level if heard else None

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """What each condition rests on; of what does not hold, the reading that says so."""
        if level <= Level.CLEAR:
            device, quantity = reading.device_id, reading.quantity
            return (Evidence(device, quantity, reading.value, None, reading.at, reading.sequence),)
        return tuple(dict.fromkeys(fact for memory in memories for fact in memory.facts))


def parse(form: Form) -> Every | None:
    parts = list(_conditions(form))
    level = form.level("level")
    if level is None or len(parts) < 2:
        if len(parts) == 1:
            form.wrong("conditions", "至少要有两个条件。", "needs at least two conditions.")
        return None
    watches = tuple(dict.fromkeys(name for name, _ in parts))
    return Every(watches, tuple(Condition(watches.index(name), test) for name, test in parts), level)


def _conditions(form: Form) -> Iterator[tuple[str, Limit | Slope]]:
    for entry in form.forms("conditions"):
        quantity = entry.quantity("quantity", QuantityKind.NUMBER)
        test: Limit | Slope | None = None
        if entry.has("by") or entry.has("within"):
            test = parse_slope(entry)
        elif quantity is not None:
            test = parse_limit(entry, quantity)
        else:
            _ = [entry.has(key) for key in ("above", "below", "clear_below", "clear_above")]
        entry.close()
        if quantity is not None and test is not None:
            yield quantity.name, test
