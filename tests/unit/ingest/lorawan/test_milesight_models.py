"""ingest.lorawan.milesight_models: what each model says, in bytes and in the words of its decoder."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import understand
from ingest.lorawan.milesight import reader
from ingest.lorawan.milesight_models import MODELS
from ingest.understood import Understood


def said(model: str, text: str) -> Understood:
    found = reader(MODELS[model])(85, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


def told(model: str, **fields: object) -> Understood:
    return understand(fields.items(), MODELS[model].fields)


# Gas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "alarm"), [("00", 0.0), ("01", 1.0), ("02", None)])
def test_gas_is_alarm_clear_or_unknown(value: str, alarm: float | None) -> None:
    assert said("GS101", f"05 8e {value}").values == {"gas_alarm": alarm}


@pytest.mark.parametrize(
    ("code", "word", "values"),
    [
        ("00", "power off", {"fault": 1.0}),
        ("01", "power on", {"fault": 0.0}),
        ("02", "sensor fault", {"gas_alarm": None, "fault": 1.0}),
        ("03", "device fault recovered", {"fault": 0.0}),
        ("04", "sensor will be invalid soon", {"end_of_life": 1.0}),
        ("05", "device invalid", {"end_of_life": 1.0, "gas_alarm": None, "fault": 1.0}),
    ],
)
def test_trap_32_sensor_end_of_life(code: str, word: str, values: dict[str, float | None]) -> None:
    assert said("GS101", f"ff 3f {code}").values == values
    assert told("GS101", alarm=word).values == values
    assert told("GS101", alarm=float(int(code))).values == values


def test_sensor_that_failed_takes_no_alarm_back() -> None:
    assert said("GS101", "05 8e 01 ff 3f 02").values["gas_alarm"] == 1.0
    assert said("GS101", "05 8e 00 ff 3f 05").values["gas_alarm"] is None


def test_two_reports_in_one_frame_both_count() -> None:
    assert said("GS101", "ff 3f 04 ff 3f 00").values == {"end_of_life": 1.0, "fault": 1.0}


def test_report_that_is_not_known_is_told() -> None:
    for found in (said("GS101", "ff 3f 63"), told("GS101", alarm="on fire"), told("GS101", alarm=None)):
        assert found.values == {}
        assert "is not known" in found.notes[0]


def test_life_that_is_over_is_end_of_life_and_some_left_says_nothing() -> None:
    assert said("GS101", "08 90 00 00 00 00").values == {"end_of_life": 1.0}
    assert said("GS101", "08 90 00 01 00 00").values == {}


def test_valve_and_relay_are_remarks() -> None:
    assert said("GS101", "06 01 00 07 01 01").notes == ["valve off", "relay output on"]
    assert told("GS101", valve_status="off").notes == ["valve off"]


# Water ------------------------------------------------------------------------------------------------------


def test_depth_is_in_centimetres() -> None:
    assert said("EM500-SWL", "01 75 64 03 77 32 00").values == {
        "battery_percent": 100.0,
        "water_level_mm": 500.0,
    }
    assert told("EM500-SWL", depth=50.0).values == {"water_level_mm": 500.0}


def test_depth_that_could_not_be_measured_is_unknown() -> None:
    assert said("EM500-SWL", "03 77 ff ff").values == {"water_level_mm": None, "fault": 1.0}
    assert said("EM500-SWL", "03 77 fd ff").values == {"water_level_mm": None}
    assert told("EM500-SWL", depth_error="collection failed").values == {"water_level_mm": None, "fault": 1.0}


def test_same_channel_means_another_thing_on_another_model() -> None:
    assert said("EM300-ZLD", "05 00 01").values == {"water_leak_alarm": 1.0}
    assert said("EM400-UDL", "05 00 01").values == {"tamper": 1.0}
    assert told("EM310-UDL", position="tilt").values == {"tamper": 1.0}


def test_limit_of_a_distance_sensor_is_its_own_alarm() -> None:
    for flag, alarm in (("01", 1.0), ("00", 0.0), ("05", None)):
        found = said("EM400-UDL", f"84 82 20 03 {flag}")
        assert found.values == {"water_level_alarm": alarm, "distance_mm": 800.0}
    assert told("EM400-UDL", distance_alarm="threshold_alarm").values == {"water_level_alarm": 1.0}


def test_heat_limit_of_a_distance_sensor() -> None:
    assert said("EM400-UDL", "83 67 58 02 01").values == {"temperature_c": 60.0, "heat_alarm": 1.0}


# Button -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "word"), [("01", "short press"), ("02", "long press"), ("03", "double press")]
)
def test_every_press_is_a_call(code: str, word: str) -> None:
    for found in (
        said("WS101", f"01 75 10 ff 2e {code}"),
        told("WS101", battery=16.0, button_event={"status": word}),
        told("WS101", battery=16.0, button_event=word),
    ):
        assert found.sos
        assert found.values == {"battery_percent": 16.0, "sos_alarm": 1.0}
        assert found.notes == [f"button: {word}"]


@pytest.mark.parametrize("odd", [0, 9, "unknown", None, {}, []])
def test_press_that_is_not_known_is_no_event(odd: object) -> None:
    found = told("WS101", button_event=odd)
    assert not found.sos
    assert found.values == {"sos_alarm": None}


# Current ----------------------------------------------------------------------------------------------------


def test_limit_of_a_clamp_is_an_electrical_alarm() -> None:
    found = said("CT101", "84 98 b8 0b d0 07 c4 09 05")
    assert found.values == {"electrical_alarm": 1.0}
    assert found.notes == ["current: current threshold alarm", "current: current over range alarm"]
    assert told("CT101", current_alarm={"current_threshold_alarm": "yes"}).values == {"electrical_alarm": 1.0}


@pytest.mark.parametrize("flag", ["02", "08", "00"])
def test_release_of_one_limit_does_not_speak_for_the_others(flag: str) -> None:
    assert said("CT305", f"84 99 00 00 00 00 00 00 {flag}").values == {"electrical_alarm": None}


def test_release_of_one_clamp_leaves_the_alarm_of_another() -> None:
    both = "84 99 00 00 00 00 00 00 02 86 99 00 00 00 00 00 00 01"
    assert said("CT305", both).values == {"electrical_alarm": 1.0}


def test_cable_temperature_and_its_limit() -> None:
    assert said("CT103", "09 67 2c 01").values == {"cable_temperature_c": 30.0}
    assert said("CT103", "89 67 20 03 01").values == {"cable_temperature_c": 80.0, "electrical_alarm": 1.0}
    assert said("CT103", "89 67 20 03 00").values["electrical_alarm"] is None


def test_sensor_of_a_clamp_that_cannot_be_read_is_a_fault() -> None:
    assert said("CT101", "04 98 ff ff").values == {"fault": 1.0}
    assert said("CT310", "08 99 ff ff").values == {"fault": 1.0}
    assert said("CT101", "09 67 ff ff").values == {"cable_temperature_c": None, "fault": 1.0}
    assert said("CT101", "09 67 fd ff").values == {"cable_temperature_c": None}


def test_load_current_is_passed_over() -> None:
    assert said("CT101", "03 97 10 27 00 00 04 98 b8 0b").values == {}
