"""An inventory written out as a community file that reads back as the same inventory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML

from anmin.canon import natural
from anmin.dates import date_of
from anmin.placing import door, floor_names
from anmin.profiles import BUILT_IN
from devices.device import Device, DeviceMode, Profile
from devices.instant import DAY, HOUR, MINUTE, SECOND, Instant, Micros
from devices.inventory import Inventory, Tuning
from devices.place import Place, PlaceKind
from devices.resident import Contact, Resident
from devices.station import Responder, Station

Form = dict[str, Any]


def to_document(inventory: Inventory) -> str:
    """YAML text of a community file. Read back, it has the same version."""
    form: Form = {"format": 1}
    for place in reversed(tuple(inventory.tree.up(inventory.community_id))):
        form[place.kind.value] = _named(place, place.id)
    form["buildings"] = [_building(inventory, place) for place in _of(inventory, PlaceKind.BUILDING)]
    form["zones"] = [_zone(place) for place in _ordered(inventory) if place.kind.is_zone]
    form["profiles"] = _profiles(inventory)
    form["devices"] = [_device(device) for device in inventory.devices.values()]
    form["residents"] = [_resident(person) for person in inventory.residents]
    form["retired"] = [_device(device) for device in inventory.retired]
    form["thresholds"] = [_tuning(tuning) for tuning in inventory.tuning]
    form["stations"] = [_station(inventory, station) for station in inventory.stations]
    form["staff"] = [_person(person) for person in inventory.responders if person.station_id is None]
    return to_yaml({key: value for key, value in form.items() if value})


def to_yaml(form: Form) -> str:
    """The text of a community file that is given as plain data."""
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = True
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # annotated as None upstream
    yaml.width = 4096
    yaml.representer.ignore_aliases = lambda _data: True  # people read this; every value is written out
    text = io.StringIO()
    yaml.dump(form, text)
    return text.getvalue()


def _ordered(inventory: Inventory) -> list[Place]:
    return sorted(inventory.tree.places.values(), key=lambda place: natural(place.id))


def _of(inventory: Inventory, kind: PlaceKind) -> list[Place]:
    return [place for place in _ordered(inventory) if place.kind is kind]


def _below(inventory: Inventory, parent: Place, kind: PlaceKind) -> list[Place]:
    found = [place for place in inventory.tree.within(parent.id) if place.parent_id == parent.id]
    return sorted((place for place in found if place.kind is kind), key=lambda place: natural(place.id))


def _last(place: Place) -> str:
    return place.id.rpartition(".")[2]


def _named(place: Place, id_: str) -> Form:
    return {"id": id_, "zh": place.zh, "en": place.en}


def _building(inventory: Inventory, place: Place) -> Form:
    units = [_unit(inventory, unit) for unit in _below(inventory, place, PlaceKind.UNIT)]
    return {**_named(place, _last(place)), **({"units": units} if units else {})}


def _unit(inventory: Inventory, unit: Place) -> Form:
    """Runs of floors with the same doors become one line, as a person would write them."""
    floors = sorted(_below(inventory, unit, PlaceKind.FLOOR), key=lambda place: place.floor or 0)
    forms: list[Form] = []
    for floor in floors:
        form = _floor(inventory, floor)
        last = forms[-1] if forms else {}
        if "per_floor" in form and last.get("per_floor") == form["per_floor"]:
            last["floor"] = [*last["floor"], floor.floor]
        else:
            forms.append(form)
    runs = [{**form, "floor": _run(form["floor"])} for form in forms]
    return {**_named(unit, _last(unit)), **({"floors": runs} if runs else {})}


def _run(floors: int | list[int]) -> int | str | list[int]:
    """`1-15` where nothing is missing between."""
    if isinstance(floors, int) or floors != [n for n in range(floors[0], floors[-1] + 1) if n]:
        return floors
    return floors[0] if len(floors) == 1 else f"{floors[0]}-{floors[-1]}"


def _floor(inventory: Inventory, floor: Place) -> Form:
    level = floor.floor
    assert level is not None  # every floor of a stair has its number
    homes = _below(inventory, floor, PlaceKind.HOUSEHOLD)
    numbers = [number for number in range(1, 101) for home in homes if _last(home) == door(level, number)]
    plain = all(home.zh == home.en == _last(home) for home in homes)
    if plain and len(numbers) == len(homes) and (floor.zh, floor.en) == floor_names(level):
        return {"floor": [level], "per_floor": numbers}
    listed = [_named(home, _last(home)) for home in homes]
    return {"floor": level, "zh": floor.zh, "en": floor.en, "households": listed}


def _zone(place: Place) -> Form:
    form = {**_named(place, _last(place)), "kind": place.kind.value, "within": place.parent_id}
    return form if place.floor is None else {**form, "floor": place.floor}


def _profiles(inventory: Inventory) -> list[Form]:
    known = (*inventory.retired, *inventory.devices.values())
    used = {device.profile.id: device.profile for device in known}
    return [_profile(profile) for id_, profile in used.items() if BUILT_IN.get(id_) != profile]


def _profile(profile: Profile) -> Form:
    form = {
        "id": profile.id,
        "kind": profile.kind.value,
        "quantities": sorted(profile.quantities),
        "reports_every": _length(profile.reports_every_for),
        "missed_allowed": profile.missed_allowed,
    }
    lengths = {
        "test_every": profile.test_every_for,
        "calibrate_every": profile.calibrate_every_for,
        "lasts": profile.lasts_for,
    }
    said = {"alarm_quantity": profile.alarm_quantity, **_lengths(lengths)}
    return {**form, **{key: value for key, value in said.items() if value is not None}}


def _lengths(lengths: Mapping[str, Micros | None]) -> Form:
    return {key: _length(value) for key, value in lengths.items() if value is not None}


def _device(device: Device) -> Form:
    form = {
        "id": device.id,
        "profile": device.profile.id,
        "place": device.place_id,
        "dialect": device.dialect,
        "address": device.address,
        "zh": device.zh,
        "en": device.en,
    }
    said = {
        "mode": None if device.mode is DeviceMode.LIVE else device.mode.value,
        "via": device.via,
        "serial": device.serial or None,
        "installed": _date(device.installed_at),
        "expires": _date(device.expires_at),
        "calibrated": _date(device.calibrated_at),
        "retired": _date(device.retired_at),
    }
    return {**form, **{key: value for key, value in said.items() if value is not None}}


def _date(at: Instant | None) -> str | None:
    return None if at is None else date_of(at)


def _tuning(tuning: Tuning) -> Form:
    form = {
        tuning.scope.value: tuning.of,
        "rule": tuning.rule_id,
        "level": tuning.level.word,
        "at": tuning.at,
    }
    return form if tuning.clear is None else {**form, "clear": tuning.clear}


def _contacts(contacts: Iterable[Contact]) -> Form:
    listed = [{contact.channel: contact.address} for contact in contacts]
    return {"contacts": listed} if listed else {}


def _resident(person: Resident) -> Form:
    form: Form = {"household": person.household_id, "id": person.id, "name": person.name}
    form |= {"languages": list(person.languages), **_contacts(person.contacts)}
    return {**form, "needs": sorted(need.value for need in person.needs)} if person.needs else form


def _person(person: Responder) -> Form:
    form: Form = {"id": person.id, "name": person.name, "role": person.role.value}
    form |= {"hours": [str(shift) for shift in person.hours]} if person.hours else {}
    return {**form, "languages": list(person.languages), **_contacts(person.contacts)}


def _station(inventory: Inventory, station: Station) -> Form:
    return {
        "id": station.id,
        "zh": station.zh,
        "en": station.en,
        "place": station.place_id,
        "serves": list(station.serves),
        "accept_within": _length(station.accept_within_for),
        "arrive_within": _length(station.arrive_within_for),
        "joint_within": _length(station.joint_within_for),
        "crew": [_person(person) for person in inventory.crew(station.id)],
    }


def _length(length: Micros) -> str:
    for unit, name in ((365 * DAY, "y"), (DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if length % unit == 0:
            return f"{length // unit} {name}"
    return f"{length // SECOND} s"
