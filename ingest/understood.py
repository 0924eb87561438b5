"""What one message of a foreign device says, gathered field by field; what its words mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ingest.message import Point

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

    def bit(self, quantity: str, value: float | None) -> None:
        """Several properties may feed one quantity: any alarm counts, and unknown beats clear."""
        known = self.values.get(quantity, 0.0)
        self.values[quantity] = 1.0 if 1.0 in (known, value) else None if None in (known, value) else 0.0

    def number(self, quantity: str, value: float | None) -> None:
        if value is not None or quantity not in self.values:
            self.values[quantity] = value

    def points(self) -> tuple[Point, ...]:
        return tuple(Point(quantity, value) for quantity, value in self.values.items())


def truth(value: object) -> float | None:
    """1, 0, or None for whatever is neither: null, an empty text, a number, a word that we do not know."""
    if isinstance(value, str):
        word = value.strip().lower()
        return 1.0 if word in YES else 0.0 if word in NO else None
    if isinstance(value, (bool, int, float)) and value in (0, 1):
        return float(value)
    return None


def measure(value: object) -> float | None:
    """A number; texts as `"100.00"` are taken too. It may be beyond all reason, or none (NaN)."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
