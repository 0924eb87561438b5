from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from alerts.broadcasts.audience import audience, is_confirmed, touched, unreachable
from alerts.broadcasts.broadcast import Audience, Purpose, Recipient
from alerts.incidents.state import Ack, Incident
from devices.instant import HOUR
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import PlaceKind
from devices.resident import Contact
from devices.shift import Shift
from devices.station import Responder, Role
from tests.support.broadcast import T0, home, incident, town

TOWN = town()
PARTNERS = (Contact("webhook", "https://u:p@partner.example:8443/hook/s3cret?t=1"),)


def names(recipients: Iterable[Recipient], kind: Audience | None = None) -> list[str]:
    return list(dict.fromkeys(who.id for who in recipients if kind is None or who.audience is kind))


def homes(recipients: Iterable[Recipient]) -> set[str]:
    return {who.household_id for who in recipients if who.household_id}


def test_notice_goes_to_the_duty_staff_and_partners_only() -> None:
    to = audience(incident(level=Level.PREALARM), Purpose.NOTICE, TOWN, partners=PARTNERS)
    assert names(to) == ["duty", "partner:partner.example:8443"]


def test_partner_is_shown_by_its_host_and_not_by_its_secret_path() -> None:
    (partner,) = audience(incident(), Purpose.ALERT, TOWN, partners=PARTNERS)[-1:]
    assert (partner.id, partner.address) == ("partner:partner.example:8443", PARTNERS[0].address)
    assert partner.household_id is None


def test_alert_of_one_source_tells_the_household_the_crew_the_duty_staff_and_wakes_the_officer() -> None:
    to = audience(incident(), Purpose.ALERT, TOWN)
    assert names(to) == ["sounder", f"r-{home(3)}", "lead", "duty"]


def test_every_contact_is_a_way_of_its_own() -> None:
    to = audience(incident(), Purpose.ALERT, TOWN)
    assert [(who.channel, who.address) for who in to if who.id == "lead"] == [
        ("crew", "lead"),
        ("sms", "+861"),
    ]


def test_alert_in_a_corridor_tells_that_floor() -> None:
    to = audience(incident(Hazard.FIRE, "b1.u1.f3"), Purpose.ALERT, TOWN)
    assert homes(to) == {home(3), home(3, 2)}


def test_alert_without_a_place_tells_no_household() -> None:
    to = audience(incident(Hazard.FIRE, "c"), Purpose.ALERT, TOWN)
    assert homes(to) == set()
    assert names(to) == ["sounder", "lead", "duty"]


def test_place_that_is_no_longer_known_becomes_the_community() -> None:
    gone = replace(incident(), place_id="gone", standings=())
    assert [place.id for place in touched(gone, TOWN)] == ["c"]
    assert names(audience(gone, Purpose.EVACUATE, TOWN)) == ["sounder", "lead", "duty"]


def test_crew_that_was_called_comes_before_the_one_that_would_serve() -> None:
    called = replace(incident(), station_id="s2")
    assert names(audience(called, Purpose.ALERT, TOWN), Audience.CREW) == ["far"]


def test_nearest_station_serves() -> None:
    to = audience(incident(Hazard.FIRE, home(3, stair="b2.u1")), Purpose.ALERT, TOWN)
    assert names(to, Audience.CREW) == ["far"]


def test_evacuation_sounds_the_building_and_tells_two_floors_above_and_below() -> None:
    to = audience(incident(Hazard.FIRE, home(4)), Purpose.EVACUATE, TOWN)
    assert names(to, Audience.DEVICE) == ["siren-b1", "speaker-b1", "sounder"]
    near = {home(floor, door) for floor in range(2, 7) for door in (1, 2)}
    assert homes(to) == near - {home(5, 2)}
    assert names(to, Audience.CREW) == ["lead"]
    assert names(to, Audience.DUTY) == ["duty"]


def test_household_where_it_is_comes_first_and_devices_before_people() -> None:
    to = audience(incident(Hazard.FIRE, home(4)), Purpose.EVACUATE, TOWN)
    assert names(to)[:4] == ["siren-b1", "speaker-b1", "sounder", f"r-{home(4)}"]


def test_flood_in_a_garage_of_all_sounds_it_and_tells_those_who_park_there_once_somebody_agrees() -> None:
    """One source alone would reach the whole community (S32)."""
    to = audience(incident(Hazard.FLOOD, "garage"), Purpose.EVACUATE, TOWN)
    assert names(to, Audience.DEVICE) == ["siren-garage", "sounder"]
    assert homes(to) == set()
    to = audience(incident(Hazard.FLOOD, "garage", confirmed_by="duty"), Purpose.GROWN, TOWN)
    assert names(to, Audience.DEVICE) == ["siren-garage", "sounder"]
    assert len(homes(to)) == 3 * 16 - 1


def test_zone_within_a_building_sounds_and_tells_that_building() -> None:
    to = audience(incident(Hazard.FIRE, "b2.shop"), Purpose.EVACUATE, TOWN)
    assert names(to, Audience.DEVICE) == ["siren-b2", "sounder"]
    assert homes(to) == {home(floor, door, "b2.u1") for floor in range(1, 9) for door in (1, 2)}


def test_second_source_on_the_same_floor_widens_nothing() -> None:
    before = audience(incident(Hazard.FIRE, home(4)), Purpose.EVACUATE, TOWN)
    after = audience(incident(Hazard.FIRE, home(4), home(4, 2)), Purpose.GROWN, TOWN, told=before)
    assert homes(after) == homes(before)


def test_two_floors_tell_the_whole_stair() -> None:
    to = audience(incident(Hazard.FIRE, home(4), home(5)), Purpose.GROWN, TOWN)
    stair = {home(floor, door) for floor in range(1, 9) for door in (1, 2)}
    assert homes(to) == stair - {home(5, 2)}


def test_critical_tells_the_whole_stair_from_one_floor() -> None:
    to = audience(incident(Hazard.FIRE, home(4), level=Level.CRITICAL), Purpose.GROWN, TOWN)
    assert len(homes(to)) == 15


def test_two_stairs_tell_the_building() -> None:
    to = audience(incident(Hazard.FIRE, home(4), home(4, stair="b1.u2")), Purpose.GROWN, TOWN)
    assert len(homes(to)) == 31
    assert names(to, Audience.DEVICE) == ["siren-b1", "speaker-b1", "sounder"]


def test_garage_and_stair_tell_both() -> None:
    to = audience(incident(Hazard.FIRE, "garage", home(4)), Purpose.GROWN, TOWN)
    assert "siren-garage" in names(to)
    assert "siren-b1" in names(to)
    assert len(homes(to)) == 47


def test_growing_also_tells_everybody_who_was_told_before() -> None:
    gone = Recipient("moved-out", Audience.RESIDENT, "sms", "+1", ("zh",), home(1))
    to = audience(incident(), Purpose.GROWN, TOWN, told=(gone,))
    assert gone in to


def test_a_second_source_or_a_person_confirms() -> None:
    alone = incident(Hazard.ELECTRICAL, home(4))
    twice = incident(Hazard.ELECTRICAL, home(4), home(4, 2))
    seen = replace(alone, confirmed_by="duty")
    assert [is_confirmed(each) for each in (alone, twice, seen)] == [False, True, True]


def test_the_officer_is_not_woken_for_what_somebody_owns() -> None:
    owned = replace(incident(), ack=Ack("duty", Level.ALARM, T0, T0 + 1))
    assert names(audience(owned, Purpose.EVACUATE, TOWN), Audience.DEVICE) == ["siren-b1", "speaker-b1"]


def test_an_acknowledgement_is_told_to_the_sounder_and_to_nobody_else() -> None:
    told = audience(incident(), Purpose.EVACUATE, TOWN, partners=PARTNERS)
    assert names(audience(incident(), Purpose.OWNED, TOWN, told=told, partners=PARTNERS)) == ["sounder"]


@pytest.mark.parametrize("purpose", [Purpose.GROWN, Purpose.RETRACT])
def test_whose_language_changed_meanwhile_is_told_once(purpose: Purpose) -> None:
    told = audience(incident(), Purpose.EVACUATE, TOWN)
    before = [replace(who, languages=("en",)) for who in told]
    to = audience(incident(), purpose, TOWN, told=(*before, *told))
    ways = [(who.id, who.channel, who.address) for who in to]
    assert len(ways) == len(set(ways))


@pytest.mark.parametrize(
    ("tier", "people"),
    [(0, ["lead", "duty"]), (1, ["sup"]), (2, ["mgr"]), (3, ["duty", "sup", "mgr", "lead", "far"])],
)
def test_each_tier_has_its_people(tier: int, people: list[str]) -> None:
    to = audience(incident(), Purpose.ESCALATE, TOWN, tier=tier, partners=PARTNERS)
    assert names(to) == ["sounder", *people, "partner:partner.example:8443"]


def without(*roles: Role) -> Inventory:
    staff = [person for person in TOWN.responders if person.role not in roles]
    return replace(TOWN, responders=tuple(staff))


def test_tier_without_anybody_goes_to_the_next_one() -> None:
    to = audience(incident(), Purpose.ESCALATE, without(Role.SUPERVISOR), tier=1)
    assert names(to) == ["sounder", "mgr"]


def test_tier_whose_people_have_no_contact_goes_to_the_next_one() -> None:
    mute = Responder("mute", "某人", Role.SUPERVISOR)
    known = replace(TOWN, responders=(mute, *without(Role.SUPERVISOR).responders))
    assert names(audience(incident(), Purpose.ESCALATE, known, tier=1)) == ["sounder", "mgr"]


def test_notice_reaches_somebody_even_where_nobody_watches() -> None:
    bare = without(Role.DUTY, Role.SUPERVISOR, Role.MANAGER)
    assert names(audience(incident(), Purpose.NOTICE, bare)) == ["lead", "far"]


@pytest.mark.parametrize("purpose", [Purpose.ALL_CLEAR, Purpose.RETRACT])
def test_ending_goes_to_exactly_those_who_were_told_whatever_has_changed(purpose: Purpose) -> None:
    told = audience(incident(), Purpose.EVACUATE, TOWN, partners=PARTNERS)
    empty = Inventory.of("c", "later", TOWN.tree.places.values(), ())
    to = audience(incident(), purpose, empty, told=(*told, *told), partners=(Contact("webhook", "new"),))
    assert to == told


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("hazard", list(Hazard))
def test_nobody_is_named_twice_and_the_order_is_always_the_same(hazard: Hazard, purpose: Purpose) -> None:
    told = audience(incident(hazard), Purpose.ALERT, TOWN)
    grown = incident(hazard, home(4), home(4, 2), home(6), "garage", level=Level.CRITICAL)
    first, second = (audience(grown, purpose, town(), tier=3, told=told) for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)
    assert first


def test_residents_without_a_contact_are_named() -> None:
    fire = incident(Hazard.FIRE, home(5, 2))
    assert [person.id for person in unreachable(fire, Purpose.ALERT, TOWN)] == [f"r-{home(5, 2)}"]
    assert [person.id for person in unreachable(incident(), Purpose.EVACUATE, TOWN)] == [f"r-{home(5, 2)}"]
    assert unreachable(incident(), Purpose.ALERT, TOWN) == ()
    assert unreachable(fire, Purpose.ALL_CLEAR, TOWN) == ()


def test_all_who_should_be_told_are_recipients_or_named_as_unreachable() -> None:
    def everybody(event: Incident, purpose: Purpose) -> set[str]:
        recipients = names(audience(event, purpose, TOWN), Audience.RESIDENT)
        return {*recipients, *(person.id for person in unreachable(event, purpose, TOWN))}

    stair = {f"r-{home(floor, door)}" for floor in range(1, 9) for door in (1, 2)}
    assert everybody(incident(Hazard.FIRE, home(4), home(5)), Purpose.GROWN) == stair


def test_unit_without_a_floor_is_near_to_its_whole_building() -> None:
    assert TOWN.tree.get("b1.u1").kind is PlaceKind.UNIT
    to = audience(incident(Hazard.FIRE, "b1.u1"), Purpose.EVACUATE, TOWN)
    assert len(homes(to)) == 31


def shifted(**hours: str) -> Inventory:
    """The town with hours of duty: `duty="22:00-06:00"`."""
    people = [
        replace(one, hours=(Shift.of(hours[one.id]),)) if one.id in hours else one for one in TOWN.responders
    ]
    known = TOWN
    return Inventory.of(
        known.community_id,
        "shifted",
        known.tree.places.values(),
        known.devices.values(),
        known.residents,
        people,
        known.stations,
    )


NIGHT, NOON = 23 * HOUR, 12 * HOUR


def watchers(town: Inventory, at: int, tier: int = 0) -> list[str]:
    purpose = Purpose.ESCALATE if tier else Purpose.ALERT
    return names(audience(incident(), purpose, town, tier=tier, at=at), Audience.DUTY)


def test_who_is_off_duty_is_passed_over_for_the_next_tier() -> None:
    everybody = watchers(TOWN, NOON)
    town = shifted(**dict.fromkeys(everybody, "22:00-06:00"))
    assert watchers(town, NIGHT) == everybody
    assert watchers(town, NOON) == watchers(TOWN, NOON, tier=1)
    assert set(watchers(town, NOON)).isdisjoint(everybody)


def test_where_nobody_at_all_is_on_duty_the_hours_count_for_nothing() -> None:
    town = shifted(**{one.id: "22:00-06:00" for one in TOWN.responders})
    assert watchers(town, NOON) == watchers(TOWN, NOON)
    crew = names(audience(incident(), Purpose.ALERT, TOWN), Audience.CREW)
    assert names(audience(incident(), Purpose.ALERT, town, at=NOON), Audience.CREW) == crew
    assert crew


def test_of_a_crew_those_on_duty_are_called() -> None:
    crew = names(audience(incident(), Purpose.ALERT, TOWN), Audience.CREW)
    town = shifted(**dict.fromkeys(crew[:1], "22:00-06:00"))
    here = names(audience(incident(), Purpose.ALERT, town, at=NOON), Audience.CREW)
    assert here == (crew[1:] or crew)
