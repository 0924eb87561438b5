"""A site's own JSON on topics of its own: what each field means is said in the settings, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from devices.instant import Instant
from devices.quantity import QUANTITIES, QuantityKind
from ingest.device_time import UNREADABLE, device_time
from ingest.dialects.fields import take_bit, take_number
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown
from ingest.understood import Understood

NAME: Final = "plain"
LONGEST_ADDRESS: Final = 200

Meaning: TypeAlias = str | tuple[str, float]
"""A quantity, and for a number by what to multiply to get its unit."""
Clock: TypeAlias = str | tuple[str, float]
"""A field with a time: a text with a zone or seconds since 1970; or with how many seconds its unit has."""
Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_ABSENT: Final = object()
_ELEMENT: Final = re.compile(r"[0-9]{1,4}")


class _Field(NamedTuple):
    path: str
    keys: tuple[str, ...]
    quantity: str
    scale: float
    is_bit: bool


class _Form(NamedTuple):
    """One filter: what is before and after its `+` (`after` None: it has none)."""

    before: str
    after: str | None
    fields: tuple[_Field, ...]
    address: str | None
    clock: str | None
    seconds: float


class Plain:
    """`topics`: by topic filter, what the fields mean: `{"house/+/data": {"room.t": "temperature_c"}}`.

    A field is a path of keys with dots between them, a number for an element of a list; the empty path is the
    whole message. A device's address is the level that `+` stands for; of a filter without one, the topic.
    `addresses` names, by filter, the field that holds the address instead, and `times` the field that holds
    the device's time. Topics that name the same address tell of the same device.
    """

    name = NAME

    def __init__(
        self,
        topics: Mapping[str, Mapping[str, Meaning]],
        addresses: Mapping[str, str] = _NONE,
        times: Mapping[str, Clock] = _NONE,
    ) -> None:
        for one in (*addresses, *times):
            if one not in topics:
                raise ValueError(f"{shown(one)!r} is none of the topics")
        self._filters = tuple(topics)
        self._forms = tuple(
            _form(one, fields, addresses.get(one), times.get(one)) for one, fields in topics.items()
        )

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Alarms may stand beside numbers, so everything rides with the telemetry."""
        return tuple(Subscription(one, Lane.TELEMETRY) for one in self._filters)

    def claims(self, topic: str) -> bool:
        return self._find(topic) is not None

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        found = self._find(topic)
        if found is None:
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} fits none of our topics", NAME)
        form, address = found
        if not payload:
            return Ignored("a retained message was taken away")
        try:
            body = parse(payload)
        except NotStrict as odd:
            body = _bare(form, payload, odd)
            if body is None:
                return Rejected(odd.reason, odd.detail, NAME, address)
        if form.address is not None:
            named = _address(_at(body, form.address.split(".")))
            if named is None:
                detail = f"no device is named in {shown(form.address)!r}: a text or whole number is needed"
                return Rejected(Reason.WRONG_TYPE, detail, NAME, address)
            address = named
        return (_said(form, address, body),)

    def _find(self, topic: str) -> tuple[_Form, str] | None:
        for form in self._forms:
            if form.after is None:
                if topic == form.before:
                    return form, topic
            elif topic.startswith(form.before) and topic.endswith(form.after):
                named = topic[len(form.before) : len(topic) - len(form.after)]
                if named and "/" not in named:
                    return form, named
        return None


# The settings -----------------------------------------------------------------------------------------------


def _form(
    topic_filter: str, fields: Mapping[str, Meaning], address: str | None, clock: Clock | None
) -> _Form:
    levels = topic_filter.split("/")
    if (
        levels.count("+") > 1
        or not topic_filter.strip("/")
        or set(topic_filter.replace("+", "")) & set("#\0")
    ):
        raise ValueError(f"topic filter {shown(topic_filter)!r}: at most one + and no #")
    if topic_filter.count("+") != levels.count("+"):
        raise ValueError(f"topic filter {shown(topic_filter)!r}: + stands for a whole level")
    before, plus, after = topic_filter.partition("+")
    path, seconds = (clock, 1.0) if isinstance(clock, str) or clock is None else clock
    meant = tuple(_field(topic_filter, one, meaning) for one, meaning in fields.items())
    return _Form(before, after if plus else None, meant, address, path, _factor(topic_filter, seconds))


def _field(topic_filter: str, path: str, meaning: Meaning) -> _Field:
    quantity, scale = (meaning, 1.0) if isinstance(meaning, str) else meaning
    known = QUANTITIES.get(quantity)
    if known is None:
        raise ValueError(f"{shown(topic_filter)}: {shown(path)!r}: there is no quantity {shown(quantity)!r}")
    is_bit = known.kind is not QuantityKind.NUMBER
    if is_bit and not isinstance(meaning, str):
        raise ValueError(f"{shown(topic_filter)}: {shown(path)!r}: {quantity} is yes or no, without a factor")
    return _Field(path, _keys(path), quantity, _factor(topic_filter, scale), is_bit)


def _factor(topic_filter: str, scale: float) -> float:
    if not isfinite(scale) or scale == 0:
        raise ValueError(f"{shown(topic_filter)}: the factor {scale} would make nothing of every value")
    return scale


def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


# The message ------------------------------------------------------------------------------------------------


def _said(form: _Form, address: str, body: object) -> Decoded:
    said = Understood()
    for field in form.fields:
        value = _at(body, field.keys)
        if value is _ABSENT:
            continue
        if field.is_bit:
            take_bit(said, field.quantity, field.path or "value", value)
        else:
            take_number(said, field.quantity, field.path or "value", value, field.scale)
    at = _time(form, body)
    if at == UNREADABLE:
        said.notes.append(f"{form.clock}: no time that can be read")
    return Decoded(NAME, address, said.points(), at, notes=tuple(said.notes[:8]))


def _bare(form: _Form, payload: bytes, odd: NotStrict) -> str | None:
    """`ON` without quotes, where the whole message is one value."""
    whole = odd.reason is Reason.MALFORMED and len(payload) <= LONGEST_ADDRESS
    if not whole or all(field.keys for field in form.fields):
        return None
    return payload.decode("utf-8", "replace").strip()


def _at(body: object, keys: tuple[str, ...] | list[str]) -> object:
    for key in keys:
        if isinstance(body, dict) and key in body:
            body = body[key]
        elif isinstance(body, list) and _ELEMENT.fullmatch(key) and int(key) < len(body):
            body = body[int(key)]
        else:
            return _ABSENT
    return body


def _address(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_ADDRESS else None


def _time(form: _Form, body: object) -> Instant | None:
    if form.clock is None:
        return None
    given = _at(body, form.clock.split("."))
    if given is _ABSENT:
        return None
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return device_time(given * form.seconds * 1000)
    return device_time(given)
