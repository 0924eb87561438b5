"""ingest.lorawan.fields: the usual names of decoders, and what a name does not tell beyond doubt."""

from __future__ import annotations

from typing import Any

import pytest

from devices.quantity import QUANTITIES
from ingest.generic import GENERIC
from ingest.lorawan.fields import FIELDS, MOST, understand


def values(fields: dict[str, Any]) -> dict[str, float | None]:
    return understand(fields).values


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("smoke", "smoke_alarm"),
        ("Smoke_Alarm", "smoke_alarm"),
        ("smokeDetected", "smoke_alarm"),
        ("HighTempAlarm", "heat_alarm"),
        ("gas_alarm", "gas_alarm"),
        ("gas", "gas_alarm"),
        ("co-alarm", "co_alarm"),
        ("carbon_monoxide", "co_alarm"),
        ("leak", "water_leak_alarm"),
        ("waterLeak", "water_leak_alarm"),
        ("WATER_LEAK_STATUS", "water_leak_alarm"),
        ("WaterLeak_2", "water_leak_alarm"),
        ("leak 1", "water_leak_alarm"),
        ("flood", "water_leak_alarm"),
        ("sos", "sos_alarm"),
        ("boxTamper", "tamper"),
        ("low_battery", "battery_low"),
        ("fault", "fault"),
    ],
)
def test_names_are_read_in_every_spelling(name: str, quantity: str) -> None:
    assert values({name: True}) == {quantity: 1.0}
    assert values({name: "false"}) == {quantity: 0.0}
    assert values({name: None}) == {quantity: None}


@pytest.mark.parametrize("word", ["Alarm", "leak", "detected", "ON", 1, 1.0, True])
def test_words_of_an_alarm(word: object) -> None:
    assert values({"leak": word}) == {"water_leak_alarm": 1.0}


@pytest.mark.parametrize("word", ["perhaps", 0.5, 17, "", None])
def test_what_is_no_alarm_and_no_clear_is_unknown(word: object) -> None:
    assert values({"smoke": word}) == {"smoke_alarm": None}


def test_alarm_without_a_name_is_what_the_device_is() -> None:
    assert values({"alarm": 1.0}) == {GENERIC: 1.0}


def test_trap_30_number_under_gas_is_a_measurement() -> None:
    said = understand({"gas": 12.5})
    assert said.values == {}
    assert "not an alarm" in said.notes[0]


@pytest.mark.parametrize(
    ("name", "alarm"), [("gas", "gas_alarm"), ("co", "co_alarm"), ("water", "water_leak_alarm")]
)
@pytest.mark.parametrize("number", [0, 1, 0.0, 1.0])
def test_zero_or_one_under_the_name_of_a_gas_may_be_either(name: str, alarm: str, number: float) -> None:
    said = understand({name: number})
    assert said.values == {alarm: None}
    assert "name its model" in said.notes[0]


def test_number_under_co_is_ppm_and_co2_is_not_co() -> None:
    assert values({"co": 35.0}) == {"co_ppm": 35.0}
    assert values({"co2": 800, "CO2": 800}) == {}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (88.3, {"battery_percent": 88.3}),
        (100, {"battery_percent": 100.0}),
        (0, {"battery_percent": 0.0}),
        (3.98, {"battery_mv": 3980.0}),
        (3216, {"battery_mv": 3216.0}),
        (3.0, {"battery_percent": None}),
        (300, {"battery_percent": None}),
        ("Good", {"battery_percent": None}),
    ],
)
def test_battery_is_what_only_its_number_tells(said: object, expected: dict[str, float | None]) -> None:
    assert values({"battery": said}) == pytest.approx(expected)


def test_call_for_help_is_an_event_only_while_it_calls() -> None:
    assert understand({"sos": True}).sos
    assert not understand({"sos": False}).sos


def test_only_the_word_of_the_device_makes_a_test() -> None:
    assert understand({"testButtonPressed": 1.0}).test
    assert not understand({"testMode": 1.0}).test


def test_several_inputs_are_one_alarm() -> None:
    assert values({"leak_1": False, "leak_2": True}) == {"water_leak_alarm": 1.0}
    assert values({"leak_1": False, "leak_2": None}) == {"water_leak_alarm": None}


def test_measurements_within_are_found_and_settings_are_not() -> None:
    assert values({"data": {"status": {"smokeAlarm": 1}}}) == {"smoke_alarm": 1.0}
    assert values({"config": {"smoke_alarm": True}, "thresholds": {"alarm": 1}}) == {}


def test_list_of_measurements_with_their_types() -> None:
    messages = [{"measurementId": "4097", "measurementValue": 13.3, "type": "Air Temperature"}]
    assert values({"err": 0, "messages": messages}) == {"temperature_c": 13.3}


def test_fixed_names_of_the_things_stack() -> None:
    normal = [{"water": {"leak": True}, "air": {"temperature": 21.5}, "battery": 3.1}]
    found = values({"normalized_payload": normal})
    assert found == pytest.approx({"water_leak_alarm": 1.0, "temperature_c": 21.5, "battery_mv": 3100})


def test_no_object_costs_more_than_its_first_fields() -> None:
    assert values({f"x{n}": n for n in range(MOST)} | {"smoke": True}) == {}
    deep: dict[str, Any] = {"smoke": True}
    for _ in range(10):
        deep = {"data": [deep]}
    assert values(deep) == {}


def test_every_name_leads_to_quantities_that_exist() -> None:
    every: tuple[Any, ...] = (True, False, 1, 0, 25.5, 3.3, 3300, "on", "x", None, [], {})
    for name in FIELDS:
        for value in every:
            assert understand({name: value}).values.keys() <= {*QUANTITIES, GENERIC}
