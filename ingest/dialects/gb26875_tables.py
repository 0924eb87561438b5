"""What the numbers of GB/T 26875.3 mean: systems, components, bits, analogue types, and our quantities."""

from __future__ import annotations

from typing import Final, NamedTuple

from ingest.generic import GENERIC


def _each(*runs: tuple[str, tuple[int, ...]]) -> dict[int, str]:
    return {code: quantity for quantity, codes in runs for code in codes}


ALARM_OF: Final = _each(
    ("gas_alarm", (10, 11, 12, 13, 74)),
    ("electrical_alarm", (16, 17, 18, 202)),
    ("manual_alarm", (23, 24)),
    ("heat_alarm", (30, 31, 32, 33, 34, 35, 36, 37)),
    ("smoke_alarm", (40, 41, 42, 43, 44, 51, 53)),
    ("water_level_alarm", (200,)),
    ("co_alarm", (201,)),
)
"""The fire bit by component type (200 to 202 are our proposal for the user range); any other is GENERIC."""

ELECTRICAL: Final = frozenset({16, 17, 18})
RESIDUAL: Final = frozenset({16, 17})
WATER_LEVEL: Final = 200


def alarm_of(component: int) -> str:
    return ALARM_OF.get(component, GENERIC)


# State words ------------------------------------------------------------------------------------------------


class Word(NamedTuple):
    """How a state word is read. `names` by bit, from 1 on; a bit without a name is reserved."""

    names: tuple[str, ...]
    fault: int
    battery: int
    has_battery: bool


def _word(names: str, fault: str, battery: str = "") -> Word:
    every = tuple(names.split(","))
    bits = {name: 1 << bit for bit, name in enumerate(every, 1) if name}
    mask = sum(bits[name] for name in fault.split(","))
    return Word(every, mask, bits.get(battery, 0), bool(battery))


NORMAL: Final = 1
"""Bit 0: 1 normal, 0 under test."""
FIRE: Final = 2
DISABLED: Final = 8
SYSTEM: Final = _word(
    "fire,fault,disabled,supervisory,started,feedback,delay,mains fault,battery fault,bus fault,"
    "in manual mode,configuration changed,reset",
    "fault,mains fault,bus fault",
    "battery fault",
)
COMPONENT: Final = _word(
    "fire,fault,disabled,supervisory,started,feedback,delay,power fault", "fault,power fault"
)
TRANSMITTER: Final = _word(
    "fire,fault,mains fault,battery fault,link to the centre lost,monitoring line fault",
    "fault,mains fault,link to the centre lost,monitoring line fault",
    "battery fault",
)

MANUAL: Final = 4
CLEARED: Final = 8
OPERATIONS: Final = ("reset", "silenced", "manual alarm", "alarm cleared", "self-test", "confirmed", "test")
DEVICE_OPERATIONS: Final = (*OPERATIONS[:5], "roll-call answered", "test")


# Analogue values --------------------------------------------------------------------------------------------


class Analogue(NamedTuple):
    """`raw * scale` is in `unit`."""

    name: str
    unit: str
    scale: float


ANALOGUES: Final = {
    1: Analogue("count", "", 1),
    2: Analogue("height", "m", 0.01),
    3: Analogue("temperature", "°C", 0.1),
    4: Analogue("pressure", "MPa", 0.1),
    5: Analogue("pressure", "kPa", 0.1),
    6: Analogue("gas", "%LEL", 0.1),
    7: Analogue("time", "s", 1),
    8: Analogue("voltage", "V", 0.1),
    9: Analogue("current", "A", 0.1),
    10: Analogue("flow", "L/s", 0.1),
    11: Analogue("air", "m³/min", 0.1),
    12: Analogue("wind", "m/s", 1),
    128: Analogue("residual current", "mA", 1),
}


def quantity_of(kind: int, component: int) -> tuple[str, float] | None:
    """Our quantity for an analogue type of a component type, and what to multiply the raw number by.

    Height is water depth of a water level sensor only: a tank that is full is no flood. 9 is too coarse for
    residual current, so 128 (user range) is milliamperes, our proposal.
    """
    if kind == 3:
        return ("cable_temperature_c" if component in ELECTRICAL else "temperature_c"), 0.1
    if kind == 6:
        return "gas_lel_percent", 0.1
    if kind == 2 and component == WATER_LEVEL:
        return "water_level_mm", 10.0
    if component in RESIDUAL and kind in (9, 128):
        return "residual_current_ma", 100.0 if kind == 9 else 1.0
    return None
