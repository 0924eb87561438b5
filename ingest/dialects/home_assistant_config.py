"""Reads what Home Assistant's MQTT discovery announces: which topic says which quantity of which device.

Both forms: a message for each entity, and one message for a device with all its components.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from ingest.dialects.home_assistant_path import MAX_TEMPLATE, UNKNOWN, read, rendered
from ingest.generic import GENERIC
from ingest.strict_json import shown

NAME: Final = "home_assistant"
MAX_TOPIC: Final = 256
MAX_WORD: Final = 64
MAX_ADDRESS: Final = 128
MAX_SOURCES: Final = 4
LATEST, ALL, ANY = "latest", "all", "any"


class Availability(NamedTuple):
    """A topic that tells of presence, by two words. `template` is "" where the payload itself is the word."""

    topic: str
    template: str
    available: str
    not_available: str


class Entity(NamedTuple):
    """One quantity of one device. `template`: "" for the payload itself, None for one that we refuse.

    A number times `factor` plus `offset` is in the quantity's unit. `momentary`: it never says that it ended.
    """

    address: str
    component: str
    quantity: str
    topic: str
    template: str | None
    on: str = ""
    off: str = ""
    factor: float = 1.0
    offset: float = 0.0
    momentary: bool = False
    mode: str = LATEST
    availability: tuple[Availability, ...] = ()


class Announced(NamedTuple):
    """An entity that we read, and what people should know of it."""

    entity: Entity
    notes: tuple[str, ...]


class Unusable(NamedTuple):
    """An entity that we would read, if it were not for this."""

    detail: str
    address: str = ""


class NotOurs(NamedTuple):
    why: str


Found: TypeAlias = Announced | Unusable | NotOurs

_SHORT: Final = {
    "availability": "avty",
    "availability_mode": "avty_mode",
    "availability_template": "avty_tpl",
    "availability_topic": "avty_t",
    "components": "cmps",
    "connections": "cns",
    "device": "dev",
    "device_class": "dev_cla",
    "entity_category": "ent_cat",
    "event_types": "evt_typ",
    "identifiers": "ids",
    "migrate_discovery": "migr_discvry",
    "off_delay": "off_dly",
    "origin": "o",
    "payload_available": "pl_avail",
    "payload_not_available": "pl_not_avail",
    "payload_off": "pl_off",
    "payload_on": "pl_on",
    "platform": "p",
    "state_topic": "stat_t",
    "topic": "t",
    "unique_id": "uniq_id",
    "unit_of_measurement": "unit_of_meas",
    "value_template": "val_tpl",
}
_LONG: Final = {short: long for long, short in _SHORT.items()}
_SHARED: Final = (
    *("availability", "availability_mode", "availability_template", "availability_topic"),
    *("payload_available", "payload_not_available", "state_topic", "device", "origin", "~"),
)

_BITS: Final = {
    "smoke": "smoke_alarm",
    "gas": "gas_alarm",
    "carbon_monoxide": "co_alarm",
    "moisture": "water_leak_alarm",
    "heat": "heat_alarm",
    "safety": GENERIC,
    "motion": "motion",
    "occupancy": "motion",
    "presence": "motion",
    "door": "door_open",
    "opening": "door_open",
    "problem": "fault",
    "tamper": "tamper",
    "battery": "battery_low",
}
_MG_M3: Final = 24.45 / 28.01  # ppm of carbon monoxide at 25 °C and 1 atm
_CELSIUS: Final = ("temperature_c", 1.0, 0.0)
_PERCENT: Final = ("battery_percent", 1.0, 0.0)
_PPM: Final = ("co_ppm", 1.0, 0.0)
_NUMBERS: Final[Mapping[str, Mapping[str, tuple[str, float, float]]]] = {
    "temperature": {
        "": _CELSIUS,
        "°C": _CELSIUS,
        "℃": _CELSIUS,
        "°F": ("temperature_c", 5 / 9, -160 / 9),
        "K": ("temperature_c", 1.0, -273.15),
    },
    "battery": {"": _PERCENT, "%": _PERCENT},
    "carbon_monoxide": {
        "": _PPM,
        "ppm": _PPM,
        "ppb": ("co_ppm", 1e-3, 0.0),
        "mg/m³": ("co_ppm", _MG_M3, 0.0),
        "µg/m³": ("co_ppm", _MG_M3 / 1000, 0.0),
        "μg/m³": ("co_ppm", _MG_M3 / 1000, 0.0),
    },
}
_BY_UNIT: Final = {
    "%LEL": ("gas_lel_percent", 1.0, 0.0),
    "dB/m": ("smoke_obscuration_db_per_m", 1.0, 0.0),
}
SOS: Final = frozenset({"emergency", "panic", "sos"})


class _Odd(ValueError):
    """What is wrong with a configuration; becomes a value before it leaves this module."""


# The two forms ----------------------------------------------------------------------------------------------


def spelled_out(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the long names of what we read; a long name beside its short one counts."""
    return {_LONG.get(name, name): value for name, value in options.items() if _LONG.get(name) not in options}


def components(body: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(name, platform, options) of each component of a device; no options: it was taken away."""
    listed = body.get("components")
    for name, options in listed.items() if isinstance(listed, dict) else ():
        if isinstance(options, dict):
            own = spelled_out(options)
            platform = own.pop("platform", "")
            shared = {key: body[key] for key in _SHARED if key in body} if own else {}
            yield name, platform if isinstance(platform, str) else "", {**shared, **own}


def entity(component: str, name: str, options: Mapping[str, Any]) -> Found:
    """What an entity says, by its options with long names. `name` is its address where it has no other."""
    meant = _meaning(component, options)
    if isinstance(meant, NotOurs):
        return meant
    address = ""
    try:
        address = _address(name, options)
        if isinstance(meant, Unusable):
            return meant._replace(address=address)
        return _announced(component, address, meant, options)
    except _Odd as odd:
        return Unusable(str(odd), address)


def _announced(
    component: str, address: str, meant: tuple[str, float, float], options: Mapping[str, Any]
) -> Announced:
    quantity, factor, offset = meant
    topic = _topic("state_topic", options.get("state_topic"), options.get("~"))
    template, notes = _template(component, options)
    sources, mode, trouble = _presence(options)
    found = Entity(address, component, quantity, topic, template, mode=mode, availability=sources)
    if component == "binary_sensor":
        on, off = _words(options, ("payload_on", "ON"), ("payload_off", "OFF"))
        if off.lower() in UNKNOWN:
            raise _Odd(f"payload_off {shown(off)!r} is a word for not knowing: give another")
        found = found._replace(on=on, off=off, momentary=options.get("off_delay") is not None)
    return Announced(found._replace(factor=factor, offset=offset), (*notes, *trouble))


# What it means ----------------------------------------------------------------------------------------------


def _meaning(component: str, options: Mapping[str, Any]) -> tuple[str, float, float] | Unusable | NotOurs:
    if component == "event":
        types = options.get("event_types")
        words = {one.lower() for one in types if isinstance(one, str)} if isinstance(types, list) else set()
        return ("sos_alarm", 1.0, 0.0) if words & SOS else NotOurs("an event that is no call for help")
    kind = options.get("device_class")
    kind = kind if isinstance(kind, str) else ""
    if component == "binary_sensor":
        quantity = _BITS.get(kind)
        return (quantity, 1.0, 0.0) if quantity else NotOurs(f"a binary_sensor of class {shown(kind)!r}")
    if component == "sensor":
        return _measured(kind, options)
    return NotOurs(f"a {shown(component)}, which tells of no hazard")


def _measured(kind: str, options: Mapping[str, Any]) -> tuple[str, float, float] | Unusable | NotOurs:
    unit = options.get("unit_of_measurement")
    unit = unit.strip() if isinstance(unit, str) else ""
    if kind == "temperature" and options.get("entity_category") == "diagnostic":
        return NotOurs("the temperature of the device itself, not of the room")
    if kind == "voltage" and unit == "mV":
        return "battery_mv", 1.0, 0.0
    if not kind and unit in _BY_UNIT:
        return _BY_UNIT[unit]
    if kind not in _NUMBERS:
        return NotOurs(f"a sensor of class {shown(kind)!r} in {shown(unit)!r}")
    known = _NUMBERS[kind]
    expected = ", ".join(one for one in known if one)
    return known.get(unit) or Unusable(f"unit_of_measurement {shown(unit)!r}: set it to one of {expected}")


def _address(name: str, options: Mapping[str, Any]) -> str:
    device = options.get("device")
    device = spelled_out(device) if isinstance(device, dict) else {}
    identifiers, connections = device.get("identifiers"), device.get("connections")
    first = identifiers[0] if isinstance(identifiers, list) and identifiers else identifiers
    if not first and isinstance(connections, list) and connections:
        pair = connections[0]
        first = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
    found = first or options.get("unique_id") or name
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or len(found) > MAX_ADDRESS or not found.isprintable():
        raise _Odd(
            f"identifier {shown(found)!r}: give the device a text of at most {MAX_ADDRESS} signs as its first"
        )
    return found


def _topic(key: str, said: object, base: object) -> str:
    """With `~` at either end filled in."""
    if isinstance(said, str) and isinstance(base, str):
        said = base + said[1:] if said.startswith("~") else said
        said = said[:-1] + base if said.endswith("~") else said
    fits = isinstance(said, str) and 0 < len(said) <= MAX_TOPIC and said.isprintable()
    if not isinstance(said, str) or not fits or "+" in said or "#" in said:
        raise _Odd(f"{key} {shown(said)!r}: give a topic of at most {MAX_TOPIC} signs without + and #")
    return said


def _words(options: Mapping[str, Any], yes: tuple[str, str], no: tuple[str, str]) -> tuple[str, str]:
    """The two payloads under these keys, by their defaults where they are not there."""
    one, other = (_word(key, options.get(key, default)) for key, default in (yes, no))
    if one == other:
        raise _Odd(f"{yes[0]} and {no[0]} are both {shown(one)!r}: give each its own")
    return one, other


def _word(key: str, said: object) -> str:
    word = rendered(said)
    if not 0 < len(word) <= MAX_WORD or not word.isprintable():
        raise _Odd(f"{key} {shown(said)!r}: give a text of 1 to {MAX_WORD} signs")
    return word


def _template(component: str, options: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    said = options.get("value_template") or ""
    if said == "":
        return "", ()
    if isinstance(said, str) and component != "event" and read(said) is not None:
        return said, ()
    limit = f"only a path of at most {MAX_TEMPLATE} signs is read, so its value is unknown"
    return None, (f"value_template {shown(said)!r}: {limit}",)


# Presence ---------------------------------------------------------------------------------------------------


def _presence(options: Mapping[str, Any]) -> tuple[tuple[Availability, ...], str, tuple[str, ...]]:
    """The topics, how they count together, and why they are not read: a part of them could mislead."""
    mode = options.get("availability_mode", LATEST)
    try:
        sources = tuple(_source(one, options.get("~")) for one in _listed(options))
        if len(sources) > MAX_SOURCES:
            raise _Odd(f"{len(sources)} topics; at most {MAX_SOURCES} are taken")
        if mode not in (LATEST, ALL, ANY):
            raise _Odd(f"mode {shown(mode)!r} is none of latest, all and any")
        return sources, mode, ()
    except _Odd as odd:
        return (), LATEST, (f"availability is not read: {odd}",)


def _listed(options: Mapping[str, Any]) -> list[Any]:
    listed = options.get("availability")
    if listed is not None:
        return listed if isinstance(listed, list) else [listed]
    if options.get("availability_topic") is None:
        return []
    single = {"topic": options["availability_topic"], "value_template": options.get("availability_template")}
    return [single | {key: options[key] for key in options if key.startswith("payload_")}]


def _source(said: object, base: object) -> Availability:
    if not isinstance(said, dict):
        raise _Odd(f"{shown(said)!r} is no object with a topic")
    options = spelled_out(said)
    topic = _topic("topic", options.get("topic"), base)
    template = options.get("value_template") or ""
    if template and (not isinstance(template, str) or read(template) is None):
        raise _Odd(f"value_template {shown(template)!r} is more than a path")
    yes, no = _words(options, ("payload_available", "online"), ("payload_not_available", "offline"))
    return Availability(topic, template, yes, no)
