"""ingest.dialects.aliyun: Alink as devices send it, and as the platform forwards it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from devices.instant import parse_rfc3339
from ingest.dialects.aliyun import Aliyun
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from tests.support.mangled import decodes_whatever_comes

PUSH = "push/aliyun"
POST = "/sys/pk/dn/thing/event/property/post"
FILTERS = ("/sys/+/+/thing/event/+/post", "/as/mqtt/status/+/+")
MS = 1524448722000
HEAD = {"iotId": "x", "productKey": "pk", "deviceName": "dn", "gmtCreate": MS + 5, "requestId": "123"}


def said_on(topic: str, body: Any) -> Any:
    return Aliyun(FILTERS).decode(topic, json.dumps(body).encode(), False)


def one(topic: str, body: Any) -> Decoded:
    found = said_on(topic, body)
    assert isinstance(found, tuple), found
    (said,) = found
    assert isinstance(said, Decoded)
    return said


def alink(params: Any, method: str = "thing.event.property.post") -> dict[str, Any]:
    return {"id": "123", "version": "1.0", "params": params, "method": method}


def test_a_device_posts_its_properties() -> None:
    params = {"SmokeSensorState": {"value": 1, "time": MS}, "BatteryPercentage": {"value": 60, "time": MS}}
    said = one(POST, alink(params))
    assert (said.address, said.device_at, said.network_at) == ("pk/dn", MS * 1000, None)
    assert dict(said.points) == {"smoke_alarm": 1.0, "battery_percent": 60.0}
    assert one(POST, alink({"SmokeSensorState": 0})).points == (("smoke_alarm", 0.0),)


def test_an_id_of_the_device_names_a_message_only_with_a_time() -> None:
    """Many send `123` for ever: the second alarm of a day would pass for the first."""
    assert one(POST, alink({"SmokeSensorState": 1})).message_id is None
    timed = [
        one(POST, alink({"SmokeSensorState": {"value": 1, "time": MS + n}})).message_id for n in (0, 0, 1)
    ]
    assert timed[0] == timed[1] != timed[2]


def test_values_of_several_times_are_several_parts() -> None:
    params = {
        "SmokeSensorState": {"value": 1, "time": MS},
        "CurrentTemperature": {"value": 20, "time": MS + 1},
    }
    found = said_on(POST, alink(params))
    assert [(said.device_at, len(said.points)) for said in found] == [(MS * 1000, 1), (MS * 1000 + 1000, 1)]
    assert found[0].message_id == found[1].message_id


def test_the_platform_forwards_properties() -> None:
    items = {"GasSensorState": {"value": 1, "time": MS}}
    for topic in (PUSH, "push/aliyun/pk/dn"):
        said = one(topic, {**HEAD, "items": items})
        assert (said.address, said.points) == ("pk/dn", (("gas_alarm", 1.0),))
        assert (said.device_at, said.network_at) == (MS * 1000, (MS + 5) * 1000)
        assert said.message_id == one(PUSH, {**HEAD, "items": items}).message_id


@pytest.mark.parametrize(
    ("kind", "value", "points"),
    [
        ("alert", {"level": 2}, {"generic_alarm": 1.0}),
        ("alert", {"SmokeSensorState": 0}, {"smoke_alarm": 0.0}),
        ("error", {"code": 4}, {"fault": 1.0}),
        ("info", {"code": 4}, {}),
        ("info", 5, {}),
    ],
)
def test_an_event_is_what_its_model_calls_it(kind: str, value: Any, points: Any) -> None:
    body = {**HEAD, "identifier": "Broken", "type": kind, "value": value, "time": MS}
    said = one(PUSH, body)
    assert dict(said.points) == points
    assert said.device_at == MS * 1000


def test_an_event_of_a_device_itself_is_known_by_its_name() -> None:
    params = {"value": {"SmokeSensorState": 1}, "time": MS}
    said = one("/sys/pk/dn/thing/event/Alarm/post", alink(params, "thing.event.Alarm.post"))
    assert (said.points, said.device_at) == ((("smoke_alarm", 1.0),), MS * 1000)
    alert = one("/sys/pk/dn/thing/event/alert/post", {"id": "1", "params": {"x": 1}})
    assert alert.points == (("generic_alarm", 1.0),)


def test_presence_is_told_in_utc_beside_a_local_time() -> None:
    body = {
        "status": "offline",
        "productKey": "pk",
        "deviceName": "dn",
        "time": "2018-08-31 15:32:28.205",
        "utcTime": "2018-08-31T07:32:28.205Z",
    }
    said = one("/as/mqtt/status/pk/dn", body)
    assert (said.address, said.online) == ("pk/dn", False)
    assert said.network_at == parse_rfc3339("2018-08-31T07:32:28.205Z")
    bare = one("/as/mqtt/status/pk/dn", {"status": "online", "time": "2018-08-31 15:32:28.205"})
    assert (bare.address, bare.network_at, bare.message_id) == ("pk/dn", None, None)


@pytest.mark.parametrize("stamp", [MS // 1000, MS])
def test_a_message_of_the_queue_is_unwrapped(stamp: int) -> None:
    within = {"items": {"SmokeSensorState": {"value": 1}}}
    body = {
        "payload": base64.b64encode(json.dumps(within).encode()).decode(),
        "topic": "/pk/dn/thing/event/property/post",
        "messageid": "99",
        "timestamp": stamp,
    }
    said = one(PUSH, body)
    assert (said.address, said.message_id, said.network_at) == ("pk/dn", "99", MS * 1000)
    assert said.points == (("smoke_alarm", 1.0),)
    found = said_on(PUSH, {**body, "payload": base64.b64encode(b"\x01\x02").decode()})
    assert isinstance(found, Rejected)
    assert (found.reason, found.address) == (Reason.UNSUPPORTED, "pk/dn")
    assert found.detail.startswith("payload: 2 bytes in the maker's own form")


def test_what_is_not_read_is_refused_by_its_name() -> None:
    for method in ("thing.event.property.pack.post", "thing.event.property.history.post", "thing.service.x"):
        found = said_on(POST, alink({"a": 1}, method))
        assert isinstance(found, Rejected), method
        assert method in found.detail
    nobody = said_on(PUSH, alink({"a": 1}))
    assert isinstance(nobody, Rejected)
    assert "productKey" in nobody.detail
    assert isinstance(said_on(PUSH, {**HEAD, "other": 1}), Ignored)
    assert isinstance(said_on("/sys/x", {}), Rejected)


def test_topics_are_read_and_subscribed() -> None:
    dialect = Aliyun(FILTERS)
    assert dialect.subscriptions() == tuple(Subscription(one, Lane.TELEMETRY) for one in FILTERS)
    assert Aliyun().subscriptions() == ()
    assert dialect.claims(POST)
    assert not dialect.claims(POST + "_reply")
    for odd in ("", "a/#/b", "a+/b", "/"):
        with pytest.raises(ValueError, match="topic filter"):
            Aliyun((odd,))


def test_whatever_comes_is_answered() -> None:
    items = {"SmokeSensorState": {"value": 1, "time": MS}}
    seeds: tuple[dict[str, Any], ...] = (
        alink(items),
        {**HEAD, "items": items},
        {**HEAD, "identifier": "Broken", "type": "alert", "value": {"a": 1}, "time": MS},
        {
            "payload": json.dumps({"items": items}),
            "topic": "/pk/dn/thing/event/property/post",
            "timestamp": 1,
        },
        {**HEAD, "status": "online", "utcTime": "2018-08-31T07:32:28.205Z"},
    )
    decodes_whatever_comes(Aliyun(FILTERS), POST, *(json.dumps(seed).encode() for seed in seeds))
    decodes_whatever_comes(Aliyun(FILTERS), PUSH, *(json.dumps(seed).encode() for seed in seeds), count=100)
