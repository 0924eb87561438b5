"""ingest.lorawan.bodies: which model, which reader, and the bytes against the decoded object."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.quantity import QUANTITIES, QuantityKind
from ingest.lorawan.bodies import MODELS, Body, agree, model_of, read, read_object
from ingest.understood import Understood

ALARMING = (
    ("netvox-ra02a", 6, "01 0a 01 1e 01 00 01 04 00 00 00", "smoke_alarm"),
    ("netvox-ra02c", 6, "01 11 01 1e 01 00 00 00 00 00 00", "co_alarm"),
    ("netvox-rb02i", 6, "01 10 01 1e 01 00 00 00 00 00 00", "sos_alarm"),
    ("netvox-r718wa2", 6, "01 46 01 1e 00 01 00 00 00 00 00", "water_leak_alarm"),
    ("tg563a", 1, "01 7e 15 00 01", "smoke_alarm"),
    ("tg563a", 1, "0f 7e 1a 03 01 cd" + " 00" * 29, "smoke_alarm"),
    ("mclimate-flood-sensor", 2, "42 c9 15", "water_leak_alarm"),
    ("dragino-lwl02", 10, "4b 88 02 00 00 01 00 00 01 00", "water_leak_alarm"),
    ("browan-tbwl100", 106, "11 0b 36 28 36", "water_leak_alarm"),
    ("yobiiq-sd-1001", 8, "01 00 64 02 00 01 05 00 01 06 00 00", "smoke_alarm"),
    ("milesight-gs101", 85, "ff 3f 01 06 01 00 05 8e 01", "gas_alarm"),
    ("milesight-em300-zld", 85, "01 75 5c 03 67 34 01 04 68 65 05 00 01", "water_leak_alarm"),
    ("milesight-ws101", 85, "01 75 10 ff 2e 01", "sos_alarm"),
    ("milesight-em400-udl", 85, "01 75 5c 84 82 20 03 01", "water_level_alarm"),
    ("milesight-ct305", 85, "04 99 0a 00 84 99 b8 0b d0 07 c4 09 05", "electrical_alarm"),
)


def values(found: tuple[Body, ...] | str) -> list[dict[str, float | None]]:
    return [] if isinstance(found, str) else [one.understood.values for one in found]


# Reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "f_port", "text", "alarm"), ALARMING)
def test_alarm_is_read_whole_and_never_becomes_clear_when_cut(
    model: str, f_port: int, text: str, alarm: str
) -> None:
    body = bytes.fromhex(text)
    assert [one[alarm] for one in values(read(model, f_port, body))] == [1.0]
    for length in range(len(body)):
        for one in values(read(model, f_port, body[:length])):
            assert one.get(alarm) in (1.0, None), (length, one)


@given(st.sampled_from(sorted(MODELS)), st.none() | st.integers(0, 255), st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_every_value_is_possible(
    model: str, f_port: int | None, body: bytes
) -> None:
    found = read(model, f_port, body)
    assert isinstance(found, str) or found
    for one in values(found):
        for quantity, value in one.items():
            assert value is None or QUANTITIES[quantity].plausible(value), (quantity, value)


@given(st.sampled_from(ALARMING), st.integers(0, 34), st.integers(0, 255))
def test_any_byte_may_be_wrong(case: tuple[str, int, str, str], place: int, value: int) -> None:
    model, f_port, text, _ = case
    body = bytearray.fromhex(text)
    body[place % len(body)] = value
    found = read(model, f_port, bytes(body))
    assert isinstance(found, (str, tuple))


def test_empty_frame_is_a_sign_of_life() -> None:
    for model in MODELS:
        assert values(read(model, 0, b"")) == [{}]
        assert values(read(model, 0, b"\x02")) == [{}]


def test_model_that_is_not_known_is_refused() -> None:
    assert read("acme-9", 1, b"\x01") == "no reader for the model 'acme-9'"
    assert read_object("acme-9", 1, {"leak": True}) is None


def test_more_than_a_frame_holds_is_refused() -> None:
    assert "242" in str(read("milesight-gs101", 85, b"\x05\x8e\x01" * 100))


# The decoded object -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "fields", "expected"),
    [
        ("milesight-gs101", {"gas_status": "alarm", "valve_status": "off"}, {"gas_alarm": 1.0}),
        ("tg563a", {"status": {"smokeAlarm": 1.0, "mounted": 0.0}}, {"smoke_alarm": 1.0, "tamper": 1.0}),
        ("dragino-ldds75", {"distance": "No Sensor"}, {"fault": 1.0, "distance_mm": None}),
        (
            "mclimate-flood-sensor",
            {"reason": "testButtonPressed", "flood": True},
            {"water_leak_alarm": 1.0},
        ),
    ],
)
def test_object_is_understood_by_the_names_of_the_makers_decoder(
    model: str, fields: dict[str, object], expected: dict[str, float | None]
) -> None:
    said = read_object(model, None, fields)
    assert said is not None
    assert said.values == expected
    assert not said.test


def test_object_of_history_only_says_nothing_of_the_present() -> None:
    assert read_object("milesight-em300-zld", 85, {"history": [{"leakage_status": "leak"}]}) is None


@given(
    st.sampled_from(sorted(MODELS)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_any_value_of_any_field_is_taken_without_a_fault(model: str, value: object) -> None:
    names = (
        *("battery", "Volt", "alarm", "Alarm", "status", "distance", "bytes", "reason", "flood", "MOD"),
        *("powerEvent", "interconnectAlarm", "button_event", "current_alarm", "current_chn2_alarm", "depth"),
        *("depth_error", "temperature_sensor_status", "temperature_alarm", "life_remain", "valve_status"),
    )
    said = read_object(model, None, dict.fromkeys(names, value))
    for quantity, number in said.values.items() if said else ():
        assert number is None or QUANTITIES[quantity].plausible(number)


# Which model ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "model"),
    [
        (["EM300-ZLD", "EM300-ZLD-01"], "milesight-em300-zld"),
        (["Leaks", "em300zld cellar"], "milesight-em300-zld"),
        (["milesight-iot", "ws101"], "milesight-ws101"),
        (["WS101-SOS"], "milesight-ws101"),
        (["Netvox RA02A 3F"], "netvox-ra02a"),
        (["r718wa2-01"], "netvox-r718wa2"),
        (["dragino", "LDDS75-LB"], "dragino-ldds75"),
        (["mclimate", "flood-sensor"], "mclimate-flood-sensor"),
        (["MClimate Flood Sensor LoRaWAN"], "mclimate-flood-sensor"),
        (["browan", "tbwl100"], "browan-tbwl100"),
        (["TABS water leak"], "browan-tbwl100"),
        (["iQ SD-1001"], "yobiiq-sd-1001"),
        (["yobiiq_sd1001"], "yobiiq-sd-1001"),
        (["TG563A"], "tg563a"),
    ],
)
def test_model_is_found_in_what_a_network_server_tells(names: list[str], model: str) -> None:
    assert model_of(names) == model


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["", "---"],
        ["flood-sensor"],
        ["water leak"],
        ["GS1011"],
        ["xWS101"],
        ["CT101-v2"],
        ["EM300", "ZLD"],
        ["EM300-ZLD", "GS101-01"],
        ["烟感 三楼"],
    ],
)
def test_model_that_is_not_named_or_named_twice_is_not_guessed(names: list[str]) -> None:
    assert model_of(names) is None


def test_every_model_is_found_by_its_own_name() -> None:
    assert [model_of([model]) for model in MODELS] == list(MODELS)


# Agreement --------------------------------------------------------------------------------------------------

BITS: tuple[float | None, ...] = (0.0, 1.0, None)


@pytest.mark.parametrize(("bytes_say", "object_says"), list(product(BITS, BITS)))
def test_alarm_in_either_counts_and_nothing_else_overrules_the_bytes(
    bytes_say: float | None, object_says: float | None
) -> None:
    raw = Understood({"water_leak_alarm": bytes_say})
    notes = agree(raw, Understood({"water_leak_alarm": object_says}))
    counts = 1.0 if 1.0 in (bytes_say, object_says) else bytes_say
    assert raw.values == {"water_leak_alarm": counts}
    assert bool(notes) == (None not in (bytes_say, object_says) and bytes_say != object_says)


def test_contradiction_names_both() -> None:
    raw = Understood({"battery_mv": 3000.0, "water_leak_alarm": 1.0})
    notes = agree(raw, Understood({"battery_mv": 2400.0, "water_leak_alarm": 0.0}))
    assert notes == (
        "battery_mv: 3000 by the bytes, 2400 by the network server's decoder",
        "water_leak_alarm: 1 by the bytes, 0 by the network server's decoder",
    )
    assert raw.values["battery_mv"] == 3000.0


def test_rounding_is_no_contradiction() -> None:
    raw = Understood({"battery_mv": 2952.0, "temperature_c": 21.4})
    assert agree(raw, Understood({"battery_mv": 3000.0, "temperature_c": 21.0})) == ()


def test_clear_that_only_the_object_tells_is_not_taken() -> None:
    raw = Understood()
    decoded = Understood(
        {"water_leak_alarm": 0.0, "tamper": 1.0, "battery_percent": 80.0, "fault": None}, sos=True
    )
    assert agree(raw, decoded) == ()
    assert raw.values == {"tamper": 1.0, "battery_percent": 80.0}
    assert raw.sos


def test_alarm_quantities_are_all_known() -> None:
    kinds = {QUANTITIES[alarm].kind for _, _, _, alarm in ALARMING}
    assert kinds == {QuantityKind.ALARM}
