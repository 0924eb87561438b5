"""What Chinese platforms' messages have in common: an envelope, times in ms, several devices, bodies within.

A push that the HTTP door took is on `push/<dialect>` or `push/<dialect>/<device>`.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from devices.instant import Instant
from ingest.device_time import UNREADABLE, device_time
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown
from ingest.understood import Understood

Body: TypeAlias = Mapping[str, Any]
Part: TypeAlias = Decoded | Rejected | Ignored
Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored

NOTES: Final = 8
LONGEST_NAME: Final = 128
_LONGEST_ID: Final = 80
_LONGEST_TOPIC: Final = 256
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_NOTHING: Final[Body] = MappingProxyType({})


# Topics -----------------------------------------------------------------------------------------------------


class Topics:
    """The pushes of one dialect, and MQTT topics (filters with + and a last #) on which the same is said."""

    def __init__(self, name: str, filters: Sequence[str] = ()) -> None:
        for one in filters:
            _check(one)
        self._push, self._below = f"push/{name}", f"push/{name}/"
        self._filters = tuple(filters)

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm is a field of a report, so everything rides with the telemetry."""
        return tuple(Subscription(one, Lane.TELEMETRY) for one in self._filters)

    def claims(self, topic: str) -> bool:
        if topic == self._push or topic.startswith(self._below):
            return True
        return bool(self._filters) and len(topic) <= _LONGEST_TOPIC and _fit(self._filters, topic)

    def device(self, topic: str) -> str | None:
        """Who is named by the topic of a push: "" for nobody, None when it is no push of this dialect."""
        if topic == self._push:
            return ""
        return topic[len(self._below) :] if topic.startswith(self._below) else None


def _check(topic_filter: str) -> None:
    levels = topic_filter.split("/")
    if not topic_filter.strip("/") or any(len(one) > 1 and set(one) & set("+#\0") for one in levels):
        raise ValueError(f"topic filter {shown(topic_filter)!r}: + and # stand for whole levels")
    if "#" in levels[:-1]:
        raise ValueError(f"topic filter {shown(topic_filter)!r}: # is the last level")


@lru_cache(maxsize=8192)  # devices say the same few topics for years; long ones would fill the memory
def _fit(filters: tuple[str, ...], topic: str) -> bool:
    return any(_fits(one.split("/"), topic.split("/")) for one in filters)


def _fits(levels: list[str], topic: list[str]) -> bool:
    if levels[-1] == "#":
        levels, topic = levels[:-1], topic[: len(levels) - 1]
    return len(levels) == len(topic) and all(a in ("+", b) for a, b in zip(levels, topic, strict=True))


# Values -----------------------------------------------------------------------------------------------------


def opened(payload: bytes, dialect: str, address: str = "") -> Body | Rejected:
    """The JSON object of a message."""
    try:
        body = parse(payload)
    except NotStrict as odd:
        return Rejected(odd.reason, odd.detail, dialect, address)
    if isinstance(body, dict):
        return body
    return Rejected(Reason.WRONG_TYPE, "a message is a JSON object", dialect, address)


def mapping(value: object) -> Body:
    return value if isinstance(value, dict) else _NOTHING


def name_of(value: object) -> str:
    """An id, as text or number; "" for anything that names nobody."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and len(value) <= LONGEST_NAME and value.isprintable():
        return value.strip()
    return ""


def nameless(dialect: str, field: str) -> Rejected:
    detail = f"{field}: no device is named; a text or whole number is needed"
    return Rejected(Reason.WRONG_TYPE, detail, dialect)


def platform_time(value: object) -> Instant | None:
    """Milliseconds, as number or text, RFC 3339, or `20161219T114920Z`; None also for what says no time."""
    return device_time(value) or None


def named(*parts: object) -> str:
    """A name for a message out of what is the same when it is sent again."""
    text = "/".join(map(str, parts))
    return text if len(text) <= _LONGEST_ID else digest(text.encode("utf-8", "surrogatepass"))


def digest(payload: bytes) -> str:
    """A name for a message that is sent again byte for byte."""
    return blake2b(payload, digest_size=16).hexdigest()


def inner(field: str, value: object) -> Body | str:
    """A body within: an object, its JSON as text, or that in base64 or hex; otherwise why it is not read."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        return f"{field}: neither an object nor a text"
    raw = _bytes(value.strip())
    if raw is None:
        return f"{field}: {shown(value)!r} is neither JSON nor base64 nor hex"
    if not raw.lstrip().startswith(b"{"):
        return (
            f"{field}: {len(raw)} bytes in the maker's own form: "
            "let the platform decode them by the product's model, or decode them before they are sent here"
        )
    try:
        body = parse(raw)
    except NotStrict as odd:
        return f"{field}: {odd.detail}"
    return body if isinstance(body, dict) else f"{field}: the JSON within is no object"


def _bytes(text: str) -> bytes | None:
    if text.startswith("{"):
        return text.encode("utf-8", "surrogatepass")
    if text and len(text) % 2 == 0 and _HEX.issuperset(text):
        return bytes.fromhex(text)
    try:
        return b64decode(text, validate=True) or None
    except (ValueError, binascii.Error):
        return None


def by_time(values: Body) -> dict[Instant | None, dict[str, Any]]:
    """Values with a time each, gathered by it: `{"Power": {"value": 1, "time": 1524448722000}}`.

    A value without a time has that of the report (None); what says no time is at 0.
    """
    groups: dict[Instant | None, dict[str, Any]] = {}
    last, at = None, None
    for name, value in values.items():
        time = None
        if isinstance(value, dict) and "value" in value:
            time, value = value.get("time"), value["value"]
        if time is not last:
            last, at = time, device_time(time)
        group = groups.get(at)
        if group is None:
            groups[at] = {name: value}
        else:
            group[name] = value
    return groups


# Answers ----------------------------------------------------------------------------------------------------


def decoded(
    dialect: str,
    address: str,
    said: Understood,
    network_at: Instant | None,
    message_id: str | None,
    device_at: Instant | None = None,
) -> Decoded:
    if device_at == UNREADABLE:
        said.notes.append("a time that cannot be read")
    notes = tuple(said.notes[:NOTES]) if said.notes else ()
    boot, sequence, event_id, online, result = None, None, None, None, None  # by place, which is quicker
    return Decoded(
        dialect,
        address,
        said.points(),
        device_at,
        boot,
        sequence,
        event_id,
        said.sos,
        said.test,
        said.warmup,
        False,
        online,
        result,
        notes,
        network_at,
        message_id,
    )


def presence(
    dialect: str, address: str, online: bool, network_at: Instant | None, message_id: str | None
) -> Decoded:
    return Decoded(dialect, address, online=online, network_at=network_at, message_id=message_id)


def gathered(parts: Sequence[Part]) -> Said:
    """One answer out of many. What could not be read in a batch is told beside what could.

    Admission judges by the first part of a device whether the message came before: each device's parts get
    one name out of all of theirs, or what is new in a batch would pass with what was sent again.
    """
    if len(parts) == 1 and isinstance(parts[0], Decoded):
        return (parts[0],)
    good = [part for part in parts if isinstance(part, Decoded)]
    bad = [part for part in parts if isinstance(part, Rejected)]
    if not good:
        ignored = (part for part in parts if isinstance(part, Ignored))
        return bad[0] if bad else next(ignored, Ignored("an empty push"))
    if bad:
        note = f"{len(bad)} of {len(parts)} parts were not understood: {bad[0].detail}"
        good[0] = good[0]._replace(notes=(note, *good[0].notes)[:NOTES])
    if len(good) == 1:
        return (good[0],)
    ids: dict[str, list[str | None]] = {}
    for one in good:
        ids.setdefault(one.address, []).append(one.message_id)
    names = {address: _whole(each) for address, each in ids.items()}
    return tuple(_renamed(one, names[one.address]) for one in good)


def _whole(ids: list[str | None]) -> str | None:
    if None in ids:
        return None
    return ids[0] if ids.count(ids[0]) == len(ids) else named("batch", *ids)


def _renamed(one: Decoded, name: str | None) -> Decoded:
    return one if one.message_id == name else one._replace(message_id=name)
