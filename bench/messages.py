"""What devices of every dialect say on a usual day: decoding is measured and fuzzed with these messages."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from anmin.dialects import registry_of
from anmin.settings import Settings, load
from bench.messages_cn import ALIYUN, FIELDS, TALKS_CN, Message, Talk, json_of
from ingest.dialects.gb26875_frame import Head, write
from ingest.registry import DialectRegistry
from tests.support.sparkplug import flag, metric, payload

PLAIN: Final = (
    "house/+/data leak=water_leak_alarm room.t=temperature_c bat=battery_percent @time=ts",
    "meters/all smoke=smoke_alarm co=co_ppm @address=id",
)
"""`dialects.plain` of the settings under which the messages of that dialect are understood."""


# JSON -------------------------------------------------------------------------------------------------------


def _native(leaf: str, **fields: object) -> Message:
    body = {"v": 1, "boot": 12, "seq": 345, "at": "2026-11-23T09:58:02Z"} | fields
    return json_of(f"anmin/harmony/kitchen-smoke/{leaf}", body)


_NATIVE: Final = Talk(
    (
        _native("reading", values={"smoke_alarm": False, "temperature_c": 21.5, "battery_percent": 97}),
        _native("event", id="12-345", values={"smoke_alarm": True, "temperature_c": 48.5}),
        _native("status", online=True),
    )
)
_ZIGBEE2MQTT: Final = Talk(
    (
        json_of(
            "zigbee2mqtt/kitchen smoke",
            {"battery": 97, "battery_low": False, "linkquality": 120, "smoke": False, "tamper": False}
            | {"temperature": 21.5, "test": False, "last_seen": "2026-11-23T09:58:02.123Z"},
        ),
        json_of(
            "zigbee2mqtt/bathroom leak",
            {"battery": 100, "linkquality": 87, "water_leak": True, "voltage": 3015, "tamper": False},
        ),
        json_of("zigbee2mqtt/bathroom leak/availability", {"state": "online"}),
    )
)


def _announced(component: str, name: str, **options: object) -> Message:
    shared = {
        "dev": {"ids": ["ha-1"], "mf": "maker", "mdl": "model", "name": "kitchen"},
        "stat_t": "esphome/kitchen/state",
        "avty_t": "esphome/kitchen/status",
        "uniq_id": f"ha-1-{name}",
        "val_tpl": f"{{{{ value_json.{name} }}}}",
    }
    return json_of(f"homeassistant/{component}/ha-1/{name}/config", shared | options)


_HOME_ASSISTANT: Final = Talk(
    said=(
        json_of(
            "esphome/kitchen/state",
            {"smoke": "OFF", "tamper": "OFF", "temperature": 21.5, "battery": 97, "linkquality": 120},
        ),
        Message("esphome/gas/state", b"ON"),
        Message("esphome/kitchen/status", b"online"),
    ),
    before=(
        _announced("binary_sensor", "smoke", dev_cla="smoke"),
        _announced("binary_sensor", "tamper", dev_cla="tamper"),
        _announced("sensor", "temperature", dev_cla="temperature", unit_of_meas="°C"),
        _announced("sensor", "battery", dev_cla="battery", unit_of_meas="%"),
        json_of(
            "homeassistant/binary_sensor/gas/config",
            {"dev_cla": "gas", "stat_t": "esphome/gas/state", "uniq_id": "gas"},
        ),
    ),
)


def _chirpstack(kind: str, **fields: object) -> Message:
    at = "2026-11-23T09:58:02.123456789+00:00"
    body: dict[str, Any] = {
        "deduplicationId": "5f1c0f9e-6a2b-4a1c-9d58-0d2a3c4b5e6f",
        "time": at,
        "deviceInfo": {
            "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
            "tenantName": "estate",
            "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97",
            "applicationName": "safety",
            "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad",
            "deviceProfileName": "RA02A",
            "deviceName": "stairs 3",
            "devEui": "24e1612100a41a01",
            "tags": {},
        },
    }
    return json_of(f"application/17c82e96/device/24e1612100a41a01/event/{kind}", body | fields)


def _gateway(number: int) -> dict[str, object]:
    return {
        "gatewayId": f"0016c001f153a1{number:02d}",
        "uplinkId": 1041 + number,
        "gwTime": f"2026-11-23T09:58:02.12345678{9 - number}+00:00",
        "nsTime": f"2026-11-23T09:58:02.20345678{number}+00:00",
        "rssi": -97,
        "snr": 6.2,
        "context": "AAAAAA==",
        "metadata": {"region_config_id": "eu868", "region_common_name": "EU868"},
        "crcStatus": "CRC_OK",
    }


_LORA: Final = {"bandwidth": 125000, "spreadingFactor": 7, "codeRate": "CR_4_5"}
_UPLINK: Final = {
    "devAddr": "01020304",
    "adr": True,
    "dr": 5,
    "fCnt": 41,
    "fPort": 6,
    "confirmed": True,
    "rxInfo": [_gateway(0), _gateway(1)],
    "txInfo": {"frequency": 868100000, "modulation": {"lora": _LORA}},
}
_SMOKE: Final = bytes.fromhex("010a011e000000d2000000")
_OBJECT: Final = {
    "Device": "RA02A",
    "Volt": 3,
    "FireAlarm": "NoAlarm",
    "HighTempAlarm": "NoAlarm",
    "Temp": 21,
}
_CHIRPSTACK: Final = Talk(
    (
        _chirpstack("up", **_UPLINK, data=b64encode(_SMOKE).decode(), object=_OBJECT),
        _chirpstack("up", **_UPLINK, data=b64encode(_SMOKE).decode()),
        _chirpstack("status", margin=10, batteryLevel=90.5, externalPowerSource=False),
    )
)


def _things(**fields: object) -> Message:
    up: dict[str, Any] = {
        "session_key_id": "AXA50tHUGUucuzS/bCGMNw==",
        "f_port": 6,
        "f_cnt": 1200,
        "frm_payload": b64encode(_SMOKE).decode(),
        "rx_metadata": [
            {
                "gateway_ids": {"gateway_id": "roof", "eui": "9C5C8E00001A05C4"},
                "time": "2026-11-23T09:58:02.123Z",
                "timestamp": 2463457000,
                "rssi": -101,
                "channel_rssi": -101,
                "snr": 3.5,
                "location": {
                    "latitude": 31.23,
                    "longitude": 121.47,
                    "altitude": 12,
                    "source": "SOURCE_REGISTRY",
                },
                "uplink_token": "ChIKEAoEcm9vZhIInFyOAAAaBcQQqLPXlgkaDAj6/oy2BhDAjd3AAyDAv+2q2UE=",
                "channel_index": 5,
                "received_at": "2026-11-23T09:58:02.139527671Z",
            }
        ],
        "settings": {
            "data_rate": {"lora": {"bandwidth": 125000, "spreading_factor": 9, "coding_rate": "4/5"}},
            "frequency": "868300000",
            "timestamp": 2463457000,
            "time": "2026-11-23T09:58:02.123Z",
        },
        "network_ids": {"net_id": "000013", "tenant_id": "estate", "cluster_id": "eu1"},
        "received_at": "2026-11-23T09:58:02.401Z",
        "version_ids": {"brand_id": "netvox", "model_id": "ra02a"},
        "consumed_airtime": "0.185344s",
    }
    ids = {
        "device_id": "stairs-3",
        "application_ids": {"application_id": "safety"},
        "dev_eui": "24E1612100A41A01",
        "dev_addr": "260B0001",
    }
    body = {
        "end_device_ids": ids,
        "correlation_ids": ["as:up:01H"],
        "received_at": "2026-11-23T09:58:02.610Z",
    }
    return json_of("v3/safety@estate/devices/stairs-3/up", body | {"uplink_message": up | fields})


_THINGS_STACK: Final = Talk((_things(), _things(decoded_payload=_OBJECT)))
_SHELLY: Final = Talk(
    (
        json_of(
            "shellyplussmoke-80646fd1aabb/events/rpc",
            {"src": "shellyplussmoke-80646fd1aabb", "dst": "shelly/events", "method": "NotifyStatus"}
            | {"params": {"ts": 1790000000.25, "smoke:0": {"id": 0, "alarm": True, "mute": False}}},
        ),
        json_of(
            "shellyplussmoke-80646fd1aabb/status/devicepower:0",
            {"id": 0, "battery": {"V": 2.93, "percent": 85}, "external": {"present": False}},
        ),
        Message("shellyplussmoke-80646fd1aabb/online", b"true"),
        Message("shellies/shellyflood-7b4e12/sensor/flood", b"true"),
    )
)
_TASMOTA: Final = Talk(
    (
        json_of(
            "tele/tasmota_9CF9D1/SENSOR",
            {"Time": "2026-11-23T09:58:02", "AM2301": {"Temperature": 21.5, "Humidity": 48.2}}
            | {"Switch1": "OFF", "TempUnit": "C"},
        ),
        json_of(
            "tele/bridge/SENSOR",
            {"ZbReceived": {"0x4773": {"Device": "0x4773", "Name": "kitchen", "ZoneStatusChange": 1}}},
        ),
        json_of(
            "tele/tasmota_9CF9D1/STATE",
            {"Time": "2026-11-23T09:58:02", "Uptime": "1T02:03:04", "Vcc": 3.1, "Heap": 25, "POWER": "OFF"},
        ),
        Message("tele/tasmota_9CF9D1/LWT", b"Online"),
    )
)
_PLAIN: Final = Talk(
    (
        json_of(
            "house/flat-3/data", {"leak": 0, "room": {"t": 21.5}, "bat": 97, "ts": 1790000000, "fw": "1.2"}
        ),
        json_of("meters/all", {"id": "m-17", "smoke": False, "co": 3, "model": "X"}),
    )
)

# Binary -----------------------------------------------------------------------------------------------------

_BIRTH: Final = (
    flag("Smoke/Alarm", False, alias=10),
    metric(name="Smoke/Obscuration", alias=11, datatype=9, float=0.02),
    metric(name="Temperature", alias=12, datatype=9, float=21.5),
    metric(name="Battery/Level", alias=13, datatype=3, int=91),
    flag("Tamper", False, alias=14),
    flag("Fault", False, alias=15),
    metric(name="Firmware", alias=16, datatype=12, string="1.2.3"),
)
_NODE: Final = Message(
    "spBv1.0/estate/NBIRTH/gw1",
    payload(metric(name="bdSeq", datatype=8, long=1), flag("Node Control/Rebirth", False), seq=0),
)
_SPARKPLUG: Final = Talk(
    said=(
        Message(
            "spBv1.0/estate/DDATA/gw1/smoke-301",
            payload(metric(alias=10, boolean=True), metric(alias=11, float=4.7), seq=2),
        ),
        Message(
            "spBv1.0/estate/DDATA/gw1/smoke-301",
            payload(
                *(metric(alias=n, timestamp=1_790_000_000_000, boolean=False) for n in (10, 14, 15)),
                metric(alias=11, timestamp=1_790_000_000_000, float=0.03),
                metric(alias=12, timestamp=1_790_000_000_000, float=22.5),
                metric(alias=13, timestamp=1_790_000_000_000, int=90),
                seq=3,
            ),
        ),
        Message("spBv1.0/estate/DBIRTH/gw1/smoke-301", payload(*_BIRTH, seq=4)),
    ),
    before=(_NODE, Message("spBv1.0/estate/DBIRTH/gw1/smoke-301", payload(*_BIRTH, seq=1))),
)

_CLOCK: Final = bytes((2, 58, 17, 23, 11, 26))
_HEAD: Final = Head(1, (1, 1), _CLOCK, bytes.fromhex("790300000000"), bytes.fromhex("385b01000000"), 2)
_DETECTOR: Final = bytes.fromhex("0101280a000200")
_TEXT: Final = "7楼02室".encode("gb18030").ljust(31, b"\0")


def _frame(body: bytes) -> Message:
    return Message("gb26875/790300000000", write(_HEAD, body))


_GB26875: Final = Talk(
    (
        _frame(b"\2\1" + _DETECTOR + b"\3\0" + _TEXT + _CLOCK),
        _frame(b"\2\5" + (_DETECTOR + b"\1\0" + _TEXT + _CLOCK) * 5),
        _frame(b"\1\1\1\1\1\0" + _CLOCK),
        _frame(b"\3\4" + (_DETECTOR + b"\3\xd7\0" + _CLOCK) * 4),
        _frame(b""),
    )
)

TALKS: Final[Mapping[str, Talk]] = {
    "native": _NATIVE,
    "zigbee2mqtt": _ZIGBEE2MQTT,
    "home_assistant": _HOME_ASSISTANT,
    "chirpstack": _CHIRPSTACK,
    "things_stack": _THINGS_STACK,
    "shelly": _SHELLY,
    "tasmota": _TASMOTA,
    "sparkplug": _SPARKPLUG,
    "gb26875": _GB26875,
    "plain": _PLAIN,
    **TALKS_CN,
}
BODIES: Final[Sequence[tuple[str, int, bytes]]] = (
    ("netvox-ra02a", 6, _SMOKE),
    ("netvox-r718wa2", 6, bytes.fromhex("0146011e01000000000000")),
    ("milesight-gs101", 85, bytes.fromhex("058e01060100")),
    ("milesight-ws101", 85, bytes.fromhex("017564ff2e01")),
    ("mclimate-flood-sensor", 2, bytes.fromhex("0161")),
    ("dragino-lwl02", 10, bytes.fromhex("0bd00200000000000000")),
    ("browan-tbwl100", 106, bytes.fromhex("010b3c3c00")),
    ("yobiiq-sd-1001", 8, bytes.fromhex("010164050001")),
)
"""LoRaWAN bodies: model, port and bytes."""
SWITCHES: Final = ("Switch1=water_leak_alarm",)
"""`dialects.tasmota_switches`, likewise."""


def settings() -> Settings:
    """Those under which all these messages mean something."""
    return load(
        None,
        {},
        {
            "dialects.plain": list(PLAIN),
            "dialects.tasmota_switches": list(SWITCHES),
            "dialects.aliyun_topics": list(ALIYUN),
            "push.fields": list(FIELDS),
        },
    )


def spoken() -> DialectRegistry:
    return registry_of(settings(), None, every=True)
