"""Alibaba's IoT platform: reports in Alink, as devices send them and as the platform forwards them.

Checked against its description of data formats; docs/reference/dialects/aliyun.md says what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from devices.instant import Instant
from ingest.device_time import device_time
from ingest.dialects.cn_envelope import (
    Body,
    Part,
    Said,
    Topics,
    by_time,
    decoded,
    digest,
    gathered,
    inner,
    name_of,
    named,
    nameless,
    opened,
    platform_time,
    presence,
)
from ingest.dialects.cn_fields import NO_MEANINGS, SHARED, Fields, Grade, Meaning
from ingest.message import Ignored, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import shown
from ingest.understood import Understood

NAME: Final = "aliyun"
PROPERTY: Final = "property"
_GRADES: Final = {"alert": Grade.ALARM, "error": Grade.FAULT}
_STATUS: Final = ("as", "mqtt", "status")


class _Place(NamedTuple):
    """What a topic tells: `leaf` is the event that is posted, `property` or `status`; "" for neither."""

    device: str
    leaf: str


_LONGEST_TOPIC: Final = 256
_NOWHERE: Final = _Place("", "")


class Aliyun:
    """A device's address is `<product key>/<device name>`.

    `topics`: MQTT topics on which it is heard, as `/sys/+/+/thing/event/+/post`. `fields`: what identifiers
    of a site's own products mean.
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
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no topic of this platform", NAME)
        if not payload:
            return Ignored("an empty message")
        body = opened(payload, NAME)
        if isinstance(body, Rejected):
            return body
        pushed = self._topics.device(topic)
        place = _place(topic) if pushed is None else _place(pushed) if pushed else _NOWHERE
        if isinstance(body.get("topic"), str) and "payload" in body:
            return self._forwarded(body, payload)
        return gathered(self._parts(place, body, None, None, payload))

    def _forwarded(self, body: Body, raw: bytes) -> Said:
        """A message of the platform's queue: topic, id and time stand around it."""
        place = _place(body["topic"])
        inside = inner("payload", body["payload"])
        if isinstance(inside, str):
            return Rejected(Reason.UNSUPPORTED, inside, NAME, place.device)
        again = name_of(body.get("messageid", body.get("messageId"))) or None
        return gathered(self._parts(place, inside, _stamp(body.get("timestamp")), again, raw))

    def _parts(
        self, place: _Place, body: Body, at: Instant | None, again: str | None, raw: bytes
    ) -> Sequence[Part]:
        """`raw`: what is sent again byte for byte, and names a message that has a time within."""
        product, device = name_of(body.get("productKey")), name_of(body.get("deviceName"))
        address = f"{product}/{device}" if product and device else place.device
        if not address:
            return [nameless(NAME, "productKey, deviceName")]
        if body.get("status") in ("online", "offline"):
            return [_presence(address, body, at, again)]
        created = platform_time(body.get("gmtCreate")) or at
        if isinstance(body.get("items"), dict):
            return self._properties(address, body["items"], created, again, raw)
        if "identifier" in body:
            return [self._event(address, body, body.get("value"), body.get("time"), created, again, raw)]
        if isinstance(body.get("params"), dict):
            return self._alink(address, place.leaf, body, at, again, raw)
        return [Ignored("neither items, identifier, params nor status: nothing that a device says")]

    def _alink(
        self, address: str, leaf: str, body: Body, at: Instant | None, again: str | None, raw: bytes
    ) -> Sequence[Part]:
        """As the device sends it. Its `id` may never change, so it names a message only with a time."""
        method = name_of(body.get("method"))
        leaf = method.removeprefix("thing.event.").removesuffix(".post") if method else leaf
        params = body["params"]
        if not leaf or leaf == method or leaf.endswith((".pack", ".batch", ".history")):
            detail = f"method: {shown(method)!r} is not read; single posts of properties and events are"
            return [Rejected(Reason.UNSUPPORTED, detail, NAME, address)]
        if leaf == PROPERTY:
            return self._properties(address, params, at, again, raw)
        about = {"identifier": leaf}
        return [self._event(address, about, params.get("value", params), params.get("time"), at, again, raw)]

    def _properties(
        self, address: str, values: Body, network_at: Instant | None, again: str | None, raw: bytes
    ) -> Sequence[Part]:
        groups = by_time(values)
        if again is None and (network_at or any(groups)):
            again = digest(raw)
        parts: list[Part] = []
        for at, group in groups.items():
            said = Understood()
            self._fields.report(said, group)
            parts.append(decoded(NAME, address, said, network_at, again, at))
        return parts or [decoded(NAME, address, Understood(), network_at, again)]

    def _event(
        self,
        address: str,
        about: Body,
        value: Any,
        time: object,
        network_at: Instant | None,
        again: str | None,
        raw: bytes,
    ) -> Part:
        """Information, alert or error; where the device sends it itself, its name alone may tell which."""
        identifier = name_of(about.get("identifier"))
        kind = about.get("type") or identifier
        grade = _GRADES.get(kind.lower(), Grade.INFORMATION) if isinstance(kind, str) else Grade.INFORMATION
        said = Understood()
        self._fields.report(said, value if isinstance(value, dict) else {identifier: value}, grade)
        at = device_time(time)
        if again is None and at:
            again = digest(raw)
        return decoded(NAME, address, said, network_at, again, at)


def _stamp(value: object) -> Instant | None:
    """Of a queue in seconds, of others in ms."""
    in_seconds = isinstance(value, int) and value < 100_000_000_000
    return platform_time(value * 1000 if in_seconds and isinstance(value, int) else value)


def _place(topic: str) -> _Place:
    return _read(topic) if len(topic) <= _LONGEST_TOPIC else _NOWHERE


@lru_cache(maxsize=8192)  # devices say the same few topics for years; long ones would fill the memory
def _read(topic: str) -> _Place:
    parts = [part for part in topic.split("/") if part]
    if tuple(parts[:3]) == _STATUS and len(parts) == 5:
        return _Place(name_of("/".join(parts[3:])), "status")
    if parts[:1] == ["sys"]:
        parts = parts[1:]
    if len(parts) == 2:
        return _Place(name_of("/".join(parts)), "")
    posted = len(parts) >= 6 and parts[2:4] == ["thing", "event"] and parts[-1] == "post"
    return _Place(name_of("/".join(parts[:2])), ".".join(parts[4:-1])) if posted else _NOWHERE


def _presence(address: str, body: Body, at: Instant | None, again: str | None) -> Part:
    """`time` is Beijing's without a zone: `utcTime` is the same and says so."""
    online = body["status"] == "online"
    at = platform_time(body.get("utcTime")) or at
    return presence(NAME, address, online, at, again or (named(body["status"], at) if at else None))
