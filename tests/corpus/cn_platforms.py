"""The items of Chinese platforms and gateways, each on the topic on which it would be recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.instant import SECOND, Instant, instant
from ingest.dialects.aliyun import Aliyun
from ingest.dialects.cn_gateways import CnGateways
from ingest.dialects.ctwing import CtWing
from ingest.dialects.onenet import OneNet
from ingest.dialects.tuya import Tuya
from ingest.message import Decoded, Reason, Rejected
from ingest.registry import Dialect

MS = 1000
UNNAMED = "no meaning is set for"


def check(item: dict[str, Any], path: Path) -> str:
    return CHECKS[path.name](item["expect"], item["topic"], path.read_bytes())


def _one(dialect: Dialect, topic: str, payload: bytes) -> Decoded:
    assert dialect.claims(topic), topic
    found = dialect.decode(topic, payload, False)
    assert isinstance(found, tuple), found
    assert len(found) == 1, found
    return found[0]


def _at(text: str) -> Instant:
    return instant(datetime.fromisoformat(text).astimezone(UTC))


def _point(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(OneNet(), "push/onenet", payload)
    assert said.address == "2016617", said
    assert said.network_at == expect["ts_ms"] * MS, said
    assert said.message_id == "1466133706841/3300_0_5700/1", said
    assert said.points == (), said
    assert said.notes[0].startswith(f"{UNNAMED} 3300_0_5700"), said
    meant = OneNet(fields={"3300_0_5700": "smoke_alarm"})
    assert _one(meant, "push/onenet", payload).points == (("smoke_alarm", 1.0),)
    return ""


def _away(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(OneNet(), "push/onenet", payload)
    assert (said.address, said.online, expect["device"]) == ("2016617", False, "offline"), said
    assert said.network_at == 1466133706841 * MS, said
    return ""


def _huawei(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(CtWing(), "push/ctwing", payload)
    assert said.address == "d4d7a3b2-0000-0000-0000-000000000000", said
    assert said.network_at == _at(expect["ts"]), said
    assert said.points == (), said
    assert said.notes[0].startswith(f"{UNNAMED} Smoke_Value"), said
    return ""


def _status(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    place = topic.replace("${productKey}", "pk").replace("${deviceName}", "dn")
    for where in (place, "push/aliyun"):
        said = _one(Aliyun(("/as/mqtt/status/+/+",)), where, payload)
        assert said.address == "al12345****/deviceName1234", said
        assert (said.online, expect["device"]) == (True, "online"), said
        assert said.network_at == _at(expect["ts"]), said
    return ""


def _breaker(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(CnGateways(), topic, payload)
    assert (said.address, expect["kind"]) == ("S3200278S00047", "electrical"), said
    assert (said.points, said.message_id, said.device_at) == ((), None, None), said
    assert said.notes[0].startswith(UNNAMED), said
    alink = _one(Aliyun((topic,)), "push/aliyun/yibaite/S3200278S00047", payload)
    assert (alink.address, alink.message_id) == ("yibaite/S3200278S00047", None), alink
    return "argued: there is no quantity for load current and mains voltage; the breaker is heard"


def _online(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(CnGateways(), "push/cn_gateways", payload)
    assert (said.address, said.online, expect["device"]) == ("1234567890", True, "online"), said
    assert said.network_at == 1609316592000 * MS, said
    assert said.message_id == "5f9924d171977c33bc5ad1b1", said
    return ""


def _battery(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(CnGateways(), "push/cn_gateways", payload)
    assert said.points == (("battery_percent", expect["battery_pct"]),), said
    assert said.message_id == "5f9924d171977c33bc5ad1b1", said
    return ""


def _senthink(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    found = CnGateways().decode("push/cn_gateways", payload, False)
    assert isinstance(found, Rejected), found
    assert (found.reason, found.address) == (Reason.UNSUPPORTED, "356566071258669"), found
    assert found.detail.startswith(f"payload: {len(bytes.fromhex(expect['raw_hex']))} bytes"), found
    heard = payload.replace(expect["raw_hex"].encode(), b"HEARTBEAT")
    assert _one(CnGateways(), "push/cn_gateways", heard).network_at == expect["ts_ms"] * MS
    return "argued: six bytes of a maker's own form, refused by the name of their field"


def _cet(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(CnGateways(), topic, payload)
    assert (said.address, expect["kind"]) == ("string", "electrical"), said
    assert said.device_at == expect["ts_s"] * SECOND, said
    assert said.network_at == 1688606685 * SECOND, "the envelope's time is under a key with a space"
    assert said.points == (("unsure_alarm", 1.0),), said
    assert said.notes == ("event 电压越限",), said
    return ""


def _event(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(CnGateways(), "push/cn_gateways", payload)
    assert said.network_at == expect["ts_ms"] * MS, said
    assert said.address == "41759677", said
    assert said.message_id == "ea2d8a36-844c-4d49-8102-5e6ce7d90b", said
    assert said.notes[0].startswith(f"{UNNAMED} a, b, Error"), said
    meant = CnGateways(fields={"error": "fault"})
    assert _one(meant, "push/cn_gateways", payload).points == (("fault", 1.0),)
    return ""


def _tuya(expect: dict[str, Any], topic: str, payload: bytes) -> str:
    said = _one(Tuya(), "push/tuya/ywbj-1", payload)
    assert said.address == "ywbj-1", said
    assert dict(said.points) == {
        "smoke_alarm": float(expect["alarm"]),
        "battery_low": 0.0,
        "battery_percent": expect["battery_pct"],
        "tamper": float(expect["tamper"]),
        "fault": 0.0,
        "muted": 0.0,
    }, said
    assert (said.warmup, said.notes) == (False, ()), said
    return ""


CHECKS: dict[str, Callable[[dict[str, Any], str, bytes], str]] = {
    "onenet_push_datapoint_constructed.json": _point,
    "onenet_push_offline_constructed.json": _away,
    "huawei_ct_device_data_changed_constructed.json": _huawei,
    "aliyun_status_online_doc.json": _status,
    "breaker_4g_property_post_doc.json": _breaker,
    "quectel_online_doc.json": _online,
    "quectel_status_doc.json": _battery,
    "senthink_uplink_doc.json": _senthink,
    "cet_gateway_mqtt_doc.json": _cet,
    "hummingbird_event_doc.json": _event,
    "tuya_smoke_standard_status_doc.json": _tuya,
}
