"""ingest.dialects.things_stack: messages, addresses, and the traps of payloads 1.11 by name."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from devices.instant import parse_rfc3339
from ingest.dialects.things_stack import ThingsStack
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Dialect

EUI = "A84041FFFF123ABC"
IDS = {"device_id": "leak-1", "dev_eui": EUI, "dev_addr": "260B0001"}
INNER = "2026-03-05T06:07:08.401Z"
OUTER = "2026-03-05T06:07:08.610Z"
WET = "BQAB"
ZLD = {"brand_id": "milesight-iot", "model_id": "em300-zld"}


def topic(leaf: str = "up", device: str = "leak-1", application: str = "safety@ttn") -> str:
    return f"v3/{application}/devices/{device}/{leaf}"


def up(**more: Any) -> dict[str, Any]:
    uplink = {
        "session_key_id": "AXA5",
        "f_port": 85,
        "f_cnt": 12,
        "frm_payload": WET,
        "version_ids": ZLD,
        "received_at": INNER,
    }
    return {"end_device_ids": IDS, "received_at": OUTER, "uplink_message": uplink | more}


def without(*keys: str) -> dict[str, Any]:
    body = up()
    for key in keys:
        del body["uplink_message"][key]
    return body


def decode(body: object, at: str = topic()) -> object:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ThingsStack().decode(at, raw, False)


def said(body: object, at: str = topic()) -> Decoded:
    found = decode(body, at)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


def values(body: object) -> dict[str, float | None]:
    return dict(said(body).points)


# Topics -----------------------------------------------------------------------------------------------------


def test_it_is_a_dialect() -> None:
    dialect: Dialect = ThingsStack()
    assert dialect.name == "things_stack"


def test_what_is_read_is_subscribed_and_nothing_else() -> None:
    filters = {one.topic_filter: one.lane for one in ThingsStack().subscriptions()}
    assert filters == dict.fromkeys(
        (
            "v3/+/devices/+/up",
            "v3/+/devices/+/join",
            "v3/+/devices/+/down/failed",
            "v3/+/devices/+/down/nack",
        ),
        Lane.TELEMETRY,
    )


@pytest.mark.parametrize("other", ["v3/a@t/devices/x", "v3//devices/x/up", "v2/a/devices/x/up", "up", ""])
def test_other_topics_are_not_claimed(other: str) -> None:
    assert not ThingsStack().claims(other)
    found = decode(up(), other)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


@pytest.mark.parametrize(
    "leaf", ["down/queued", "down/sent", "down/ack", "service/data", "location/solved", "x"]
)
def test_messages_of_no_concern_are_not_even_read(leaf: str) -> None:
    assert ThingsStack().claims(topic(leaf))
    assert isinstance(decode(b"\x00", topic(leaf)), Ignored)


def test_empty_message_is_ignored() -> None:
    assert isinstance(decode(b""), Ignored)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"uplink_message":', Reason.MALFORMED),
        (b'{"a":1,"a":2}', Reason.MALFORMED),
        (b"\xff", Reason.MALFORMED),
        (b"[]", Reason.WRONG_TYPE),
        (b"{}", Reason.WRONG_TYPE),
        (b'{"uplink_message":null}', Reason.WRONG_TYPE),
        (b'{"uplink_message":[]}', Reason.WRONG_TYPE),
        (b" " * 70_000, Reason.TOO_LARGE),
    ],
)
def test_bad_message_is_refused_with_its_reason(payload: bytes, reason: Reason) -> None:
    found = decode(payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect, found.address) == (reason, "things_stack", "safety@ttn/leak-1")


# Addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "device", "address"),
    [
        (IDS, "leak-1", EUI.lower()),
        ({}, "leak-1", "safety@ttn/leak-1"),
        ({"dev_eui": "0000000000000000"}, "leak-1", "safety@ttn/leak-1"),
        ({"dev_eui": "not one"}, "leak-1", "safety@ttn/leak-1"),
        ({"dev_eui": 5}, "leak-1", "safety@ttn/leak-1"),
        ({}, f"eui-{EUI.lower()}", EUI.lower()),
        ({}, "eui-of-nobody", "safety@ttn/eui-of-nobody"),
    ],
)
def test_address_is_the_eui_where_there_is_one(ids: dict[str, Any], device: str, address: str) -> None:
    assert said(up() | {"end_device_ids": ids}, topic(device=device)).address == address


def test_server_of_ones_own_has_no_tenant() -> None:
    found = said(up() | {"end_device_ids": {}}, topic(application="safety"))
    assert found.address == "safety/leak-1"


# Uplinks ----------------------------------------------------------------------------------------------------


def test_uplink_tells_values_time_and_its_own_id() -> None:
    one = said(up())
    assert dict(one.points) == {"water_leak_alarm": 1.0}
    assert (one.network_at, one.device_at) == (parse_rfc3339(INNER), None)
    assert one.message_id == f"AXA5/12/85/{INNER}"
    assert (one.backfill, one.is_event, one.test, one.online, one.notes) == (False, False, False, None, ())


def test_trap_19_f_cnt_0_omitted() -> None:
    assert said(without("f_cnt")).message_id == f"AXA5/0/85/{INNER}"
    assert values(without("f_cnt", "f_port")) == {"water_leak_alarm": 1.0}


def test_counter_that_starts_anew_is_another_message() -> None:
    """A device without joins begins at 0 again when its battery is changed."""
    first, again = without("f_cnt", "session_key_id"), without("f_cnt", "session_key_id")
    again["uplink_message"]["received_at"] = "2026-03-05T07:00:00Z"
    assert said(first).message_id == f"260B0001/0/85/{INNER}"
    assert said(first).message_id != said(again).message_id


def test_message_without_a_time_has_no_id() -> None:
    """All that is left would be the same for every frame, and the second alarm a repetition."""
    body = without("received_at", "f_cnt", "session_key_id")
    del body["received_at"]
    assert (said(body).message_id, said(body).network_at) == (None, None)


def test_outer_time_is_taken_where_the_inner_is_missing() -> None:
    assert said(without("received_at")).network_at == parse_rfc3339(OUTER)


@pytest.mark.parametrize("keys", [("frm_payload",), ("frm_payload", "f_port")])
def test_empty_frame_is_a_sign_of_life(keys: tuple[str, ...]) -> None:
    one = said(without(*keys))
    assert (one.points, one.online) == ((), None)


def test_trap_20_browan_no_leak_key() -> None:
    raw = bytes.fromhex("010b383537")
    decoded = {"battery": 3.6, "bytes": list(raw), "port": 106, "temperature": 24}
    body = up(
        f_port=106,
        frm_payload=base64.b64encode(raw).decode(),
        decoded_payload=decoded,
        version_ids={"brand_id": "browan", "model_id": "tbwl100"},
    )
    assert values(body)["water_leak_alarm"] == 1.0
    body["uplink_message"]["version_ids"] = {}
    one = said(body)
    assert "water_leak_alarm" not in dict(one.points)
    assert "no model" in one.notes[0]


def test_trap_21_dragino_no_sensor() -> None:
    body = up(f_port=2, frm_payload="DhwLBQ==", decoded_payload={"distance": "No Sensor"}, version_ids=None)
    found = dict(said(body, topic(device="ldds75-01")).points)
    assert (found["fault"], found["distance_mm"]) == (1.0, None)


def test_trap_22_lwl02_door_mode() -> None:
    body = up(
        f_port=10,
        frm_payload=base64.b64encode(bytes.fromhex("8bea010000500000aa00")).decode(),
        version_ids={"brand_id": "dragino", "model_id": "lwl02"},
    )
    assert values(body) == {"battery_mv": 3050.0, "fault": 1.0, "water_leak_alarm": None}


def test_mclimate_tells_the_same_by_bytes_and_by_fields() -> None:
    decoded = {"reason": "keepalive", "boxTamper": True, "flood": False, "battery": 3216}
    fields = up(frm_payload="CMk=", f_port=2, decoded_payload=decoded, version_ids={})
    raw = up(frm_payload="CMk=", f_port=2, version_ids={"brand_id": "mclimate", "model_id": "flood-sensor"})
    expected = {"water_leak_alarm": 0.0, "tamper": 1.0, "battery_mv": 3216.0}
    assert values(fields) == values(raw) == expected


def test_model_of_the_repository_counts_before_the_id_of_the_device() -> None:
    assert dict(said(up(), topic(device="tg563a-7")).points) == {"water_leak_alarm": 1.0}
    assert dict(said(up(version_ids={}), topic(device="em300-zld-3")).points) == {"water_leak_alarm": 1.0}


def test_form_of_fixed_names_is_read_where_there_is_no_reader() -> None:
    body = up(version_ids={}, normalized_payload=[{"water": {"leak": True}}], decoded_payload={"x": 1})
    assert values(body) == {"water_leak_alarm": 1.0}


def test_simulated_alarm_is_a_test() -> None:
    one = said(up() | {"simulated": True})
    assert one.test
    assert "simulated" in one.notes[0]


@pytest.mark.parametrize(
    ("remembered", "expected"), [({"value": 98.4}, 98.4), ({"value": 400}, None), ({}, None), ([], None)]
)
def test_battery_that_the_network_remembers(remembered: object, expected: float | None) -> None:
    assert values(up(last_battery_percentage=remembered)).get("battery_percent") == expected


@pytest.mark.parametrize("at", [topic(), topic("join")])
def test_event_of_the_console_is_unwrapped(at: str) -> None:
    pasted = {"name": "as.up.data.forward", "time": OUTER, "identifiers": [], "data": up()}
    assert said(pasted, at) == said(up())


# Other messages ---------------------------------------------------------------------------------------------


def test_join_is_a_start_and_no_history() -> None:
    join = {"session_key_id": "AXBS", "received_at": INNER}
    one = said({"end_device_ids": IDS, "received_at": OUTER, "join_accept": join}, topic("join"))
    assert (one.points, one.backfill, one.online) == ((), False, None)
    assert (one.network_at, one.message_id) == (parse_rfc3339(INNER), "join/AXBS")
    assert "joined the network" in one.notes[0]


@pytest.mark.parametrize(
    ("leaf", "body", "note"),
    [
        ("down/failed", {"downlink_failed": {"error": {"name": "too_long"}}}, "failed: too_long"),
        ("down/failed", {"downlink_failed": {"error": {"message_format": "a\nb"}}}, "failed: a"),
        ("down/failed", {"downlink_failed": {}}, "failed"),
        ("down/nack", {"downlink_nack": {"f_port": 15}}, "not acknowledged"),
    ],
)
def test_command_that_failed_is_a_note_and_no_sign_of_life(
    leaf: str, body: dict[str, Any], note: str
) -> None:
    one = said({"end_device_ids": IDS} | body, topic(leaf))
    assert note in one.notes[0]
    assert one.notes[0].isprintable()
    assert (one.points, one.result) == ((), None)
    assert not one.heard
    assert one.online is None


# Garbage ----------------------------------------------------------------------------------------------------


def test_no_value_of_another_type_raises() -> None:
    odd: list[Any] = [None, True, -1, 1e300, 10**18, "", "x", "\ud800x", [], [[]], {}, {"a": []}, [{"a": 1}]]
    inner = [*up()["uplink_message"], "decoded_payload", "normalized_payload", "last_battery_percentage"]
    for value in odd:
        for key in inner:
            assert isinstance(decode(up(**{key: value})), (tuple, Rejected))
        for key in ("end_device_ids", "received_at", "simulated", "uplink_message", "data", "join_accept"):
            assert isinstance(decode(up() | {key: value}), (tuple, Rejected))


def test_bytes_at_random_never_raise() -> None:
    chance = random.Random(5)
    whole = json.dumps(up(decoded_payload={"leakage_status": "leak"})).encode()
    for cut in range(len(whole)):
        assert isinstance(decode(whole[:cut]), (Rejected, Ignored))
    for _ in range(2000):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert isinstance(decode(bytes(broken)), (tuple, Rejected))
