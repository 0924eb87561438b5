"""ingest.dialects.home_assistant_config: entities and devices, long and short names, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dialects.home_assistant_config import (
    MAX_ADDRESS,
    MAX_TOPIC,
    Announced,
    Availability,
    Entity,
    NotOurs,
    Unusable,
    components,
    entity,
    spelled_out,
)


def announced(component: str = "binary_sensor", **options: Any) -> Announced:
    found = entity(component, "node_object", spelled_out({"stat_t": "a/b", **options}))
    assert isinstance(found, Announced), found
    return found


def refused(component: str = "binary_sensor", **options: Any) -> Unusable:
    found = entity(component, "node_object", spelled_out({"dev_cla": "smoke", "stat_t": "a/b", **options}))
    assert isinstance(found, Unusable), found
    return found


def test_long_and_short_names_mean_the_same() -> None:
    short = {
        "~": "kitchen",
        "stat_t": "~/smoke",
        "dev_cla": "smoke",
        "val_tpl": "{{ value_json.a }}",
        "pl_on": "1",
        "pl_off": "0",
        "avty": [
            {"t": "~/status", "pl_avail": "up", "pl_not_avail": "down", "val_tpl": "{{ value_json.s }}"}
        ],
        "avty_mode": "all",
        "dev": {"ids": ["k1", "k2"]},
        "off_dly": 30,
    }
    long = {
        "state_topic": "kitchen/smoke",
        "device_class": "smoke",
        "value_template": "{{ value_json.a }}",
        "payload_on": "1",
        "payload_off": "0",
        "availability": {
            "topic": "kitchen/status",
            "payload_available": "up",
            "payload_not_available": "down",
            "value_template": "{{ value_json.s }}",
        },
        "availability_mode": "all",
        "device": {"identifiers": "k1"},
        "off_delay": 30,
    }
    wanted = Entity(
        "k1",
        "binary_sensor",
        "smoke_alarm",
        "kitchen/smoke",
        "{{ value_json.a }}",
        "1",
        "0",
        momentary=True,
        mode="all",
        availability=(Availability("kitchen/status", "{{ value_json.s }}", "up", "down"),),
    )
    for options in (short, long):
        assert entity("binary_sensor", "x", spelled_out(options)) == Announced(wanted, ())


def test_long_name_beside_its_short_one_counts() -> None:
    assert announced(dev_cla="smoke", state_topic="long").entity.topic == "long"


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [
        ("smoke", "smoke_alarm"),
        ("gas", "gas_alarm"),
        ("carbon_monoxide", "co_alarm"),
        ("moisture", "water_leak_alarm"),
        ("heat", "heat_alarm"),
        ("safety", "generic_alarm"),
        ("problem", "fault"),
        ("tamper", "tamper"),
        ("battery", "battery_low"),
    ],
)
def test_class_of_a_binary_sensor_says_its_quantity(kind: str, quantity: str) -> None:
    found = announced(dev_cla=kind).entity
    assert (found.quantity, found.on, found.off) == (quantity, "ON", "OFF")


@pytest.mark.parametrize(
    ("options", "raw", "quantity", "value"),
    [
        ({"dev_cla": "temperature", "unit_of_meas": "°C"}, 21.5, "temperature_c", 21.5),
        ({"dev_cla": "temperature", "unit_of_meas": "°F"}, 212, "temperature_c", 100),
        ({"dev_cla": "temperature", "unit_of_meas": "K"}, 300, "temperature_c", 26.85),
        ({"dev_cla": "temperature"}, 21, "temperature_c", 21),
        ({"dev_cla": "battery", "unit_of_meas": "%"}, 80, "battery_percent", 80),
        ({"dev_cla": "carbon_monoxide", "unit_of_meas": "ppm"}, 60, "co_ppm", 60),
        ({"dev_cla": "carbon_monoxide", "unit_of_meas": "ppb"}, 60_000, "co_ppm", 60),
        ({"dev_cla": "carbon_monoxide", "unit_of_meas": "mg/m³"}, 100, "co_ppm", 87.29),
        ({"dev_cla": "voltage", "unit_of_meas": "mV"}, 2900, "battery_mv", 2900),
        ({"unit_of_meas": "%LEL"}, 12, "gas_lel_percent", 12),
        ({"unit_of_meas": "dB/m"}, 0.2, "smoke_obscuration_db_per_m", 0.2),
    ],
)
def test_class_and_unit_of_a_sensor_say_its_quantity(
    options: dict[str, str], raw: float, quantity: str, value: float
) -> None:
    found = announced("sensor", **options).entity
    assert found.quantity == quantity
    assert raw * found.factor + found.offset == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(
    ("component", "options"),
    [
        ("switch", {"dev_cla": "smoke"}),
        ("device_automation", {}),
        ("binary_sensor", {}),
        ("binary_sensor", {"dev_cla": "light"}),
        ("binary_sensor", {"dev_cla": ["smoke"]}),
        ("sensor", {"dev_cla": "gas", "unit_of_meas": "m³"}),
        ("sensor", {"dev_cla": "moisture", "unit_of_meas": "%"}),
        ("sensor", {"dev_cla": "voltage", "unit_of_meas": "V"}),
        ("sensor", {"unit_of_meas": "lqi"}),
        ("sensor", {"dev_cla": "temperature", "unit_of_meas": "°C", "ent_cat": "diagnostic"}),
        ("event", {"evt_typ": ["single", "double"]}),
        ("event", {"evt_typ": "emergency"}),
    ],
)
def test_trap_30_what_tells_of_no_hazard_is_not_ours(component: str, options: dict[str, Any]) -> None:
    """A gas meter's count among them."""
    assert isinstance(entity(component, "x", spelled_out(options)), NotOurs)


def test_event_with_a_call_for_help_is_one() -> None:
    found = announced("event", evt_typ=["single", "Emergency"]).entity
    assert (found.component, found.quantity, found.template) == ("event", "sos_alarm", "")


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({"dev": {"ids": ["first", "second"]}, "uniq_id": "u"}, "first"),
        ({"dev": {"ids": "only"}}, "only"),
        ({"dev": {"ids": 4711}}, "4711"),
        ({"dev": {"cns": [["mac", "02:5b:26"]]}, "uniq_id": "u"}, "02:5b:26"),
        ({"dev": {"ids": [], "cns": ["mac"]}, "uniq_id": "u"}, "u"),
        ({"dev": "odd", "uniq_id": "u"}, "u"),
        ({"uniq_id": "u"}, "u"),
        ({}, "node_object"),
    ],
)
def test_address_is_the_first_identifier_or_the_unique_id(options: dict[str, Any], address: str) -> None:
    assert announced(dev_cla="smoke", **options).entity.address == address


@pytest.mark.parametrize(("said", "kept"), [(True, "True"), (1, "1"), (" Alarm ", "Alarm"), ("true", "true")])
def test_payloads_may_be_json_booleans_and_numbers(said: object, kept: str) -> None:
    assert announced(dev_cla="smoke", pl_on=said, pl_off="x").entity.on == kept


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"stat_t": None}, "state_topic"),
        ({"stat_t": ""}, "state_topic"),
        ({"stat_t": "a/+/b"}, "state_topic"),
        ({"stat_t": "x" * (MAX_TOPIC + 1)}, "state_topic"),
        ({"pl_on": ["ON"]}, "payload_on"),
        ({"pl_on": "x" * 65}, "payload_on"),
        ({"pl_off": ""}, "payload_off"),
        ({"pl_off": "None"}, "not knowing"),
        ({"pl_off": "ON"}, "both"),
        ({"dev": {"ids": ["x" * (MAX_ADDRESS + 1)]}}, "identifier"),
        ({"dev": {"ids": [{"a": 1}]}}, "identifier"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(options: dict[str, Any], word: str) -> None:
    found = refused(**options)
    assert word in found.detail
    assert "give" in found.detail


def test_unit_that_we_do_not_know_is_refused_with_those_that_we_do() -> None:
    found = refused("sensor", dev_cla="temperature", unit_of_meas="furlong", uniq_id="u")
    assert found.address == "u"
    assert "°C" in found.detail


@pytest.mark.parametrize(
    "template", ["{% if value_json.a %}ON{% endif %}", 5, "{{ value_json." + "a" * 300 + "}}"]
)
def test_template_that_is_no_path_is_told_and_makes_the_value_unknown(template: object) -> None:
    found = announced(dev_cla="smoke", val_tpl=template)
    assert found.entity.template is None
    assert found.notes[0].startswith("value_template")


# Presence ---------------------------------------------------------------------------------------------------


def test_single_topic_of_presence_takes_the_words_beside_it() -> None:
    found = announced(
        dev_cla="smoke", avty_t="a/s", pl_avail="1", pl_not_avail="0", avty_tpl="{{ value_json.x }}"
    ).entity
    assert found.availability == (Availability("a/s", "{{ value_json.x }}", "1", "0"),)
    assert found.mode == "latest"


@pytest.mark.parametrize(
    "options",
    [
        {"avty": [5]},
        {"avty": [{"topic": "a/#"}]},
        {"avty": [{"topic": "a", "val_tpl": "{{ now() }}"}]},
        {"avty": [{"topic": "a", "pl_avail": "x", "pl_not_avail": "x"}]},
        {"avty": [{"topic": f"a/{n}"} for n in range(5)]},
        {"avty": [{"topic": "a"}], "avty_mode": "most"},
        {"avty_t": 5},
    ],
)
def test_presence_that_cannot_be_read_whole_is_not_read_at_all(options: dict[str, Any]) -> None:
    found = announced(dev_cla="smoke", **options)
    assert found.entity.availability == ()
    assert found.notes[0].startswith("availability is not read")


# Devices ----------------------------------------------------------------------------------------------------


def test_components_share_what_their_device_says_and_may_differ() -> None:
    body = spelled_out(
        {
            "dev": {"ids": "d"},
            "~": "base",
            "stat_t": "~/state",
            "avty_t": "~/status",
            "cmps": {
                "a": {"p": "binary_sensor", "dev_cla": "smoke"},
                "b": {"platform": "sensor", "dev_cla": "battery", "stat_t": "~/battery"},
                "gone": {"p": "sensor"},
                "odd": 5,
                "none": {"p": 5, "dev_cla": "smoke"},
            },
        }
    )
    found = {name: (platform, options) for name, platform, options in components(body)}
    assert found["gone"] == ("sensor", {})
    assert "odd" not in found
    assert found["none"][0] == ""
    read = {name: entity(*found[name][:1], name, found[name][1]) for name in ("a", "b")}
    assert [one.entity.topic for one in read.values() if isinstance(one, Announced)] == [
        "base/state",
        "base/battery",
    ]
    assert [one.entity.availability[0].topic for one in read.values() if isinstance(one, Announced)] == [
        "base/status"
    ] * 2


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    ["dev_cla", "stat_t", "val_tpl", "avty", "avty_t", "avty_mode", "dev", "pl_on", "~", "cmps"]
)


@given(st.dictionaries(_KEYS, _ANYTHING), st.sampled_from(["binary_sensor", "sensor", "event"]))
def test_no_options_raise(options: dict[str, Any], component: str) -> None:
    for base in ({}, {"dev_cla": "smoke", "stat_t": "a", "unit_of_meas": "°C"}):
        entity(component, "x", spelled_out({**base, **options}))
    list(components(spelled_out(options)))
