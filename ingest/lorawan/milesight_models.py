"""Which channel says what on each Milesight model, and what the fields of their decoders mean here.

Channels, lengths and field names are those of the decoders that Milesight publishes (SensorDecoders, 2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any, Final, NamedTuple, TypeAlias

from ingest.lorawan.body import Field, Table, Take, bit, distance, number, plain, press, remark
from ingest.strict_json import shown
from ingest.understood import Understood, measure

Channel: TypeAlias = tuple[int, int]
HISTORY: Final[Channel] = (0x20, 0xCE)


class Entry(NamedTuple):
    """How a value is packed, and the fields in it; an empty name is passed over."""

    form: Struct
    names: tuple[str, ...] = ()


class Model(NamedTuple):
    """`failed`: values that a sensor gives when it has none, and the field that says so."""

    name: str
    entries: Mapping[Channel, Entry]
    fields: Table
    failed: Mapping[tuple[str, Any], Field] = {}


def _entry(form: str, *names: str) -> Entry:
    return Entry(Struct("<" + form), names)


def _answers() -> dict[Channel, Entry]:
    """To commands, by their length. They stand between measurements after a change of the settings."""
    lengths = {
        1: (0x01, 0x0B, 0x0F, 0x10, 0x13, 0x27, 0x28, 0x2F, 0x3B, 0x3E, 0x4A, 0x56, 0x68, 0x69, 0x6D, 0x71),
        2: (0x02, 0x03, 0x09, 0x0A, 0x12, 0x17, 0x1C, 0x61, 0x70, 0xF2),
        3: (0x6A, 0x8E, 0xEA),
        4: (0x11, 0xF1),
        5: (0x1B,),
        6: (0x08, 0x79),
        8: (0x16, 0x35, 0x96),
        9: (0x06,),
    }
    made = {(0xFF, kind): _entry(f"{size}x") for size, kinds in lengths.items() for kind in kinds}
    made |= {(0xFF, kind): _entry("1x") for kind in (0x74, 0x84, 0xF5, 0xFE)}
    made[0xFF, 0xFF] = _entry("2x")
    return made | {(0xFE, kind): entry for (_, kind), entry in made.items()}


ABOUT: Final[Mapping[Channel, Entry]] = _answers()
"""Versions, serial number and answers: of every model, and none of our concern."""

# Takes ------------------------------------------------------------------------------------------------------

_REPORTS: Final = ("power off", "power on", "fault", "fault recovered", "will be invalid soon", "invalid")
_PRESSES: Final[Mapping[float, str]] = {1: "short press", 2: "long press", 3: "double press"}
_CURRENT_ALARMS: Final = (  # by bit
    "current_threshold_alarm",
    "current_threshold_alarm_release",
    "current_over_range_alarm",
    "current_over_range_alarm_release",
)
_GIVES_ALARM: Final = frozenset(_CURRENT_ALARMS[::2])


def _report(said: Understood, name: str, value: object) -> None:
    """GS101 of itself. A sensor that failed or is worn out cannot say that there is no gas (trap 32)."""
    word = str(plain(value)).removeprefix("sensor ").removeprefix("device ")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        word = _REPORTS[int(value)] if 0 <= value < len(_REPORTS) else shown(value)
    if word not in _REPORTS:
        said.notes.append(f"{name}: {shown(value)!r} is not known")
        return
    said.notes.append(f"it says of itself: {word}")
    if word in ("will be invalid soon", "invalid"):
        said.bit("end_of_life", 1.0)
    if word in ("fault", "invalid"):
        said.bit("gas_alarm", None)
    if word != "will be invalid soon":
        said.bit("fault", float(word in ("power off", "fault", "invalid")))


def _life(said: Understood, name: str, value: object) -> None:
    """Seconds that are left of the sensor. Some being left takes no earlier word back."""
    if measure(value) == 0:
        said.bit("end_of_life", 1.0)


def _pressed(said: Understood, name: str, value: object) -> None:
    """Short, long or double: whoever presses it calls."""
    told = value.get("status") if isinstance(value, Mapping) else value
    word = _PRESSES.get(told, told) if isinstance(told, (int, float)) else plain(told)
    known = word in _PRESSES.values()
    press(said, name, True if known else None)
    said.notes.append(f"button: {shown(word)}")


def _failed(quantity: str) -> Take:
    """Beside a quantity: the sensor gave none. Out of its range it is in order."""

    def take(said: Understood, name: str, value: object) -> None:
        said.number(quantity, None)
        said.notes.append(f"{name.replace('_', ' ')}: {shown(value)}")
        if plain(value) in ("collection failed", "read failed"):
            said.bit("fault", 1.0)

    return take


def _no_current(said: Understood, name: str, value: object) -> None:
    said.bit("fault", 1.0)
    said.notes.append(f"{name.replace('_', ' ')}: {shown(value)}")


def _current_alarm(said: Understood, name: str, value: object) -> None:
    """One of up to four limits of a clamp was passed or is kept again: that says nothing of the others."""
    if isinstance(value, Mapping):
        told = [key for key in _CURRENT_ALARMS if plain(value.get(key)) in ("yes", True, 1)]
    else:
        bits = int(value) if isinstance(value, int) else 0
        told = [key for place, key in enumerate(_CURRENT_ALARMS) if bits >> place & 1]
    said.bit("electrical_alarm", 1.0 if _GIVES_ALARM & set(told) else None)
    said.notes.extend(f"{name.removesuffix('_alarm')}: {key.replace('_', ' ')}" for key in told)


def _cable_alarm(said: Understood, name: str, value: object) -> None:
    word = plain(value)
    said.bit("electrical_alarm", 1.0 if word in (True, 1) else None)
    said.notes.append(
        "cable temperature: " + ("over its limit" if word in (True, 1) else "below its limit again")
    )


# Models -----------------------------------------------------------------------------------------------------

_BATTERY: Final = {(0x01, 0x75): _entry("B", "battery")}
_TEMPERATURE: Final = {(0x03, 0x67): _entry("h", "temperature")}

_LEAK_ENTRIES: Final = (
    _BATTERY
    | _TEMPERATURE
    | {
        (0x04, 0x68): _entry("x"),  # humidity
        (0x05, 0x00): _entry("B", "leakage_status"),
        HISTORY: _entry("IhxB", "timestamp", "temperature", "leakage_status"),
    }
)
_LEAK: Final[Table] = {
    "battery": number("battery_percent"),
    "temperature": number("temperature_c"),
    "leakage_status": bit("water_leak_alarm"),
}
_GAS_ENTRIES: Final = {
    (0x05, 0x8E): _entry("B", "gas_status"),
    (0x06, 0x01): _entry("B", "valve_status"),
    (0x07, 0x01): _entry("B", "relay_output_status"),
    (0x08, 0x90): _entry("I", "life_remain"),
    (0xFF, 0x3F): _entry("B", "alarm"),
}
_GAS: Final[Table] = {
    "gas_status": bit("gas_alarm"),
    "valve_status": remark,
    "relay_output_status": remark,
    "life_remain": _life,
    "alarm": _report,
}
_DEPTH_ENTRIES: Final = _BATTERY | {
    (0x03, 0x77): _entry("H", "depth"),
    HISTORY: _entry("IH", "timestamp", "depth"),
}
_DEPTH: Final[Table] = {
    "battery": number("battery_percent"),
    "depth": number("water_level_mm", 10),
    "depth_error": _failed("water_level_mm"),
}
_DISTANCE: Final[Table] = {
    "battery": number("battery_percent"),
    "temperature": number("temperature_c"),
    "temperature_alarm": bit("heat_alarm"),
    "distance": distance,
    "distance_alarm": bit("water_level_alarm"),
    "position": bit("tamper"),
}
_BUTTON: Final[Table] = {"battery": number("battery_percent"), "button_event": _pressed}
_PROBE: Final = {
    (0x09, 0x67): _entry("h", "temperature"),
    (0x89, 0x67): _entry("hB", "temperature", "temperature_alarm"),
}
_PROBE_FAILED: Final[Mapping[tuple[str, Any], Field]] = {
    ("temperature", -3): ("temperature_sensor_status", "over range alarm"),
    ("temperature", -1): ("temperature_sensor_status", "read failed"),
}


def _clamps(name: str, kind: int, *clamps: str) -> Model:
    """Current transformers: each clamp has a sum, a current (none of our quantities) and limits."""
    entries, fields, failed = dict(_PROBE), dict[str, Take](), dict(_PROBE_FAILED)
    for place, clamp in enumerate(clamps):
        first = 0x03 + 2 * place
        entries[first, 0x97] = _entry("4x")
        entries[first + 1, kind] = _entry("H", clamp)
        entries[0x80 + first + 1, kind] = _entry("6xB", f"{clamp}_alarm")
        fields[f"{clamp}_alarm"] = _current_alarm
        fields[f"{clamp}_sensor_status"] = _no_current
        failed[clamp, 0xFFFF] = (f"{clamp}_sensor_status", "read failed")
    fields |= {
        "temperature": number("cable_temperature_c"),
        "temperature_sensor_status": _failed("cable_temperature_c"),
        "temperature_alarm": _cable_alarm,
    }
    return Model(name, entries, fields, failed)


_THREE: Final = ("current_chn1", "current_chn2", "current_chn3")

MODELS: Final[Mapping[str, Model]] = {
    model.name: model
    for model in (
        Model("GS101", _GAS_ENTRIES, _GAS),
        Model("EM300-SLD", _LEAK_ENTRIES, _LEAK),
        Model("EM300-ZLD", _LEAK_ENTRIES, _LEAK),
        Model("EM300-MLD", _LEAK_ENTRIES | {HISTORY: _entry("I3xB", "timestamp", "leakage_status")}, _LEAK),
        Model(
            "EM500-SWL",
            _DEPTH_ENTRIES,
            _DEPTH,
            {
                ("depth", 0xFFFF): ("depth_error", "collection failed"),
                ("depth", 0xFFFD): ("depth_error", "out of range"),
            },
        ),
        Model(
            "EM310-UDL",
            _BATTERY | {(0x03, 0x82): _entry("H", "distance"), (0x04, 0x00): _entry("B", "position")},
            _DISTANCE,
        ),
        Model(
            "EM400-UDL",
            _BATTERY
            | _TEMPERATURE
            | {
                (0x04, 0x82): _entry("H", "distance"),
                (0x05, 0x00): _entry("B", "position"),
                (0x83, 0x67): _entry("hB", "temperature", "temperature_alarm"),
                (0x84, 0x82): _entry("HB", "distance", "distance_alarm"),
            },
            _DISTANCE,
        ),
        Model("WS101", _BATTERY | {(0xFF, 0x2E): _entry("B", "button_event")}, _BUTTON),
        *(_clamps(name, 0x98, "current") for name in ("CT101", "CT103", "CT105")),
        *(_clamps(name, 0x99, *_THREE) for name in ("CT303", "CT305", "CT310")),
    )
}
