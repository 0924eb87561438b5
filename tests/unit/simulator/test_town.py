"""The demonstration community, held to what the product knows of communities."""

from __future__ import annotations

from collections import Counter

import pytest

from anmin.community import to_inventory, to_yaml
from anmin.document import read
from devices.inventory import Inventory
from devices.place import PlaceKind
from simulator.town import COMMUNITY, FLOORS, Plan, Town, home_at, town


def imported(place: Town) -> Inventory:
    inventory, findings = to_inventory(read(to_yaml(place.document).encode(), "town.yaml"))
    assert findings == ()
    assert inventory is not None
    return inventory


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_its_file_is_a_community_without_an_error_or_a_warning(seed: int) -> None:
    assert imported(town(seed)).community_id == COMMUNITY


def test_a_seed_makes_the_same_town_and_another_one_other_people() -> None:
    assert town(7) == town(7)
    assert town(7).document["residents"] != town(8).document["residents"]
    assert town(7).sensors == town(8).sensors


def test_it_has_two_buildings_and_sixty_households() -> None:
    tree = imported(town(7)).tree
    kinds = Counter(place.kind for place in tree.places.values())
    assert kinds[PlaceKind.BUILDING] == 2
    assert kinds[PlaceKind.FLOOR] == 2 * FLOORS
    assert kinds[PlaceKind.HOUSEHOLD] == 60


def test_homes_are_named_as_the_system_names_them() -> None:
    """Messages to residents name the household; who asks for another name never answers."""
    place = town(7)
    inventory = imported(place)
    homes = {home.id for home in inventory.tree.places.values() if home.kind is PlaceKind.HOUSEHOLD}
    assert set(place.homes) == homes
    assert {person.household_id for person in inventory.residents} == homes
    assert home_at("b1", 3, 2) == "xfl.b1.u1.f3.302"


def test_devices_of_each_kind_are_counted() -> None:
    counts = Counter(device.kind.value for device in imported(town(7)).devices.values())
    assert counts == {
        "smoke": 60,
        "heat": 60,
        "gas": 60,
        "co": 30,
        "water_leak": 20,
        "sos": 12,
        "water_level": 2,
        "siren": 2,
        "loudspeaker": 2,
        "sounder": 1,
    }


def test_sensors_and_sounders_are_the_devices_of_the_file() -> None:
    place = town(7)
    inventory = imported(place)
    assert {sensor.id for sensor in place.sensors} | set(place.sounders) == set(inventory.devices)
    for sensor in place.sensors:
        known = inventory.by_address(sensor.dialect, sensor.address or sensor.id)
        assert known is not None
        assert (known.id, known.place_id) == (sensor.id, sensor.household or f"{COMMUNITY}.garage")


def test_crew_and_staff_can_be_called() -> None:
    place = town(7)
    inventory = imported(place)
    assert {person.id for person in inventory.crew("station-1")} == set(place.crew)
    assert all(person.contacts for person in inventory.responders)


def test_some_residents_need_help_and_some_cannot_be_called() -> None:
    people = [person for seed in range(10) for person in imported(town(seed)).residents]
    assert 0.05 < sum(bool(person.needs) for person in people) / len(people) < 0.30
    assert 0.01 < sum(not person.contacts for person in people) / len(people) < 0.15


def test_residents_are_reached_through_the_channel_that_is_asked_for() -> None:
    residents = imported(town(7, inbox="file")).residents
    assert {contact.channel for person in residents for contact in person.contacts} == {"file"}


def test_a_town_may_have_a_hundred_thousand_devices_each_with_a_name_of_its_own() -> None:
    plan = Plan(
        400, 25, 5, {"smoke": 1, "gas": 1}, dialects={"smoke": ("native", "zigbee2mqtt", "chirpstack")}
    )
    place = town(1, plan)
    assert len(place.sensors) == 100_000
    assert len({sensor.id for sensor in place.sensors}) == 100_000
    assert len({(sensor.dialect, sensor.address or sensor.id) for sensor in place.sensors}) == 100_000


def test_what_hangs_where_is_a_plan() -> None:
    plan = Plan(
        2, 3, 1, {"co": 1}, ("smoke",), ("electrical",), {"underpass": ("water_level",)}, gateways=True
    )
    place = town(1, plan)
    counts = Counter(sensor.kind for sensor in place.sensors)
    assert counts == {"co": 6, "smoke": 6, "electrical": 2, "water_level": 1, "gateway": 3}
    assert {sensor.via for sensor in place.sensors if sensor.kind == "smoke"} == {"gateway-b1", "gateway-b2"}
    assert {device.via for device in imported(place).devices.values()} == {None, "gateway-b1", "gateway-b2"}
