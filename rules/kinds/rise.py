"""How much a quantity rose within a length of time: the newest sample against the smallest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devices.instant import SECOND, Micros
from devices.level import Level
from devices.quantity import QuantityKind
from devices.reading import Reading, Trust
from rules.form import Form
from rules.kinds.threshold import HYSTERESIS
from rules.verdict import Evidence
from rules.window import Memory, Window

NO_TREND = int(Trust.QUEUED | Trust.RETAINED | Trust.WARMUP | Trust.STALE)
"""Readings whose time says nothing about when the value was so."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Met when the rise reaches `by`, left when it comes under `clear`."""

    by: float
    clear: float
    within_for: Micros
    least_for: Micros

    def window(self) -> Window:
        return Window(self.within_for, self.least_for)

    def met(self, window: Window, value: float, reading: Reading, was: bool | None) -> bool | None:
        """None when the reading is no evidence for a trend."""
        if reading.trust != 0 and int(reading.trust) & NO_TREND:
            return None
        rise = window.rise(value, reading)
        return None if rise is None else rise >= (self.clear if was else self.by)

    def evidence(self, window: Window, reading: Reading, judged: bool) -> tuple[Evidence, ...]:
        """Where it rose from, and what it is now beside what it had to reach, when it was judged just now."""
        device, quantity = reading.device_id, reading.quantity
        low = window.against
        if low is None or not judged:
            return (Evidence(device, quantity, reading.value, None, reading.at, reading.sequence),)
        return (
            Evidence(device, quantity, low.value, None, low.at, low.sequence),
            Evidence(device, quantity, reading.value, low.value + self.by, reading.at, reading.sequence),
        )


@dataclass(frozen=True, slots=True)
class Rise:
    quantity: str
    slope: Slope
    level: Level
    any_of: bool = False
    remembers: bool = True
    lasts_for: int = 0

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
        window = memories[part].window
        assert window is not None
        met = self.slope.met(window, value, reading, standing >= self.level)
        if met is None:
            return None
        return self.level if met else Level.CLEAR

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        window = memories[part].window
        assert window is not None
        return self.slope.evidence(window, reading, level > Level.UNKNOWN)


def parse(form: Form) -> Rise | None:
    quantity = form.quantity("quantity", QuantityKind.NUMBER)
    slope = parse_slope(form)
    level = form.level("level")
    if quantity is None or slope is None or level is None:
        return None
    return Rise(quantity.name, slope, level)


def parse_slope(form: Form) -> Slope | None:
    """`by` within `within`; cleared under `clear_below` (of the rise); samples at least `sampled` apart."""
    by, clear = form.number("by"), form.number("clear_below", required=False)
    within_for, least_for = form.duration("within"), form.duration("sampled", SECOND)
    if by is None or within_for is None or least_for is None:
        return None
    if by <= 0:
        form.wrong("by", "`by` 应大于 0。", "`by` must be more than 0.")
    if clear is None:
        clear = by * (1 - HYSTERESIS)
    if clear > by:
        form.wrong("clear_below", f"不能大于 `by`（{by:g}）。", f"must not be more than `by` ({by:g}).")
    if not 0 < least_for <= within_for:
        form.wrong("sampled", "应大于 0 且不超过 `within`。", "must be more than 0, at most `within`.")
    return Slope(by, clear, within_for, least_for)
