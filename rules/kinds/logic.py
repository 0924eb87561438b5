"""Several conditions on one device, with and, or, not (in rule files: `all`, `any`, `none`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from devices.level import Level
from devices.quantity import Quantity, QuantityKind
from devices.reading import Reading
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.kinds.rise import Slope, parse_slope
from rules.kinds.threshold import Limit, parse_limit
from rules.memory import Memory
from rules.verdict import Evidence
from rules.window import Window


class Join(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Condition:
    """One leaf: `of` says which of the watched quantities it is about, `index` which memory is its own.

    `denied`: it stands below a `none`, so that what it says when it does not hold is evidence too.
    """

    index: int
    of: int
    test: Limit | Slope
    denied: bool = False

    def remember(self) -> Memory:
        return Memory(self.test.window() if isinstance(self.test, Slope) else None)

    def hear(self, memory: Memory, value: float | None, reading: Reading) -> bool:
        """Take a reading; False when it is no evidence for this condition."""
        met: bool | None = None
        if value is not None and isinstance(self.test, Limit):
            met = self.test.met(value, memory.met)
        elif value is not None and isinstance(self.test, Slope):
            met = self.test.met(memory.of(Window), value, reading, memory.met)
            if met is None:
                return False
        memory.met = met
        memory.facts = self._facts(memory, reading) if met or self.denied else ()
        return True

    def _facts(self, memory: Memory, reading: Reading) -> tuple[Evidence, ...]:
        if isinstance(self.test, Slope):
            return self.test.evidence(memory.of(Window), reading, memory.met is not None)
        return (fact(reading, self.test.at),)


@dataclass(frozen=True, slots=True)
class Group:
    """Holds when all, any or none of its parts do; unknown while an unknown part could change that."""

    join: Join
    parts: tuple[Node, ...]

    def met(self, memories: Sequence[Memory]) -> bool | None:
        decisive = self.join is not Join.ALL
        unknown = False
        for part in self.parts:
            said = memories[part.index].met if isinstance(part, Condition) else part.met(memories)
            if said is decisive:
                return self.join is Join.ANY
            unknown = unknown or said is None
        return None if unknown else self.join is not Join.ANY

    def facts(self, memories: Sequence[Memory]) -> Iterator[Evidence]:
        """What it rests on: the parts that are as they are while it holds, or does not."""
        holds = self.met(memories)
        wanted = holds if self.join is not Join.NONE else not holds
        for part in self.parts:
            if isinstance(part, Condition):
                if memories[part.index].met is wanted:
                    yield from memories[part.index].facts
            elif part.met(memories) is wanted:
                yield from part.facts(memories)

    @property
    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            else:
                yield from part.conditions


Node: TypeAlias = Condition | Group


@dataclass(frozen=True, slots=True)
class Logic(Judge):
    """`conditions` are the leaves of `top`, in the order of their memories."""

    quantities: tuple[str, ...]
    top: Group
    conditions: tuple[Condition, ...]
    level: Level

    @property
    def watches(self) -> tuple[str, ...]:
        return self.quantities

    def remember(self) -> list[Memory]:
        return [condition.remember() for condition in self.conditions]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        heard = False
        for condition, memory in zip(self.conditions, memories, strict=True):
            if condition.of == part and condition.hear(memory, value, reading):
                heard = True
        if not heard:
            return None
        met = self.top.met(memories)
        return Level.UNKNOWN if met is None else self.level if met else Level.CLEAR

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """What each condition rests on; of what does not hold, the reading that says so."""
        if level > Level.CLEAR and (facts := tuple(dict.fromkeys(self.top.facts(memories)))):
            return facts
        return (fact(reading),)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        """One for each condition; what `none` denies is shown as it stands."""
        for condition, memory in zip(self.conditions, memories, strict=True):
            quantity, test = self.quantities[condition.of], condition.test
            if isinstance(test, Slope):
                yield test.gauge(memory.of(Window), quantity, self.level, memory.met)
            else:
                need = test.clear if memory.met else test.at
                yield Gauge(What.VALUE, quantity, value_of(last, quantity), need, self.level, test.sign)


def parse_all(form: Form) -> Logic | None:
    return _parse(form, Join.ALL)


def parse_any(form: Form) -> Logic | None:
    return _parse(form, Join.ANY)


def _parse(form: Form, join: Join) -> Logic | None:
    reader = _Reader()
    top = reader.group(form, "conditions", join)
    level = form.level("level")
    if level is None or not reader.conditions:
        return None
    if len(reader.conditions) < 2:
        form.wrong("conditions", "至少要有两个条件。", "needs at least two conditions.")
        return None
    return Logic(tuple(reader.watches), top, tuple(reader.conditions), level)


class _Reader:
    """Numbers the leaves and the quantities as they come."""

    def __init__(self) -> None:
        self.conditions: list[Condition] = []
        self.watches: list[str] = []

    def group(self, form: Form, key: str, join: Join, *, denied: bool = False) -> Group:
        denied = denied or join is Join.NONE
        return Group(join, tuple(self._nodes(form, key, denied)))

    def _nodes(self, form: Form, key: str, denied: bool) -> Iterator[Node]:
        for entry in form.forms(key):
            joins = [join for join in Join if entry.has(join.value)]
            if len(joins) == 1:
                yield self.group(entry, joins[0].value, joins[0], denied=denied)
            elif joins:
                entry.wrong(None, "`all`、`any`、`none` 只能写一个。", "needs one of `all`, `any`, `none`.")
            elif (leaf := self._leaf(entry)) is not None:
                yield replace(leaf, denied=denied)
                self.conditions[leaf.index] = replace(leaf, denied=denied)
            entry.close()

    def _leaf(self, entry: Form) -> Condition | None:
        quantity = entry.quantity("quantity", *QuantityKind)
        test = _test(entry, quantity)
        if quantity is None or test is None:
            return None
        if quantity.name not in self.watches:
            self.watches.append(quantity.name)
        leaf = Condition(len(self.conditions), self.watches.index(quantity.name), test)
        self.conditions.append(leaf)
        return leaf


def _test(entry: Form, quantity: Quantity | None) -> Limit | Slope | None:
    """`is: on` or `off` for a bit; for a number a limit, or how much it rises."""
    if entry.has("by") or entry.has("within"):
        return parse_slope(entry)
    if quantity is None:
        _ = [entry.has(key) for key in ("above", "below", "clear_below", "clear_above", "is")]
        return None
    if quantity.kind is QuantityKind.NUMBER:
        return parse_limit(entry, quantity)
    return parse_bit(entry)


def parse_bit(entry: Form) -> Limit | None:
    """`is: on` or `is: off`, which older YAML takes for true and false."""
    value = entry.get("is")
    if value in (True, "on"):
        return Limit(1, 1.0, 1.0)
    if value in (False, "off"):
        return Limit(-1, 0.0, 0.0)
    if value is not None:
        entry.known("is", value, ("on", "off"))
    return None
