"""What the fields of devices behind Chinese platforms mean here: makers choose the names, sites may say more.

Names are compared without spaces at their ends (one gateway writes `"ts "`) and without case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from math import isfinite
from types import MappingProxyType
from typing import Final, TypeAlias

from devices.quantity import QUANTITIES, QuantityKind
from ingest.dialects.fields import take_bit, take_number
from ingest.generic import GENERIC, UNSURE
from ingest.strict_json import shown
from ingest.understood import Understood, measure, truth

Take: TypeAlias = Callable[[Understood, str, object], None]
"""Reads one field (name, value) into what is understood."""
Meaning: TypeAlias = str | tuple[str, float]
"""A quantity, or a quantity and the factor that brings a number into its unit."""
NO_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType({})
MOST_NAMES: Final = 6
_ALARMS: Final = frozenset({GENERIC, UNSURE}) | {
    name for name, known in QUANTITIES.items() if known.kind is QuantityKind.ALARM
}
_WELL: Final = frozenset({"", "0", "normal", "none", "ok", "no_fault", "false"})


class Grade(Enum):
    """What a platform says a report is."""

    STATE = "state"
    INFORMATION = "information"
    ALARM = "alarm"
    FAULT = "fault"


def _none(name: str) -> Take | None:
    return None


class Fields:
    """A table of names, with what a site says of its own (`meanings`: name to quantity) before it.

    `others` is asked for names that are in neither.
    Raises ValueError for a meaning that names no quantity, or makes nothing of every value.
    """

    def __init__(
        self,
        known: Mapping[str, Take],
        meanings: Mapping[str, Meaning] = NO_MEANINGS,
        others: Callable[[str], Take | None] = _none,
    ) -> None:
        own = {name: _meant(name, one) for name, one in meanings.items()}
        lowered = {_key(name): take for table in (known, own) for name, take in table.items()}
        exact = {name: take for name, take in known.items() if _key(name) not in map(_key, own)}
        self._takes = {**lowered, **exact, **own}
        self._others = others

    def read(self, said: Understood, body: Mapping[str, object]) -> int:
        """How many of the fields were of concern."""
        found = 0
        takes = self._takes
        for name, value in body.items():
            take = takes.get(name) or takes.get(_key(name)) or self._others(name)
            if take is not None:
                found += 1
                take(said, name, value)
        return found

    def report(self, said: Understood, body: Mapping[str, object], grade: Grade = Grade.STATE) -> None:
        """A whole report. Of a kind that is bad by itself, what no field explains is told as generic."""
        if not self.read(said, body) and body:
            names = shown(", ".join(name.strip() for name, _ in zip(body, range(MOST_NAMES), strict=False)))
            said.notes.append(f"no meaning is set for {names}: say it in `push.fields`")
        if grade is Grade.ALARM and not any(said.values.get(name) is not None for name in _ALARMS):
            said.bit(GENERIC, 0.0 if _is_over(body) else 1.0)
        elif grade is Grade.FAULT and said.values.get("fault") is None:
            said.values["fault"] = 0.0 if _is_over(body) else 1.0


def _key(name: str) -> str:
    return name.strip().lower()


def _is_over(body: Mapping[str, object]) -> bool:
    """The report of an alarm that has ended says 0 in all of its fields."""
    return bool(body) and all(truth(value) == 0.0 for value in body.values())


def _meant(name: str, meaning: Meaning) -> Take:
    quantity, scale = (meaning, 1.0) if isinstance(meaning, str) else meaning
    known = QUANTITIES.get(quantity)
    if known is None:
        raise ValueError(f"{shown(name)!r}: there is no quantity {shown(quantity)!r}")
    if not isfinite(scale) or scale == 0:
        raise ValueError(f"{shown(name)!r}: the factor {scale} would make nothing of every value")
    if known.kind is QuantityKind.NUMBER:
        return number(quantity, scale)
    if not isinstance(meaning, str):
        raise ValueError(f"{shown(name)!r}: {quantity} is yes or no, without a factor")
    return bit(quantity)


# Readers ----------------------------------------------------------------------------------------------------


def bit(quantity: str) -> Take:
    return lambda said, name, value: take_bit(said, quantity, name, value)


def number(quantity: str, scale: float = 1.0) -> Take:
    return lambda said, name, value: take_number(said, quantity, name, value, scale)


def words(quantity: str, yes: Iterable[str], no: Iterable[str]) -> Take:
    """One word of a few, or the number of one; any other is unknown."""
    table: dict[str | float, float] = {**dict.fromkeys(no, 0.0), **dict.fromkeys(yes, 1.0)}
    table |= {int(word): bit for word, bit in table.items() if str(word).isdigit()}

    def take(said: Understood, name: str, value: object) -> None:
        read = table.get(value) if isinstance(value, (str, int, float)) else None
        if read is None and isinstance(value, str):
            read = table.get(value.strip().lower())
        said.bit(quantity, read)
        if read is None and value not in (None, ""):
            said.notes.append(f"{name}: {shown(value)!r} is a word that we do not know")

    return take


def graded(quantity: str) -> Take:
    """0 is clear, 1 an alarm, 2 a higher one."""
    return words(quantity, ("1", "2", "true", "alarm"), ("0", "false", "normal"))


def volts(said: Understood, name: str, value: object) -> None:
    """A battery's voltage in V or in mV, for nothing between can be one."""
    read = measure(value)
    take_number(said, "battery_mv", name, value, 1000.0 if read is not None and read < 60 else 1.0)


def faults(said: Understood, name: str, value: object) -> None:
    """A flag, bits, a word or a list of words."""
    if value is None or isinstance(value, dict):
        said.bit("fault", None)
        return
    each = value if isinstance(value, list) else [value]
    said.bit("fault", 0.0 if all(str(one).strip().lower() in _WELL for one in each) else 1.0)


def called(said: Understood, name: str, value: object) -> None:
    """Somebody presses for help; anything but that is no word about the person."""
    if truth(value) == 1.0 or (isinstance(value, str) and value.strip().lower() == "sos"):
        said.sos = True
        said.bit("sos_alarm", 1.0)


def warming(said: Understood, name: str, value: object) -> None:
    said.warmup = said.warmup or truth(value) == 1.0


def _own(name: str) -> Take:
    return number(name) if QUANTITIES[name].kind is QuantityKind.NUMBER else bit(name)


SHARED: Final[Mapping[str, Take]] = {
    **{name: _own(name) for name in QUANTITIES},
    "SmokeSensorState": graded("smoke_alarm"),
    "smoke_state": graded("smoke_alarm"),
    "GasSensorState": graded("gas_alarm"),
    "gas_sensor_state": graded("gas_alarm"),
    "WaterSensorState": graded("water_leak_alarm"),
    "water_level_state": graded("water_level_alarm"),
    "TamperState": bit("tamper"),
    "tamper_state": bit("tamper"),
    "battery": number("battery_percent"),
    "battery_level": number("battery_percent"),
    "battery_percentage": number("battery_percent"),
    "battery_value": number("battery_percent"),
    "BatteryPercentage": number("battery_percent"),
    "battery_voltage": volts,
    "BatteryVoltage": volts,
    "CurrentTemperature": number("temperature_c"),
    "temperature": number("temperature_c"),
}
"""Names of standard product models and of our own quantities, that mean the same wherever they were seen."""
