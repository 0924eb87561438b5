"""ingest.dialects.home_assistant: topics, announcements, and a device from its first word to admission."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anmin.codec import dump, load
from devices.device import Device, DeviceKind, Profile
from devices.instant import SECOND
from devices.inventory import Inventory
from devices.reading import Trust
from ingest.admit import Admission
from ingest.dialects import home_assistant_memory
from ingest.dialects.home_assistant import HomeAssistant
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Record, RecordKind, Rejected
from ingest.registry import Remembering, Subscription

T0 = 1_790_000_000_000_000
SMOKE = "homeassistant/binary_sensor/kitchen/smoke/config"
KITCHEN: dict[str, Any] = {
    "~": "esphome/kitchen",
    "dev_cla": "smoke",
    "stat_t": "~/binary_sensor/smoke/state",
    "avty_t": "~/status",
    "uniq_id": "ESPbinary_sensorsmoke",
    "dev": {"ids": "a4cf1200", "name": "kitchen"},
}
STATE = "esphome/kitchen/binary_sensor/smoke/state"
STATUS = "esphome/kitchen/status"


def raw(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def hear(dialect: HomeAssistant, topic: str, body: object, retain: bool = False) -> Any:
    return dialect.decode(topic, raw(body), retain)


def knowing(*configs: tuple[str, object], **options: Any) -> HomeAssistant:
    made = HomeAssistant(**options)
    for topic, body in configs or ((SMOKE, KITCHEN),):
        found = hear(made, topic, body, True)
        assert isinstance(found, Ignored), found
    return made


def restarted(dialect: HomeAssistant) -> HomeAssistant:
    """As a snapshot brings it back, in whatever order."""
    entries = [(key, dump(value)) for key, value in dialect.drain() if value is not None]
    made = HomeAssistant()
    made.restore((key, load(HomeAssistant.MEMORY, text)) for key, text in reversed(entries))
    return made


# Topics -----------------------------------------------------------------------------------------------------


def test_announcements_and_the_topics_of_the_site_are_subscribed_once() -> None:
    made = HomeAssistant("ha", ("esphome/#", "+/binary_sensor/#", "ha/#", "ha/sensor/#", "esphome/#"))
    assert made.subscriptions() == tuple(
        Subscription(one, Lane.TELEMETRY) for one in ("ha/#", "esphome/#", "+/binary_sensor/#")
    )


def test_only_what_is_subscribed_is_claimed_and_nothing_of_another_dialect() -> None:
    made = HomeAssistant(topics=("esphome/#", "+/status", "zigbee2mqtt/#"), elsewhere=("zigbee2mqtt/",))
    claimed = [one for one in (SMOKE, STATE, "homeassistant/status", "a/status") if made.claims(one)]
    assert claimed == [SMOKE, STATE, "homeassistant/status", "a/status"]
    for topic in (
        "zigbee2mqtt/a",
        "zigbee2mqtt/status",
        "a/b/status",
        "homeassistant2/a",
        "a",
        "x/esphome/a",
    ):
        assert not made.claims(topic)


@pytest.mark.parametrize("prefix", ["", "/a", "a/", "a/+", "#"])
def test_prefix_that_is_no_topic_is_an_error(prefix: str) -> None:
    with pytest.raises(ValueError, match="discovery prefix"):
        HomeAssistant(prefix)


def test_it_remembers() -> None:
    assert isinstance(HomeAssistant(), Remembering)


# Announcements ----------------------------------------------------------------------------------------------


def test_announcement_alone_is_no_word_of_the_device() -> None:
    found = hear(HomeAssistant(), SMOKE, KITCHEN, True)
    assert found == Ignored("announced: smoke_alarm of a4cf1200")


def test_state_before_its_announcement_is_understood_from_then_on() -> None:
    made = HomeAssistant()
    assert isinstance(hear(made, STATE, b"ON"), Ignored)
    hear(made, SMOKE, KITCHEN, True)
    assert hear(made, STATE, b"ON")[0].points == (Point("smoke_alarm", 1.0),)


@pytest.mark.parametrize("topic", [SMOKE, "homeassistant/binary_sensor/smoke/config"])
def test_node_in_the_topic_may_be_left_out(topic: str) -> None:
    assert hear(knowing((topic, KITCHEN)), STATE, b"ON")[0].address == "a4cf1200"


def test_entity_that_is_taken_away_is_not_read_any_more() -> None:
    made = knowing()
    assert isinstance(hear(made, SMOKE, b"", True), Ignored)
    assert isinstance(hear(made, STATE, b"ON"), Ignored)
    assert isinstance(hear(made, STATUS, b"online"), Ignored)


def test_entity_that_became_something_else_is_not_read_any_more() -> None:
    made = knowing((SMOKE, KITCHEN), (SMOKE, {**KITCHEN, "dev_cla": "light"}))
    assert isinstance(hear(made, STATE, b"ON"), Ignored)


def test_bad_configuration_leaves_what_was_known() -> None:
    made = knowing()
    for body in (b"{", b"[]", {**KITCHEN, "pl_off": ""}, {**KITCHEN, "stat_t": 5}):
        found = hear(made, SMOKE, body, True)
        assert isinstance(found, Rejected), found
    assert hear(made, STATE, b"ON")[0].points == (Point("smoke_alarm", 1.0),)


@pytest.mark.parametrize(
    ("topic", "body", "reason"),
    [
        (SMOKE, b"{", Reason.MALFORMED),
        (SMOKE, b"\xff", Reason.MALFORMED),
        (SMOKE, b'{"p":1,"p":2}', Reason.MALFORMED),
        (SMOKE, b" " * 70_000, Reason.TOO_LARGE),
        (SMOKE, b"5", Reason.WRONG_TYPE),
        (SMOKE, {"dev_cla": "smoke"}, Reason.UNSUPPORTED),
        ("homeassistant/config", {}, Reason.MALFORMED),
        ("homeassistant/binary_sensor/config", {}, Reason.MALFORMED),
        ("homeassistant/binary_sensor/a/b/c/config", {}, Reason.MALFORMED),
        (f"homeassistant/binary_sensor/{'a' * 300}/config", {}, Reason.MALFORMED),
        ("homeassistant/device/a/config", {"dev": {}}, Reason.MALFORMED),
        ("homeassistant/device/a/config", {"cmps": []}, Reason.MALFORMED),
    ],
)
def test_bad_announcement_is_refused_with_its_reason(topic: str, body: object, reason: Reason) -> None:
    found = hear(HomeAssistant(), topic, body, True)
    assert isinstance(found, Rejected), found
    assert (found.reason, found.dialect) == (reason, "home_assistant")


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("homeassistant/status", b"online"),
        ("homeassistant/switch/a/config", {"stat_t": "a"}),
        ("homeassistant/device_automation/a/b/config", {"topic": "a"}),
        (SMOKE, {"migrate_discovery": True}),
        (SMOKE, b""),
        ("homeassistant/device/a/config", b""),
        ("homeassistant/device/a/config", {"cmps": {}}),
        ("esphome/any", b"x"),
    ],
)
def test_what_says_nothing_of_a_hazard_is_ignored(topic: str, body: object) -> None:
    assert isinstance(hear(HomeAssistant(), topic, body), Ignored)


def test_entity_of_another_dialect_is_left_to_it() -> None:
    made = HomeAssistant(topics=("zigbee2mqtt/#",), elsewhere=("zigbee2mqtt/",))
    found = hear(made, SMOKE, {**KITCHEN, "stat_t": "zigbee2mqtt/x"}, True)
    assert found == Ignored("zigbee2mqtt/x is read by a dialect of its own")
    assert made.drain() == []


def test_topic_that_nobody_listens_to_is_told_with_the_setting() -> None:
    made = HomeAssistant(topics=("other/#",))
    (found,) = hear(made, SMOKE, {**KITCHEN, "avty_t": "other/status"}, True)
    assert found == Decoded(
        "home_assistant",
        "a4cf1200",
        notes=(f"nobody listens to {STATE}: add it to dialects.home_assistant_topics",),
        heard=False,
    )


def test_template_that_we_refuse_is_told_and_its_value_is_unknown() -> None:
    made = HomeAssistant()
    (found,) = hear(made, SMOKE, {**KITCHEN, "val_tpl": "{{ states('x') }}"}, True)
    assert (found.points, len(found.notes)) == ((), 1)
    assert hear(made, STATE, b"ON")[0].points == (Point("smoke_alarm", None),)


def test_second_sensor_of_one_quantity_is_told() -> None:
    heat = {"dev_cla": "temperature", "unit_of_meas": "°C", "stat_t": "esphome/t", "dev": {"ids": "a"}}
    made = knowing(("homeassistant/sensor/a/1/config", heat))
    (found,) = hear(made, "homeassistant/sensor/a/2/config", heat, True)
    assert "another sensor" in found.notes[0]


def test_memory_that_is_full_refuses_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant_memory, "MAX_ENTITIES", 1)
    made = knowing()
    found = hear(made, "homeassistant/binary_sensor/other/config", {**KITCHEN, "dev": {"ids": "b"}}, True)
    assert isinstance(found, Rejected)
    assert (found.address, "take away" in found.detail) == ("b", True)
    assert hear(made, STATE, b"ON")[0].address == "a4cf1200"


# A device with its components -------------------------------------------------------------------------------

DEVICE = "homeassistant/device/cellar/config"
CELLAR: dict[str, Any] = {
    "dev": {"ids": ["c1"]},
    "o": {"name": "maker"},
    "stat_t": "esphome/cellar/state",
    "avty_t": "esphome/cellar/status",
    "cmps": {
        "leak": {"p": "binary_sensor", "dev_cla": "moisture", "val_tpl": "{{ value_json.leak }}"},
        "battery": {
            "p": "sensor",
            "dev_cla": "battery",
            "unit_of_meas": "%",
            "val_tpl": "{{ value_json.b }}",
        },
        "led": {"p": "light"},
    },
}


def test_device_announces_all_its_components_at_once() -> None:
    made = knowing((DEVICE, CELLAR))
    (found,) = hear(made, "esphome/cellar/state", {"leak": "ON", "b": 80})
    assert found.address == "c1"
    assert found.points == (Point("battery_percent", 80.0), Point("water_leak_alarm", 1.0))
    assert hear(made, "esphome/cellar/status", b"offline")[0].online is False


def test_component_goes_when_only_its_platform_is_left_and_stays_when_it_is_not_named() -> None:
    made = knowing((DEVICE, CELLAR), (DEVICE, {**CELLAR, "cmps": {"battery": {"p": "sensor"}}}))
    assert hear(made, "esphome/cellar/state", {"leak": "ON", "b": 80})[0].points == (
        Point("water_leak_alarm", 1.0),
    )


def test_device_that_is_taken_away_takes_its_components_and_no_others() -> None:
    below = "homeassistant/device/cellar/leak/config"
    made = knowing((DEVICE, CELLAR), (below, {**CELLAR, "dev": {"ids": ["c2"]}}))
    hear(made, DEVICE, b"", True)
    assert [one.address for one in hear(made, "esphome/cellar/state", {"leak": "ON"})] == ["c2"]


def test_notes_of_components_name_them() -> None:
    odd = {**CELLAR["cmps"]["leak"], "val_tpl": "{% x %}"}
    bad = {"p": "sensor", "dev_cla": "temperature", "unit_of_meas": "x"}
    (found,) = hear(HomeAssistant(), DEVICE, {**CELLAR, "cmps": {"leak": odd, "heat": bad}}, True)
    assert found.address == "c1"
    assert [one.partition(":")[0] for one in found.notes] == ["leak", "heat"]


# From announcement to admission -----------------------------------------------------------------------------


class House:
    """One smoke detector in a kitchen, and all that is admitted of it."""

    def __init__(self) -> None:
        profile = Profile("p", DeviceKind.SMOKE, frozenset())
        device = Device("d", profile, "c", "home_assistant", "a4cf1200", "烟感", "Smoke")
        self.admission = Admission(Inventory.of("c", "1", (), (device,)))
        self.dialect = knowing()
        self.sequence = 0

    def hears(self, topic: str, payload: bytes, retain: bool = False) -> list[tuple[float | None, Trust]]:
        self.sequence += 1
        at = T0 + self.sequence * SECOND
        record = Record(self.sequence, at, RecordKind.MESSAGE, "mqtt", topic, payload, retain)
        found = hear(self.dialect, topic, payload, retain)
        heard = [self.admission.admit(record, one) for one in found] if isinstance(found, tuple) else []
        return [(reading.value, reading.trust) for one in heard for reading in one.readings]

    @property
    def online(self) -> bool | None:
        facts = self.admission.last("d")
        return facts.online if facts else None


def test_alarm_of_an_esphome_detector_reaches_the_rules() -> None:
    house = House()
    assert house.hears(STATE, b"OFF", retain=True) == [(0.0, Trust.RETAINED)]
    assert house.hears(STATE, b"ON") == [(1.0, Trust.NONE)]
    assert house.hears(STATUS, b"offline") == []
    assert house.online is False
    assert house.hears(STATE, b"unavailable") == [(None, Trust.NONE)]
    assert house.hears(STATE, b"OFF") == [(0.0, Trust.NONE)]
    assert house.online is True


def test_announcement_that_is_kept_is_no_sign_of_life() -> None:
    house = House()
    house.hears(SMOKE, raw({**KITCHEN, "stat_t": "unheard/of"}), retain=True)
    assert house.admission.last("d") is None


# Memory -----------------------------------------------------------------------------------------------------

STORY: tuple[tuple[str, object, bool], ...] = (
    (STATE, b"ON", True),
    (SMOKE, KITCHEN, True),
    ("homeassistant/binary_sensor/kitchen/second/config", {**KITCHEN, "stat_t": "~/second"}, True),
    (STATE, b"ON", False),
    (STATUS, b"online", False),
    (DEVICE, CELLAR, True),
    ("esphome/kitchen/second", b"OFF", False),
    ("esphome/cellar/status", b"offline", True),
    ("esphome/cellar/state", {"leak": "ON", "b": 80}, False),
    (STATE, b"OFF", True),
    ("esphome/kitchen/second", b"OFF", False),
    (SMOKE, b"", True),
    ("esphome/kitchen/second", b"OFF", False),
    (STATUS, b"offline", False),
    (DEVICE, b"", True),
    ("esphome/cellar/state", {"leak": "ON", "b": 80}, False),
)


@pytest.mark.parametrize("at", range(len(STORY)))
def test_same_messages_lead_to_the_same_answers_across_any_restart(at: int) -> None:
    straight, other = HomeAssistant(), HomeAssistant()
    expected = [hear(straight, *one) for one in STORY]
    found = [hear(other, *one) for one in STORY[:at]]
    other = restarted(other)
    found += [hear(other, *one) for one in STORY[at:]]
    assert found == expected


def test_drains_of_any_size_add_up_to_the_same_memory() -> None:
    made, kept = HomeAssistant(), dict[str, object]()
    for one in STORY[:-1]:
        hear(made, *one)
        for key, value in made.drain():
            kept[key] = value
            if value is None:
                del kept[key]
    again = HomeAssistant()
    again.restore(kept.items())
    assert again.drain() == made.drain() == []
    for topic in (STATE, STATUS, "esphome/kitchen/second", "esphome/cellar/state"):
        assert hear(again, topic, b"OFF") == hear(made, topic, b"OFF")
    assert len(kept) == 2  # the second smoke alarm and its presence


# Garbage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"dev": {"ids": "a\ud800"}},
        {"stat_t": "a\ud800"},
        {"pl_on": "a\ud800"},
        {"val_tpl": "{{ value_json['\ud800'] }}"},
        {"avty_t": "a\ud800"},
        {"dev": {"ids": "a\x00b"}},
    ],
)
def test_half_a_sign_never_gets_into_the_snapshot(odd: dict[str, Any]) -> None:
    made = HomeAssistant()
    hear(made, SMOKE, {**KITCHEN, **odd})
    hear(made, DEVICE, {**CELLAR, "cmps": {"x\ud800": {**CELLAR["cmps"]["leak"], **odd}}})
    restarted(made)
    assert isinstance(hear(made, SMOKE.replace("smoke", "\ud800"), KITCHEN), Rejected)


@given(st.sampled_from([SMOKE, DEVICE]), st.integers(0, 400), st.integers(0, 255))
def test_no_mutation_of_an_announcement_raises(topic: str, at: int, byte: int) -> None:
    payload = bytearray(raw(KITCHEN if topic == SMOKE else CELLAR))
    payload[at % len(payload)] = byte
    made = HomeAssistant()
    made.decode(topic, bytes(payload), True)
    made.decode(topic, bytes(payload[: at % len(payload)]), True)
    made.decode(STATE, b"ON", False)
    restarted(made)


@given(st.text(max_size=40), st.binary(max_size=40))
def test_no_topic_or_payload_raises(topic: str, payload: bytes) -> None:
    made = HomeAssistant()
    for one in (topic, f"homeassistant/{topic}/config", f"homeassistant/device/{topic}/config"):
        made.claims(one)
        made.decode(one, payload, False)
