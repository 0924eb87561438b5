"""ingest.lorawan.netvox: eleven bytes that name their own device type."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import Body, understand
from ingest.lorawan.netvox import FIELDS, reader


def said(model: str, text: str, f_port: int | None = 6) -> Body:
    found = reader(model)(f_port, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    (one,) = found
    return one


def test_smoke_detector_tells_smoke_heat_and_temperature() -> None:
    values = said("RA02A", "01 0a 01 21 01 00 01 04 00 00 00").understood.values
    assert values == {
        "battery_mv": 3300.0,
        "battery_low": 0.0,
        "smoke_alarm": 1.0,
        "heat_alarm": 0.0,
        "temperature_c": 26.0,
    }


def test_frost_is_below_zero() -> None:
    assert said("RA02A", "01 0a 01 21 00 00 ff 9c 00 00 00").understood.values["temperature_c"] == -10.0


def test_carbon_monoxide_is_told_apart_from_heat() -> None:
    values = said("RA02C", "01 11 01 1e 00 01 00 00 00 00 00").understood.values
    assert (values["co_alarm"], values["heat_alarm"]) == (0.0, 1.0)


def test_button_calls_for_help_once_pressed() -> None:
    pressed = said("RB02I", "01 10 01 1e 01 00 00 00 00 00 00")
    assert pressed.is_event
    assert pressed.understood.values["sos_alarm"] == 1.0
    assert not said("RB02I", "01 10 01 1e 00 00 00 00 00 00 00").is_event


@pytest.mark.parametrize(
    ("channels", "leak"), [("00 00", 0.0), ("01 00", 1.0), ("00 01", 1.0), ("00 ff", 1.0)]
)
def test_either_of_two_leak_channels_counts(channels: str, leak: float) -> None:
    values = said("R718WA2", f"01 46 01 1e {channels} 00 00 00 00 00").understood.values
    assert values["water_leak_alarm"] == leak


def test_low_battery_is_the_top_bit_of_the_voltage() -> None:
    values = said("R718WA2", "01 46 01 98 00 00 00 00 00 00 00").understood.values
    assert (values["battery_mv"], values["battery_low"]) == (2400.0, 1.0)


def test_start_report_says_nothing_of_hazards() -> None:
    assert said("RA02A", "01 0a 00 64 15 20 20 08 11 00 00").understood.values == {}


@pytest.mark.parametrize("f_port", [7, 13])
def test_answer_to_a_command_is_a_sign_of_life(f_port: int) -> None:
    assert said("RB02I", "81 10 00 00 00 00 00 00 00 00 00", f_port).understood.values == {}


def test_body_of_another_type_is_read_as_what_it_says_it_is() -> None:
    found = said("RA02A", "01 46 01 1e 01 00 00 00 00 00 00").understood
    assert found.values["water_leak_alarm"] == 1.0
    assert found.notes == ["registered as RA02A, but says that it is a R718WA2"]


@pytest.mark.parametrize(
    ("f_port", "text", "why"),
    [
        (6, "01 0a 01 21 01", "5 bytes, expected 11"),
        (85, "01 0a 01 21 01 00 01 04 00 00 00", "port 85"),
        (6, "01 0b 01 21 01 00 01 04 00 00 00", "type 0x0b"),
        (6, "01 0a 02 21 01 00 01 04 00 00 00", "report type 2"),
    ],
)
def test_what_cannot_be_read_says_why(f_port: int, text: str, why: str) -> None:
    found = reader("RA02A")(f_port, bytes.fromhex(text))
    assert isinstance(found, str)
    assert why in found


def test_words_of_its_decoder_mean_the_same() -> None:
    told = {"Volt": "2.4(low battery)", "FireAlarm": "No Alarm", "HighTempAlarm": "Alarm", "Temp": 120}
    values = understand(told.items(), FIELDS).values
    assert values == {
        "battery_mv": 2400.0,
        "battery_low": 1.0,
        "smoke_alarm": 0.0,
        "heat_alarm": 1.0,
        "temperature_c": 120.0,
    }


def test_voltage_that_is_none_says_nothing_of_the_battery() -> None:
    assert understand([("Volt", None)], FIELDS).values == {"battery_mv": None, "battery_low": None}
