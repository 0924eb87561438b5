"""What one message of a foreign device says, gathered field by field; what its words mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from devices.instant import SECOND, Micros
from devices.liveness import is_believable
from ingest.message import Point
from ingest.strict_json import shown

YES: Final = frozenset({"true", "on", "1", "yes", "alarm", "detected", "leak", "water_leakage_yes"})
NO: Final = frozenset({"false", "off", "0", "no", "normal", "clear", "none", "dry", "water_leakage_no"})


@dataclass(slots=True)
class Understood:
    """What is understood so far. `sos`: somebody calls for help, which is an event."""

    values: dict[str, float | None] = field(default_factory=dict)
    test: bool = False
    warmup: bool = False
    sos: bool = False
    notes: list[str] = field(default_factory=list)
    reports_every_for: Micros | None = None

    def interval(self, name: str, seconds: object) -> None:
        """How often the device says of itself that it is heard; beyond reason it is told and not used."""
        read = seconds * SECOND if type(seconds) is int else 0
        if is_believable(read):
            self.reports_every_for = read
        else:
            self.notes.append(f"{name}: {shown(seconds)} s is no interval between 10 s and 7 days: not used")

    def bit(self, quantity: str, value: float | None) -> None:
        """Several properties may feed one quantity: any alarm counts, and unknown beats clear."""
        if quantity not in self.values:
            self.values[quantity] = value
            return
        known = self.values[quantity]
        self.values[quantity] = 1.0 if 1.0 in (known, value) else None if None in (known, value) else 0.0

    def number(self, quantity: str, value: float | None) -> None:
        if value is not None or quantity not in self.values:
            self.values[quantity] = value

    def points(self) -> tuple[Point, ...]:
        return tuple([_make(Point, pair) for pair in self.values.items()])


_make: Final = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def truth(value: object) -> float | None:
    """1, 0, or None for whatever is neither: null, an empty text, a number, a word that we do not know."""
    if value is True or value is False:
        return float(value)
    if isinstance(value, str):
        word = value.strip().lower()
        return 1.0 if word in YES else 0.0 if word in NO else None
    if isinstance(value, (int, float)) and value in (0, 1):
        return float(value)
    return None


def measure(value: object) -> float | None:
    """A number; texts as `"100.00"` are taken too. It may be beyond all reason, or none (NaN)."""
    if type(value) is float or type(value) is int:
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
