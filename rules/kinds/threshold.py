"""A number against limits, each with its own clear limit (hysteresis)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from devices.instant import Micros
from devices.level import Level
from devices.quantity import Quantity, QuantityKind
from devices.reading import Reading
from rules.form import RAISED, Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact, value_of
from rules.memory import Memory
from rules.verdict import Evidence

HYSTERESIS = 0.10
"""Share of the limit by which a value must come back before the level falls (EN 54 practice 10-20 %)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Reached at or beyond `at`, left beyond `clear`. `sign` is 1 for above, -1 for below."""

    sign: int
    at: float
    clear: float

    def met(self, value: float, was: bool | None) -> bool:
        edge = self.clear if was else self.at
        return self.sign * value >= self.sign * edge


Limits: TypeAlias = tuple[tuple[Level, Limit], ...]
"""From the worst level down."""


def reached(limits: Limits, value: float, standing: Level) -> Level:
    """The worst level whose limit is met, clear when none is."""
    for level, limit in limits:
        if limit.met(value, standing >= level):
            return level
    return Level.CLEAR


def shown(limits: Limits, level: Level) -> float:
    """The limit beside which a value of this level is shown: a clear one beside the mildest."""
    return next((limit.at for at, limit in limits if at is level), limits[-1][1].at)


@dataclass(frozen=True, slots=True)
class Threshold(Judge):
    quantity: str
    limits: Limits

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    @property
    def remembers(self) -> bool:
        return False

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        return Level.UNKNOWN if value is None else reached(self.limits, value, standing)

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        return (fact(reading, shown(self.limits, level)),)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        return against(self.limits, What.VALUE, self.quantity, value_of(last, self.quantity), standing)


def against(
    limits: Limits, what: What, quantity: str, have: float | None, standing: Level, over_for: Micros = 0
) -> Iterator[Gauge]:
    """A gauge for each level; where it stands already, the value that ends it."""
    for level, limit in limits:
        need = limit.clear if standing >= level else limit.at
        yield Gauge(what, quantity, have, need, level, limit.sign, over_for)


def parse(form: Form) -> Threshold | None:
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    limits = parse_levels(form, quantity)
    return Threshold(quantity.name, limits) if quantity is not None and limits else None


def parse_levels(form: Form, quantity: Quantity | None) -> Limits:
    """`levels`: a limit for each; empty when something was wrong."""
    levels = form.form("levels")
    if levels is None:
        form.get("levels")
    if quantity is None or levels is None:
        return ()
    limits = tuple(_levels(levels, quantity))
    levels.close()
    _check_order(levels, limits)
    return limits


def _levels(levels: Form, quantity: Quantity) -> Iterator[tuple[Level, Limit]]:
    for level in sorted(RAISED, reverse=True):
        entry = levels.form(level.word)
        if entry is not None:
            limit = parse_limit(entry, quantity)
            entry.close()
            if limit is not None:
                yield level, limit
    if not any(levels.has(level.word) for level in RAISED):
        known = "`, `".join(level.word for level in RAISED)
        levels.wrong(None, f"至少要有一个级别：`{known}`。", f"needs at least one level of `{known}`.")


def parse_limit(form: Form, quantity: Quantity) -> Limit | None:
    """`above` with `clear_below`, or `below` with `clear_above`."""
    if form.has("above") == form.has("below"):
        form.wrong(None, "要写 `above` 或 `below` 之一。", "needs either `above` or `below`.")
        form.has("clear_below"), form.has("clear_above")
        return None
    key, clear_key, sign = ("above", "clear_below", 1) if form.has("above") else ("below", "clear_above", -1)
    at = form.number(key)
    clear = form.number(clear_key, required=False)
    if at is None:
        return None
    if not quantity.plausible(at):
        reach = f"{quantity.low:g}..{quantity.high:g} {quantity.unit}".rstrip()
        form.wrong(
            key,
            f"超出 `{quantity.name}` 的量程 {reach}。",
            f"is outside what `{quantity.name}` can say: {reach}.",
        )
    if clear is None:
        clear = at - sign * HYSTERESIS * abs(at)
    if sign * clear > sign * at:
        form.wrong(
            clear_key,
            f"恢复值不能比报警值 `{at:g}` 更严重。",
            f"the value that clears must not be worse than the limit `{at:g}`.",
        )
    return Limit(sign, at, clear)


def _check_order(levels: Form, limits: tuple[tuple[Level, Limit], ...]) -> None:
    for (worse, high), (milder, low) in pairwise(limits):
        if high.sign == low.sign and high.sign * high.at <= low.sign * low.at:
            levels.wrong(
                worse.word,
                f"限值应比 `{milder.word}` 的 `{low.at:g}` 更严重。",
                f"its limit must be beyond that of `{milder.word}`, which is `{low.at:g}`.",
            )
