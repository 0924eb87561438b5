"""Announcements in the device form: what Home Assistant requires, and nothing that its schema refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from alerts.troubles.kind import TroubleKind
from anmin.homeassistant.announcements import ORIGIN, Card, Terms, availability_topic, cards
from anmin.homeassistant.states import community_state, device_state
from devices.device import Profile
from ingest.dialects.home_assistant import OURS, HomeAssistant
from ingest.message import Ignored
from tests.support.web_view import inventory, view

TERMS = Terms("homeassistant", "anmin/-/homeassistant", "en", b"s" * 32)
ROOT_KEYS = {"device", "origin", "availability", "state_topic", "qos", "components"}
"""Of Home Assistant's DEVICE_DISCOVERY_SCHEMA, which refuses any other key at the root, those that we use."""


def announced() -> list[tuple[Card, dict[str, Any]]]:
    return [(card, json.loads(card.config)) for card in cards(inventory(), TERMS)]


def test_the_community_and_each_device_are_one_device_each() -> None:
    found = announced()
    assert [card.device_id for card, _ in found] == [None, *inventory().devices]
    assert found[0][1]["device"]["name"] == "Anmin Xingfuli Community"
    assert len({card.config_topic for card, _ in found}) == len({c.state_topic for c, _ in found}) == 5


def test_the_form_is_that_of_home_assistant() -> None:
    for card, config in announced():
        assert set(config) == ROOT_KEYS
        assert re.fullmatch(r"homeassistant/device/[A-Za-z0-9_-]+/config", card.config_topic)
        assert config["device"]["identifiers"]
        assert config["origin"]["name"] == ORIGIN
        assert config["availability"] == [{"topic": availability_topic(TERMS, "xfl")}]
        for part in config["components"].values():
            assert part["platform"] in ("sensor", "binary_sensor")
            assert re.fullmatch(r"(binary_)?sensor\.[a-z0-9_]+", part["default_entity_id"])


def test_every_entity_has_an_id_of_its_own() -> None:
    ids = [part["unique_id"] for _, config in announced() for part in config["components"].values()]
    assert len(set(ids)) == len(ids)


def test_each_class_of_trouble_is_a_problem_of_its_own() -> None:
    parts = announced()[0][1]["components"]
    problems = {key for key, part in parts.items() if part.get("device_class") == "problem"}
    assert problems == {f"trouble_{kind.value}" for kind in TroubleKind}


def test_each_entity_reads_something_that_is_said() -> None:
    shown = view()
    states = {None: community_state(shown, "en"), "smoke-1203": device_state(shown.devices["smoke-1203"])}
    for card, config in announced():
        if card.device_id in states:
            said = json.loads(states[card.device_id])
            for part in config["components"].values():
                value: Any = said
                for step in part["value_template"].strip("{} ").split(".")[1:]:
                    value = value[step]


def test_a_battery_is_announced_where_the_model_has_one() -> None:
    known = inventory()
    device = known.devices["smoke-1203"]
    with_one = Profile("p", device.kind, frozenset({"smoke_alarm", "battery_percent", "battery_low"}))
    known.devices["smoke-1203"] = replace(device, profile=with_one)
    configs = {card.device_id: json.loads(card.config) for card in cards(known, TERMS)}
    assert {"battery", "battery_low"} < set(configs["smoke-1203"]["components"])
    assert set(configs["smoke-1403"]["components"]) == {"connected", "problem"}


def test_our_own_dialect_leaves_alone_what_we_announce() -> None:
    assert OURS == ORIGIN
    listener = HomeAssistant("homeassistant", ("anmin/-/homeassistant/#",))
    for card, _ in announced():
        assert listener.decode(card.config_topic, card.config, True) == Ignored("what we announce ourselves")
        assert isinstance(listener.decode(card.state_topic, b'{"battery":3}', True), Ignored)
    assert listener.drain() == []


def test_the_check_is_what_keeps_it_out() -> None:
    """The same announcement by somebody else is a device with a battery that can be heard."""
    listener = HomeAssistant("homeassistant", ("anmin/-/homeassistant/#",))
    for card, config in announced():
        config["origin"]["name"] = "somebody else"
        config["components"]["battery"] = {
            "platform": "sensor",
            "device_class": "battery",
            "unit_of_measurement": "%",
            "value_template": "{{ value_json.battery }}",
        }
        listener.decode(card.config_topic, json.dumps(config).encode(), True)
    assert listener.drain()
