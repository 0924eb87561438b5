"""ingest.dialects.chirpstack: events, clocks that differ, and the traps of payloads 1.11 by name."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.instant import HOUR, MINUTE, SECOND, parse_rfc3339, rfc3339
from devices.inventory import Inventory
from devices.reading import Trust
from ingest.admit import Admission
from ingest.dialects.chirpstack import ChirpStack
from ingest.message import Decoded, Ignored, Lane, Reason, Record, RecordKind, Rejected
from ingest.registry import Dialect, Subscription

EUI = "a84041ffff123abc"
AT = parse_rfc3339("2026-03-05T06:07:08.123456Z")
INFO = {"deviceProfileName": "EM300-ZLD", "deviceName": "cellar", "devEui": EUI, "tags": {}}
WET, DRY = "BQAB", "BQAA"


def topic(kind: str = "up", application: str = "app-1", eui: str = EUI) -> str:
    return f"application/{application}/device/{eui}/event/{kind}"


def up(**more: Any) -> dict[str, Any]:
    body = {
        "deduplicationId": "3ac7e3c4",
        "time": rfc3339(AT),
        "deviceInfo": INFO,
        "fCnt": 41,
        "fPort": 85,
        "data": WET,
    }
    return body | more


def decode(kind: str, body: object, dialect: ChirpStack | None = None) -> object:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (dialect or ChirpStack()).decode(topic(kind), raw, False)


def said(kind: str, body: object) -> Decoded:
    found = decode(kind, body)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


def values(body: dict[str, Any]) -> dict[str, float | None]:
    return dict(said("up", body).points)


# Topics -----------------------------------------------------------------------------------------------------


def test_it_is_a_dialect() -> None:
    dialect: Dialect = ChirpStack()
    assert dialect.name == "chirpstack"


def test_one_application_or_all_of_them() -> None:
    filters = [one.subscriptions()[0].topic_filter for one in (ChirpStack(), ChirpStack("app-1"))]
    assert filters == ["application/+/device/+/event/+", "application/app-1/device/+/event/+"]
    assert ChirpStack().subscriptions() == (Subscription(filters[0], Lane.TELEMETRY),)


def test_only_events_of_our_devices_are_claimed() -> None:
    mine = ChirpStack("app-1")
    assert mine.claims(topic())
    assert not mine.claims(topic(application="app-2"))
    assert ChirpStack().claims(topic(application="app-2"))
    others = ["application/a/device/b/command/down", "application/a/device//event/up", "eu868/gateway/x", ""]
    assert not any(ChirpStack().claims(one) for one in others)
    found = mine.decode(topic(application="app-2"), b"{}", False)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


@pytest.mark.parametrize("application", ["", "+", "#", "a/b", "a\0"])
def test_application_that_is_no_id_is_an_error(application: str) -> None:
    with pytest.raises(ValueError, match="application"):
        ChirpStack(application)


def test_address_is_the_eui_in_lower_case() -> None:
    found = ChirpStack().decode(topic(eui=EUI.upper()), json.dumps(up()).encode(), False)
    assert isinstance(found, tuple)
    assert found[0].address == EUI


def test_message_of_another_device_than_its_topic_is_refused() -> None:
    found = decode("up", up(deviceInfo=INFO | {"devEui": "0" * 16}))
    assert isinstance(found, Rejected)
    assert (found.reason, found.address) == (Reason.TOPIC_MISMATCH, EUI)


@pytest.mark.parametrize("kind", ["txack", "location", "integration", "something", ""])
def test_events_of_no_concern_are_not_even_read(kind: str) -> None:
    assert isinstance(decode(kind, b"\x00\xff"), Ignored)


def test_retained_event_that_was_taken_away_is_ignored() -> None:
    assert isinstance(decode("up", b""), Ignored)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"data":', Reason.MALFORMED),
        (b'{"data":"AQ==","data":"AA=="}', Reason.MALFORMED),
        (b"\x0a\x24" + b"3ac7" * 9, Reason.MALFORMED),
        (b'{"fCnt":' + b"9" * 30 + b"}", Reason.IMPLAUSIBLE),
        (b"[]", Reason.WRONG_TYPE),
        (b"{" + b" " * 70_000 + b"}", Reason.TOO_LARGE),
    ],
)
def test_bad_message_is_refused_with_its_reason(payload: bytes, reason: Reason) -> None:
    found = decode("up", payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect, found.address) == (reason, "chirpstack", EUI)


def test_protobuf_is_refused_with_what_to_do() -> None:
    found = decode("up", b"\x0a\x243ac7e3c4-4401-4b8d-9386-a5c902f9202d")
    assert isinstance(found, Rejected)
    assert "JSON" in found.detail
    assert "protobuf" in found.detail


# Uplinks ----------------------------------------------------------------------------------------------------


def test_uplink_tells_values_time_and_its_own_id() -> None:
    one = said("up", up())
    assert dict(one.points) == {"water_leak_alarm": 1.0}
    assert (one.network_at, one.device_at) == (AT - AT % 1000, None)
    assert one.message_id == "up/3ac7e3c4"
    assert (one.backfill, one.is_event, one.test, one.online, one.notes) == (False, False, False, None, ())


@pytest.mark.parametrize("named", [None, "", 7])
def test_message_without_an_id_has_none(named: object) -> None:
    assert said("up", up(deduplicationId=named)).message_id is None


def test_trap_18_object_null() -> None:
    assert values(up(object=None)) == {"water_leak_alarm": 1.0}


def test_numbers_of_the_object_are_floats() -> None:
    info = INFO | {"deviceProfileName": "mine"}
    assert values(up(deviceInfo=info, object={"leak": 1.0})) == {"water_leak_alarm": 1.0}


@pytest.mark.parametrize("missing", [{"fPort": 0, "data": ""}, {"data": ""}, {"fPort": 0, "data": None}])
def test_frame_of_the_radio_network_itself_is_a_sign_of_life(missing: dict[str, Any]) -> None:
    assert said("up", up(**missing)).points == ()


def test_zero_fields_may_be_left_out() -> None:
    bare = {"deviceInfo": {"devEui": EUI}}
    assert said("up", bare) == Decoded("chirpstack", EUI, notes=said("up", bare).notes)


@pytest.mark.parametrize(
    "info",
    [
        {"deviceProfileName": "Milesight EM300-ZLD"},
        {"deviceProfileName": "leak sensors", "tags": {"model": "EM300-ZLD"}},
        {"deviceProfileName": "leak sensors", "deviceName": "EM300-ZLD-01"},
        {"deviceProfileName": "EM300-ZLD", "deviceName": "TG563A next to it"},
    ],
)
def test_model_by_profile_tag_or_name(info: dict[str, Any]) -> None:
    assert values(up(deviceInfo=info)) == {"water_leak_alarm": 1.0}


@pytest.mark.parametrize(
    "info",
    [
        None,
        [],
        {"deviceProfileName": None, "tags": ["EM300-ZLD"], "deviceName": {}},
        {"deviceProfileName": "EM300-ZLD", "tags": {"model": "TG563A"}},
    ],
)
def test_model_that_is_not_told_or_told_twice_is_none(info: object) -> None:
    assert isinstance(decode("up", up(deviceInfo=info)), Rejected)


# Time -------------------------------------------------------------------------------------------------------


def clocks(time: int | None, *gateways: tuple[int | None, int | None]) -> Decoded:
    def text(at: int | None) -> str | None:
        return None if at is None else rfc3339(AT + at)

    infos = [{"gwTime": text(received), "nsTime": text(handed_on)} for received, handed_on in gateways]
    return said("up", up(time=text(time), rxInfo=infos))


DAY = 24 * HOUR


def apart(one: Decoded) -> int | None:
    return None if one.network_at is None else one.network_at - AT // 1000 * 1000


def test_trap_17_ns_time_7_days_off() -> None:
    one = clocks(SECOND, (0, -7 * DAY))
    assert apart(one) == SECOND
    assert "604801 s apart" in one.notes[-1]


def test_gateway_whose_clock_alone_is_wrong_is_outvoted() -> None:
    """`time` is a copy of the first gateway's clock: that makes it no second witness."""
    one = clocks(-8 * HOUR, (-8 * HOUR, SECOND), (0, 2 * SECOND))
    assert apart(one) == 0


def test_server_is_one_clock_however_many_gateways_it_wrote_it_beside() -> None:
    one = clocks(0, (0, -7 * DAY), (SECOND, -7 * DAY + SECOND), (None, -7 * DAY + 2 * SECOND))
    assert apart(one) == 0


def test_one_clock_against_one_takes_time() -> None:
    assert apart(clocks(-7 * DAY, (-7 * DAY, 0))) == -7 * DAY


def test_slow_way_to_the_server_is_no_wrong_clock() -> None:
    one = clocks(0, (0, 11 * SECOND), (None, MINUTE))
    assert (apart(one), one.notes) == (0, ())


def test_without_time_a_gateway_tells_it() -> None:
    assert apart(clocks(None, (SECOND, 2 * SECOND))) == SECOND
    assert apart(clocks(None, (None, 2 * SECOND))) == 2 * SECOND
    assert clocks(None, (None, None)).network_at is None


@pytest.mark.parametrize("infos", [None, {}, "x", [None, 3, "x", []], [{"gwTime": 5, "nsTime": {}}] * 100])
def test_gateways_in_disorder_leave_the_time(infos: object) -> None:
    assert said("up", up(rxInfo=infos)).network_at == AT - AT % 1000


# Other events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"margin": 10, "batteryLevel": 88.3}, {"battery_percent": 88.3}),
        ({"batteryLevel": None}, {"battery_percent": None}),
        ({"batteryLevel": 400}, {"battery_percent": None}),
        ({}, {"battery_percent": None}),
        ({"batteryLevelUnavailable": True, "batteryLevel": 0.0}, {"battery_percent": None}),
        ({"externalPowerSource": True, "batteryLevel": 0.0}, {}),
    ],
)
def test_status_tells_the_battery(fields: dict[str, Any], expected: dict[str, float | None]) -> None:
    one = said("status", {"deduplicationId": "x", "time": rfc3339(AT)} | fields)
    assert dict(one.points) == expected
    assert one.message_id == "status/x"


def test_status_notes_the_radio_margin_also_where_zero_was_left_out() -> None:
    assert "radio margin 10 dB" in said("status", {"margin": 10}).notes
    assert "radio margin 0 dB" in said("status", {}).notes


def test_join_is_a_start_and_no_history() -> None:
    one = said("join", {"deduplicationId": "x", "time": rfc3339(AT), "devAddr": "00189440"})
    assert (one.points, one.backfill, one.online, one.message_id) == ((), False, None, "join/x")
    assert "joined the network" in one.notes[0]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("UPLINK_MIC", "wrong signature"),
        ("UPLINK_F_CNT_RESET", "went back"),
        ("UPLINK_F_CNT_RETRANSMISSION", "came again"),
        ("OTAA", "could not join"),
        ("DOWNLINK_GATEWAY", "a command to it failed"),
    ],
)
def test_log_is_a_note_and_no_fault(code: str, meaning: str) -> None:
    one = said("log", {"level": "ERROR", "code": code, "description": "keys\n", "time": rfc3339(AT)})
    assert one.points == ()
    assert meaning in one.notes[0]
    assert one.notes[0].isprintable()


@pytest.mark.parametrize("code", [None, "UNKNOWN", "RELAY_NEW_END_DEVICE", 6, []])
def test_log_of_another_kind_is_ignored(code: object) -> None:
    assert isinstance(decode("log", {"code": code}), Ignored)


def test_ack_is_ignored_and_a_missing_one_noted() -> None:
    assert isinstance(decode("ack", {"acknowledged": True}), Ignored)
    assert "not acknowledged" in said("ack", {"queueItemId": "x"}).notes[0]


# In admission -----------------------------------------------------------------------------------------------


class Cellar:
    """One leak sensor, through admission."""

    def __init__(self) -> None:
        profile = Profile("p", DeviceKind.WATER_LEAK, frozenset())
        device = Device("d", profile, "c", "chirpstack", EUI, "地下室", "cellar")
        self.admission = Admission(Inventory.of("c", "1", (), (device,)))
        self.trust: list[Trust] = []
        self._sequence = 0

    def hears(self, kind: str, body: dict[str, Any]) -> None:
        self._sequence += 1
        payload = json.dumps(body).encode()
        at = AT + self._sequence * SECOND
        record = Record(self._sequence, at, RecordKind.MESSAGE, "mqtt", topic(kind), payload)
        found = ChirpStack().decode(topic(kind), payload, False)
        assert isinstance(found, tuple)
        for one in found:
            self.trust += [reading.trust for reading in self.admission.admit(record, one).readings]


def test_frame_that_is_told_as_status_join_and_uplink_is_no_repetition() -> None:
    """The three events of one frame have one deduplication id: the alarm comes last and counts."""
    cellar = Cellar()
    for kind, body in (("join", {}), ("status", {"batteryLevel": 50.0}), ("up", up())):
        cellar.hears(kind, up() | body)
    assert cellar.trust == [Trust(0), Trust(0)]


def test_uplink_that_is_told_twice_is_a_repetition() -> None:
    cellar = Cellar()
    cellar.hears("up", up())
    cellar.hears("up", up())
    assert cellar.trust == [Trust(0), Trust.DUPLICATE]


@pytest.mark.parametrize(
    ("kind", "body"), [("log", {"code": "UPLINK_MIC"}), ("log", {"code": "DOWNLINK_GATEWAY"}), ("ack", {})]
)
def test_what_the_network_says_of_a_silent_device_is_no_sign_of_life(kind: str, body: dict[str, Any]) -> None:
    """Or anybody with a radio could keep a stolen detector alive, and every failed command would."""
    cellar = Cellar()
    cellar.hears(kind, body)
    assert cellar.admission.last("d") is None
    cellar.hears("up", up())
    before = cellar.admission.last("d")
    cellar.hears(kind, body)
    after = cellar.admission.last("d")
    assert before is not None
    assert after is not None
    assert (after.heard_at, after.online) == (before.heard_at, None)


# Garbage ----------------------------------------------------------------------------------------------------


def test_no_value_of_another_type_raises() -> None:
    odd: list[Any] = [None, True, -1, 1e300, 10**18, "", "x", "\ud800x", [], [[]], {}, {"a": []}, [{"a": 1}]]
    keys = [*up(), "object", "rxInfo", "margin", "batteryLevel", "code", "description", "acknowledged"]
    for kind in ("up", "status", "join", "log", "ack"):
        for key in keys:
            for value in odd:
                found = decode(kind, up(**{key: value}))
                assert isinstance(found, (tuple, Rejected, Ignored))


def test_bytes_at_random_never_raise() -> None:
    chance = random.Random(4)
    whole = json.dumps(up(object={"leakage_status": "leak"}, rxInfo=[{"gwTime": rfc3339(AT)}])).encode()
    for cut in range(len(whole)):
        assert isinstance(decode("up", whole[:cut]), (Rejected, Ignored))
    for _ in range(2000):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert isinstance(decode("up", bytes(broken)), (tuple, Rejected))
