"""The older Shelly (Gen1): one topic for each value below `shellies/<id>/`, and one with all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ingest.dialects.fields import take_bit, take_number
from ingest.understood import Understood, measure

Take: TypeAlias = Callable[[Understood, object], None]


def take_sensor(said: Understood, name: str, text: str) -> None:
    """One value as bare text: `sensor/flood` says `true`.

    `temperature` is not read here: its unit is a setting of the device that the message does not tell. What
    is none of our concern still shows that the device lives.
    """
    take = SENSORS.get(name)
    if take is not None:
        take(said, None if text in ("", "null") else text)


def take_info(said: Understood, body: Mapping[str, object]) -> None:
    """The whole status (firmware 1.8 and later), where the temperature has its unit."""
    for name in ("flood", "smoke"):
        if name in body:
            SENSORS[name](said, body[name])
    if "sensor_error" in body:
        _error(said, body["sensor_error"])
    battery, gas = body.get("bat"), body.get("gas_sensor")
    if isinstance(battery, dict):
        if "value" in battery:
            _BATTERY(said, battery["value"])
        if "voltage" in battery:
            take_number(said, "battery_mv", "bat voltage", battery["voltage"], 1000)
    if isinstance(gas, dict):
        _gas(said, gas.get("alarm_state"))
        _operation(said, gas.get("sensor_state"))
    if {"flood", "smoke", "hum"} & body.keys():  # a relay tells the temperature of its own case
        _temperature(said, body.get("tmp"))


def _bit(quantity: str, name: str) -> Take:
    return lambda said, value: take_bit(said, quantity, name, value)


def _number(quantity: str, name: str) -> Take:
    return lambda said, value: take_number(said, quantity, name, value)


def _error(said: Understood, value: object) -> None:
    """A number of the vendor's; 0 is well."""
    read = measure(value)
    said.bit("fault", None if read is None else float(read != 0))


def _gas(said: Understood, value: object) -> None:
    if value == "test":
        said.test = True
        said.notes.append("gas: the detector tests itself")
        return
    known = {"none": 0.0, "mild": 1.0, "heavy": 1.0}
    said.bit("gas_alarm", known.get(value) if isinstance(value, str) else None)


def _operation(said: Understood, value: object) -> None:
    if value == "warmup":
        said.warmup = True
        return
    said.bit("fault", {"normal": 0.0, "fault": 1.0}.get(value) if isinstance(value, str) else None)


def _temperature(said: Understood, tmp: object) -> None:
    if isinstance(tmp, dict) and "tC" in tmp:
        valid = tmp.get("is_valid") in (None, True)
        take_number(said, "temperature_c", "tmp tC", tmp["tC"] if valid else None)


_BATTERY: Final = _number("battery_percent", "battery")
SENSORS: Final[Mapping[str, Take]] = {
    "flood": _bit("water_leak_alarm", "flood"),
    "smoke": _bit("smoke_alarm", "smoke"),
    "gas": _gas,
    "operation": _operation,
    "concentration": _number("gas_density", "concentration"),
    "battery": _BATTERY,
    "error": _error,
}
