"""One incident as values for its page: clocks, households with their answers, people not reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from alerts.broadcasts.audience import unreachable
from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.delivery import State
from alerts.incidents.events import Announced, Replied, Reply
from alerts.incidents.state import Incident, Stage
from anmin.view import DeliveryView, IncidentView
from anmin.web.wording import Wording
from devices.instant import Instant, Micros
from devices.inventory import Inventory
from devices.place import UnknownPlace
from devices.resident import Resident
from devices.station import Station

PEOPLE = (Audience.RESIDENT, Audience.DUTY, Audience.CREW)
PROVEN = (State.DELIVERED, State.SEEN)


class Clock(NamedTuple):
    """One of 1-3-5: `met_for` is how long it took, None while it runs."""

    name: str
    limit_for: Micros
    due_at: Instant
    met_for: Micros | None
    late: bool


class Household(NamedTuple):
    """`needs` is sensitive: for signed-in staff only. `knock`: somebody there has no contact at all."""

    id: str
    place: str
    people: tuple[str, ...]
    needs: tuple[str, ...]
    reply: str
    replied_at: Instant | None
    states: tuple[tuple[str, str], ...]  # channel, state
    knock: bool


class Person(NamedTuple):
    name: str
    place: str
    audience: str
    attempts: tuple[tuple[str, str, str], ...]  # channel, state, detail; none without any contact


class Reach(NamedTuple):
    """`unreached` got nothing, `unproven` have no receipt; `anybody` is whether people were told at all."""

    unreached: tuple[Person, ...]
    unproven: tuple[Person, ...]
    anybody: bool


def station_of(incident: Incident, inventory: Inventory) -> Station | None:
    for station in inventory.stations:
        if station.id == incident.station_id:
            return station
    try:
        return inventory.station_for(incident.place_id)
    except UnknownPlace:
        return None


def clocks(incident: Incident, inventory: Inventory, now: Instant) -> tuple[Clock, ...]:
    """Counted from the first alarm (公消〔2015〕301号); empty when no crew was called."""
    station = station_of(incident, inventory)
    if station is None or incident.dispatched_at is None:
        return ()
    start = incident.alarm_at or incident.opened_at
    over = incident.reached_stage_at(Stage.CLOSED)
    met = {"accept": incident.accepted_at, "arrive": incident.arrived_at, "joint": incident.arrived_at}
    limits = {
        "accept": station.accept_within_for,
        "arrive": station.arrive_within_for,
        "joint": station.joint_within_for,
    }
    return tuple(
        Clock(
            name,
            limit,
            start + limit,
            None if (at := met[name] or over) is None else at - start,
            (at or now) > start + limit,
        )
        for name, limit in limits.items()
    )


def without_contact(seen: IncidentView, inventory: Inventory) -> tuple[Resident, ...]:
    """Who should have been told by now and cannot be: somebody has to knock at the door."""
    purposes = {Purpose(event.purpose) for event in seen.timeline if isinstance(event, Announced)}
    people = (unreachable(seen.incident, purpose, inventory) for purpose in sorted(purposes))
    return tuple(dict.fromkeys(person for some in people for person in some))


def households(seen: IncidentView, wording: Wording) -> tuple[Household, ...]:
    """Who was told, should have been or answered: help first, then silence (needs first), then safe."""
    replies = dict(seen.incident.replies)
    states: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for delivery in seen.deliveries:
        if delivery.recipient.household_id:
            states[delivery.recipient.household_id].append((delivery.recipient.channel, delivery.state.value))
    knocks = {person.household_id for person in without_contact(seen, wording.inventory)}
    answered = {event.household_id: event.at for event in seen.timeline if isinstance(event, Replied)}
    found = (
        _household(home, replies.get(home), answered.get(home), tuple(states[home]), home in knocks, wording)
        for home in dict.fromkeys((*states, *sorted(knocks), *replies))
    )
    return tuple(sorted(found, key=_attention))


def _household(
    home: str,
    reply: Reply | None,
    at: Instant | None,
    states: tuple[tuple[str, str], ...],
    knock: bool,
    wording: Wording,
) -> Household:
    people = wording.inventory.living_in(home)
    needs = sorted({need.value for person in people for need in person.needs})
    return Household(
        id=home,
        place=wording.place(home),
        people=tuple(person.name for person in people),
        needs=tuple(wording.t(f"need.{need}") for need in needs),
        reply=reply.value if reply else "none",
        replied_at=at,
        states=tuple(dict.fromkeys(states)),
        knock=knock,
    )


def _attention(home: Household) -> tuple[int, bool, bool, str]:
    return ("help", "none", "safe").index(home.reply), not home.needs, not home.knock, home.place


def reach(seen: IncidentView, wording: Wording) -> Reach:
    """Who was named as an audience and what is proven of them (delivered, not sent)."""
    by_person: dict[str, list[DeliveryView]] = defaultdict(list)
    for delivery in seen.deliveries:
        if delivery.recipient.audience in PEOPLE and delivery.state is not State.SUPERSEDED:
            by_person[delivery.recipient.id].append(delivery)
    unreached = [_silent(person, wording) for person in without_contact(seen, wording.inventory)]
    unproven = []
    for deliveries in by_person.values():
        states = {delivery.state for delivery in deliveries}
        if states.isdisjoint((*PROVEN, State.HANDED_OFF)):
            unreached.append(_person(deliveries, wording))
        elif states.isdisjoint(PROVEN):
            unproven.append(_person(deliveries, wording))
    return Reach(tuple(unreached), tuple(unproven), bool(by_person))


def _person(deliveries: Iterable[DeliveryView], wording: Wording) -> Person:
    tries = tuple(deliveries)
    recipient = tries[0].recipient
    return Person(
        name=wording.person(recipient.id),
        place=wording.place(recipient.household_id) if recipient.household_id else "",
        audience=recipient.audience.value,
        attempts=tuple((each.recipient.channel, each.state.value, each.detail) for each in tries),
    )


def _silent(person: Resident, wording: Wording) -> Person:
    return Person(person.name, wording.place(person.household_id), Audience.RESIDENT.value, ())


def verbs(incident: Incident) -> tuple[str, ...]:
    """What a person of the duty staff can ask for now; the machine still has the last word."""
    stage = incident.stage
    if not stage.is_open:
        return ()
    offered = {
        "acknowledge": incident.ack is None,
        "confirm": incident.confirmed_by is None and stage in (Stage.VERIFYING, Stage.ACTIVE),
        "dispatch": incident.dispatched_at is None and stage is not Stage.RESOLVED,
        "resolve": stage not in (Stage.VERIFYING, Stage.RESOLVED),
        "reopen": stage is Stage.RESOLVED,
        "dispute": incident.disputed_by is None and stage is Stage.VERIFYING,
        "close": True,
    }
    return tuple(verb for verb, possible in offered.items() if possible)
