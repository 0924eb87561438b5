"""What Chinese platforms push and gateways say: more of the messages that decoding is measured with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

FIELDS: Final = (
    "onenet 3300_0_5700=smoke_alarm",
    "onenet 3303_0_5700=temperature_c",
    "ctwing Smoke_Value=smoke_alarm",
    "ctwing Level=water_level_mm*10",
    "aliyun HeatState=heat_alarm",
    "cn_gateways error=fault",
)
"""`push.fields` of the settings."""
ALIYUN: Final = ("/sys/+/+/thing/event/+/post", "/as/mqtt/status/+/+")
"""`dialects.aliyun_topics`."""
_MS: Final = 1_790_000_000_000


class Message(NamedTuple):
    topic: str
    payload: bytes


class Talk(NamedTuple):
    """`before` is what must have been heard for `said` to be understood."""

    said: tuple[Message, ...]
    before: tuple[Message, ...] = ()


def json_of(topic: str, body: object) -> Message:
    return Message(topic, json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())


def _point(stream: str, value: object, number: int) -> dict[str, object]:
    at = _MS + number
    return {
        "type": 1,
        "dev_id": 2016617,
        "ds_id": stream,
        "at": at,
        "imei": "865820000000017",
        "value": value,
    }


_ONENET: Final = Talk(
    (
        json_of(
            "push/onenet", {"msg": _point("3300_0_5700", 1, 0), "msg_signature": "c2ln", "nonce": "abcdefgh"}
        ),
        json_of(
            "push/onenet",
            {
                "msg": [_point("3303_0_5700", 21.5, 1), _point("3300_0_5700", 0, 2)],
                "msg_signature": "c2ln",
                "nonce": "abcdefgi",
            },
        ),
    )
)
_CTWING: Final = Talk(
    (
        json_of(
            "push/ctwing",
            {
                "timestamp": _MS,
                "tenantId": "10001",
                "protocol": "lwm2m",
                "productId": "10086001",
                "deviceId": "acf7c0de",
                "IMEI": "865820000000017",
                "messageType": "dataReport",
                "upDataSN": -1,
                "serviceId": "",
                "payload": {
                    "smoke_state": 1,
                    "battery_value": 90,
                    "battery_voltage": 3.6,
                    "temperature": 21.5,
                },
            },
        ),
        json_of(
            "push/ctwing",
            {
                "notifyType": "deviceDataChanged",
                "requestId": None,
                "deviceId": "d4d7a3b2",
                "gatewayId": "d4d7a3b2",
                "service": {
                    "serviceId": "Smoke",
                    "serviceType": "Smoke",
                    "data": {"Smoke_Value": 1, "Level": 3.5},
                    "eventTime": "20261123T095802Z",
                },
            },
        ),
    )
)
_ALIYUN: Final = Talk(
    (
        json_of(
            "/sys/a1B2c3/smoke-7/thing/event/property/post",
            {
                "id": "1024",
                "version": "1.0",
                "method": "thing.event.property.post",
                "params": {
                    "SmokeSensorState": {"value": 0, "time": _MS},
                    "HeatState": {"value": 0, "time": _MS},
                    "BatteryPercentage": {"value": 90, "time": _MS},
                },
            },
        ),
        json_of(
            "/as/mqtt/status/a1B2c3/smoke-7",
            {
                "status": "online",
                "productKey": "a1B2c3",
                "deviceName": "smoke-7",
                "time": "2026-11-23 17:58:02.205",
                "utcTime": "2026-11-23T09:58:02.205Z",
                "lastTime": "2026-11-23 17:58:02.195",
                "utcLastTime": "2026-11-23T09:58:02.195Z",
                "clientIp": "192.0.2.1",
            },
        ),
    )
)


def _code(code: str, value: object) -> dict[str, object]:
    return {"code": code, "t": _MS, "value": value}


_TUYA: Final = Talk(
    (
        json_of(
            "push/tuya/ywbj-1",
            {"smoke_sensor_status": "normal", "battery_state": "high", "battery_percentage": 60}
            | {
                "temper_alarm": False,
                "preheat": False,
                "checking_result": "check_success",
                "muffling": False,
            },
        ),
        json_of(
            "push/tuya",
            {
                "dataId": "AAXq1",
                "devId": "vdevo1234",
                "productKey": "ywbj",
                "status": [_code("smoke_sensor_status", "alarm"), _code("battery_percentage", 60)],
            },
        ),
    )
)
_CN_GATEWAYS: Final = Talk(
    (
        json_of(
            "CET/NX/upload",
            {
                "version": "1.0",
                "location_code": "B2-AL-07",
                "ts": 1_790_000_000,
                "properties": [
                    {"type": "AI", "key": "漏电流", "value": 25.5, "unit": "mA", "timestamp": 1_790_000_000},
                    {"type": "AI", "key": "A相温度", "value": 41.5, "unit": "℃", "timestamp": 1_790_000_000},
                ],
            },
        ),
        json_of(
            "push/cn_gateways",
            {
                "t": _MS,
                "msgId": "ea2d8a36",
                "deviceId": "41759677",
                "productId": "32900518",
                "messageType": "EVENT_REPORT",
                "data": {"Error": {"a": 1, "b": "2"}},
            },
        ),
    )
)
TALKS_CN: Final[Mapping[str, Talk]] = {
    "onenet": _ONENET,
    "ctwing": _CTWING,
    "aliyun": _ALIYUN,
    "tuya": _TUYA,
    "cn_gateways": _CN_GATEWAYS,
}
