"""ingest.lorawan.dragino: a distance sensor without its sensor, a leak sensor that watches a door."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import understand
from ingest.lorawan.dragino import DISTANCE, LEAK, read_ldds75, read_lwl02
from ingest.understood import Understood


def far(text: str, f_port: int | None = 2) -> Understood:
    found = read_ldds75(f_port, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


def leak(text: str, f_port: int | None = 10) -> Understood:
    found = read_lwl02(f_port, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


# LDDS75 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0e 1c 0b 05", "0e 1c 00 00 00", "0e 1c 0b 05 00 00 00 00"])
def test_trap_21_no_sensor_is_a_fault_and_no_level(text: str) -> None:
    assert far(text).values == {"battery_mv": 3612.0, "fault": 1.0, "distance_mm": None}


@pytest.mark.parametrize("text", ["0e 1c 0b 05 00", "0e 1c 0b 05 00 00 00 01"])
def test_distance_is_told_and_the_sensor_is_there(text: str) -> None:
    found = far(text)
    assert found.values == {"battery_mv": 3612.0, "fault": 0.0, "distance_mm": 2821.0}


def test_water_that_is_too_near_to_measure_is_no_low_water() -> None:
    found = far("0e 1c 00 14 00")
    assert found.values == {"battery_mv": 3612.0, "distance_mm": None}
    assert "nearer than 280 mm" in found.notes[0]


@pytest.mark.parametrize(
    ("told", "values"),
    [
        ("No Sensor", {"fault": 1.0, "distance_mm": None}),
        ("Invalid Reading", {"distance_mm": None}),
        ("2821 mm", {"fault": 0.0, "distance_mm": 2821.0}),
        (2821.0, {"fault": 0.0, "distance_mm": 2821.0}),
        (None, {"distance_mm": None}),
    ],
)
def test_word_in_place_of_the_distance_is_understood(told: object, values: dict[str, float | None]) -> None:
    assert understand([("distance", told)], DISTANCE).values == values


# LWL02 ------------------------------------------------------------------------------------------------------


def test_trap_22_door_mode_says_nothing_of_leaks_and_is_a_fault() -> None:
    found = leak("0b 88 01 00 25 00 01")
    assert found.values == {"battery_mv": 2952.0, "fault": 1.0, "water_leak_alarm": None}
    assert "door mode" in found.notes[0]


@pytest.mark.parametrize(("first", "mode", "wet"), [("4b", "02", 1.0), ("0b", "02", 0.0), ("cb", "03", 1.0)])
def test_leak_is_a_bit_beside_the_voltage(first: str, mode: str, wet: float) -> None:
    values = leak(f"{first} 88 {mode} 00 00 01 00 00 01 00").values
    assert values == {"battery_mv": 2952.0, "fault": 0.0, "water_leak_alarm": wet}


def test_of_a_frame_that_is_cut_short_only_the_alarm_is_believed() -> None:
    assert leak("4b 88 02").values["water_leak_alarm"] == 1.0
    assert leak("0b 88 02").values["water_leak_alarm"] is None


def test_object_in_door_mode_has_no_leak_at_all() -> None:
    told = {"ALARM": 0, "BAT_V": 2.952, "DOOR_OPEN_STATUS": 0, "MOD": 1}
    assert understand(told.items(), LEAK).values["water_leak_alarm"] is None


def test_mode_that_is_not_known_is_a_fault_too() -> None:
    assert leak("0b 88 07 00").values["water_leak_alarm"] is None


# Both -------------------------------------------------------------------------------------------------------


def test_status_of_newer_firmware_is_a_sign_of_life() -> None:
    assert far("0a 01 00 01 ff 0e 1c", 5).values == {}
    assert leak("0a 01 00 01 ff 0e 1c", 5).values == {}


@pytest.mark.parametrize(
    "found", [read_ldds75(9, b"\x0e" * 5), read_ldds75(2, b"\x0e"), read_lwl02(2, b"\x0b" * 10)]
)
def test_other_port_or_length_is_refused(found: object) -> None:
    assert isinstance(found, str)


def test_two_bytes_are_no_leak_report() -> None:
    assert "2 bytes, expected 10" in str(read_lwl02(10, b"\x0b\x88"))
