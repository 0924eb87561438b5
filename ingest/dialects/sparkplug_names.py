"""What the metrics of a Sparkplug node mean here, by the last words of their names.

Sparkplug leaves names to whoever sets the gateway up and units to nobody, so a name of this table is taken in
the unit of its quantity: temperatures in degrees Celsius, carbon monoxide in ppm, obscuration in dB/m.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from devices.quantity import QUANTITIES, QuantityKind
from ingest.dialects.fields import take_bit, take_number
from ingest.dialects.sparkplug_wire import Datatype
from ingest.generic import GENERIC
from ingest.understood import NO, Understood, truth

Take: TypeAlias = Callable[[Understood, str, object], None]
"""Reads one metric (name, value) into what is understood."""

MAX_NAME: Final = 256
MARK: Final = ""
"""In place of a quantity: it says how to take the message (a test, warming up)."""


class Meaning(NamedTuple):
    """`quantity` is what the metric feeds (or MARK); `is_bit`: of several, any alarm counts."""

    quantity: str
    is_bit: bool
    take: Take


def meaning(name: str, datatype: int) -> Meaning | None:
    """What a metric is to us; None: of no concern, or its datatype says no such thing.

    The last two words of the path are looked up together, then the last alone: `Floor 3/Smoke/Alarm`,
    `SmokeAlarm`, `smoke_alarm`.
    """
    return _meaning(name, datatype in Datatype.NUMBERS) if 0 < len(name) <= MAX_NAME else None


@lru_cache(maxsize=4096)
def _meaning(name: str, is_number: bool) -> Meaning | None:
    words = [_plain(word) for word in name.split("/")]
    if not _SETTINGS.isdisjoint(words):
        return None
    found = _NAMES.get("".join(words[-2:])) or _NAMES.get(words[-1])
    if words == ["alarm"]:
        found = _ALARM
    if found is None:
        return None
    return found.of_number if is_number else found.of_bit


def _plain(word: str) -> str:
    return "".join(sign for sign in word.casefold() if sign.isalnum())


# Readers ----------------------------------------------------------------------------------------------------

_FINE: Final = NO | {"ok", "good", "healthy", "no fault", "no_fault", "0.0"}


class _Found(NamedTuple):
    """What a name means when its metric is a number, and when it is anything else."""

    of_number: Meaning | None
    of_bit: Meaning | None


def _bit(quantity: str) -> _Found:
    def take(said: Understood, name: str, value: object) -> None:
        take_bit(said, quantity, name, value)

    found = Meaning(quantity, True, take)
    return _Found(found, found)


def _number(quantity: str) -> _Found:
    def take(said: Understood, name: str, value: object) -> None:
        take_number(said, quantity, name, value)

    found = Meaning(quantity, False, take)
    return _Found(found, found)


def _either(alarm: str, number: str | None) -> _Found:
    """A number under such a name is a concentration, never an alarm (trap 30)."""
    return _Found(_number(number).of_number if number else None, _bit(alarm).of_bit)


def _charge() -> _Found:
    """A battery that is true or false: nobody knows whether full or empty is meant."""
    return _Found(_number("battery_percent").of_number, None)


def _fault(said: Understood, name: str, value: object) -> None:
    """A flag, the number of a fault (0: none), or a word; no word at all is unknown."""
    if isinstance(value, str):
        word = value.strip().lower()
        said.bit("fault", None if not word else 0.0 if word in _FINE else 1.0)
    else:
        said.bit("fault", float(value != 0) if isinstance(value, (bool, int, float)) else None)


def _testing(said: Understood, name: str, value: object) -> None:
    """Only the flag in the same message: one that was left on must not make real alarms tests."""
    said.test = said.test or truth(value) == 1.0


def _warming(said: Understood, name: str, value: object) -> None:
    said.warmup = said.warmup or truth(value) == 1.0


def _read_by(quantity: str, take: Take) -> _Found:
    found = Meaning(quantity, True, take)
    return _Found(found, found)


# Names ------------------------------------------------------------------------------------------------------

_SETTINGS: Final = frozenset(
    {
        "nodecontrol",
        "devicecontrol",
        "properties",
        "config",
        "configuration",
        "settings",
        "command",
        "commands",
    }
    | {"setpoint", "setpoints", "limit", "limits", "threshold", "thresholds", "enable", "enabled"}
    | {"simulation", "nodeinfo", "deviceinfo"}
)
"""A path with one of these words tells what is set, not what is."""
_ALARM: Final = _bit(GENERIC)
"""A metric of that name alone. Below anything else it may be the alarm of a pump."""

_OTHER_NAMES: Final[Mapping[str, _Found]] = {
    "smoke": _bit("smoke_alarm"),
    "smokedetected": _bit("smoke_alarm"),
    "smokeobscuration": _number("smoke_obscuration_db_per_m"),
    "obscuration": _number("smoke_obscuration_db_per_m"),
    "gas": _either("gas_alarm", None),
    "gasdetected": _bit("gas_alarm"),
    "gasleak": _bit("gas_alarm"),
    "gaslel": _number("gas_lel_percent"),
    "co": _either("co_alarm", "co_ppm"),
    "carbonmonoxide": _either("co_alarm", "co_ppm"),
    "carbonmonoxidealarm": _bit("co_alarm"),
    "leak": _bit("water_leak_alarm"),
    "leakalarm": _bit("water_leak_alarm"),
    "leakdetected": _bit("water_leak_alarm"),
    "waterleak": _bit("water_leak_alarm"),
    "waterleakage": _bit("water_leak_alarm"),
    "flood": _bit("water_leak_alarm"),
    "floodalarm": _bit("water_leak_alarm"),
    "highwater": _bit("water_level_alarm"),
    "electricalfire": _bit("electrical_alarm"),
    "arcfault": _bit("electrical_alarm"),
    "residualcurrent": _number("residual_current_ma"),
    "cabletemperature": _number("cable_temperature_c"),
    "sos": _bit("sos_alarm"),
    "panic": _bit("sos_alarm"),
    "panicalarm": _bit("sos_alarm"),
    "helpcall": _bit("sos_alarm"),
    "callpoint": _bit("manual_alarm"),
    "manualcallpoint": _bit("manual_alarm"),
    "temperature": _number("temperature_c"),
    "battery": _charge(),
    "batterylevel": _charge(),
    "batterysoc": _charge(),
    "lowbattery": _bit("battery_low"),
    "linkquality": _number("link_quality"),
    "lqi": _number("link_quality"),
    "tampered": _bit("tamper"),
    "tamperalarm": _bit("tamper"),
    "fault": _read_by("fault", _fault),
    "faultcode": _read_by("fault", _fault),
    "trouble": _read_by("fault", _fault),
    "eol": _bit("end_of_life"),
    "silenced": _bit("muted"),
    "test": _read_by(MARK, _testing),
    "testing": _read_by(MARK, _testing),
    "warmup": _read_by(MARK, _warming),
    "warmingup": _read_by(MARK, _warming),
    "preheating": _read_by(MARK, _warming),
}


def _own(quantity: str) -> _Found:
    return _number(quantity) if QUANTITIES[quantity].kind is QuantityKind.NUMBER else _bit(quantity)


_NAMES: Final[Mapping[str, _Found]] = {
    **{_plain(word): _own(one.name) for one in QUANTITIES.values() for word in (one.name, one.zh)},
    **_OTHER_NAMES,
}
"""Our own names in English and Chinese always, and what devices are called elsewhere."""
