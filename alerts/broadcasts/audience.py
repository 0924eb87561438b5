"""Who is concerned: from an incident, a purpose and the places around it to people and devices, in order.

The order is the order in which things should happen: what makes a noise, who lives there, who goes there, who
watches, which systems are told. The same incident and inventory always give the same audience.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.broadcasts.broadcast import Audience, Purpose, Recipient
from alerts.incidents.state import Incident
from alerts.incidents.verification import corroborated
from devices.device import Device, DeviceKind
from devices.instant import Instant, Micros
from devices.inventory import Inventory
from devices.level import Level
from devices.place import Place, PlaceKind
from devices.resident import Contact, Resident
from devices.shift import on_duty
from devices.station import Responder, Role

ABOVE = BELOW = 2
"""Floors over and under an emergency whose people are told when it is verified (architecture section 5)."""

WATCHERS: Final = (Role.DUTY, Role.SUPERVISOR, Role.MANAGER)
"""Who watches, by tier. Where a tier has nobody who can be reached, the next one is told instead."""
LAST_TIER: Final = len(WATCHERS)

_MOVES: Final = (Purpose.EVACUATE, Purpose.GROWN)
_LOUD: Final = (DeviceKind.SIREN, DeviceKind.LOUDSPEAKER)
_HOST: Final = re.compile(r"https?://(?:[^/?#]*@)?([^/?#]+)")


def audience(
    incident: Incident,
    purpose: Purpose,
    inventory: Inventory,
    *,
    tier: int = 0,
    told: Sequence[Recipient] = (),
    partners: Sequence[Contact] = (),
    at: Instant = 0,
    utc_offset_for: Micros = 0,
) -> tuple[Recipient, ...]:
    """Everybody to be told, each way to each of them once. `at` and `utc_offset_for` decide who is on duty.

    `told` is who was told before: an ending goes to exactly those, whatever has changed since (promise P25).
    """
    if purpose is Purpose.OWNED:
        return tuple(who for who in told if who.channel == DeviceKind.SOUNDER.value)
    if purpose.ends_it:
        return _once(told)
    found = list(_Scene(incident, purpose, inventory, at, utc_offset_for).recipients(tier))
    if purpose is Purpose.GROWN:
        found += told
    found += (_partner(contact) for contact in partners)
    return _once(found)


def _once(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Each way to each of them once, even when their languages or home have changed meanwhile."""
    ways: dict[tuple[str, str, str], Recipient] = {}
    for who in found:
        ways.setdefault((who.id, who.channel, who.address), who)
    return tuple(ways.values())


def unreachable(incident: Incident, purpose: Purpose, inventory: Inventory) -> tuple[Resident, ...]:
    """Residents who should be told and have no contact at all: somebody has to knock at the door.

    Empty for an ending, which goes to those who were told.
    """
    people = _Scene(incident, purpose, inventory).residents()
    return tuple(person for person in people if not person.contacts)


def is_confirmed(incident: Incident) -> bool:
    """A person saw it, or a second independent source says so."""
    return incident.confirmed_by is not None or corroborated(incident)


def touched(incident: Incident, inventory: Inventory) -> tuple[Place, ...]:
    """The places of the incident that are still known; the community where none is."""
    places = inventory.tree.places
    named = (incident.place_id, *incident.places)
    known = tuple(places[name] for name in dict.fromkeys(named) if name in places)
    return known or (inventory.tree.get(inventory.community_id),)


@dataclass(frozen=True, slots=True)
class _Scene:
    incident: Incident
    purpose: Purpose
    inventory: Inventory
    at: Instant = 0
    utc_offset_for: Micros = 0

    def recipients(self, tier: int) -> Iterator[Recipient]:
        for device in self.devices():
            yield Recipient(device.id, Audience.DEVICE, device.kind.value, device.address)
        for person in self.residents():
            for contact in person.contacts:
                yield _recipient(person.id, Audience.RESIDENT, contact, person.languages, person.household_id)
        for responder in self.responders(tier):
            crew = responder.role not in WATCHERS
            for contact in responder.contacts:
                kind = Audience.CREW if crew else Audience.DUTY
                yield _recipient(responder.id, kind, contact, responder.languages)

    # Devices ----------------------------------------------------------------------------------------------

    def devices(self) -> tuple[Device, ...]:
        if self.purpose is Purpose.NOTICE:
            return ()
        owned = self.incident.ack is not None  # an acknowledgement stops the sound, not the clock
        return (*self._loud(), *(() if owned else self.inventory.of_kind(DeviceKind.SOUNDER)))

    def _loud(self) -> Iterator[Device]:
        """Sirens, then loudspeakers, of the buildings and zones where it is."""
        if self.purpose not in _MOVES:
            return
        areas = dict.fromkeys(area for place in self.touched for area in self._hearing(place))
        for kind in _LOUD:
            for area in areas:
                yield from self.inventory.of_kind(kind, area)

    def _hearing(self, place: Place) -> Iterator[str]:
        """The building around a place, or the zone itself; an alarm without a place sounds nothing."""
        building = self._around(place, PlaceKind.BUILDING)
        if building is not None:
            yield building.id
        elif place.kind.is_zone:
            yield place.id

    # Residents --------------------------------------------------------------------------------------------

    def residents(self) -> Iterator[Resident]:
        for home in self.homes():
            yield from self.inventory.living_in(home.id)

    def homes(self) -> tuple[Place, ...]:
        """The households concerned, those where it is first."""
        if self.purpose is not Purpose.ALERT and self.purpose not in _MOVES:
            return ()
        homes = [home for place in self.touched for home in self._own(place)]
        if self.purpose in _MOVES:
            homes += (home for area in self._areas() for home in area)
        return tuple(dict.fromkeys(homes))

    def _own(self, place: Place) -> tuple[Place, ...]:
        """Who lives right there: a household or a floor; of anything larger nobody is meant in person."""
        small = place.kind in (PlaceKind.HOUSEHOLD, PlaceKind.FLOOR)
        return self.inventory.tree.households(place.id) if small else ()

    def _areas(self) -> Iterator[tuple[Place, ...]]:
        tree = self.inventory.tree
        whole = self._whole() if self.purpose is Purpose.GROWN else ()
        yield from (tree.households(area) for area in whole)
        for place in self.touched:
            inside = self._around(place, PlaceKind.UNIT) is not None and whole
            if not inside and self._reaches_homes(place):
                yield tree.near(place.id, above=ABOVE, below=BELOW)

    def _reaches_homes(self, place: Place) -> bool:
        """Near to a zone outside every building is the whole community: one source alone sounds what stands
        there and tells no household (S32). An alarm without a place tells none at all."""
        if self._around(place, PlaceKind.BUILDING) is not None:
            return True
        return place.kind.is_zone and is_confirmed(self.incident)

    def _whole(self) -> tuple[str, ...]:
        """The stairs, or the buildings, that are told as a whole; none while it is on one floor."""
        stairs = self._enclosing(PlaceKind.UNIT)
        if len(stairs) > 1:
            return self._enclosing(PlaceKind.BUILDING)
        floors = {self.inventory.tree.floor_of(place.id) for place in self.touched} - {None}
        return stairs if len(floors) > 1 or self.incident.peak >= Level.CRITICAL else ()

    # Those who act ----------------------------------------------------------------------------------------

    def responders(self, tier: int) -> tuple[Responder, ...]:
        if self.purpose is Purpose.NOTICE:
            return self._watchers(0)
        if self.purpose is not Purpose.ESCALATE or tier <= 0:
            return (*self._crew(), *self._watchers(0))
        return self.inventory.responders if tier >= LAST_TIER else self._watchers(tier)

    def _watchers(self, tier: int) -> tuple[Responder, ...]:
        """Of that tier, or of the next where nobody of it is on duty; everybody of it, whatever their hours,
        where nobody at all is."""
        for hours in (True, False):
            for role in WATCHERS[tier:]:
                found = self.inventory.with_role(role)
                found = self._on_duty(found) if hours else found
                if any(person.contacts for person in found):
                    return found
        return self.inventory.responders

    def _on_duty(self, people: tuple[Responder, ...]) -> tuple[Responder, ...]:
        return tuple(one for one in people if on_duty(one.hours, self.at, self.utc_offset_for))

    def _crew(self) -> tuple[Responder, ...]:
        """Of the station that was called, else of the one that serves the place."""
        station = self.incident.station_id
        if station is None:
            serving = (self.inventory.station_for(place.id) for place in self.touched)
            station = next((found.id for found in serving if found is not None), None)
        crew = self.inventory.crew(station) if station is not None else ()
        here = self._on_duty(crew)
        return here if any(person.contacts for person in here) else crew

    # ------------------------------------------------------------------------------------------------------

    @property
    def touched(self) -> tuple[Place, ...]:
        return touched(self.incident, self.inventory)

    def _around(self, place: Place, kind: PlaceKind) -> Place | None:
        return self.inventory.tree.enclosing(place.id, kind)

    def _enclosing(self, kind: PlaceKind) -> tuple[str, ...]:
        around = (self._around(place, kind) for place in self.touched)
        return tuple(dict.fromkeys(place.id for place in around if place is not None))


def _recipient(
    name: str, kind: Audience, contact: Contact, languages: tuple[str, ...], household: str | None = None
) -> Recipient:
    return Recipient(name, kind, contact.channel, contact.address, languages, household)


def _partner(contact: Contact) -> Recipient:
    """Named by its host: the rest of an address may hold a secret, and names are shown."""
    host = _HOST.match(contact.address)
    name = f"partner:{host[1] if host else contact.address}"
    return Recipient(name, Audience.PARTNER, contact.channel, contact.address, ("zh", "en"))
