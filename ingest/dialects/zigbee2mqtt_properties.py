"""What the properties of Zigbee devices mean here: 243 hazard models name the same thing in many ways.

The names are those of zigbee-herdsman-converters 26.112 and of messages recorded from users. A property that
is null, empty or holds a word that we do not know is unknown, never clear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from math import log10
from typing import Final, TypeAlias

from devices.quantity import QUANTITIES
from ingest.generic import GENERIC, UNSURE
from ingest.strict_json import shown
from ingest.understood import NO, Understood, measure, truth

Take: TypeAlias = Callable[[Understood, str, object], None]
"""Reads one property (name, value) into what is understood."""


def understand(body: Mapping[str, object]) -> Understood:
    """Everything a state message says; properties that are none of our concern are passed over."""
    said, find = Understood(), PROPERTIES.get
    for name, value in body.items():
        take = find(name) or (_leak if "leak" in name and _LEAKS.fullmatch(name) else None)
        if take is not None:
            take(said, name, value)
    if "smoke_unit" in body:
        _smoke_in_its_unit(said, body)
    return said


def is_property(name: str) -> bool:
    """Whether a topic that ends so is an attribute of a device and not a device."""
    return name in PROPERTIES or _LEAKS.fullmatch(name) is not None


# Words ------------------------------------------------------------------------------------------------------

_WELL: Final = NO | {"ok", "no_fault", "success", "check_success", "check success"}
_UNDER_WAY: Final = frozenset({"", "checking", "others", "unknown", "test", "true"})  # of a self-test
_SOS: Final = frozenset({"emergency", "panic", "sos"})
_DANGER: Final = frozenset({"short_circuit_alarm", "overload_alarm", "leakagecurr_alarm", "fire_alarm"}) | {
    f"{what}_{how}"
    for what in ("leakage", "high_temp", "over_current", "over_power")
    for how in ("alarm", "trip")
}


# Readers ----------------------------------------------------------------------------------------------------


def _bit(quantity: str) -> Take:
    def take(said: Understood, name: str, value: object) -> None:
        said.bit(quantity, read := truth(value))
        if read is None and value not in (None, ""):
            said.notes.append(f"{name}: {shown(value)!r} is neither true nor false")

    return take


def _number(quantity: str, scale: float = 1.0) -> Take:
    low, high = QUANTITIES[quantity].low, QUANTITIES[quantity].high

    def take(said: Understood, name: str, value: object) -> None:
        read = measure(value)
        if read is not None and low <= read * scale <= high:
            said.number(quantity, float(read * scale))
            return
        said.number(quantity, None)
        if value not in (None, ""):
            said.notes.append(f"{name}: {shown(value)!r} is outside of what a working sensor says")

    return take


def _gas(said: Understood, name: str, value: object) -> None:
    """A number is a meter's count or a concentration, not an alarm (trap 30)."""
    word = value.strip() if isinstance(value, str) else value
    if measure(word) is not None:
        said.notes.append(f"{name}: {shown(value)} is a measurement, not an alarm")
        return
    _GAS_BIT(said, name, value)


def _voltage(said: Understood, name: str, value: object) -> None:
    """Of a battery it is in mV; breakers tell the mains in V by the same name."""
    read = measure(value)
    if read is None or read >= 1000:
        _BATTERY_MV(said, name, value)


def _word(quantity: str, *, yes: str, no: Container[str]) -> Take:
    """One word of a few; any other is unknown."""

    def take(said: Understood, name: str, value: object) -> None:
        word = value.strip().lower() if isinstance(value, str) else None
        said.bit(quantity, 1.0 if word == yes else 0.0 if word in no else None)

    return take


def _contact(said: Understood, name: str, value: object) -> None:
    """True is a closed door."""
    read = truth(value)
    said.bit("door_open", None if read is None else 1.0 - read)


def _alarm_state(said: Understood, name: str, value: object) -> None:
    """Heiman's summary beside the alarm bit proper: it can add an alarm, never take one away."""
    if isinstance(value, str) and value.strip().lower() in ("alarmed", "warning_alarm", "critical_alarm"):
        said.bit(GENERIC, 1.0)


def _unsure(said: Understood, name: str, value: object) -> None:
    """`alarm`: 31 models switch a siren by it, Heiman's heat alarm HM-5HA-E raises its alarm by it."""
    read = truth(value)
    if read is not None:
        said.bit(UNSURE, read)


def _fault(said: Understood, name: str, value: object) -> None:
    """A flag, a word or a list of words. Breakers tell electrical danger in it."""
    words = [str(one).strip().lower() for one in (value if isinstance(value, list) else [value])]
    if value is None or isinstance(value, dict):
        said.bit("fault", None)
        return
    if any(word in _DANGER for word in words):
        said.bit("electrical_alarm", 1.0)
    elif words == ["clear"]:
        said.bit("electrical_alarm", 0.0)
    said.bit("fault", 0.0 if all(word in _WELL or not word for word in words) else 1.0)


def _checked(said: Understood, name: str, value: object) -> None:
    """The result of a self-test: a failure is a fault of the device, not a hazard."""
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _UNDER_WAY:
        said.bit("fault", 0.0 if word in _WELL else 1.0)


def _breaker_event(said: Understood, name: str, value: object) -> None:
    """What a breaker did last; that somebody switched it is no word about danger."""
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _DANGER or word == "normal":
        said.bit("electrical_alarm", float(word != "normal"))


def _action(said: Understood, name: str, value: object) -> None:
    """A button says that it was pressed; null and the empty text that follow are no word about the person."""
    if isinstance(value, str) and value.strip().lower() in _SOS:
        said.sos = True
        said.bit("sos_alarm", 1.0)


def _testing(said: Understood, name: str, value: object) -> None:
    """Only the device's own word: `self_test` and `test_mode` are settings that anybody may leave on."""
    said.test = said.test or truth(value) == 1.0


def _warming(said: Understood, name: str, value: object) -> None:
    word = value.strip().lower() if isinstance(value, str) else value
    said.warmup = said.warmup or word == "preheating" or truth(value) == 1.0


_leak: Final = _bit("water_leak_alarm")
_GAS_BIT: Final = _bit("gas_alarm")
_BATTERY_MV: Final = _number("battery_mv")
_BATTERY_LOW: Final = _word("battery_low", yes="low", no=("medium", "middle", "high"))
_CHAMBER: Final = _word(
    "fault", yes="critical_contamination", no=("normal", "light_contamination", "medium_contamination")
)
_LEAKS: Final = re.compile(
    r"(?:active_water_leak|water_leak(?:_alarm)?(?:_zone|_wire)?_\d+|water_leak_both_zones"
    r"|(?:input|channel)_\d+_leak_detect_\d+)"
)

# Smoke density ----------------------------------------------------------------------------------------------


def _smoke_in_its_unit(said: Understood, body: Mapping[str, object]) -> None:
    """Heiman tells the unit beside the number. Percent per foot becomes dB/m: -10 lg(1 - o) / 0.3048 m."""
    read = measure(body.get("smoke_level", body.get("smoke_density")))
    if read is None:
        return
    if body["smoke_unit"] == "dB/m":
        _DENSITY(said, "smoke_level", read)
    elif body["smoke_unit"] == "%ft OBS" and 0 <= read < 100:
        _DENSITY(said, "smoke_level", -10 * log10(1 - read / 100) / 0.3048)


_DENSITY: Final = _number("smoke_obscuration_db_per_m")

PROPERTIES: Final[Mapping[str, Take]] = {
    "smoke": _bit("smoke_alarm"),
    "smoke_alarm_1": _bit("smoke_alarm"),
    "smoke_alarm_2": _bit("smoke_alarm"),
    "smoke_state": _word("smoke_alarm", yes="alarm", no=("normal", "none")),  # or `detecting`, for a while
    "smoke_density_dbm": _DENSITY,
    "heat": _bit("heat_alarm"),
    "heat_alarm": _bit("heat_alarm"),
    "gas": _gas,
    "gas_alarm_1": _bit("gas_alarm"),
    "gas_alarm_2": _bit("gas_alarm"),
    "gas_sensor_state": _bit("gas_alarm"),
    "gas_value": _number("gas_lel_percent"),
    "gas_density": _number("gas_density"),
    "carbon_monoxide": _bit("co_alarm"),
    "carbon_monoxide_alarm_1": _bit("co_alarm"),
    "carbon_monoxide_alarm_2": _bit("co_alarm"),
    "carbon_monoxide_value": _number("co_ppm"),
    "co_state": _bit("co_alarm"),
    "co": _number("co_ppm"),
    "co_ppm": _number("co_ppm"),
    "water_leak": _leak,
    "water_leakage_state": _leak,
    "liquid_state": _word("water_level_alarm", yes="high", no=("normal", "low")),
    "liquid_depth": _number("water_level_mm", 1000),
    "water_level": _number("water_level_mm", 10),
    "leakage_current": _number("residual_current_ma"),
    "leakage": _number("residual_current_ma"),
    "sos": _bit("sos_alarm"),
    "sos_alarm": _bit("sos_alarm"),
    "action": _action,
    "alarm_1": _bit(GENERIC),
    "alarm_2": _bit(GENERIC),
    "alarm_state": _alarm_state,
    "alarm": _unsure,
    "occupancy": _bit("motion"),
    "presence": _bit("motion"),
    "contact": _contact,
    "temperature": _number("temperature_c"),
    "battery": _number("battery_percent"),
    "battery_low": _bit("battery_low"),
    "battery_state": _BATTERY_LOW,
    "battery_level": _BATTERY_LOW,
    "voltage": _voltage,
    "linkquality": _number("link_quality"),
    "tamper": _bit("tamper"),
    "event": _breaker_event,
    "fault": _fault,
    "faults": _fault,
    "fault_state": _fault,
    "fault_alarm": _fault,
    "device_fault": _fault,
    "trouble": _fault,
    "battery_defect": _fault,
    "self_test": _checked,
    "self_test_result": _checked,
    "checking_result": _checked,
    "test_alarm_result": _checked,
    "chamber_contamination": _CHAMBER,
    "test": _testing,
    "testing": _testing,
    "test_in_progress": _testing,
    "preheat": _warming,
    "preheating": _warming,
    "warming_up": _warming,
}
