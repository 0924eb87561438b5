"""ingest.dialects.shelly_components: smoke, flood, battery and temperature, whole and in part."""

from __future__ import annotations

import pytest

from ingest.dialects.shelly_components import take_event, take_status
from ingest.understood import Understood


def status(key: str, body: object, *, whole: bool = False, device: str = "shellyfloodg4-a") -> Understood:
    said = Understood()
    take_status(said, device, key, body, whole=whole)
    return said


def events(*names: object) -> Understood:
    said = Understood()
    for name in names:
        take_event(said, {"component": "flood:0", "event": name})
    return said


def test_partial_status_says_only_what_is_in_it() -> None:
    assert status("flood:0", {"id": 0, "mute": True}).values == {"muted": 1.0}
    assert status("smoke:0", {"id": 0, "alarm": True}).values == {"smoke_alarm": 1.0}
    assert status("smoke:0", {"id": 0}).values == {}


def test_whole_status_without_an_alarm_is_unknown() -> None:
    assert status("smoke:0", {"id": 0}, whole=True).values == {"fault": 0.0, "smoke_alarm": None}


def test_errors_are_there_only_while_there_are_some() -> None:
    assert status("flood:0", {"alarm": False}, whole=True).values == {"fault": 0.0, "water_leak_alarm": 0.0}
    assert status("flood:0", {"errors": None}).values == {"fault": 0.0}
    assert status("flood:0", {"errors": []}).values == {"fault": 0.0}


def test_flood_sensor_without_its_cable_is_never_dry() -> None:
    unplugged = {"alarm": False, "errors": ["cable_unplugged"]}
    for whole in (True, False):
        said = status("flood:0", unplugged, whole=whole)
        assert said.values == {"fault": 1.0, "water_leak_alarm": None}
    assert status("flood:0", {"errors": ["cable_unplugged"]}).values["water_leak_alarm"] is None
    assert status("flood:0", {**unplugged, "alarm": True}).values["water_leak_alarm"] == 1.0


def test_other_error_is_a_fault_that_leaves_the_alarm_as_it_is() -> None:
    said = status("smoke:0", {"alarm": False, "errors": ["other"]})
    assert said.values == {"fault": 1.0, "smoke_alarm": 0.0}
    assert said.notes == ["smoke:0 errors: other"]


@pytest.mark.parametrize("body", [None, 1, [], "x"])
def test_component_that_is_no_object_is_unknown(body: object) -> None:
    assert status("smoke:0", body, whole=True).values == {"smoke_alarm": None}
    assert status("devicepower:0", body).values == {}


@pytest.mark.parametrize("value", [None, "perhaps", 2, {"a": 1}, [True]])
def test_alarm_that_is_neither_true_nor_false_is_unknown(value: object) -> None:
    assert status("flood:0", {"alarm": value}).values == {"water_leak_alarm": None}


def test_errors_that_are_no_list_are_an_unknown_fault() -> None:
    assert status("flood:0", {"alarm": False, "errors": "x"}).values == {
        "fault": None,
        "water_leak_alarm": 0.0,
    }


def test_battery_in_percent_and_volts() -> None:
    said = status("devicepower:0", {"battery": {"V": 2.94, "percent": 85}, "external": {"present": False}})
    assert said.values == {"battery_percent": 85.0, "battery_mv": 2940.0}


def test_empty_compartment_on_external_power_is_no_empty_battery() -> None:
    said = status("devicepower:0", {"battery": {"V": 0.43, "percent": 0}, "external": {"present": True}})
    assert said.values == {"battery_percent": None}


def test_temperature_of_the_room_is_taken_and_that_of_a_meters_case_is_not() -> None:
    body = {"id": 0, "tC": 21.5, "tF": 70.7}
    assert status("temperature:0", body, device="shellyplusht-a").values == {"temperature_c": 21.5}
    assert status("temperature:0", body, device="shellypro3em-a").values == {}
    assert status("temperature:100", body, device="shellyplus1-a").values == {}
    broken = status("temperature:0", {"tC": None, "errors": ["read"]}, device="shellyplusht-a")
    assert broken.values == {"fault": 1.0, "temperature_c": None}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("flood.alarm", {"water_leak_alarm": 1.0}),
        ("flood.alarm_off", {"water_leak_alarm": 0.0}),
        ("flood.cable_unplugged", {"fault": 1.0, "water_leak_alarm": None}),
        ("smoke.alarm", {"smoke_alarm": 1.0}),
        ("smoke.alarm_off", {"smoke_alarm": 0.0}),
        ("smoke.alarm_test", {}),
        ("single_push", {}),
        ("ota_begin", {}),
        (None, {}),
        (7, {}),
    ],
)
def test_event_by_its_name(name: object, values: dict[str, float | None]) -> None:
    said = events(name)
    assert said.values == values
    assert said.test is (name == "smoke.alarm_test")


def test_alarm_and_its_end_in_one_message_is_an_alarm() -> None:
    assert events("flood.alarm", "flood.alarm_off").values == {"water_leak_alarm": 1.0}


@pytest.mark.parametrize("event", [None, 1, [], "flood.alarm", {}])
def test_event_that_is_no_event_says_nothing(event: object) -> None:
    said = Understood()
    take_event(said, event)
    assert said == Understood()
