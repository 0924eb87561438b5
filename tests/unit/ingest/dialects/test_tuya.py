"""ingest.dialects.tuya: standard codes, in both protocols of its message service and bare."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.dialects.tuya import Tuya
from ingest.message import Decoded, Ignored, Rejected
from tests.support.mangled import decodes_whatever_comes

TOPIC = "push/tuya"
MS = 1693993350000


def push(body: Any, topic: str = TOPIC) -> Any:
    return Tuya().decode(topic, json.dumps(body).encode(), False)


def one(body: Any, topic: str = TOPIC) -> Decoded:
    found = push(body, topic)
    assert isinstance(found, tuple), found
    (said,) = found
    assert isinstance(said, Decoded)
    return said


def bare(**codes: Any) -> Decoded:
    return one(codes, "push/tuya/ywbj-1")


@pytest.mark.parametrize(
    ("code", "value", "points"),
    [
        ("smoke_sensor_status", "alarm", (("smoke_alarm", 1.0),)),
        ("smoke_sensor_status", "normal", (("smoke_alarm", 0.0),)),
        ("smoke_sensor_status", "detecting", (("smoke_alarm", None),)),
        ("smoke_sensor_state", "1", (("smoke_alarm", 1.0),)),
        ("gas_sensor_state", "2", (("gas_alarm", 0.0),)),
        ("co_status", None, (("co_alarm", None),)),
        ("watersensor_state", "alarm", (("water_leak_alarm", 1.0),)),
        ("battery_state", "low", (("battery_low", 1.0),)),
        ("battery_state", "high", (("battery_low", 0.0),)),
        ("battery_percentage", 60, (("battery_percent", 60.0),)),
        ("battery_percentage", 101, (("battery_percent", None),)),
        ("temper_alarm", True, (("tamper", 1.0),)),
        ("muffling", True, (("muted", 1.0),)),
        ("checking_result", "check_failure", (("fault", 1.0),)),
        ("checking_result", "checking", ()),
        ("fault", 0, (("fault", 0.0),)),
        ("fault", 5, (("fault", 1.0),)),
        ("fault", ["serious_fault"], (("fault", 1.0),)),
        ("fault", None, (("fault", None),)),
        ("smoke_sensor_value", 231, ()),
        ("lifecycle", True, ()),
    ],
)
def test_standard_codes(code: str, value: Any, points: Any) -> None:
    assert bare(**{code: value}).points == points


def test_preheating_and_a_call_for_help() -> None:
    said = bare(gas_sensor_status="alarm", preheat=True)
    assert (said.points, said.warmup) == ((("gas_alarm", 1.0),), True)
    said = bare(sos_state=True)
    assert (said.points, said.is_event) == ((("sos_alarm", 1.0),), True)
    assert bare(sos_state=False).points == ()


def test_the_first_protocol_tells_statuses_with_times() -> None:
    statuses = [
        {"code": "smoke_sensor_status", "t": MS, "value": "alarm", "1": "alarm"},
        {"code": "battery_percentage", "t": MS, "value": 60},
    ]
    said = one({"dataId": "AAX", "devId": "d1", "productKey": "p", "status": statuses})
    assert (said.address, said.device_at, said.message_id) == ("d1", MS * 1000, "AAX")
    assert dict(said.points) == {"smoke_alarm": 1.0, "battery_percent": 60.0}


def test_the_second_protocol_tells_properties() -> None:
    properties = [
        {"code": "smoke_sensor_status", "dpId": 1, "time": MS, "value": "alarm"},
        {"code": "battery_percentage", "dpId": 15, "time": MS - 1000, "value": 60},
    ]
    data = {"dataId": "BBX", "devId": "d1", "productId": "p", "properties": properties}
    found = push({"bizCode": "devicePropertyMessage", "bizData": data, "ts": MS + 5})
    assert [(said.device_at, said.network_at) for said in found] == [
        (MS * 1000, (MS + 5) * 1000),
        (MS * 1000 - 1_000_000, (MS + 5) * 1000),
    ]
    assert {said.message_id for said in found} == {"BBX"}


def test_without_a_name_its_times_and_values_name_a_message() -> None:
    def name(value: str, at: int | None) -> str | None:
        return one({"devId": "d", "status": [{"code": "co_status", "value": value, "t": at}]}).message_id

    assert name("alarm", MS) == name("alarm", MS)
    assert len({name("alarm", MS), name("normal", MS), name("alarm", MS + 1)}) == 3
    assert name("alarm", None) is None


def test_presence_in_both_protocols() -> None:
    for code, online in (("online", True), ("deviceOffline", False)):
        said = one({"bizCode": code, "bizData": {"devId": "d1", "time": MS}, "devId": "d1"})
        assert (said.address, said.online, said.network_at) == ("d1", online, MS * 1000)
    assert isinstance(push({"bizCode": "nameUpdate", "devId": "d", "bizData": {}}), Ignored)


def test_a_bare_set_needs_its_device_in_the_topic_or_beside_it() -> None:
    assert isinstance(push({"co_status": "alarm"}), Rejected)
    assert one({"devId": "d", "status": {"co_status": "alarm"}}).points == (("co_alarm", 1.0),)
    for status in ("x", 1, [1], [{"value": 1}]):
        assert isinstance(push({"devId": "d", "status": status}), Rejected), status


def test_nothing_is_said_of_codes_that_are_not_read() -> None:
    assert bare(lifecycle=True).notes == ("no code in it that we read",)


def test_whatever_comes_is_answered() -> None:
    statuses = [{"code": "smoke_sensor_status", "t": MS, "value": "alarm"}]
    seeds = (
        {"dataId": "AAX", "devId": "d1", "status": statuses},
        {"bizCode": "devicePropertyMessage", "bizData": {"devId": "d1", "properties": statuses}, "ts": MS},
        {"bizCode": "online", "devId": "d1", "bizData": {"time": MS}},
        {"smoke_sensor_status": "alarm", "battery_percentage": 60, "fault": 1, "preheat": False},
    )
    decodes_whatever_comes(Tuya(), "push/tuya/x", *(json.dumps(seed).encode() for seed in seeds))
