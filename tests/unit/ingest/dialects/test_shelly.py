"""ingest.dialects.shelly: topics, frames, clocks, presence, garbage."""

from __future__ import annotations

import json
import random

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.instant import HOUR
from devices.inventory import Inventory
from devices.reading import Trust
from ingest.admit import Admission
from ingest.device_time import UNREADABLE
from ingest.dialects.shelly import Shelly
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Record, RecordKind, Rejected
from ingest.registry import Dialect
from ingest.sources.mqtt import overlapping

SMOKE = "shellyplussmoke-0a1b2c3d4e5f"
FLOOD = "shellyfloodg4-0a1b2c3d4e5f"
T0 = 1_790_000_000_000_000
WAKE = {
    "src": SMOKE,
    "dst": "ws",
    "method": "NotifyFullStatus",
    "params": {
        "ts": 2.46,
        "ble": {},
        "devicepower:0": {"id": 0, "battery": {"V": 2.94, "percent": 85}},
        "smoke:0": {"id": 0, "alarm": False, "mute": False},
        "sys": {"time": None, "unixtime": None, "uptime": 2, "wakeup_period": 86400},
    },
}


def decode(topic: str, payload: object, *prefixes: str) -> object:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Shelly(prefixes).decode(topic, raw, False)


def said(topic: str, payload: object, *prefixes: str) -> Decoded:
    found = decode(topic, payload, *prefixes)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


def frame(method: str, **params: object) -> dict[str, object]:
    return {"src": FLOOD, "dst": f"{FLOOD}/events", "method": method, "params": params}


# Topics -----------------------------------------------------------------------------------------------------


def test_it_is_a_dialect() -> None:
    dialect: Dialect = Shelly()
    assert dialect.name == "shelly"


def test_own_subscriptions_do_not_overlap_and_ride_with_telemetry() -> None:
    found = Shelly(("house/", "house/flood-", "cellar-")).subscriptions()
    filters = [one.topic_filter for one in found]
    assert overlapping(filters) is None
    assert {one.lane for one in found} == {Lane.TELEMETRY}
    assert {"+/events/rpc", "house/+/events/rpc", "+/online", "shellies/+/sensor/+"} <= set(filters)


@pytest.mark.parametrize(
    ("topic", "claimed"),
    [
        (f"{SMOKE}/events/rpc", True),
        (f"{SMOKE}/online", True),
        (f"{SMOKE}/status/smoke:0", True),
        (f"{SMOKE}/rpc", False),
        (f"{SMOKE}/status/", False),
        (f"{SMOKE}/status/a/b", False),
        (f"{SMOKE}", False),
        ("house/kitchen/events/rpc", True),
        ("houses/kitchen/events/rpc", False),
        ("other/online", False),
        ("/online", False),
        ("shellies/shellyflood-1/sensor/flood", True),
        ("shellies/shellyflood-1/online", True),
        ("shellies/announce", False),
        ("shellies//online", False),
    ],
)
def test_claims_what_begins_with_its_prefixes(topic: str, claimed: bool) -> None:
    dialect = Shelly(("house/",))
    assert dialect.claims(topic) is claimed
    found = dialect.decode(topic, b"{}", False)
    assert (isinstance(found, Rejected) and found.reason is Reason.TOPIC_MISMATCH) is not claimed


@pytest.mark.parametrize("prefix", ["", "/a", "a/+", "#", "a\0"])
def test_prefix_that_is_no_topic_is_an_error(prefix: str) -> None:
    with pytest.raises(ValueError, match="topic prefix"):
        Shelly((prefix,))


def test_address_is_the_id_whole() -> None:
    assert said("house/kitchen/online", b"true", "house/").address == "house/kitchen"
    assert said(f"{SMOKE}/status/smoke:0", {"alarm": True}).address == SMOKE
    assert said("shellies/shellyflood-1/sensor/flood", b"true").address == "shellyflood-1"


# Gen2 and later ---------------------------------------------------------------------------------------------


def test_trap_16_clock_not_set_after_wake() -> None:
    found = said(f"{SMOKE}/events/rpc", WAKE)
    assert found.device_at == UNREADABLE
    assert found.notes == ("ts 2.46: its clock is not set yet",)
    assert dict(found.points) == {
        "battery_percent": 85.0,
        "battery_mv": 2940.0,
        "fault": 0.0,
        "smoke_alarm": 0.0,
        "muted": 0.0,
    }


def test_trap_16_alarm_right_after_waking_is_an_alarm_of_now() -> None:
    profile = Profile("p", DeviceKind.SMOKE, frozenset())
    device = Device("d", profile, "c", "shelly", SMOKE, "烟感", "Smoke")
    admission = Admission(Inventory.of("c", "1", (), (device,)))
    body = {**WAKE, "params": {"ts": 2.46, "smoke:0": {"id": 0, "alarm": True}}}
    record = Record(1, T0, RecordKind.MESSAGE, "mqtt", f"{SMOKE}/events/rpc", b"")
    heard = admission.admit(record, said(f"{SMOKE}/events/rpc", body))
    (alarm,) = (one for one in heard.readings if one.quantity == "smoke_alarm")
    assert (alarm.value, alarm.measured_at, alarm.trust) == (1.0, T0, Trust.CLOCK)


def test_partial_status_says_only_what_changed() -> None:
    body = frame("NotifyStatus", ts=1718000000.12, **{"flood:0": {"id": 0, "alarm": True}})
    found = said(f"{FLOOD}/events/rpc", body)
    assert found == Decoded("shelly", FLOOD, (Point("water_leak_alarm", 1.0),), 1_718_000_000_120_000)


def test_status_of_other_components_is_a_sign_of_life() -> None:
    body = frame("NotifyStatus", ts=1718000000.12, wifi={"rssi": -60}, cloud=None)
    assert said(f"{FLOOD}/events/rpc", body) == Decoded("shelly", FLOOD, (), 1_718_000_000_120_000)


def test_status_topic_is_whole() -> None:
    found = said(f"{FLOOD}/status/flood:0", {"id": 0, "alarm": False, "mute": False})
    assert dict(found.points) == {"fault": 0.0, "water_leak_alarm": 0.0, "muted": 0.0}
    assert found.device_at is None


def test_event_of_an_alarm() -> None:
    one = {"component": "flood:0", "id": 0, "event": "flood.alarm", "ts": 1718000001.0}
    found = said(f"{FLOOD}/events/rpc", frame("NotifyEvent", ts=1718000001.0, events=[one]))
    assert found == Decoded("shelly", FLOOD, (Point("water_leak_alarm", 1.0),), 1_718_000_001_000_000)


def test_test_of_a_detector_beside_a_real_alarm_does_not_weaken_it() -> None:
    names = [{"event": "smoke.alarm_test"}]
    assert said(f"{SMOKE}/events/rpc", frame("NotifyEvent", events=names)).test
    names.append({"event": "smoke.alarm"})
    assert not said(f"{SMOKE}/events/rpc", frame("NotifyEvent", events=names)).test


@pytest.mark.parametrize("ts", ["1718000000", True, -1, 1e300, [], {}])
def test_time_that_is_none_is_not_believed_and_remarked(ts: object) -> None:
    found = said(f"{FLOOD}/events/rpc", frame("NotifyStatus", ts=ts, **{"flood:0": {"alarm": True}}))
    assert (found.device_at, len(found.notes)) == (UNREADABLE, 1)
    assert found.points == (Point("water_leak_alarm", 1.0),)


@pytest.mark.parametrize(("payload", "online"), [(b"true", True), (b"false", False)])
def test_last_will(payload: bytes, online: bool) -> None:
    for topic, device in ((f"{SMOKE}/online", SMOKE), ("shellies/f-1/online", "f-1")):
        assert said(topic, payload) == Decoded("shelly", device, online=online)


# Gen1 -------------------------------------------------------------------------------------------------------


def test_gen1_value_and_whole_status() -> None:
    assert said("shellies/f-1/sensor/flood", b" true\n").points == (Point("water_leak_alarm", 1.0),)
    found = said("shellies/f-1/info", {"flood": False, "unixtime": 1_718_000_000, "bat": {"value": 90}})
    assert dict(found.points) == {"water_leak_alarm": 0.0, "battery_percent": 90.0}
    assert found.device_at == 1_718_000_000_000_000
    assert said("shellies/f-1/sensor/temperature", b"80.1") == Decoded("shelly", "f-1")
    assert said("shellies/g-1/sensor/operation", b"warmup").warmup
    assert said("shellies/g-1/sensor/gas", b"test").test


# What is not taken ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{SMOKE}/online", b""),
        (f"{SMOKE}/events/rpc", b""),
        (f"{SMOKE}/events/rpc", b"{}"),
        (f"{SMOKE}/events/rpc", b'{"id":1,"result":{}}'),
        ("shellies/a/relay/0", b"on"),
    ],
)
def test_what_says_nothing_of_a_device_is_ignored(topic: str, payload: bytes) -> None:
    assert isinstance(decode(topic, payload), Ignored)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (f"{SMOKE}/events/rpc", b"{", Reason.MALFORMED),
        (f"{SMOKE}/events/rpc", b"\xff", Reason.MALFORMED),
        (f"{SMOKE}/events/rpc", b"[]", Reason.WRONG_TYPE),
        (f"{SMOKE}/events/rpc", b'{"method":"NotifyStatus"}', Reason.WRONG_TYPE),
        (f"{SMOKE}/events/rpc", b'{"method":"NotifyEvent","params":{}}', Reason.WRONG_TYPE),
        (f"{SMOKE}/events/rpc", b" " * 70_000, Reason.TOO_LARGE),
        (f"{SMOKE}/status/smoke:0", b"true", Reason.WRONG_TYPE),
        (f"{SMOKE}/online", b"perhaps", Reason.MALFORMED),
        (f"{SMOKE}/online", b"\x00" * 70_000, Reason.TOO_LARGE),
        ("shellies/a/sensor/flood", b"x" * 70_000, Reason.TOO_LARGE),
        ("shellies/a/info", b"{", Reason.MALFORMED),
    ],
)
def test_bad_message_is_refused_with_its_reason(topic: str, payload: bytes, reason: Reason) -> None:
    found = decode(topic, payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect) == (reason, "shelly")
    assert found.address in topic


def test_no_bytes_make_it_raise() -> None:
    chance = random.Random(16)
    topics = (f"{SMOKE}/events/rpc", f"{SMOKE}/online", f"{SMOKE}/status/smoke:0", "shellies/a/info")
    whole = json.dumps(WAKE).encode()
    for end in range(len(whole)):
        assert isinstance(decode(topics[0], whole[:end]), Rejected if end else Ignored)
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            raw[chance.randrange(len(raw))] = chance.choice(b'0123456789{}[]",:.-etrufalsn\x00\xff')
        for topic in (*topics, "shellies/a/sensor/gas"):
            assert isinstance(decode(topic, bytes(raw)), (tuple, Rejected, Ignored))


@pytest.mark.parametrize("odd", [None, True, 0, 1e17, -1, "x", [], [None], {}, {"a": None}])
def test_no_type_makes_it_raise(odd: object) -> None:
    for key in ("alarm", "mute", "errors", "battery", "external", "tC"):
        for component in ("smoke:0", "flood:0", "devicepower:0", "temperature:0"):
            body = frame("NotifyFullStatus", ts=odd, **{component: {key: odd}, "sys": odd})
            assert isinstance(decode(f"{SMOKE}/events/rpc", body), tuple)
    for key in ("flood", "smoke", "tmp", "bat", "gas_sensor", "sensor_error", "unixtime"):
        assert isinstance(decode("shellies/a/info", {"smoke": odd, key: odd}), tuple)
    assert isinstance(decode(f"{SMOKE}/events/rpc", frame("NotifyEvent", events=[odd])), tuple)


def test_a_detector_that_sleeps_tells_when_it_wakes() -> None:
    body = frame("NotifyFullStatus", **{"smoke:0": {"alarm": False}, "sys": {"wakeup_period": 86400}})
    assert said(f"{SMOKE}/events/rpc", body).reports_every_for == 24 * HOUR
    body = frame("NotifyFullStatus", **{"smoke:0": {"alarm": False}, "sys": {"wakeup_period": 0}})
    assert (said(f"{SMOKE}/events/rpc", body).reports_every_for, said(f"{SMOKE}/events/rpc", body).notes) == (
        None,
        (),
    )
