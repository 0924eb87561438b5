"""Immutable lookup of all that is known about one community; a change is a new inventory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from devices.device import Device, DeviceKind
from devices.level import Level
from devices.place import Place, PlaceTree
from devices.resident import Resident
from devices.station import Responder, Role, Station


class Scope(StrEnum):
    """Whom a threshold of one's own is for. The narrower wins: device, then the nearest place, then model."""

    PROFILE = "profile"
    PLACE = "place"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Tuning:
    """Another limit for one level of one rule, there or below. `clear` None: as far from it as the rule's
    own usual hysteresis. The direction (above or below) stays the rule's."""

    scope: Scope
    of: str
    rule_id: str
    level: Level
    at: float
    clear: float | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """`version` is a hash of the content: two inventories with the same version are the same.

    `community_id` is the place an alarm of an unknown device belongs to. `retired` devices are heard no more
    (one that speaks is unknown) and keep their names for what they once said.
    """

    community_id: str
    version: str
    tree: PlaceTree
    devices: dict[str, Device]
    residents: tuple[Resident, ...] = ()
    responders: tuple[Responder, ...] = ()
    stations: tuple[Station, ...] = ()
    tuning: tuple[Tuning, ...] = ()
    retired: tuple[Device, ...] = ()
    _by_address: dict[tuple[str, str], Device] = field(default_factory=dict, repr=False)
    _by_household: dict[str, tuple[Resident, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        community_id: str,
        version: str,
        places: Iterable[Place],
        devices: Iterable[Device],
        residents: Iterable[Resident] = (),
        responders: Iterable[Responder] = (),
        stations: Iterable[Station] = (),
        tuning: Iterable[Tuning] = (),
        retired: Iterable[Device] = (),
    ) -> Inventory:
        known = tuple(devices)
        people = tuple(residents)
        homes: dict[str, list[Resident]] = defaultdict(list)
        for person in people:
            homes[person.household_id].append(person)
        return cls(
            community_id=community_id,
            version=version,
            tree=PlaceTree.of(places),
            devices={device.id: device for device in known},
            residents=people,
            responders=tuple(responders),
            stations=tuple(stations),
            tuning=tuple(tuning),
            retired=tuple(retired),
            _by_address={(device.dialect, device.address): device for device in known},
            _by_household={home: tuple(people) for home, people in homes.items()},
        )

    def by_address(self, dialect: str, address: str) -> Device | None:
        return self._by_address.get((dialect, address))

    def living_in(self, household_id: str) -> tuple[Resident, ...]:
        return self._by_household.get(household_id, ())

    def of_kind(self, kind: DeviceKind, within: str | None = None) -> tuple[Device, ...]:
        """Devices of one kind, at or below a place when one is given."""
        found = tuple(device for device in self.devices.values() if device.kind is kind)
        if within is None:
            return found
        inside = {place.id for place in self.tree.within(within)}
        return tuple(device for device in found if device.place_id in inside)

    def with_role(self, role: Role) -> tuple[Responder, ...]:
        return tuple(person for person in self.responders if person.role is role)

    def station_for(self, place_id: str) -> Station | None:
        """The station that serves the nearest enclosing place."""
        for place in self.tree.up(place_id):
            for station in self.stations:
                if place.id in station.serves:
                    return station
        return None

    def crew(self, station_id: str) -> tuple[Responder, ...]:
        return tuple(person for person in self.responders if person.station_id == station_id)
