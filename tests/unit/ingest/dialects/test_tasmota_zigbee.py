"""ingest.dialects.tasmota_zigbee: friendly keys, raw zone status, numbers."""

from __future__ import annotations

import pytest

from ingest.dialects.tasmota_zigbee import understand
from ingest.generic import GENERIC, UNSURE

WELL = {"tamper": 0.0, "battery_low": 0.0, "fault": 0.0}


def values(**body: object) -> dict[str, float | None]:
    return understand(body).values


def zone(raw: object, **more: object) -> dict[str, float | None]:
    return understand({"0500<00": raw, **more}).values


@pytest.mark.parametrize("key", ["0500<00", "0500?00"])
def test_trap_24_raw_zone_status_alone_is_the_devices_alarm(key: str) -> None:
    assert understand({key: "010000FF0000"}).values == {GENERIC: 1.0, **WELL}
    assert understand({key: "000000FF0000"}).values == {GENERIC: 0.0, **WELL}
    assert values(ZoneStatusChange=1) == {GENERIC: 1.0, **WELL}
    assert values(ZoneStatus=0) == {GENERIC: 0.0, **WELL}


@pytest.mark.parametrize(
    ("raw", "points"),
    [
        ("020000FF0000", {GENERIC: 1.0, **WELL}),
        ("040000FF0000", {GENERIC: 0.0, **WELL, "tamper": 1.0}),
        ("080000FF0000", {GENERIC: 0.0, **WELL, "battery_low": 1.0}),
        ("000200FF0000", {GENERIC: 0.0, **WELL, "battery_low": 1.0}),
        ("400000FF0000", {GENERIC: 0.0, **WELL, "fault": 1.0}),
        ("310000010000", {GENERIC: 1.0, **WELL}),  # supervision and restore reports say nothing
        ("0100", {GENERIC: 1.0, **WELL}),
    ],
)
def test_bits_of_the_zone_status(raw: str, points: dict[str, float]) -> None:
    assert zone(raw) == points


def test_test_bit_marks_a_test() -> None:
    assert understand({"0500<00": "010100FF0000"}).test
    assert not understand({"0500<00": "010000FF0000"}).test


@pytest.mark.parametrize("raw", ["", "01", "zz00", None, 1, ["01"], "01" * 100])
def test_raw_status_that_cannot_be_read_is_unknown_and_not_clear(raw: object) -> None:
    said = understand({"0500<00": raw})
    assert said.values == {GENERIC: None}
    assert len(said.notes) == 1


@pytest.mark.parametrize("number", [-1, 65_536, 1.0, True, "1", None])
def test_friendly_status_that_is_no_number_is_unknown(number: object) -> None:
    assert values(ZoneStatusChange=number) == {GENERIC: None}


def test_one_readable_status_is_enough() -> None:
    said = understand({"0500<00": "zz", "ZoneStatusChange": 1})
    assert said.values == {GENERIC: 1.0, **WELL}
    assert len(said.notes) == 1


def test_two_forms_that_disagree_are_an_alarm() -> None:
    assert zone("010000FF0000", ZoneStatusChange=0)[GENERIC] == 1.0


@pytest.mark.parametrize(
    ("name", "quantities"),
    [
        ("Water", ["water_leak_alarm"]),
        ("Fire", [GENERIC]),
        ("CO", ["co_alarm", UNSURE]),
        ("Panic", ["sos_alarm"]),
        ("PersonalAlarm", ["sos_alarm"]),
        ("Contact", [UNSURE]),
        ("Movement", [UNSURE]),
        ("Occupancy", [UNSURE]),
        ("GlassBreak", [UNSURE]),
    ],
)
def test_friendly_key_names_what_the_bits_mean(name: str, quantities: list[str]) -> None:
    assert values(**{name: 1}) == dict.fromkeys(quantities, 1.0)
    assert values(**{name: None}) == dict.fromkeys(quantities, None)
    assert zone("010000010000", **{name: 1}) == {**dict.fromkeys(quantities, 1.0), **WELL}
    assert zone("010000010000", **{name: 0}) == {**dict.fromkeys(quantities, 1.0), **WELL}


def test_open_door_is_no_hazard_of_its_own() -> None:
    said = understand({"0500<00": "210000010000", "ZoneStatusChange": 33, "Contact": 1})
    assert said.values == {UNSURE: 1.0, **WELL}


def test_call_for_help_is_an_event() -> None:
    assert understand({"Panic": 1}).sos
    assert not understand({"Panic": 0}).sos
    for command, quantity in (
        ("0501!02", "sos_alarm"),
        ("0501!03", "manual_alarm"),
        ("0501!04", "sos_alarm"),
    ):
        said = understand({command: ""})
        assert (said.values, said.sos) == ({quantity: 1.0}, True)


def test_numbers_in_their_units() -> None:
    assert values(BatteryPercentage=100, BatteryVoltage=3, Temperature=21.5, LinkQuality=155) == {
        "battery_percent": 100.0,
        "battery_mv": 3000.0,
        "temperature_c": 21.5,
        "link_quality": 155.0,
    }
    assert values(BatteryPercentage=255, LinkQuality="x") == {"battery_percent": None, "link_quality": None}
    assert values(Device="0x898E", Endpoint=1, Humidity=40.0) == {}
