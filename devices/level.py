"""How bad: four levels as people know them, and unknown as a level of its own."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Ordered by urgency. The Roman numeral and colour follow GB/T 37230 and the board's rule R4.

    UNKNOWN is below CLEAR on purpose: `max` never lets it hide an alarm, and it is never equal to clear.
    """

    UNKNOWN = -1
    CLEAR = 0
    NOTICE = 1  # IV blue
    PREALARM = 2  # III yellow
    ALARM = 3  # II orange
    CRITICAL = 4  # I red

    @property
    def roman(self) -> str:
        return {1: "Ⅳ", 2: "Ⅲ", 3: "Ⅱ", 4: "Ⅰ"}.get(int(self), "")

    @property
    def colour(self) -> str:
        return {1: "blue", 2: "yellow", 3: "orange", 4: "red"}.get(int(self), "none")

    @property
    def word(self) -> str:
        """The name used in files and the API: `prealarm`."""
        return self.name.lower()


class Hazard(StrEnum):
    """What threatens people. One incident has one hazard."""

    FIRE = "fire"
    GAS = "gas"
    CO = "co"
    FLOOD = "flood"
    WATER_LEAK = "water_leak"
    ELECTRICAL = "electrical"
    SOS = "sos"
