"""What the components of a Shelly (Gen2 and later) and their events mean here.

Smoke and Flood of the vendor's component reference; `errors` is there only while there is one, and a partial
status takes a key away by null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.dialects.fields import take_bit, take_number
from ingest.strict_json import shown
from ingest.understood import Understood, truth

ALARM_OF: Final = {"smoke": "smoke_alarm", "flood": "water_leak_alarm"}
COMPONENTS: Final = ("smoke:0", "flood:0", "devicepower:0", "temperature:0")
"""Those with a topic of their own that is worth a subscription."""
_BLIND: Final = "cable_unplugged"
_EVENTS: Final[Mapping[str, float]] = {
    f"{kind}.{what}": value for kind in ALARM_OF for what, value in (("alarm", 1.0), ("alarm_off", 0.0))
}
_MEASURE_THEMSELVES: Final = ("shellypro", "shelly3em", "shellyem")
"""Energy meters: their `temperature:0` is that of their own case."""


def take_status(said: Understood, device: str, key: str, status: object, *, whole: bool) -> None:
    """One component, e.g. `flood:0`. `whole`: what is missing is not there; otherwise it has not changed."""
    kind = key.partition(":")[0]
    if kind in ALARM_OF:
        if isinstance(status, dict):
            _alarm(said, ALARM_OF[kind], key, status, whole)
        else:
            said.bit(ALARM_OF[kind], None)
    elif kind == "sys" and isinstance(status, dict):
        if status.get("wakeup_period"):  # only a device that sleeps has one
            said.interval("wakeup_period", status["wakeup_period"])
    elif kind == "devicepower" and isinstance(status, dict):
        _battery(said, status)
    elif key == "temperature:0" and isinstance(status, dict) and not device.startswith(_MEASURE_THEMSELVES):
        _fault(said, key, status, whole)
        if "tC" in status:
            take_number(said, "temperature_c", key, status["tC"])


def take_event(said: Understood, event: object) -> None:
    """`flood.alarm`, `flood.alarm_off` and so on; of no concern is what a button or an update tells."""
    name = event.get("event") if isinstance(event, dict) else None
    if not isinstance(name, str):
        return
    if name in _EVENTS:
        said.bit(ALARM_OF[name.partition(".")[0]], _EVENTS[name])
    elif name == f"flood.{_BLIND}":
        said.bit("fault", 1.0)
        said.bit("water_leak_alarm", None)
        said.notes.append("flood: the cable is unplugged, it cannot feel water")
    elif name == "smoke.alarm_test":
        said.test = True
        said.notes.append("smoke: somebody tests the detector")


def _alarm(said: Understood, quantity: str, key: str, status: Mapping[str, object], whole: bool) -> None:
    blind = _fault(said, key, status, whole)
    if whole or blind or "alarm" in status:
        alarm = status.get("alarm")
        if blind and truth(alarm) != 1.0:
            said.bit(quantity, None)  # dry is not what it says when it cannot feel water
        else:
            take_bit(said, quantity, f"{key} alarm", alarm)
    if "mute" in status:
        take_bit(said, "muted", f"{key} mute", status["mute"])


def _fault(said: Understood, key: str, status: Mapping[str, object], whole: bool) -> bool:
    """Whether it tells that its cable is off."""
    if not whole and "errors" not in status:
        return False
    errors = status.get("errors")
    if errors is None:
        errors = []
    if not isinstance(errors, list):
        said.bit("fault", None)
        said.notes.append(f"{key} errors: {shown(errors)!r} is no list")
        return False
    said.bit("fault", 1.0 if errors else 0.0)
    if errors:
        said.notes.append(f"{key} errors: {shown(', '.join(map(str, errors[:8])))}")
    return _BLIND in errors


def _battery(said: Understood, status: Mapping[str, object]) -> None:
    """On external power the percentage is that of an empty compartment: 0 is not an empty battery."""
    external = status.get("external")
    battery = status.get("battery")
    if isinstance(external, dict) and truth(external.get("present")) == 1.0:
        said.number("battery_percent", None)
    elif isinstance(battery, dict):
        if "percent" in battery:
            take_number(said, "battery_percent", "battery percent", battery["percent"])
        if "V" in battery:
            take_number(said, "battery_mv", "battery V", battery["V"], 1000)
