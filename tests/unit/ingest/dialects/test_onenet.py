"""ingest.dialects.onenet: pushes of China Mobile's platform, their repetitions and batches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.instant import SECOND, parse_rfc3339
from devices.inventory import Inventory
from devices.place import Place, PlaceKind
from ingest.admit import Admission
from ingest.dialects.onenet import OneNet
from ingest.message import Decoded, Heard, Ignored, Point, Reason, Record, RecordKind, Rejected
from tests.support.mangled import decodes_whatever_comes

TOPIC = "push/onenet"
NOW = parse_rfc3339("2026-11-23T06:00:00Z")
AT = NOW // 1000
SMOKE = {"3300_0_5700": "smoke_alarm"}


def point(value: Any = 1, stream: str = "3300_0_5700", at: Any = AT, device: Any = 2016617) -> dict[str, Any]:
    return {"type": 1, "dev_id": device, "ds_id": stream, "at": at, "value": value, "imei": "86"}


def push(message: Any, dialect: OneNet | None = None) -> Any:
    body = {"msg": message, "msg_signature": "s", "nonce": "n"}
    return (dialect or OneNet(fields=SMOKE)).decode(TOPIC, json.dumps(body).encode(), False)


def one(message: Any, dialect: OneNet | None = None) -> Decoded:
    found = push(message, dialect)
    assert isinstance(found, tuple), found
    (said,) = found
    assert isinstance(said, Decoded)
    return said


def admission() -> Admission:
    smoke = Profile("smoke-1", DeviceKind.SMOKE, frozenset({"smoke_alarm"}))
    device = Device("smoke-1", smoke, "home", "onenet", "2016617", "烟感", "smoke")
    home = Place("home", PlaceKind.HOUSEHOLD, None, "家", "home")
    return Admission(Inventory.of("xfl", "v1", (home,), (device,)))


def heard(admitted: Admission, sequence: int, message: Any) -> list[Heard]:
    record = Record(sequence, NOW + sequence * SECOND, RecordKind.MESSAGE, "push-onenet", TOPIC, b"")
    return [admitted.admit(record, said) for said in push(message)]


def test_a_data_point_is_told_at_the_platforms_time() -> None:
    said = one(point())
    assert (said.address, said.points) == ("2016617", (Point("smoke_alarm", 1.0),))
    assert (said.network_at, said.device_at) == (NOW, None)
    assert one(point(at=str(AT))).network_at == NOW


def test_a_stream_without_a_meaning_says_nothing_and_how_to_give_it_one() -> None:
    said = one(point(), OneNet())
    assert said.points == ()
    assert said.notes == ("no meaning is set for 3300_0_5700: say it in `push.fields`",)


@pytest.mark.parametrize(
    ("stream", "value", "points"),
    [
        ("3303_0_5700", 21.5, (("temperature_c", 21.5),)),
        ("3303_1_5700", 9999, (("temperature_c", None),)),
        ("3_0_9", "60", (("battery_percent", 60.0),)),
        ("3_0_7", 3600, (("battery_mv", 3600.0),)),
        ("3200_0_5500", True, (("unsure_alarm", 1.0),)),
        ("smoke_alarm", None, (("smoke_alarm", None),)),
        ("smoke_alarm", 3, (("smoke_alarm", None),)),
    ],
)
def test_streams_of_lwm2m_are_known_by_object_and_resource(stream: str, value: Any, points: Any) -> None:
    assert one(point(value, stream), OneNet()).points == points


def test_a_site_may_mean_something_else_by_a_stream() -> None:
    own = OneNet(fields={"3303_0_5700": ("cable_temperature_c", 0.1), "3200_0_5500": "gas_alarm"})
    assert one(point(715, "3303_0_5700"), own).points == (("cable_temperature_c", 71.5),)
    assert one(point(1, "3200_0_5500"), own).points == (("gas_alarm", 1.0),)


def test_presence_is_told_by_its_type() -> None:
    for status, online in ((0, False), (1, True)):
        said = one({"type": 2, "dev_id": 1, "status": status, "login_type": 10, "at": AT})
        assert (said.online, said.network_at) == (online, NOW)
    found = push({"type": 2, "dev_id": 1, "status": 2, "at": AT})
    assert isinstance(found, Rejected)
    assert found.address == "1"
    assert isinstance(push({"type": 7, "dev_id": 1, "cmd_id": "x"}), Ignored)


def test_trap_27_onenet_retries_until_it_hears_200_and_has_one_effect() -> None:
    admitted = admission()
    (first,), (again,) = heard(admitted, 1, point()), heard(admitted, 2, point())
    assert (first.duplicate, again.duplicate) == (False, True)
    later = heard(admitted, 3, point(at=AT + 1))
    assert not later[0].duplicate


def test_trap_27_what_is_new_in_a_batch_is_not_taken_for_what_was_sent_again() -> None:
    """Admission judges a device's parts of one message by the first of them."""
    admitted = admission()
    heard(admitted, 1, point(0))
    both = heard(admitted, 2, [point(0), point(1, at=AT + 5)])
    assert [one.duplicate for one in both] == [False, False]
    assert [reading.value for one in both for reading in one.readings] == [0.0, 1.0]
    again = heard(admitted, 3, [point(0), point(1, at=AT + 5)])
    assert [one.duplicate for one in again] == [True, True]


def test_a_batch_speaks_of_several_devices_and_tells_what_it_could_not_read() -> None:
    found = push([point(), point(device=7), {"type": 1, "dev_id": 8}, "x"])
    assert [(said.address, said.points) for said in found] == [
        ("2016617", (("smoke_alarm", 1.0),)),
        ("7", (("smoke_alarm", 1.0),)),
    ]
    assert found[0].notes[0].startswith("2 of 4 parts were not understood: ds_id")
    assert isinstance(push([]), Ignored)


def test_the_message_may_be_text() -> None:
    assert one(json.dumps(point())).points == (("smoke_alarm", 1.0),)
    found = push("{")
    assert isinstance(found, Rejected)
    assert found.detail.startswith("msg: ")


def test_a_product_with_a_thing_model_tells_values_with_times() -> None:
    head = {"productId": "p", "deviceName": "d", "messageType": "notify"}
    params = {"SmokeSensorState": {"value": 1, "time": AT}, "3_0_9": {"value": 60, "time": AT}}
    said = one({**head, "notifyType": "property", "data": {"id": "1", "params": params}})
    assert (said.address, said.device_at) == ("p/d", NOW)
    assert dict(said.points) == {"smoke_alarm": 1.0, "battery_percent": 60.0}
    assert said.message_id is not None
    event = {"alarm": {"value": {"level": 3}, "time": AT}}
    said = one({**head, "notifyType": "event", "data": {"id": "1", "params": event}})
    assert said.points == (("generic_alarm", 1.0),)
    assert isinstance(push({**head, "notifyType": "service", "data": {}}), Ignored)
    assert isinstance(push({"notifyType": "property"}), Rejected)


def test_without_a_time_nothing_tells_a_repetition_from_the_next() -> None:
    assert one(point(at=None)).message_id is None


def test_encrypted_and_foreign_messages_are_refused_with_what_to_do() -> None:
    found = OneNet().decode(TOPIC, b'{"enc_msg":"x","nonce":"n"}', False)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.UNSUPPORTED
    assert "encrypted" in found.detail
    foreign = OneNet().decode("push/tuya", b"{}", False)
    assert isinstance(foreign, Rejected)
    assert foreign.reason is Reason.TOPIC_MISMATCH
    assert not OneNet().claims("push/onenets")
    assert OneNet().claims("push/onenet/x")


def test_whatever_comes_is_answered() -> None:
    model = {"productId": "p", "deviceName": "d", "notifyType": "event", "messageType": "notify"}
    seeds = (
        {"msg": [point(), point(stream="3303_0_5700"), {"type": 2, "dev_id": 1, "status": 0, "at": AT}]},
        {"msg": json.dumps(point())},
        {"msg": {**model, "data": {"id": "1", "params": {"alarm": {"value": {"a": 1}, "time": AT}}}}},
    )
    decodes_whatever_comes(OneNet(fields=SMOKE), TOPIC, *(json.dumps(seed).encode() for seed in seeds))
