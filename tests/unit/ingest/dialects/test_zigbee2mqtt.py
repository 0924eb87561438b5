"""ingest.dialects.zigbee2mqtt: topics, forms, recorded messages, and the traps of payloads 1.11 by name."""

from __future__ import annotations

import json

import pytest

from devices.reading import Trust
from ingest.device_time import UNREADABLE
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Rejected
from ingest.registry import Subscription
from tests.support.hearing import House

T0 = 1_790_000_000_000_000


def decode(topic: str, payload: object, base: str = "zigbee2mqtt") -> object:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Zigbee2Mqtt(base).decode(topic, raw, False)


def said(topic: str, payload: object, base: str = "zigbee2mqtt") -> Decoded:
    found = decode(topic, payload, base)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


def values(topic: str, payload: object) -> dict[str, float | None]:
    return {point.quantity: point.value for point in said(topic, payload).points}


# Topics -----------------------------------------------------------------------------------------------------


def test_everything_below_the_base_rides_with_telemetry() -> None:
    assert Zigbee2Mqtt("a/b").subscriptions() == (Subscription("a/b/#", Lane.TELEMETRY),)
    assert Zigbee2Mqtt(()).subscriptions() == ()


@pytest.mark.parametrize(
    "name", ["kitchen smoke", "3号楼/1203/烟感", "0x00158d0001d64498", "bridge", "a/set/b c"]
)
def test_name_may_hold_slashes_and_spaces(name: str) -> None:
    if "/set/" in name:
        assert isinstance(decode(f"zigbee2mqtt/{name}", {"smoke": True}), Ignored)
    else:
        assert said(f"zigbee2mqtt/{name}", {"smoke": True}).address == name


@pytest.mark.parametrize("base", ["", "/a", "a/", "a/+", "#"])
def test_base_that_is_no_topic_is_an_error(base: str) -> None:
    with pytest.raises(ValueError, match="base topic"):
        Zigbee2Mqtt(base)


def test_second_base_tells_its_devices_apart() -> None:
    both = Zigbee2Mqtt(("zigbee2mqtt", "zigbee2mqtt/b2"))
    found = [
        both.decode(f"{base}/smoke", b'{"smoke":true}', False) for base in ("zigbee2mqtt", "zigbee2mqtt/b2")
    ]
    assert [one[0].address for one in found if isinstance(one, tuple)] == ["smoke", "zigbee2mqtt/b2/smoke"]


def test_base_below_another_is_subscribed_once() -> None:
    """Overlapping filters would bring every message twice; the source refuses them."""
    bases = ("zigbee2mqtt", "zigbee2mqtt/b2", "zigbee2mqtt-b3")
    filters = {one.topic_filter for one in Zigbee2Mqtt(bases).subscriptions()}
    assert filters == {"zigbee2mqtt/#", "zigbee2mqtt-b3/#"}


def test_only_what_is_below_the_base_is_claimed() -> None:
    dialect = Zigbee2Mqtt("zigbee")
    claimed = [
        dialect.claims(topic) for topic in ("zigbee/a", "zigbee/", "zigbee", "zigbee2mqtt/a", "x/zigbee/a")
    ]
    assert claimed == [True, True, False, False, False]
    mismatch = dialect.decode("zigbee2mqtt/a", b"{}", False)
    assert isinstance(mismatch, Rejected)
    assert mismatch.reason is Reason.TOPIC_MISMATCH


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("bridge/logging", b'{"level":"error","message":"x"}'),
        ("bridge/info", b"{broken"),
        ("bridge/event", b'{"type":"device_joined","data":{"friendly_name":"x"}}'),
        ("bridge/event", b'{"type":"device_leave","data":{}}'),
        ("bridge/devices", b"[" * 70_000),
        ("smoke/set", b'{"state":"ON"}'),
        ("smoke/get/state", b""),
        ("smoke", b""),
        ("smoke/availability", b""),
        ("smoke/update_available", b"false"),
    ],
)
def test_what_says_nothing_of_a_device_is_ignored(topic: str, payload: bytes) -> None:
    assert isinstance(decode(f"zigbee2mqtt/{topic}", payload), Ignored)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("smoke", b'{"smoke":tr', Reason.MALFORMED),
        ("smoke", b"\xff\xfe", Reason.MALFORMED),
        ("smoke", b'{"smoke":true,"smoke":false}', Reason.MALFORMED),
        ("smoke", b'{"temperature":NaN}', Reason.MALFORMED),
        ("smoke", b'{"temperature":1e999}', Reason.IMPLAUSIBLE),
        ("smoke", b"[true]", Reason.WRONG_TYPE),
        ("smoke", b" " * 70_000, Reason.TOO_LARGE),
        ("smoke/smoke", b"x" * 70_000, Reason.TOO_LARGE),
        ("smoke/availability", b"perhaps", Reason.MALFORMED),
        ("smoke/availability", b'{"state":1}', Reason.MALFORMED),
        ("bridge/state", b"{", Reason.MALFORMED),
        ("bridge/event", b"{", Reason.MALFORMED),
        ("bridge/devices", b"{", Reason.MALFORMED),
    ],
)
def test_bad_message_is_refused_with_its_reason(topic: str, payload: bytes, reason: Reason) -> None:
    found = decode(f"zigbee2mqtt/{topic}", payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect) == (reason, "zigbee2mqtt")


# Forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"), [("true", 1.0), ("True", 1.0), ("OFF", 0.0), ("", None), ("null", None)]
)
def test_attribute_as_bare_text(text: str, value: float | None) -> None:
    assert values("zigbee2mqtt/hall/smoke", text.encode()) == {"smoke_alarm": value}
    assert said("zigbee2mqtt/hall/smoke", text.encode()).address == "hall"


def test_number_as_bare_text() -> None:
    assert values("zigbee2mqtt/hall/temperature", b"21.5") == {"temperature_c": 21.5}


def test_trap_11_bare_action_is_the_same_event_as_in_the_state() -> None:
    bare, whole = said("zigbee2mqtt/b/action", b"emergency"), said("zigbee2mqtt/b", {"action": "emergency"})
    assert bare == whole
    assert bare.is_event
    assert bare.points == (Point("sos_alarm", 1.0),)


def test_device_named_like_an_attribute_is_a_device() -> None:
    assert said("zigbee2mqtt/hall/smoke", {"smoke": True}).address == "hall/smoke"


@pytest.mark.parametrize(("payload", "online"), [(b"online", True), (b'{"state":"offline"}', False)])
def test_trap_15_availability_bare_and_as_json(payload: bytes, online: bool) -> None:
    assert said("zigbee2mqtt/a b/availability", payload) == Decoded("zigbee2mqtt", "a b", online=online)


@pytest.mark.parametrize(("payload", "online"), [(b"offline", False), (b'{"state":"online"}', True)])
def test_bridge_is_a_gateway_with_a_presence(payload: bytes, online: bool) -> None:
    assert said("zigbee2mqtt/bridge/state", payload) == Decoded("zigbee2mqtt", "bridge", online=online)


def test_the_bridges_health_is_a_sign_of_life_however_large_it_is() -> None:
    for payload in (b'{"response_time":1,"mqtt":{"connected":true}}', b"{" + b"x" * 100_000):
        assert said("zigbee2mqtt/bridge/health", payload) == Decoded("zigbee2mqtt", "bridge")


def test_device_that_leaves_is_not_there() -> None:
    left = said("zigbee2mqtt/bridge/event", {"type": "device_leave", "data": {"friendly_name": "a b"}})
    assert (left.address, left.online, left.notes) == ("a b", False, ("left the Zigbee network",))


@pytest.mark.parametrize(
    "last_seen", [1_771_000_000_500, "2026-02-13T16:26:40.500Z", "2026-02-14T00:26:40.500+08:00"]
)
def test_trap_5_last_seen_in_three_forms(last_seen: object) -> None:
    assert said("zigbee2mqtt/a", {"last_seen": last_seen}).device_at == 1_771_000_000_500_000


def test_last_seen_without_a_zone_is_not_believed() -> None:
    found = said("zigbee2mqtt/a", {"smoke": True, "last_seen": "2026-02-13T16:26:40"})
    assert (found.device_at, len(found.notes)) == (UNREADABLE, 1)
    assert found.points == (Point("smoke_alarm", 1.0),)


def test_trap_13_embedded_status_of_the_device_is_not_trusted() -> None:
    """It speaks, so it is there."""
    assert said("zigbee2mqtt/a", {"gas": False, "device": {"status": "offline"}}).online is None


# Through admission ------------------------------------------------------------------------------------------


def test_trap_6_alarm_repeated_every_three_seconds_is_one_alarm() -> None:
    house = House("smoke", "hall")
    for quality in (89, 90, 90, 12):
        body = {"battery": 76.5, "linkquality": quality, "smoke": True, "battery_low": False}
        house.hears("zigbee2mqtt/hall", json.dumps(body).encode(), after_s=3.0)
    assert house.edges == [1.0]
    assert [reading.trust for reading in house.alarms] == [Trust.NONE] * 4


def test_trap_7_chatter_within_a_second_is_told_as_it_is() -> None:
    """What flaps is for the rules to judge."""
    house = House("water_leak", "bath")
    for leak in (True, True, False, False):
        house.hears("zigbee2mqtt/bath", json.dumps({"battery": "80.00", "water_leak": leak}).encode(), 0.2)
    assert house.edges == [1.0, 0.0]


def test_trap_8_alarm_whose_clear_was_lost_is_not_fresh_with_every_battery_report() -> None:
    house = House("smoke", "hall")
    for battery in (100, 99, 98):
        body = {"smoke": True, "battery": battery, "linkquality": 26}
        house.hears("zigbee2mqtt/hall", json.dumps(body).encode(), after_s=3_000.0)
    assert house.edges == [1.0]
    assert [reading.trust for reading in house.alarms] == [Trust.NONE, Trust.STALE, Trust.STALE]


def test_trap_9_empty_action_after_a_press_does_not_clear_it() -> None:
    house = House("sos", "button")
    for action in (None, None, "emergency", ""):
        house.hears("zigbee2mqtt/button", json.dumps({"action": action, "battery": 100}).encode())
    assert house.edges == [1.0]
    assert house.latest("sos_alarm") == 1.0


def test_trap_10_uncommanded_press_with_an_empty_battery_is_a_call_for_help_first() -> None:
    house = House("sos", "button")
    house.hears("zigbee2mqtt/button", b'{"action":"emergency","battery":0,"linkquality":156}')
    assert house.edges == [1.0]
    assert house.alarms[0].trust == Trust.NONE


def test_trap_11_press_on_two_topics_is_one_press_and_the_next_press_is_another() -> None:
    house = House("sos", "button")
    house.hears("zigbee2mqtt/button", b'{"action":"emergency","battery":100}')
    house.hears("zigbee2mqtt/button/action", b"emergency")
    house.hears("zigbee2mqtt/button", b'{"action":"emergency","battery":90}', after_s=30.0)
    assert [bool(reading.trust & Trust.DUPLICATE) for reading in house.alarms] == [False, True, False]


def test_trap_2_text_that_says_true_while_warming_up_is_an_alarm_marked_so() -> None:
    """What it contradicts is for the rules to weigh, and warm-up limits the level."""
    house = House("gas_combustible", "")
    house.hears("zigbee2mqtt/", b'{"gas":"True","gas_detection_state":"False","gas_value":0,"preheat":true}')
    assert house.edges == [1.0]
    assert house.alarms[0].trust == Trust.WARMUP


def test_trap_3_null_is_unknown_and_not_dry() -> None:
    house = House("water_leak", "bath")
    house.hears("zigbee2mqtt/bath", b'{"water_leak":null,"battery":100}')
    assert house.edges == [None]


def test_trap_14_generic_bits_mean_what_the_profile_says() -> None:
    house = House("water_leak", "flood")
    house.hears("zigbee2mqtt/flood", b'{"alarm_1":false,"alarm_2":false,"tamper":false}')
    house.hears("zigbee2mqtt/flood", b'{"alarm_1":true,"alarm_2":false,"tamper":false}')
    assert house.edges == [0.0, 1.0]
