"""ingest.dialects.zigbee2mqtt_properties: what the properties of real models mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devices.quantity import QUANTITIES
from ingest.dialects.zigbee2mqtt_properties import PROPERTIES, is_property, understand
from ingest.generic import GENERIC, UNSURE
from tests.support.services import need

DOCS = Path(__file__).resolve().parents[4] / "docs" / "reference" / "dialects.md"


def values(**body: object) -> dict[str, float | None]:
    return dict(understand(body).values)


@pytest.mark.parametrize("word", [True, 1, "true", "True", "ON", "on", "1", " alarm ", "Leak"])
def test_every_way_to_say_yes(word: object) -> None:
    assert values(smoke=word) == {"smoke_alarm": 1.0}


@pytest.mark.parametrize("word", [False, 0, "false", "False", "OFF", "0", "normal", "none", "Dry"])
def test_every_way_to_say_no(word: object) -> None:
    assert values(water_leak=word) == {"water_leak_alarm": 0.0}


@pytest.mark.parametrize("word", [None, "", "maybe", 0.3, 7, [], {}, [True], "detecting"])
def test_everything_else_is_unknown(word: object) -> None:
    assert values(carbon_monoxide=word) == {"co_alarm": None}


def test_what_is_not_understood_is_noted_but_null_is_not() -> None:
    assert understand({"smoke": "maybe"}).notes == ["smoke: 'maybe' is neither true nor false"]
    assert understand({"battery": 700}).notes == ["battery: '700' is outside of what a working sensor says"]
    assert understand({"smoke": None, "battery": None, "tamper": ""}).notes == []


def test_trap_4_missing_hazard_key_is_no_word_about_it() -> None:
    """Never reported yet."""
    assert "water_leak_alarm" not in values(battery=97, voltage=2995)


def test_trap_1_battery_as_text() -> None:
    assert values(battery="100.00") == {"battery_percent": 100.0}
    assert values(battery="nan") == {"battery_percent": None}


def test_trap_30_gas_as_a_number_is_a_meter_and_no_alarm() -> None:
    for count in (0, 1, 12.5, "0", "1", "12.5"):
        assert values(gas=count) == {}
    assert values(gas=True) == {"gas_alarm": 1.0}


def test_any_of_several_bits_is_an_alarm_and_unknown_beats_clear() -> None:
    assert values(alarm_1=False, alarm_2=True) == {GENERIC: 1.0}
    assert values(alarm_1=None, alarm_2=True) == {GENERIC: 1.0}
    assert values(alarm_1=False, alarm_2=None) == {GENERIC: None}
    assert values(water_leak_wire_1=False, water_leak_wire_2=True, water_leak=False) == {
        "water_leak_alarm": 1.0
    }


def test_numbered_leak_inputs_are_leaks_and_their_settings_are_not() -> None:
    assert values(input_1_leak_detect_7="Leak", channel_10_leak_detect_26="Dry") == {"water_leak_alarm": 1.0}
    assert values(beeper_on_leak_1=True, enable_alarm_water_leak=True, water_leak_buzzer="ON") == {}


def test_siren_control_is_no_hazard_by_itself() -> None:
    assert values(mode="emergency", smoke_alarm_silenced=True, alarm_state="normal", alarm="ringing") == {}
    assert values(alarm=True) == {UNSURE: 1.0}


def test_summary_of_the_alarm_adds_and_never_takes_away() -> None:
    assert values(smoke=False, alarm_state="critical_alarm") == {"smoke_alarm": 0.0, GENERIC: 1.0}
    assert values(smoke=True, alarm_state="normal") == {"smoke_alarm": 1.0}


def test_mains_voltage_is_no_battery() -> None:
    assert values(voltage=231.5) == {}
    assert values(voltage=3075) == {"battery_mv": 3075.0}
    assert values(voltage=None) == {"battery_mv": None}


def test_word_that_we_do_not_know_is_unknown_and_never_clear() -> None:
    assert values(battery_state="replace", chamber_contamination="serious", smoke_state="odd") == {
        "battery_low": None,
        "fault": None,
        "smoke_alarm": None,
    }


def test_detector_of_gas_and_carbon_monoxide_tells_both() -> None:
    """E04CF-Z10T, and HALO's concentration."""
    assert values(gas=0, gas_sensor_state="normal", co_state="alarm", co=210) == {
        "gas_alarm": 0.0,
        "co_alarm": 1.0,
        "co_ppm": 210.0,
    }
    assert values(co_ppm=35) == {"co_ppm": 35.0}


def test_breaker_tells_electrical_danger_in_its_event() -> None:
    """TOWSMR1; that somebody switched it is no news about danger."""
    assert values(event="leakage_alarm") == {"electrical_alarm": 1.0}
    assert values(event="high_temp_trip") == {"electrical_alarm": 1.0}
    assert values(event="normal") == {"electrical_alarm": 0.0}
    assert values(event="remote_on") == values(event=None) == {}


def test_battery_in_words() -> None:
    assert values(battery_state="low") == {"battery_low": 1.0}
    assert values(battery_level="middle") == {"battery_low": 0.0}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"fault": "none"}, 0.0),
        ({"fault": "probe_fault"}, 1.0),
        ({"fault": True}, 1.0),
        ({"fault": None}, None),
        ({"fault": {}}, None),
        ({"faults": []}, 0.0),
        ({"faults": ["surge_alarm"]}, 1.0),
        ({"trouble": False, "battery_defect": True}, 1.0),
        ({"self_test_result": "failure"}, 1.0),
        ({"self_test_result": "success"}, 0.0),
        ({"checking_result": "check_failure"}, 1.0),
        ({"self_test": "Check failure"}, 1.0),
        ({"chamber_contamination": "critical_contamination"}, 1.0),
        ({"chamber_contamination": "light_contamination"}, 0.0),
    ],
)
def test_fault_in_all_its_forms(body: dict[str, Any], fault: float | None) -> None:
    assert values(**body)["fault"] == fault


@pytest.mark.parametrize("word", ["checking", "others", "", None, True, "test"])
def test_self_test_that_has_no_result_says_nothing(word: object) -> None:
    assert values(self_test=word) == {}


def test_breaker_tells_electrical_danger_in_its_fault() -> None:
    assert values(fault="short_circuit_alarm") == {"electrical_alarm": 1.0, "fault": 1.0}
    assert values(faults=["surge_alarm", "fire_alarm"]) == {"electrical_alarm": 1.0, "fault": 1.0}
    assert values(fault="clear", leakage_current=12) == {
        "electrical_alarm": 0.0,
        "fault": 0.0,
        "residual_current_ma": 12.0,
    }


@pytest.mark.parametrize("word", ["emergency", "panic", "sos", "SOS"])
def test_action_that_calls_for_help(word: str) -> None:
    understood = understand({"action": word, "battery": 0})
    assert understood.sos
    assert understood.values == {"sos_alarm": 1.0, "battery_percent": 0.0}


@pytest.mark.parametrize("word", ["", None, "single", "arm_all_zones", 1])
def test_trap_9_other_action_is_no_word_about_the_person(word: object) -> None:
    understood = understand({"action": word})
    assert (understood.sos, understood.values) == (False, {})


def test_only_the_devices_own_word_makes_a_test() -> None:
    assert understand({"test": True, "smoke": True}).test
    assert understand({"test_in_progress": "ON"}).test
    assert not understand({"self_test": True, "test_mode": "ON", "test": False}).test


@pytest.mark.parametrize("body", [{"preheat": True}, {"preheat": "True"}, {"preheating": "preheating"}])
def test_warming_up(body: dict[str, Any]) -> None:
    assert understand(body).warmup
    assert not understand({"preheat": False, "preheating": "normal"}).warmup


def test_depth_in_metres_and_centimetres() -> None:
    assert values(liquid_depth=0.35, liquid_state="high") == {
        "water_level_mm": 350.0,
        "water_level_alarm": 1.0,
    }
    assert values(water_level=35, liquid_state="low") == {"water_level_mm": 350.0, "water_level_alarm": 0.0}


def test_smoke_density_in_its_unit() -> None:
    assert values(smoke_level=0.15, smoke_unit="dB/m") == {"smoke_obscuration_db_per_m": 0.15}
    per_foot = values(smoke_level=2.0, smoke_unit="%ft OBS")["smoke_obscuration_db_per_m"]
    assert per_foot == pytest.approx(0.2879, abs=1e-4)  # -10 lg 0.98 / 0.3048
    assert values(smoke_level=5, smoke_unit="none of ours") == {}
    assert values(smoke_level=None, smoke_unit="dB/m") == {}


def test_unknown_number_does_not_hide_a_known_one() -> None:
    assert values(co=40, carbon_monoxide_value=None) == {"co_ppm": 40.0}


def test_everything_that_is_read_is_a_quantity_of_ours() -> None:
    for name in PROPERTIES:
        for value in (True, 1, "on", "emergency", "failure", "low", 3000):
            assert set(values(**{name: value})) <= set(QUANTITIES) | {GENERIC, UNSURE}


def test_every_property_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert len(PROPERTIES) > 50
    assert [name for name in PROPERTIES if f"`{name}`" not in text] == []


# Against what the converters of zigbee-herdsman publish, where the data is there


def test_status_bits_of_real_models_mean_what_their_case_says() -> None:
    folder = need("shared data") / "payloads" / "zigbee2mqtt"
    alarms = {"smoke_alarm", "gas_alarm", "co_alarm", "water_leak_alarm", "sos_alarm"}
    rows = json.loads((folder / "ias_converter_matrix.json").read_text(encoding="utf-8"))
    assert len(rows) == 85
    for row in rows:
        said = understand(row["out"])
        raised = {name for name in alarms if said.values.get(name)}
        assert not raised or row["case"] == "alarm" or row["out"].get("action"), row
        if any(row["out"].get(name) is True for name in ("smoke", "gas", "carbon_monoxide", "water_leak")):
            assert raised, row
        assert said.test == (row["out"].get("test") is True), row


def test_every_model_that_exposes_a_hazard_is_understood_when_it_says_so() -> None:
    """The models of which nothing is read are listed: meters, siren controls, settings."""
    folder = need("shared data") / "payloads" / "zigbee2mqtt"
    models = json.loads((folder / "hazard_devices_exposes.json").read_text(encoding="utf-8"))
    assert len(models) == 243
    deaf = {f"{model['vendor']} {model['model']}" for model in models if not _hazards(model)}
    assert deaf == NO_HAZARD_READ


def _hazards(model: dict[str, Any]) -> list[str]:
    """The hazard quantities that this model can raise, by all that it may publish."""
    heard: set[str] = set()
    for prop in model["props"]:
        for value in prop.get("values") or [prop.get("value_on", 1), 1]:
            if is_property(prop["property"]):
                heard |= set(values(**{prop["property"]: value}))
    telling = {name for name in heard if name.endswith("_alarm")} - {UNSURE}
    return sorted(telling | heard & {"gas_lel_percent", "co_ppm", "water_level_mm", "residual_current_ma"})


SIRENS = {
    "AduroSmart 81868",
    "Cleverio SA100",
    "Climax SRAC-23B-ZBSR",
    "EVOLOGY PSE03-V1.1.0",
    "HOBEIAN ZG-229Z",
    "IMOU ZR1-EN",
    "Immax 07504L",
    "Moes MG-BJQ002",
    "NEO NAS-AB02B0",
    "NEO NAS-AB02B2",
    "Tuya TS0216",
    "Tuya YXZBSL",
    "Tuya ZA03",
    "Woox R7051",
    "eWeLink NAS-AB03B3",
    "eWeLink NAS-AB06B3",
}
METERS_AND_VALVES = {
    "Custom devices (DiY) MiCASAGasCounter",
    "Develco ZHEMI101",
    "PushOk Hardware POK020",
    "SONOFF SWV-ZF2",
    "SONOFF SWV-ZFE",
    "ShinaSystem GCM-300Z",
}
BURGLARY_AND_CLIMATE = {
    "EFEKTA EFEKTA_Smart_AQ_Box_R3",
    "EFEKTA Netuya_CO2_Smart_Box",
    "HOBEIAN ZG-228Z",
    "IMOU ZD1-EN",
    "NEO NAS-PD07",
    "SODA S8",
    "Senoro Senoro.Win",
}
BREAKERS_THAT_TELL_IN_A_LIST_OR_A_TEXT = {
    "SMTONOFF ZXB3-125",
    "SUTON STB3L-125-ZJ",
    "Tuya TS0601_rcbo",
}
BY_PROFILE_ONLY = {"Ecolink FFZB1-SM-ECO", "Heiman HM-5HA-E"}
NO_HAZARD_READ = (
    SIRENS
    | METERS_AND_VALVES
    | BURGLARY_AND_CLIMATE
    | BREAKERS_THAT_TELL_IN_A_LIST_OR_A_TEXT
    | BY_PROFILE_ONLY
)
