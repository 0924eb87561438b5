"""How much a quantity rose (or fell) within a length of time: the newest sample against the farthest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devices.instant import SECOND, Micros
from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.elapsed import no_trend
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact
from rules.kinds.threshold import HYSTERESIS
from rules.memory import Memory
from rules.verdict import Evidence
from rules.window import Window


@dataclass(frozen=True, slots=True)
class Slope:
    """Met when the rise reaches `by`, left when it comes under `clear`. `sign` is -1 for a fall."""

    by: float
    clear: float
    within_for: Micros
    least_for: Micros
    sign: int = 1

    def window(self) -> Window:
        return Window(self.within_for, self.least_for)

    def met(self, window: Window, value: float, reading: Reading, was: bool | None) -> bool | None:
        """None when the reading is no evidence for a trend."""
        if no_trend(reading):
            return None
        rise = window.rise(self.sign * value, reading)
        return None if rise is None else rise >= (self.clear if was else self.by)

    def gauge(self, window: Window, quantity: str, level: Level, was: bool | None) -> Gauge:
        have = None if window.rose is None else self.sign * window.rose
        need = self.sign * (self.clear if was else self.by)
        return Gauge(What.RISE, quantity, have, need, level, self.sign, self.within_for)

    def evidence(self, window: Window, reading: Reading, judged: bool) -> tuple[Evidence, ...]:
        """Where it rose from, and what it is now beside what it had to reach, when it was judged just now."""
        device, quantity = reading.device_id, reading.quantity
        low = window.against
        if low is None or not judged:
            return (fact(reading),)
        return (
            Evidence(device, quantity, self.sign * low.value, None, low.at, low.sequence),
            fact(reading, self.sign * (low.value + self.by)),
        )


@dataclass(frozen=True, slots=True)
class Rise(Judge):
    quantity: str
    slope: Slope
    level: Level

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.quantity,)

    def remember(self) -> list[Memory]:
        return [Memory(self.slope.window())]

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        if value is None:
            return Level.UNKNOWN
        window = memories[part].of(Window)
        met = self.slope.met(window, value, reading, standing >= self.level)
        if met is None:
            return None
        return self.level if met else Level.CLEAR

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        window = memories[part].of(Window)
        return self.slope.evidence(window, reading, level > Level.UNKNOWN)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> tuple[Gauge, ...]:
        return (self.slope.gauge(memories[0].of(Window), self.quantity, self.level, standing >= self.level),)


def parse(form: Form) -> Rise | None:
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    slope = parse_slope(form)
    level = form.level("level")
    if quantity is None or slope is None or level is None:
        return None
    return Rise(quantity.name, slope, level)


def parse_slope(form: Form) -> Slope | None:
    """`by` within `within`, negative for a fall; cleared under `clear_below` (of the change); samples at
    least `sampled` apart."""
    by, clear = form.number("by"), form.number("clear_below", required=False)
    within_for, least_for = form.duration("within"), form.duration("sampled", SECOND)
    if by is None or within_for is None or least_for is None:
        return None
    sign, size = (-1 if by < 0 else 1), abs(by)
    if not size:
        form.wrong("by", "`by` 不能为 0。", "`by` must not be 0.")
    if clear is None:
        clear = by * (1 - HYSTERESIS)
    if not 0 <= sign * clear <= size:
        form.wrong("clear_below", f"应在 0 和 `by`（{by:g}）之间。", f"must be from 0 to `by` ({by:g}).")
    if not 0 < least_for <= within_for:
        form.wrong("sampled", "应大于 0 且不超过 `within`。", "must be more than 0, at most `within`.")
    return Slope(size, sign * clear, within_for, least_for, sign)
