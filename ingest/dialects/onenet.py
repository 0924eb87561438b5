"""OneNET of China Mobile: what it pushes of NB-IoT and other devices, again and again until it hears 200.

Checked against its description of the push and the structs of a real receiver.
docs/reference/dialects/onenet.md says what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingest.dialects.cn_envelope import (
    Body,
    Part,
    Said,
    Topics,
    by_time,
    decoded,
    gathered,
    mapping,
    name_of,
    named,
    nameless,
    opened,
    platform_time,
    presence,
)
from ingest.dialects.cn_fields import NO_MEANINGS, SHARED, Fields, Grade, Meaning, Take, bit, number
from ingest.generic import UNSURE
from ingest.message import Ignored, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown
from ingest.understood import Understood

NAME: Final = "onenet"
_IPSO: Final[Mapping[str, Take]] = {  # LwM2M object and resource; the instance between them is any
    "3_9": number("battery_percent"),
    "3_7": number("battery_mv"),
    "3303_5700": number("temperature_c"),
    "3200_5500": bit(UNSURE),
}
_GRADES: Final = {"alert": Grade.ALARM, "alarm": Grade.ALARM, "error": Grade.FAULT, "fault": Grade.FAULT}


class OneNet:
    """A device's address is its `dev_id`; of products with a thing model `<product id>/<device name>`.

    `topics`: MQTT topics on which the same is said. `fields`: what data streams of a site's own mean, by
    their whole id (`3300_0_5700`).
    """

    name = NAME

    def __init__(self, topics: Sequence[str] = (), fields: Mapping[str, Meaning] = NO_MEANINGS) -> None:
        self._topics = Topics(NAME, topics)
        self._fields = Fields(SHARED, fields, _ipso)

    def subscriptions(self) -> tuple[Subscription, ...]:
        return self._topics.subscriptions()

    def claims(self, topic: str) -> bool:
        return self._topics.claims(topic)

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        if not self.claims(topic):
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no push of OneNET", NAME)
        if not payload:
            return Ignored("an empty message")
        body = opened(payload, NAME)
        if isinstance(body, Rejected):
            return body
        message = _message(body)
        if isinstance(message, Rejected):
            return message
        return gathered([part for one in message for part in self._parts(one)])

    def _parts(self, one: Any) -> Sequence[Part]:
        if not isinstance(one, dict):
            return [Rejected(Reason.WRONG_TYPE, "msg: an object, or a list of objects, is needed", NAME)]
        if "notifyType" in one or "messageType" in one:
            return self._model(one)
        return [self._part(one)]

    def _part(self, one: Body) -> Part:
        address = name_of(one.get("dev_id"))
        if not address:
            return nameless(NAME, "dev_id")
        kind, at = one.get("type"), one.get("at")
        if kind == 1:
            return self._point(address, one)
        if kind == 2 and one.get("status") in (0, 1):
            online = one["status"] == 1
            return presence(NAME, address, online, platform_time(at), named("line", at, one["status"]))
        if kind == 2:
            detail = f"status: {shown(one.get('status'))!r} is neither 0 (away) nor 1 (there)"
            return Rejected(Reason.MALFORMED, detail, NAME, address)
        return Ignored(f"a push of type {shown(kind)}: the result of a command")

    def _point(self, address: str, one: Body) -> Part:
        stream, at = name_of(one.get("ds_id")), one.get("at")
        if not stream:
            detail = "ds_id: the name of a data stream is needed"
            return Rejected(Reason.WRONG_TYPE, detail, NAME, address)
        said = Understood()
        self._fields.report(said, {stream: one.get("value")})
        network_at = platform_time(at)
        again = named(at, stream, one.get("value")) if network_at else None
        return decoded(NAME, address, said, network_at, again)

    def _model(self, one: Body) -> Sequence[Part]:
        """A product with a thing model: properties or events, each with its time."""
        product, device = name_of(one.get("productId")), name_of(one.get("deviceName"))
        if not product or not device:
            return [nameless(NAME, "productId, deviceName")]
        kind, data = one.get("notifyType"), mapping(one.get("data"))
        params = data.get("params")
        if kind not in ("property", "event") or not isinstance(params, dict):
            return [Ignored(f"{shown(one.get('messageType'))} {shown(kind)}: no report of a device")]
        groups = by_time(params)
        again = named(data.get("id"), params) if any(groups) else None
        return [
            decoded(NAME, f"{product}/{device}", self._modelled(kind, values), None, again, at)
            for at, values in groups.items()
        ]

    def _modelled(self, kind: str, values: Body) -> Understood:
        """An event says what it is by its name alone, and its fields are within."""
        said = Understood()
        if kind == "property":
            self._fields.report(said, values)
            return said
        for name, value in values.items():
            inside = value if isinstance(value, dict) else {name: value}
            self._fields.report(said, inside, _GRADES.get(name.strip().lower(), Grade.INFORMATION))
        return said


def _ipso(stream: str) -> Take | None:
    parts = stream.split("_")
    return _IPSO.get(f"{parts[0]}_{parts[2]}") if len(parts) == 3 else None


def _message(body: Body) -> list[Any] | Rejected:
    """`msg`: an object, a list of them, or that as text. A forwarding rule sends it bare."""
    if "enc_msg" in body:
        detail = "enc_msg: pushes are encrypted; switch that off at the platform and use https"
        return Rejected(Reason.UNSUPPORTED, detail, NAME)
    message = body.get("msg", body)
    if isinstance(message, str):
        try:
            message = parse(message.encode("utf-8", "surrogatepass"))
        except NotStrict as odd:
            return Rejected(odd.reason, f"msg: {odd.detail}", NAME)
    return message if isinstance(message, list) else [message]
