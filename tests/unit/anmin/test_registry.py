"""Changes to the devices of a community: what is done, what is refused and why."""

from __future__ import annotations

import pytest

from anmin.community import to_document, to_inventory
from anmin.document import read
from anmin.registry import Draft, Fault, Wanted, suggested
from devices.device import DeviceMode
from devices.inventory import Inventory
from tests.support.community import T0

TEXT = """\
county: {id: qh}
street: {id: hp}
community: {id: xfl, zh: 幸福里, en: Xingfuli}
buildings: [{id: b1, units: [{id: u1, floors: 1-2, per_floor: [1]}]}]
devices:
  - {id: gw, profile: native-gateway, place: b1}
  - {id: smoke-1, profile: native-smoke, place: b1.u1.f1.101, via: gw, serial: S1, installed: 2020-01-01}
  - {id: leak, profile: daily-water-leak, place: b1.u1.f2.201, dialect: chirpstack, address: 24e1}
retired: [{id: old, profile: native-gas, place: b1, retired: 2026-01-02}]
thresholds: [{device: smoke-1, rule: fire.temperature, level: alarm, at: 70}]
"""
HOME = "xfl.b1.u1.f2.201"


def town() -> Inventory:
    inventory, findings = to_inventory(read(TEXT, "c.yaml"))
    assert inventory is not None, findings
    return inventory


def codes(faults: list[Fault]) -> list[tuple[str, str]]:
    assert all(one.zh and one.en for one in faults)
    return [(one.field, one.code) for one in faults]


def test_a_draft_of_nothing_is_the_same_inventory() -> None:
    assert Draft(town()).inventory() == town()


@pytest.mark.parametrize(
    "place",
    [
        HOME,
        "b1.u1.f2.201",
        "1号楼1单元2层201",
        "Building 1, Unit 1, Floor 2, 201",
        "building 1 unit 1 floor 2 201",
    ],
)
def test_a_place_may_be_written_as_people_do(place: str) -> None:
    draft = Draft(town())
    assert draft.add(Wanted("native-gas", place)) == []
    made = draft.inventory().devices["gas-b1-u1-f2-201"]
    assert (made.place_id, made.address, made.zh, made.en) == (HOME, made.id, "燃气探测器", "gas detector")


def test_a_second_one_of_its_kind_and_place_gets_a_number() -> None:
    draft = Draft(town())
    assert draft.add(Wanted("native-gas", HOME)) == draft.add(Wanted("native-gas", HOME)) == []
    assert {"gas-b1-u1-f2-201", "gas-b1-u1-f2-201-2"} <= draft.devices.keys()


def test_everything_wrong_with_a_new_device_is_told_at_once_and_nothing_is_done() -> None:
    draft = Draft(town())
    wanted = Wanted("nativ-gas", "b7", "zigbee", "x", "a b", zh="\x00", via="nobody")
    assert codes(draft.add(wanted)) == [
        ("profile", "unknown"),
        ("place", "unknown"),
        ("id", "bad_id"),
        ("dialect", "unknown"),
        ("zh", "bad_text"),
        ("via", "unknown"),
    ]
    assert draft.inventory() == town()


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (Wanted("native-gas", "b1", id="gw"), ("id", "taken")),
        (Wanted("native-gas", "b1", address="gw"), ("address", "taken")),
        (Wanted("native-gas", "b1", id="old"), ("id", "taken")),
        (Wanted("native-gas", "b1", "chirpstack", "24e1"), ("address", "taken")),
        (Wanted("native-gas", "b1", "native", "a/b"), ("address", "bad_address")),
        (Wanted("native-gas", "b1", "shelly", " "), ("address", "bad_address")),
        (Wanted("native-gas", "b1", id="self", via="self"), ("via", "unknown")),
        (Wanted("native-gas", "b1", serial="x" * 81), ("serial", "bad_text")),
    ],
)
def test_what_is_taken_or_unfit_is_refused(wanted: Wanted, fault: tuple[str, str]) -> None:
    assert codes(Draft(town()).add(wanted)) == [fault]


def test_a_device_that_moves_keeps_everything_but_its_place() -> None:
    draft = Draft(town())
    assert draft.move("smoke-1", "b1.u1.f2.201") == []
    device, before = draft.inventory().devices["smoke-1"], town().devices["smoke-1"]
    assert device.place_id == HOME
    assert (device.id, device.address, device.installed_at) == ("smoke-1", "smoke-1", before.installed_at)
    assert codes(draft.move("smoke-1", "nowhere")) == [("place", "unknown")]
    assert codes(draft.move("smoke-9", HOME)) == [("id", "unknown")]


def test_another_device_in_its_place_has_the_same_id_and_none_of_the_old_label() -> None:
    draft = Draft(town())
    assert draft.replace("smoke-1", at=T0, dialect="chirpstack", address="24e2", serial="S2") == []
    device = draft.inventory().devices["smoke-1"]
    assert (device.dialect, device.address, device.serial, device.installed_at) == (
        "chirpstack",
        "24e2",
        "S2",
        T0,
    )
    assert draft.add(Wanted("native-smoke", HOME, address="smoke-1")) == []  # the old address is free
    assert codes(draft.replace("gw", at=T0, dialect="chirpstack", address="24e2")) == [("address", "taken")]
    assert codes(draft.replace("gw", at=T0, address="y", profile="none")) == [("profile", "unknown")]
    assert draft.devices["gw"] == town().devices["gw"]


def test_dates_and_mode_are_set() -> None:
    draft = Draft(town())
    assert draft.date("smoke-1", installed_at=T0, expires_at=T0 + 1, calibrated_at=None) == []
    assert draft.set_mode("smoke-1", DeviceMode.TEST) == []
    device = draft.inventory().devices["smoke-1"]
    assert (device.installed_at, device.expires_at, device.calibrated_at) == (T0, T0 + 1, None)
    assert device.mode is DeviceMode.TEST


def test_a_retired_device_leaves_its_name_and_takes_its_thresholds_along() -> None:
    draft = Draft(town())
    assert codes(draft.retire("gw", T0)) == [("id", "has_children")]
    assert draft.retire("smoke-1", T0) == []
    assert draft.retire("gw", T0) == []
    inventory = draft.inventory()
    assert set(inventory.devices) == {"leak"}
    assert {one.id: one.retired_at for one in inventory.retired}["smoke-1"] == T0
    assert not inventory.tuning
    assert inventory.by_address("native", "smoke-1") is None
    assert codes(draft.add(Wanted("native-smoke", HOME, id="smoke-1"))) == [("id", "taken")]
    assert codes(draft.retire("smoke-1", T0)) == [("id", "unknown")]


def test_what_was_done_is_a_community_file_that_reads_back_the_same() -> None:
    draft = Draft(town())
    draft.add(Wanted("hourly-gas", HOME, "tasmota", "+odd", via="gw"))
    draft.retire("smoke-1", T0)
    inventory = draft.inventory()
    again, findings = to_inventory(read(to_document(inventory), "c.yaml"))
    assert again is not None, findings
    assert again.retired[0].place_id == inventory.retired[0].place_id
    assert again.devices == inventory.devices


@pytest.mark.parametrize(
    ("dialect", "heard", "model"),
    [
        ("native", ["smoke_alarm", "battery_percent"], "native-smoke"),
        ("zigbee2mqtt", ["water_leak_alarm", "temperature_c"], "daily-water-leak"),
        ("chirpstack", ["gas_alarm", "gas_lel_percent", "fault"], "daily-gas"),
        ("chirpstack", ["battery_percent"], ""),
        ("chirpstack", [], ""),
    ],
)
def test_a_model_is_suggested_by_what_was_heard(dialect: str, heard: list[str], model: str) -> None:
    assert suggested(dialect, heard) == model
