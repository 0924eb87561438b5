"""ingest.dialects.cn_gateways: CET, breakers, Quectel, Senthink and Hummingbird, told apart by fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.instant import SECOND
from ingest.dialects.cn_gateways import TOPICS, CnGateways
from ingest.message import Decoded, Ignored, Reason, Rejected
from tests.support.mangled import decodes_whatever_comes

PUSH = "push/cn_gateways"
MS = 1609316592000
QUECTEL = {"productKey": "p", "deviceKey": "d1", "createdAt": MS, "ticket": "5f99"}
SENTHINK = {"nodeEui": "35656", "requestId": "r1", "timestamp": MS, "encrypted": False, "command": 1}
BIRD = {"t": MS, "msgId": "m1", "deviceId": "41", "productId": "32"}


def said_on(topic: str, body: Any) -> Any:
    return CnGateways().decode(topic, json.dumps(body, ensure_ascii=False).encode(), False)


def one(body: Any, topic: str = PUSH) -> Decoded:
    found = said_on(topic, body)
    assert isinstance(found, tuple), found
    (said,) = found
    assert isinstance(said, Decoded)
    return said


def cet(*points: dict[str, Any], key: str = "ts ") -> dict[str, Any]:
    return {"version": "1.0", "location_code": "b3-panel", key: 1688606685, "properties": list(points)}


def measured(key: str, value: Any, unit: str = "mA", at: int = 1688354258) -> dict[str, Any]:
    return {"type": "AI", "key": key, "value": value, "unit": unit, "timestamp": at}


@pytest.mark.parametrize("key", ["ts ", "ts", " ts"])
def test_trap_28_a_key_with_a_trailing_space_is_read_like_the_one_without(key: str) -> None:
    said = one(cet(measured("剩余电流", 310), key=key), "CET/NX/upload")
    assert said.network_at == 1688606685 * SECOND
    assert said.device_at == 1688354258 * SECOND
    assert (said.address, said.points) == ("b3-panel", (("residual_current_ma", 310.0),))


def test_points_of_several_times_are_several_parts_with_one_name() -> None:
    body = cet(measured("剩余电流", 310), measured("A相温度", 45, "℃", at=1688354259))
    found = said_on(PUSH, body)
    assert [dict(said.points) for said in found] == [
        {"residual_current_ma": 310.0},
        {"cable_temperature_c": 45.0},
    ]
    assert found[0].message_id == found[1].message_id != said_on(PUSH, cet(measured("x", 1)))[0].message_id


def test_a_cet_message_without_place_or_points() -> None:
    for body in ({**cet(), "location_code": ""}, {**cet(), "properties": 1}, {**cet(), "properties": [1]}):
        assert isinstance(said_on(PUSH, body), Rejected), body
    assert one(cet()).points == ()


def test_a_breaker_is_named_by_its_topic_and_its_id_names_nothing() -> None:
    body = {"id": "1", "method": "thing.event.property.post", "params": {"residual_current_ma": 12}}
    said = one(body, "yibaite/S3200278S00047-post")
    assert (said.address, said.points) == ("S3200278S00047", (("residual_current_ma", 12.0),))
    assert said.message_id is None
    assert one(body, "push/cn_gateways/S1").address == "S1"
    assert isinstance(said_on(PUSH, body), Rejected)
    assert isinstance(said_on(PUSH + "/S1", {"params": 1}), Rejected)


@pytest.mark.parametrize(("value", "online"), [(0, False), (1, True), (2, True)])
def test_quectel_tells_presence(value: int, online: bool) -> None:
    said = one({**QUECTEL, "type": "ONLINE", "data": {"value": value}})
    assert (said.address, said.online, said.network_at) == ("d1", online, MS * 1000)
    assert said.message_id == "5f99"


def test_quectel_tells_numbers_as_text() -> None:
    said = one({**QUECTEL, "type": "STATUS", "data": {"kv": {"battery": "20", "voltage": "4"}}})
    assert said.points == (("battery_percent", 20.0),)
    assert isinstance(said_on(PUSH, {**QUECTEL, "type": "META_EVENT", "data": None}), Ignored)
    assert isinstance(said_on(PUSH, {**QUECTEL, "deviceKey": ""}), Rejected)


def test_senthink_has_one_envelope_for_three_things() -> None:
    assert one({**SENTHINK, "payload": "ONLINE"}).online is True
    beat = one({**SENTHINK, "payload": "HEARTBEAT"})
    assert (beat.online, beat.points, beat.network_at, beat.message_id) == (None, (), MS * 1000, "r1")
    text = b'{"smoke_state": 1}'.hex()
    assert one({**SENTHINK, "payload": text}).points == (("smoke_alarm", 1.0),)


def test_senthinks_bytes_and_secrets_are_refused_by_their_field() -> None:
    for payload, secret, field in (("ecbf0101ad68", False, "payload: 6 bytes"), ("00", True, "encrypted")):
        found = said_on(PUSH, {**SENTHINK, "payload": payload, "encrypted": secret})
        assert isinstance(found, Rejected)
        assert (found.reason, found.address) == (Reason.UNSUPPORTED, "35656")
        assert found.detail.startswith(field)


def test_hummingbird_tells_properties_events_and_presence() -> None:
    report = {**BIRD, "messageType": "PROPERTY_REPORT", "data": {"smoke_alarm": {"value": True, "time": MS}}}
    said = one(report)
    assert (said.address, said.points, said.message_id) == ("41", (("smoke_alarm", 1.0),), "m1")
    event = one({**BIRD, "messageType": "EVENT_REPORT", "data": {"tamper": {"a": 1}}})
    assert event.points == (("tamper", 1.0),)
    state = one({**BIRD, "messageType": "DEVICE_STATUS", "data": {"status": "OFFLINE"}})
    assert state.online is False
    assert isinstance(said_on(PUSH, {**BIRD, "messageType": "x"}), Ignored)
    assert isinstance(said_on(PUSH, {"messageType": "x"}), Rejected)


def test_what_no_gateway_says_is_refused_with_what_would_tell() -> None:
    found = said_on(PUSH, {"a": 1})
    assert isinstance(found, Rejected)
    assert found.detail.startswith("none of ticket, nodeEui, messageType, properties, params")
    assert isinstance(CnGateways().decode("CET/NX/other", b"{}", False), Rejected)
    assert [one.topic_filter for one in CnGateways().subscriptions()] == list(TOPICS)


def test_whatever_comes_is_answered() -> None:
    soe = {"type": "SOE", "key": "电压越限", "value": 1, "unit": "V", "timestamp": 1688354258}
    seeds: tuple[Any, ...] = (
        cet(measured("剩余电流", 310), measured("A相温度", 45, "℃"), soe),
        {**QUECTEL, "type": "STATUS", "data": {"kv": {"battery": "20"}}},
        {**QUECTEL, "type": "ONLINE", "data": {"value": 1}},
        {**SENTHINK, "payload": "7b7d"},
        {**BIRD, "messageType": "PROPERTY_REPORT", "data": {"smoke_alarm": {"value": 1}}},
        {**BIRD, "messageType": "EVENT_REPORT", "data": {"Error": {"a": 1}}},
        {"id": "1", "params": {"smoke_alarm": 1}},
    )
    decodes_whatever_comes(CnGateways(), PUSH, *(json.dumps(seed).encode() for seed in seeds))
