"""Signs that stay away: nobody moved at home, no door was opened, for too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from devices.instant import MINUTE, Micros
from devices.level import Level
from devices.place import PlaceKind
from devices.quantity import QuantityKind
from devices.reading import Reading
from rules.elapsed import no_trend
from rules.form import Form
from rules.gauge import Gauge, What
from rules.judge import Judge, Last, fact
from rules.memory import Memory
from rules.verdict import Evidence

DEVICE: Final = "device"


@dataclass(frozen=True, slots=True)
class Absence(Judge):
    """Every sign is calm, and the beginning of the silence after it, at whose end `level` stands.

    The first word of a device begins a silence too, whatever it says: a person who lay still from the first
    day on would never be missed. `place_kind` empty: each device by itself, else the signs of one place.
    """

    quantities: tuple[str, ...]
    level: Level
    length_for: Micros
    place_kind: str = ""

    @property
    def watches(self) -> tuple[str, ...]:
        return self.quantities

    @property
    def any_of(self) -> bool:
        return True

    @property
    def remembers(self) -> bool:
        return False

    @property
    def silence(self) -> tuple[Level, Micros]:
        return self.level, self.length_for

    @property
    def within(self) -> str:
        return self.place_kind

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        """Clear for a sign; a sensor that knows nothing is no sign, and no proof of silence either."""
        if value is None or no_trend(reading):
            return None
        return Level.CLEAR if value > 0 or standing is Level.UNKNOWN else None

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        return (fact(reading),)

    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterator[Gauge]:
        """How long it is silent is for who knows the time: here is what each sign said last."""
        for name in self.quantities:
            if name in last:
                yield Gauge(What.VALUE, name, last[name].value, 1.0, Level.CLEAR)


def parse(form: Form) -> Absence | None:
    """`quantities` that are signs of life, `silent` how long, `within` the place they are of."""
    quantities = form.quantities("quantities", QuantityKind.STATE, QuantityKind.ALARM)
    level, silent_for = form.level("level"), form.duration("silent")
    within = DEVICE
    if form.has("within"):
        within = form.choice("within", [DEVICE, *(kind.value for kind in PlaceKind)]) or DEVICE
    for key in ("hold_for", "clear_for", "latch"):
        if form.has(key):
            zh, en = f"`absence` 不用 `{key}`。", f"an `absence` takes no `{key}`."
            form.wrong(key, zh, en)
    if not quantities or level is None or silent_for is None:
        return None
    if silent_for < MINUTE:
        form.wrong("silent", "应不短于 1 分钟。", "must be at least a minute.")
        return None
    place_kind = "" if within == DEVICE else within
    return Absence(tuple(quantity.name for quantity in quantities), level, silent_for, place_kind)
