"""One text for one inventory: what the ledger keeps, and what the version is the hash of.

Order in the file does not matter: everything is ordered by id, digits as numbers (`f2` before `f12`), and an
inventory read back is the same in every respect.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.inventory import Inventory, Scope, Tuning
from devices.level import Level
from devices.place import Place, PlaceKind
from devices.resident import Contact, Need, Resident
from devices.shift import Shift
from devices.station import Responder, Role, Station

FORMAT = 1
_PROFILE_TERMS = ("test_every_for", "calibrate_every_for", "lasts_for")
_DEVICE_FACTS = ("via", "installed_at", "expires_at", "calibrated_at", "serial", "retired_at")
Natural = tuple[str | int, ...]


class NotCanonical(ValueError):
    """A stored inventory that this version cannot read: the ledger is newer than the program, or damaged."""


def natural(text: str) -> Natural:
    """A sort key in which numbers count as numbers; text and number always alternate."""
    return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text))


def canonical(inventory: Inventory) -> str:
    """JSON with one way to write it. Equal content gives equal text, whatever the order it came in."""
    known = (*inventory.retired, *inventory.devices.values())
    profiles = {device.profile.id: device.profile for device in known}
    return _text(
        {
            "format": FORMAT,
            "community": inventory.community_id,
            "places": _listed(_place(place) for place in inventory.tree.places.values()),
            "profiles": _listed(_profile(profile) for profile in profiles.values()),
            "devices": _listed(_device(device) for device in inventory.devices.values()),
            "residents": _listed(_resident(person) for person in inventory.residents),
            "responders": _listed(_responder(person) for person in inventory.responders),
            "stations": _listed(_station(station) for station in inventory.stations),
            **_said({"tuning": _tunings(inventory), "retired": _listed(map(_device, inventory.retired))}),
        }
    )


def version_of(text: str) -> str:
    """The first 64 bits of SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sealed(inventory: Inventory) -> Inventory:
    """The same content in canonical order with its version."""
    return from_canonical(canonical(inventory))


def from_canonical(text: str) -> Inventory:
    """The inventory of a canonical text. Raises NotCanonical."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise NotCanonical(f"inventory format {data['format']}, this version reads {FORMAT}")
        return _inventory(data, version_of(text))
    except NotCanonical:
        raise
    except (ValueError, KeyError, TypeError, LookupError) as error:
        raise NotCanonical(f"stored inventory is damaged: {error!r}") from error


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _listed(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: natural(row["id"]))


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody said: what was written before a field existed keeps its version."""
    return {key: value for key, value in row.items() if value not in (None, "", [])}


def _tunings(inventory: Inventory) -> list[list[Any]]:
    rows = [[t.scope.value, t.of, t.rule_id, t.level.word, t.at, t.clear] for t in inventory.tuning]
    return sorted(rows, key=lambda row: [natural(str(part)) for part in row[:4]])


def _place(place: Place) -> dict[str, Any]:
    return {
        "id": place.id,
        "kind": place.kind.value,
        "parent": place.parent_id,
        "zh": place.zh,
        "en": place.en,
        "floor": place.floor,
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "kind": profile.kind.value,
        "quantities": sorted(profile.quantities),
        "reports_every_for": profile.reports_every_for,
        "missed_allowed": profile.missed_allowed,
        "alarm_quantity": profile.alarm_quantity,
        **_said({name: getattr(profile, name) for name in _PROFILE_TERMS}),
    }


def _device(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "profile": device.profile.id,
        "place": device.place_id,
        "dialect": device.dialect,
        "address": device.address,
        "zh": device.zh,
        "en": device.en,
        "mode": device.mode.value,
        **_said({name: getattr(device, name) for name in _DEVICE_FACTS}),
    }


def _contacts(contacts: tuple[Contact, ...]) -> list[list[str]]:
    return [[contact.channel, contact.address] for contact in contacts]  # their order is the preference


def _resident(person: Resident) -> dict[str, Any]:
    return {
        "id": person.id,
        "household": person.household_id,
        "name": person.name,
        "languages": list(person.languages),
        "contacts": _contacts(person.contacts),
        "needs": sorted(need.value for need in person.needs),
    }


def _responder(person: Responder) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "languages": list(person.languages),
        "contacts": _contacts(person.contacts),
        "station": person.station_id,
        **({"hours": [str(shift) for shift in person.hours]} if person.hours else {}),
    }


def _station(station: Station) -> dict[str, Any]:
    return {
        "id": station.id,
        "place": station.place_id,
        "zh": station.zh,
        "en": station.en,
        "serves": sorted(station.serves, key=natural),
        "accept_within_for": station.accept_within_for,
        "arrive_within_for": station.arrive_within_for,
        "joint_within_for": station.joint_within_for,
    }


def _inventory(data: dict[str, Any], version: str) -> Inventory:
    profiles = {row["id"]: _to_profile(row) for row in data["profiles"]}
    return Inventory.of(
        data["community"],
        version,
        [
            Place(r["id"], PlaceKind(r["kind"]), r["parent"], r["zh"], r["en"], r["floor"])
            for r in data["places"]
        ],
        [_to_device(row, profiles[row["profile"]]) for row in data["devices"]],
        [_to_resident(row) for row in data["residents"]],
        [_to_responder(row) for row in data["responders"]],
        [_to_station(row) for row in data["stations"]],
        [_to_tuning(row) for row in data.get("tuning", ())],
        [_to_device(row, profiles[row["profile"]]) for row in data.get("retired", ())],
    )


def _to_tuning(row: list[Any]) -> Tuning:
    scope, of, rule_id, level, at, clear = row
    return Tuning(Scope(scope), of, rule_id, Level[level.upper()], at, clear)


def _to_profile(row: dict[str, Any]) -> Profile:
    return Profile(
        row["id"],
        DeviceKind(row["kind"]),
        frozenset(row["quantities"]),
        row["reports_every_for"],
        row["missed_allowed"],
        row["alarm_quantity"],
        **{name: row[name] for name in _PROFILE_TERMS if name in row},
    )


def _to_device(row: dict[str, Any], profile: Profile) -> Device:
    return Device(
        row["id"],
        profile,
        row["place"],
        row["dialect"],
        row["address"],
        row["zh"],
        row["en"],
        DeviceMode(row["mode"]),
        **{name: row[name] for name in _DEVICE_FACTS if name in row},
    )


def _to_contacts(rows: list[list[str]]) -> tuple[Contact, ...]:
    return tuple(Contact(channel, address) for channel, address in rows)


def _to_resident(row: dict[str, Any]) -> Resident:
    return Resident(
        row["id"],
        row["household"],
        row["name"],
        tuple(row["languages"]),
        _to_contacts(row["contacts"]),
        frozenset(Need(need) for need in row["needs"]),
    )


def _to_responder(row: dict[str, Any]) -> Responder:
    return Responder(
        row["id"],
        row["name"],
        Role(row["role"]),
        _to_contacts(row["contacts"]),
        tuple(row["languages"]),
        row["station"],
        tuple(Shift.of(text) for text in row.get("hours", ())),
    )


def _to_station(row: dict[str, Any]) -> Station:
    return Station(
        row["id"],
        row["place"],
        row["zh"],
        row["en"],
        tuple(row["serves"]),
        row["accept_within_for"],
        row["arrive_within_for"],
        row["joint_within_for"],
    )
