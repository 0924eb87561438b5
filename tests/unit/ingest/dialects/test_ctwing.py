"""ingest.dialects.ctwing: China Telecom's push and the two Huawei forms that it grew from."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from devices.instant import parse_rfc3339
from ingest.dialects.ctwing import CtWing
from ingest.message import Decoded, Ignored, Reason, Rejected
from tests.support.mangled import decodes_whatever_comes

TOPIC = "push/ctwing"
MS = 1606982320277
AEP = {
    "timestamp": MS,
    "tenantId": "1",
    "protocol": "lwm2m",
    "productId": "2",
    "deviceId": "acf7",
    "IMEI": "86",
}
HUAWEI = {"deviceId": "d4d7", "gatewayId": "d4d7", "requestId": None}


def data(payload: Any, **others: Any) -> dict[str, Any]:
    return {**AEP, "messageType": "dataReport", "upDataSN": -1, "serviceId": "", "payload": payload, **others}


def event(content: Any, kind: int = 2) -> dict[str, Any]:
    return {
        **AEP,
        "messageType": "eventReport",
        "eventType": kind,
        "serviceId": 1003,
        "eventContent": content,
    }


def service(values: Any, time: Any = "20161219T114920Z") -> dict[str, Any]:
    return {"serviceId": "Smoke", "serviceType": "Smoke", "data": values, "eventTime": time}


def push(body: Any, dialect: CtWing | None = None) -> Any:
    return (dialect or CtWing()).decode(TOPIC, json.dumps(body).encode(), False)


def one(body: Any, dialect: CtWing | None = None) -> Decoded:
    found = push(body, dialect)
    assert isinstance(found, tuple), found
    (said,) = found
    assert isinstance(said, Decoded)
    return said


WITHIN = b'{"smoke_state": 1, "battery_value":90, "battery_voltage":3.6}'


@pytest.mark.parametrize(
    "payload",
    [
        {"smoke_state": 1, "battery_value": 90, "battery_voltage": 3.6},
        {
            "serviceId": "x",
            "serviceData": {"smoke_state": "1", "battery_value": "90", "battery_voltage": 3600},
        },
        {
            "APPdata": base64.b64encode(
                b'{"smoke_state": 1, "battery_value":90, "battery_voltage":3.6}'
            ).decode()
        },
        {"APPdata": WITHIN.hex()},
        {"APPdata": " " + WITHIN.decode()},
    ],
)
def test_a_report_is_read_in_every_way_that_it_is_wrapped(payload: Any) -> None:
    said = one(data(payload))
    assert (said.address, said.network_at) == ("acf7", MS * 1000)
    assert dict(said.points) == {"smoke_alarm": 1.0, "battery_percent": 90.0, "battery_mv": 3600.0}


def test_a_makers_own_bytes_are_refused_by_the_name_of_their_field() -> None:
    found = push(data({"APPdata": base64.b64encode(b"\x40\x40\x01\x02").decode()}))
    assert isinstance(found, Rejected)
    assert (found.reason, found.address) == (Reason.UNSUPPORTED, "acf7")
    assert found.detail.startswith("payload.APPdata: 4 bytes in the maker's own form: ")
    for given in ("!", "", None, 5, base64.b64encode(b"{").decode()):
        assert isinstance(push(data({"APPdata": given})), Rejected), given


@pytest.mark.parametrize(
    ("content", "kind", "points"),
    [
        ({"water_level_state": 1}, 2, {"water_level_alarm": 1.0}),
        ({"water_level_state": 0}, 2, {"water_level_alarm": 0.0}),
        ({"gas_sensor_state": 2}, 2, {"gas_alarm": 1.0}),
        ({"gas_sensor_state": 7}, 2, {"gas_alarm": None, "generic_alarm": 1.0}),
        ({"cover_state": 1}, 2, {"generic_alarm": 1.0}),
        ({"cover_state": 0}, 2, {"generic_alarm": 0.0}),
        ({}, 2, {"generic_alarm": 1.0}),
        ({"error_code": 3}, 3, {"fault": 1.0}),
        ({"error_code": 0}, 3, {"fault": 0.0}),
        ({"signal": 3}, 1, {}),
    ],
)
def test_an_event_that_the_platform_calls_an_alarm_is_one(content: Any, kind: int, points: Any) -> None:
    assert dict(one(event(content, kind)).points) == points


def test_presence_of_each_form() -> None:
    line = {**AEP, "messageType": "deviceOnlineOfflineReport"}
    assert one({**line, "eventType": 1}).online is True
    assert one({**line, "eventType": 0}).online is False
    assert isinstance(push({**line, "eventType": 5}), Rejected)
    info = {**HUAWEI, "notifyType": "deviceInfoChanged"}
    assert one({**info, "deviceInfo": {"status": "OFFLINE"}}).online is False
    odd = one({**info, "deviceInfo": {"status": "ABNORMAL"}})
    assert (odd.online, odd.heard) == (None, False)
    assert isinstance(push({**info, "deviceInfo": {"status": "x"}}), Ignored)


def test_the_compact_time_of_huawei_is_utc() -> None:
    said = one({**HUAWEI, "notifyType": "deviceDataChanged", "service": service({"smoke_alarm": True})})
    assert said.network_at == parse_rfc3339("2016-12-19T11:49:20Z")
    assert said.points == (("smoke_alarm", 1.0),)
    odd = one({**HUAWEI, "notifyType": "deviceDataChanged", "service": service({}, "20161319T114920Z")})
    assert (odd.network_at, odd.message_id) == (None, None)


def test_the_data_of_huawei_may_be_a_text_of_json() -> None:
    text = json.dumps({"smoke_state": 1})
    said = one({**HUAWEI, "notifyType": "deviceDataChanged", "service": service(text)})
    assert said.points == (("smoke_alarm", 1.0),)


def test_several_services_are_several_parts_with_one_name() -> None:
    services = [service({"smoke_state": 1}), service({"battery_level": 50}, "20161219T114921Z"), None]
    found = push({**HUAWEI, "notifyType": "deviceDatasChanged", "services": services})
    assert [dict(said.points) for said in found] == [{"smoke_alarm": 1.0}, {"battery_percent": 50.0}]
    assert found[0].message_id == found[1].message_id
    assert found[0].notes[0].startswith("1 of 3 parts were not understood: service")


def test_iotda_tells_properties_and_presence() -> None:
    header = {"device_id": "dev", "product_id": "p"}
    at = "20240102T030405Z"
    services = [{"service_id": "Smoke", "properties": {"smoke_state": 1}, "event_time": at}]
    body = {"resource": "device.property", "notify_data": {"header": header, "body": {"services": services}}}
    said = one(body)
    assert (said.address, said.points) == ("dev", (("smoke_alarm", 1.0),))
    assert said.network_at == parse_rfc3339("2024-01-02T03:04:05Z")
    state = {"resource": "device.status", "notify_data": {"header": header, "body": {"status": "ONLINE"}}}
    assert one(state).online is True
    assert isinstance(push({**body, "resource": "product"}), Ignored)


def test_a_push_that_is_sent_again_has_the_same_name_and_the_next_another() -> None:
    names = [
        one(body).message_id
        for body in (
            data({"smoke_state": 1}),
            data({"smoke_state": 1}, upPacketSN=-1),
            data({"smoke_state": 0}),
            data({"smoke_state": 1}, timestamp=MS + 1),
            event({"smoke_state": 1}),
        )
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 4
    assert one(data({"smoke_state": 1}, timestamp=None)).message_id is None


def test_what_is_no_report_of_a_device() -> None:
    assert isinstance(push({**AEP, "messageType": "commandResponse"}), Ignored)
    assert isinstance(push({**HUAWEI, "notifyType": "deviceAdded"}), Ignored)
    odd: tuple[Any, ...] = ({**AEP, "messageType": "x"}, {"messageType": "dataReport"}, {"a": 1}, [])
    for body in odd:
        assert isinstance(push(body), Rejected), body
    assert isinstance(CtWing().decode(TOPIC, b"", False), Ignored)
    assert isinstance(CtWing().decode("push/onenet", b"{}", False), Rejected)


def test_a_site_says_what_its_fields_mean() -> None:
    own = CtWing(fields={"Smoke_Value": "gas_density", "Level": ("water_level_mm", 10)})
    said = one(data({"smoke_value ": 1020, "level": 4.5}), own)
    assert said.points == (("gas_density", 1020.0), ("water_level_mm", 45.0))


def test_whatever_comes_is_answered() -> None:
    header = {"device_id": "dev"}
    services = [{"service_id": "S", "properties": {"smoke_state": 1}, "event_time": "20240102T030405Z"}]
    seeds = (
        data({"APPdata": "e30="}),
        data({"serviceData": {"smoke_state": 1, "battery_voltage": 3.6}}),
        event({"water_level_state": 1}),
        {**HUAWEI, "notifyType": "deviceDatasChanged", "services": [service({"smoke_state": 1})]},
        {"resource": "device.property", "notify_data": {"header": header, "body": {"services": services}}},
    )
    decodes_whatever_comes(CtWing(), TOPIC, *(json.dumps(seed).encode() for seed in seeds))
