"""The inventory: every way of asking what is there."""

from __future__ import annotations

from devices.device import Device, DeviceKind, Profile
from devices.inventory import Inventory
from devices.place import Place, PlaceKind
from devices.resident import Resident
from devices.station import Responder, Role, Station

SMOKE = Profile("smoke", DeviceKind.SMOKE, frozenset({"smoke_alarm"}))
SIREN = Profile("siren", DeviceKind.SIREN, frozenset())
INVENTORY = Inventory.of(
    "c",
    "v1",
    [
        Place("c", PlaceKind.COMMUNITY, None, "社区", "Community"),
        Place("b1", PlaceKind.BUILDING, "c", "1号楼", "Building 1"),
        Place("h1", PlaceKind.HOUSEHOLD, "b1", "101", "101"),
        Place("b2", PlaceKind.BUILDING, "c", "2号楼", "Building 2"),
    ],
    [
        Device("s1", SMOKE, "h1", "native", "s1", "烟感", "smoke"),
        Device("s2", SMOKE, "b2", "zigbee2mqtt", "s1", "烟感", "smoke"),
        Device("horn", SIREN, "b1", "native", "horn", "警报器", "siren"),
    ],
    [Resident("r1", "h1", "王"), Resident("r2", "h1", "李")],
    [Responder("duty", "张", Role.DUTY), Responder("m1", "赵", Role.MEMBER, station_id="near")],
    [Station("far", "c", "总站", "main", ("c",)), Station("near", "b1", "小站", "small", ("b1",))],
)


def test_address_means_a_device_only_together_with_its_dialect() -> None:
    found = [INVENTORY.by_address(dialect, "s1") for dialect in ("native", "zigbee2mqtt", "gb26875")]
    assert [device and device.id for device in found] == ["s1", "s2", None]


def test_devices_of_a_kind_are_found_at_and_below_a_place() -> None:
    assert [device.id for device in INVENTORY.of_kind(DeviceKind.SMOKE)] == ["s1", "s2"]
    assert [device.id for device in INVENTORY.of_kind(DeviceKind.SMOKE, within="b1")] == ["s1"]
    assert [device.id for device in INVENTORY.of_kind(DeviceKind.SIREN, within="b1")] == ["horn"]


def test_people_are_found_by_home_role_and_station() -> None:
    assert [person.id for person in INVENTORY.living_in("h1")] == ["r1", "r2"]
    assert INVENTORY.living_in("b2") == ()
    assert [person.id for person in INVENTORY.with_role(Role.DUTY)] == ["duty"]
    assert [person.id for person in INVENTORY.crew("near")] == ["m1"]


def test_station_of_the_nearest_enclosing_place_answers() -> None:
    answering = [INVENTORY.station_for(place) for place in ("h1", "b2")]
    assert [station and station.id for station in answering] == ["near", "far"]
    alone = Inventory.of("c", "v2", [Place("c", PlaceKind.COMMUNITY, None, "社区", "Community")], [])
    assert alone.station_for("c") is None
