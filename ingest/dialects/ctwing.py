"""CTWing of China Telecom and the Huawei platforms it grew from: what they push of NB-IoT devices.

Three forms are told apart by their own fields: `messageType` (CTWing AEP), `notifyType` (OceanConnect),
`resource` (Huawei IoTDA). docs/reference/dialects/ctwing.md says what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.instant import Instant
from ingest.dialects.cn_envelope import (
    Body,
    Part,
    Said,
    Topics,
    decoded,
    gathered,
    inner,
    mapping,
    name_of,
    named,
    nameless,
    opened,
    platform_time,
    presence,
)
from ingest.dialects.cn_fields import NO_MEANINGS, SHARED, Fields, Grade, Meaning
from ingest.message import Decoded, Ignored, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import shown
from ingest.understood import Understood

NAME: Final = "ctwing"
_GRADES: Final = {1: Grade.INFORMATION, 2: Grade.ALARM, 3: Grade.FAULT}
_ONLINE: Final = {"ONLINE": True, "OFFLINE": False}


class CtWing:
    """A device's address is its `deviceId` at the platform (`device_id` of IoTDA).

    `topics`: MQTT topics on which the same is said. `fields`: what the fields of a site's own devices mean.
    """

    name = NAME

    def __init__(self, topics: Sequence[str] = (), fields: Mapping[str, Meaning] = NO_MEANINGS) -> None:
        self._topics = Topics(NAME, topics)
        self._fields = Fields(SHARED, fields)

    def subscriptions(self) -> tuple[Subscription, ...]:
        return self._topics.subscriptions()

    def claims(self, topic: str) -> bool:
        return self._topics.claims(topic)

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        if not self.claims(topic):
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no push of CTWing", NAME)
        if not payload:
            return Ignored("an empty message")
        body = opened(payload, NAME)
        if isinstance(body, Rejected):
            return body
        for field, read in (
            ("messageType", self._aep),
            ("notifyType", self._ocean),
            ("resource", self._iotda),
        ):
            if field in body:
                return gathered(read(body))
        detail = "none of messageType, notifyType, resource is in it: no push of this platform"
        return Rejected(Reason.WRONG_TYPE, detail, NAME)

    # CTWing AEP -------------------------------------------------------------------------------------------

    def _aep(self, body: Body) -> Sequence[Part]:
        address = name_of(body.get("deviceId"))
        kind, at = body["messageType"], platform_time(body.get("timestamp"))
        if kind == "commandResponse":
            return [Ignored("the result of a command")]
        if not address:
            return [nameless(NAME, "deviceId")]
        if kind == "dataReport":
            return [self._data(address, body, at)]
        if kind == "eventReport":
            return [self._event(address, body, at)]
        if kind == "deviceOnlineOfflineReport" and body.get("eventType") in (0, 1):
            online = body["eventType"] == 1
            return [presence(NAME, address, online, at, named(kind, body.get("timestamp"), online))]
        return [Rejected(Reason.UNSUPPORTED, f"messageType: {shown(kind)!r} is not read", NAME, address)]

    def _data(self, address: str, body: Body, at: Instant | None) -> Part:
        """`payload`: fields of the product's model, below `serviceData`, or `APPdata` that passed through."""
        payload = mapping(body.get("payload"))
        if "APPdata" in payload:
            field, given = "payload.APPdata", payload["APPdata"]
        elif "serviceData" in payload:
            field, given = "payload.serviceData", payload["serviceData"]
        else:
            field, given = "payload", body.get("payload")
        again = _again(at, body.get("serviceId"), body.get("upDataSN"), given)
        return self._report(address, field, given, at, again)

    def _event(self, address: str, body: Body, at: Instant | None) -> Part:
        content, kind = body.get("eventContent"), body.get("eventType")
        grade = _GRADES.get(kind, Grade.INFORMATION) if isinstance(kind, int) else Grade.INFORMATION
        again = _again(at, "event", body.get("serviceId"), content)
        return self._report(address, "eventContent", content, at, again, grade)

    # OceanConnect -----------------------------------------------------------------------------------------

    def _ocean(self, body: Body) -> Sequence[Part]:
        address, kind = name_of(body.get("deviceId")), body["notifyType"]
        if not address:
            return [nameless(NAME, "deviceId")]
        if kind == "deviceDataChanged":
            return [self._service(address, body.get("service"), body.get("requestId"), "data", "eventTime")]
        if kind == "deviceDatasChanged" and isinstance(body.get("services"), list):
            request = body.get("requestId")
            return [self._service(address, one, request, "data", "eventTime") for one in body["services"]]
        if kind == "deviceInfoChanged":
            return [_state(address, mapping(body.get("deviceInfo")).get("status"), None)]
        return [Ignored(f"{shown(kind)}: nothing that a device says")]

    def _service(self, address: str, given: Any, request: object, data: str, time: str) -> Part:
        if not isinstance(given, dict):
            return Rejected(Reason.WRONG_TYPE, "service: an object is needed", NAME, address)
        named_service = name_of(given.get("serviceId", given.get("service_id")))
        at, values = platform_time(given.get(time)), given.get(data)
        again = _again(at, request, named_service, values)
        return self._report(address, f"service.{data}", values, at, again)

    # Huawei IoTDA -----------------------------------------------------------------------------------------

    def _iotda(self, body: Body) -> Sequence[Part]:
        about = mapping(body.get("notify_data"))
        header, content = mapping(about.get("header")), mapping(about.get("body"))
        address, resource = name_of(header.get("device_id")), body["resource"]
        if not address:
            return [nameless(NAME, "notify_data.header.device_id")]
        if resource == "device.property" and isinstance(content.get("services"), list):
            request = header.get("request_id")
            return [
                self._service(address, one, request, "properties", "event_time")
                for one in content["services"]
            ]
        if resource == "device.status":
            return [_state(address, content.get("status"), platform_time(body.get("event_time")))]
        return [Ignored(f"{shown(resource)}: nothing that a device says")]

    # What a device says -----------------------------------------------------------------------------------

    def _report(
        self,
        address: str,
        field: str,
        given: object,
        at: Instant | None,
        again: str | None,
        grade: Grade = Grade.STATE,
    ) -> Part:
        values = inner(field, given)
        if isinstance(values, str):
            return Rejected(Reason.UNSUPPORTED, values, NAME, address)
        said = Understood()
        self._fields.report(said, values, grade)
        return decoded(NAME, address, said, at, again)


def _again(at: Instant | None, *what: object) -> str | None:
    """The platform gives a push no name: its time and what it says are one."""
    return None if at is None else named(at, *what)


def _state(address: str, status: object, at: Instant | None) -> Part:
    """ABNORMAL is the platform's remark that nothing came for 25 hours; we count by ourselves."""
    if status in ("ONLINE", "OFFLINE"):
        return presence(NAME, address, _ONLINE[str(status)], at, _again(at, status))
    if status == "ABNORMAL":
        return Decoded(NAME, address, notes=("the platform heard nothing of it for a day",), heard=False)
    return Ignored(f"status {shown(status)}: no word about its presence")
