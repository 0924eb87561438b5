"""Chinese gateways and smaller clouds, each with few messages: told apart by the fields that only they have.

CET power gateways, Alink-like 4G breakers, Quectel, Senthink, Hummingbird. What each says and what is read
of it: docs/reference/dialects/cn_gateways.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from devices.instant import SECOND, Instant
from ingest.dialects.cn_cet import understand as understand_cet
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
    mapping,
    name_of,
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

NAME: Final = "cn_gateways"
TOPICS: Final = ("CET/+/upload", "yibaite/+")
_BREAKER: Final = "-post"
_LATEST_S: Final = 253_402_300_799  # the end of year 9999
_WORDS: Final = {"online": True, "offline": False}
Read: TypeAlias = Callable[[str, Body, bytes], Sequence[Part]]
"""Topic or device, the message, and its bytes as they are sent again."""


class CnGateways:
    """The address is what each names its device by: location code, device key, EUI or id; of a breaker the
    level of its topic, without `-post`.

    `topics`: MQTT topics on which they are heard. `fields`: what the fields of a site's own devices mean.
    """

    name = NAME

    def __init__(self, topics: Sequence[str] = TOPICS, fields: Mapping[str, Meaning] = NO_MEANINGS) -> None:
        self._topics = Topics(NAME, topics)
        self._fields = Fields(SHARED, fields)
        self._forms: tuple[tuple[str, Read], ...] = (
            ("ticket", self._quectel),
            ("nodeEui", self._senthink),
            ("messageType", self._hummingbird),
            ("properties", self._cet),
            ("params", self._breaker),
        )

    def subscriptions(self) -> tuple[Subscription, ...]:
        return self._topics.subscriptions()

    def claims(self, topic: str) -> bool:
        return self._topics.claims(topic)

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        if not self.claims(topic):
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is none of our topics", NAME)
        if not payload:
            return Ignored("an empty message")
        body = opened(payload, NAME)
        if isinstance(body, Rejected):
            return body
        device = self._topics.device(topic)
        for field, read in self._forms:
            if field in body:
                return gathered(read(topic if device is None else device, body, payload))
        detail = f"none of {', '.join(field for field, _ in self._forms)} is in it: no gateway that we know"
        return Rejected(Reason.UNSUPPORTED, detail, NAME)

    # CET --------------------------------------------------------------------------------------------------

    def _cet(self, topic: str, body: Body, raw: bytes) -> Sequence[Part]:
        """Points with a time each; the envelope has the gateway's own, under a key with a space behind it."""
        envelope = {name.strip(): value for name, value in body.items()}
        address = name_of(envelope.get("location_code"))
        points = envelope["properties"]
        if not address:
            return [nameless(NAME, "location_code")]
        if not isinstance(points, list) or not all(isinstance(one, dict) for one in points):
            detail = "properties: a list of points is needed"
            return [Rejected(Reason.WRONG_TYPE, detail, NAME, address)]
        network_at = _seconds(envelope.get("ts"))
        groups: dict[Instant | None, list[Body]] = {}
        for one in points:
            groups.setdefault(_seconds(one.get("timestamp")), []).append(one)
        again = digest(raw) if network_at else None
        return [
            decoded(NAME, address, understand_cet(group, self._fields), network_at, again, at)
            for at, group in groups.items()
        ] or [decoded(NAME, address, Understood(), network_at, again)]

    # 4G breakers ------------------------------------------------------------------------------------------

    def _breaker(self, topic: str, body: Body, raw: bytes) -> Sequence[Part]:
        """Alink without a time: its `id` names no message, for nothing says that it ever changes."""
        address = name_of(topic.rpartition("/")[2]).removesuffix(_BREAKER)
        if not address:
            return [nameless(NAME, "the topic")]
        if not isinstance(body["params"], dict):
            return [Rejected(Reason.WRONG_TYPE, "params: an object is needed", NAME, address)]
        return [self._reported(address, body["params"], None, None)]

    # Quectel ----------------------------------------------------------------------------------------------

    def _quectel(self, topic: str, body: Body, raw: bytes) -> Sequence[Part]:
        address, data = name_of(body.get("deviceKey")), mapping(body.get("data"))
        at, again = platform_time(body.get("createdAt")), name_of(body["ticket"]) or None
        kind = body.get("type")
        if not address:
            return [nameless(NAME, "deviceKey")]
        if kind == "ONLINE" and data.get("value") in (0, 1, 2):
            return [presence(NAME, address, data["value"] != 0, at, again)]
        if isinstance(data.get("kv"), dict):
            return [self._reported(address, data["kv"], at, again)]
        return [Ignored(f"{shown(kind)}: nothing that a device says")]

    # Senthink ---------------------------------------------------------------------------------------------

    def _senthink(self, topic: str, body: Body, raw: bytes) -> Sequence[Part]:
        """One envelope for data in hex, `ONLINE` and heartbeats."""
        address, given = name_of(body["nodeEui"]), body.get("payload")
        at, again = platform_time(body.get("timestamp")), name_of(body.get("requestId")) or None
        if not address:
            return [nameless(NAME, "nodeEui")]
        if body.get("encrypted") is True:
            detail = "encrypted: true; switch that off at the platform and use https"
            return [Rejected(Reason.UNSUPPORTED, detail, NAME, address)]
        word = given.strip().lower() if isinstance(given, str) else ""
        if word in _WORDS:
            return [presence(NAME, address, _WORDS[word], at, again)]
        if given in (None, "") or word == "heartbeat":
            return [Decoded(NAME, address, network_at=at, message_id=again)]
        values = inner("payload", given)
        if isinstance(values, str):
            return [Rejected(Reason.UNSUPPORTED, values, NAME, address)]
        return [self._reported(address, values, at, again)]

    # Hummingbird ------------------------------------------------------------------------------------------

    def _hummingbird(self, topic: str, body: Body, raw: bytes) -> Sequence[Part]:
        address, data = name_of(body.get("deviceId")), mapping(body.get("data"))
        at, again = platform_time(body.get("t")), name_of(body.get("msgId")) or None
        kind = body["messageType"]
        if not address:
            return [nameless(NAME, "deviceId")]
        if kind == "PROPERTY_REPORT":
            return [self._reported(address, group, at, again) for group in by_time(data).values()]
        if kind == "EVENT_REPORT":
            return [self._event(address, data, at, again)]
        word = data.get("status")
        if kind == "DEVICE_STATUS" and isinstance(word, str) and word.lower() in _WORDS:
            return [presence(NAME, address, _WORDS[word.lower()], at, again)]
        return [Ignored(f"{shown(kind)}: nothing that a device says")]

    def _event(self, address: str, data: Body, at: Instant | None, again: str | None) -> Part:
        """Events by name, each with its own values: the name is a field like any other."""
        said = Understood()
        self._fields.report(said, _named_events(data), Grade.INFORMATION)
        return decoded(NAME, address, said, at, again)

    def _reported(self, address: str, values: Body, at: Instant | None, again: str | None) -> Part:
        said = Understood()
        self._fields.report(said, values)
        return decoded(NAME, address, said, at, again)


def _named_events(data: Body) -> dict[str, Any]:
    """The values within, and each event's name as something that happened: 1."""
    found: dict[str, Any] = {}
    for name, values in data.items():
        found.update(values if isinstance(values, dict) else {})
        found[name] = 1
    return found


def _seconds(value: object) -> Instant | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LATEST_S:
        return value * SECOND
    return None
