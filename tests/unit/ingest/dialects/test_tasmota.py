"""ingest.dialects.tasmota: topics, time, contacts, Zigbee children, presence, garbage."""

from __future__ import annotations

import json
import random

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.instant import HOUR, SECOND, parse_rfc3339
from ingest.device_time import UNREADABLE
from ingest.dialects.tasmota import CHILDREN, LONGEST_KEY, Tasmota
from ingest.generic import GENERIC, specific
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Rejected
from ingest.registry import Dialect
from ingest.sources.mqtt import overlapping

LEAK = {"Device": "0x898E", "0500<00": "010000FF0000", "ZoneStatusChange": 1, "LinkQuality": 110}


def decode(topic: str, payload: object, dialect: Tasmota | None = None) -> object:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return (dialect or Tasmota()).decode(topic, raw, False)


def said(topic: str, payload: object, dialect: Tasmota | None = None) -> Decoded:
    found = decode(topic, payload, dialect)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


# Topics -----------------------------------------------------------------------------------------------------


def test_it_is_a_dialect() -> None:
    dialect: Dialect = Tasmota()
    assert dialect.name == "tasmota"


@pytest.mark.parametrize("full_topic", ["%prefix%/%topic%/", "/%topic%/%prefix%/", "%topic%/%prefix%/"])
def test_own_subscriptions_do_not_overlap_and_are_claimed(full_topic: str) -> None:
    dialect = Tasmota(full_topic)
    found = dialect.subscriptions()
    filters = [one.topic_filter for one in found]
    assert overlapping(filters) is None
    assert {one.lane for one in found} == {Lane.TELEMETRY}
    assert all(dialect.claims(one.replace("+", "x")) for one in filters)


def test_commands_and_foreign_topics_are_not_claimed() -> None:
    claimed = [Tasmota().claims(topic) for topic in ("cmnd/a/POWER", "zigbee2mqtt/a/b", "tele/a/SENSOR")]
    assert claimed == [False, False, True]
    found = decode("cmnd/a/POWER", b"ON")
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


def test_trap_25_custom_full_topic_with_a_leading_slash_and_the_prefix_last() -> None:
    dialect = Tasmota("/%topic%/%prefix%/")
    found = said("/SonoffZigbeeBridge/898E/tele/SENSOR", {"ZbReceived": {"0x898E": LEAK}}, dialect)
    assert found.address == "SonoffZigbeeBridge/0x898E"
    assert found.points[0] == Point(GENERIC, 1.0)


# Presence and heartbeat -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("payload", "online"), [(b"Online", True), (b"Offline", False)])
def test_last_will(payload: bytes, online: bool) -> None:
    assert said("tele/a/LWT", payload) == Decoded("tasmota", "a", online=online)


def test_state_is_a_heartbeat_whose_time_is_left_to_the_sensor_message() -> None:
    body = {"Time": "2024-02-24T22:20:38", "UptimeSec": 611, "POWER": "OFF", "Wifi": {"RSSI": 44}}
    assert said("tele/a/STATE", body) == Decoded("tasmota", "a")


# Time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "offset_for", "at"),
    [
        ("2024-02-24T22:20:38", 0, "2024-02-24T22:20:38Z"),
        ("2024-02-24T22:20:38", 8 * HOUR, "2024-02-24T14:20:38Z"),
        ("2024-02-24T22:20:38", -5 * HOUR, "2024-02-25T03:20:38Z"),
        ("2024-02-24T22:20:38+01:00", 8 * HOUR, "2024-02-24T21:20:38Z"),
        (1_708_813_238, 8 * HOUR, "2024-02-24T22:20:38Z"),
    ],
)
def test_trap_26_time_without_a_zone_is_local(given: object, offset_for: int, at: str) -> None:
    dialect = Tasmota(utc_offset_for=offset_for)
    assert said("tele/a/SENSOR", {"Time": given}, dialect).device_at == parse_rfc3339(at)


def test_epoch_beside_the_local_time_wins() -> None:
    body = {"Time": "2024-02-24T22:20:38", "Epoch": 1_708_813_238}
    assert said("tele/a/SENSOR", body).device_at == 1_708_813_238_000_000


@pytest.mark.parametrize(
    "given",
    ["1970-01-01T00:00:09", "22:20:38", "", "x" * 100, True, -1, 1e300, [], {}, "0001-01-01T00:00:00"],
)
def test_time_that_is_none_is_not_believed(given: object) -> None:
    assert said("tele/a/SENSOR", {"Time": given}, Tasmota(utc_offset_for=8 * HOUR)).device_at == UNREADABLE
    assert said("tele/a/SENSOR", {}).device_at is None


# Contacts ---------------------------------------------------------------------------------------------------


def test_contact_without_a_meaning_is_a_note_never_alarm_and_never_clear() -> None:
    for word in ("ON", "OFF"):
        found = said("tele/a/SENSOR", {"Switch1": word})
        assert found.points == ()
        assert found.notes == (f"Switch1 is {word}: name what this contact means under `switches`",)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("ON", 1.0),
        ("OFF", 0.0),
        ({"Action": "ON"}, 1.0),
        ("HOLD", None),
        ("on", None),
        (1, None),
        (None, None),
    ],
)
def test_contact_with_a_meaning(value: object, read: float | None) -> None:
    dialect = Tasmota(switches={"Switch1": "water_leak_alarm"})
    for topic in ("tele/a/SENSOR", "stat/a/RESULT"):
        found = said(topic, {"Switch1": value}, dialect)
        assert found.points == (Point("water_leak_alarm", read),)
        assert len(found.notes) == (read is None)


def test_contact_of_one_device_has_its_own_meaning() -> None:
    dialect = Tasmota(switches={"Switch1": "water_leak_alarm", "b/Switch1": "smoke_alarm"})
    body = {"StatusSNS": {"Time": "2024-02-24T22:20:38", "Switch1": "ON"}}
    assert said("stat/a/STATUS10", body, dialect).points == (Point("water_leak_alarm", 1.0),)
    assert said("stat/b/STATUS8", body, dialect).points == (Point("smoke_alarm", 1.0),)


@pytest.mark.parametrize(
    ("switch", "quantity", "told"),
    [
        ("Switch0", "smoke_alarm", "Switch1"),
        ("POWER", "smoke_alarm", "Switch1"),
        ("Switch1", "wet", "no alarm"),
        ("Switch1", "temperature_c", "no alarm"),
    ],
)
def test_meaning_that_is_none_is_an_error(switch: str, quantity: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Tasmota(switches={switch: quantity})


# Temperature ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ({"DS18B20": {"Temperature": 27.9}}, (Point("temperature_c", 27.9),)),
        ({"DS18B20": {"Temperature": 27.9}, "ESP32": {"Temperature": 53.3}}, (Point("temperature_c", 27.9),)),
        ({"SHT3X": {"Temperature": 82.2}, "TempUnit": "F"}, (Point("temperature_c", 27.89),)),
        ({"SHT3X": {"Temperature": 300}, "TempUnit": "K"}, (Point("temperature_c", None),)),
        ({"SHT3X": {"Temperature": None}}, (Point("temperature_c", None),)),
        ({"DS18B20-1": {"Temperature": 20}, "DS18B20-2": {"Temperature": 90}}, ()),
        ({"ENERGY": {"Power": 20}}, ()),
    ],
)
def test_temperature_of_the_one_sensor_that_tells_it(body: object, points: tuple[Point, ...]) -> None:
    assert said("tele/a/SENSOR", body).points == points


# Zigbee -----------------------------------------------------------------------------------------------------


def test_trap_24_leak_told_by_raw_bytes_only_is_a_leak_of_that_device() -> None:
    found = said("tele/tasmota_9CF9D1/SENSOR", {"ZbReceived": {"0x898E": LEAK}})
    profile = Profile("p", DeviceKind.WATER_LEAK, frozenset())
    device = Device("d", profile, "c", "tasmota", "tasmota_9CF9D1/0x898E", "水浸", "Leak")
    assert found.address == device.address
    assert Point("water_leak_alarm", 1.0) in specific(found.points, device)


@pytest.mark.parametrize(
    ("topic", "body", "address"),
    [
        ("tele/z/SENSOR", {"ZbReceived": {"0x898E": LEAK}}, "z/0x898E"),
        ("tele/z/RESULT", {"ZigbeeReceived": {"0x898E": LEAK}}, "z/0x898E"),
        ("tele/z/SENSOR", {"ZbReceived": {"Bath": LEAK}}, "z/Bath"),
        ("tele/z/898E/SENSOR", {"ZbReceived": {"0x898E": LEAK}}, "z/0x898E"),
        ("tele/z/898E_1/SENSOR", {"ZbReceived": {"0x898E": LEAK}}, "z/0x898E"),
        ("tele/z/898E/SENSOR", {"ZbReceived": {"Bath": LEAK}}, "z/Bath"),
        ("tele/z/Bath/SENSOR", {"ZbReceived": {"0x898E": {**LEAK, "Name": "Bath"}}}, "z/0x898E"),
        ("tele/898E/SENSOR", {"ZbReceived": {"0x898E": LEAK}}, "0x898E"),
        ("tele/z/898E/ZbReceived", {"0x898E": LEAK}, "z/0x898E"),
        ("tele/z/SENSOR", {"0x898E": LEAK}, "z/0x898E"),
        ("tele/z/898E/SENSOR", {"ZbReceived": LEAK}, "z/0x898E"),
        ("tele/z/Bath/ZbReceived", LEAK, "z/Bath"),
    ],
)
def test_address_is_the_same_with_and_without_topics_for_each_device(
    topic: str, body: object, address: str
) -> None:
    found = said(topic, body)
    assert found.address == address
    assert Point(GENERIC, 1.0) in found.points


def test_several_devices_of_one_message_are_told_apart() -> None:
    body = {"ZbReceived": {"0x898E": LEAK, "0x0001": {"Device": "0x0001", "Panic": 1}}}
    found = decode("tele/z/SENSOR", body)
    assert isinstance(found, tuple)
    assert [(one.address, one.is_event) for one in found] == [("z/0x898E", False), ("z/0x0001", True)]


def test_crowd_of_devices_or_an_endless_name_is_refused() -> None:
    crowd = {f"0x{n:04X}": LEAK for n in range(CHILDREN + 1)}
    for children in (crowd, {"x" * (LONGEST_KEY + 1): LEAK}, {"": LEAK}):
        found = decode("tele/z/SENSOR", {"ZbReceived": children})
        assert isinstance(found, Rejected)
        assert found.reason is Reason.IMPLAUSIBLE


# What is not taken ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("tele/a/LWT", b""),
        ("tele/a/LWT", b"DeepSleep"),
        ("tele/a/INFO1", b"{broken"),
        ("stat/a/POWER", b"ON"),
        ("stat/a/RESULT", b'{"POWER":"ON"}'),
        ("stat/a/LWT", b"x"),
        ("tele/a/SENSOR", b'{"ZbReceived":{}}'),
    ],
)
def test_what_says_nothing_of_a_device_is_ignored(topic: str, payload: bytes) -> None:
    assert isinstance(decode(topic, payload), Ignored)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("tele/a/LWT", b"online", Reason.MALFORMED),
        ("tele/a/SENSOR", b"{", Reason.MALFORMED),
        ("tele/a/SENSOR", b"\xff", Reason.MALFORMED),
        ("tele/a/SENSOR", b"[]", Reason.WRONG_TYPE),
        ("tele/a/STATE", b"1", Reason.WRONG_TYPE),
        ("tele/a/SENSOR", b" " * 70_000, Reason.TOO_LARGE),
        ("tele/a/LWT", b" " * 70_000, Reason.TOO_LARGE),
    ],
)
def test_bad_message_is_refused_with_its_reason(topic: str, payload: bytes, reason: Reason) -> None:
    found = decode(topic, payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect, found.address) == (reason, "tasmota", "a")


def test_no_bytes_make_it_raise() -> None:
    chance = random.Random(24)
    whole = json.dumps(
        {"Time": "2024-02-24T22:20:38", "ZbReceived": {"0x898E": LEAK}, "Switch1": "ON"}
    ).encode()
    for end in range(len(whole)):
        assert isinstance(decode("tele/a/SENSOR", whole[:end]), Rejected if end else Ignored)
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            raw[chance.randrange(len(raw))] = chance.choice(b'0123456789{}[]",:.-TZSW\x00\xff')
        for topic in (
            "tele/a/SENSOR",
            "tele/a/LWT",
            "stat/a/RESULT",
            "tele/a/b/ZbReceived",
            "stat/a/STATUS10",
        ):
            assert isinstance(decode(topic, bytes(raw)), (tuple, Rejected, Ignored))


@pytest.mark.parametrize("odd", [None, True, 0, 1e17, -1, "x", [], [None], {}, {"Device": None}])
def test_no_type_makes_it_raise(odd: object) -> None:
    dialect = Tasmota(switches={"Switch1": "smoke_alarm"})
    for key in ("ZbReceived", "StatusSNS", "Switch1", "DS18B20", "TempUnit", "Time", "Epoch"):
        body = {"DS18B20": {"Temperature": odd}, key: odd}
        for leaf in ("tele/a/SENSOR", "stat/a/RESULT", "stat/a/STATUS8", "tele/a/b/ZbReceived"):
            assert isinstance(decode(leaf, body, dialect), (tuple, Ignored))
    for key in ("0500<00", "ZoneStatusChange", "Water", "Device", "Name", "LinkQuality", "0501!02"):
        assert isinstance(decode("tele/a/SENSOR", {"ZbReceived": {"0x1": {key: odd}}}), tuple)


def test_the_period_of_its_telemetry_is_how_often_it_is_heard() -> None:
    assert said("stat/a/RESULT", {"TelePeriod": 300}).reports_every_for == 300 * SECOND
    assert said("stat/a/STATUS3", {"StatusLOG": {"TelePeriod": 60}}).reports_every_for == 60 * SECOND
    off = said("stat/a/RESULT", {"TelePeriod": 0})
    assert off.reports_every_for is None
    assert "TelePeriod" in off.notes[0]
