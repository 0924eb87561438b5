"""Our own dialect: topics `anmin/<community>/<device>/…`, versioned JSON, validated on the bytes.

From the device: `reading`, `event`, `status`, `result`. To it: `ack`, `command`. An event is answered by its
id; the device sends it again, byte for byte, until then. docs/reference/native.md is its description,
docs/reference/native.schema.json its schema, written by `schema`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import NotRequired, TypedDict

from devices.instant import Instant, rfc3339
from devices.quantity import QUANTITIES, QuantityKind
from ingest.device_time import UNREADABLE, device_time
from ingest.message import CommandResult, Decoded, Ignored, Lane, Point, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import MAX_BYTES, NotStrict, parse, shown, too_large

NAME: Final = "native"
VERSION: Final = 1
ROOT: Final = "anmin"
LONGEST_NAME: Final = 128
LONGEST_ID: Final = 64
LONGEST_DETAIL: Final = 500
_FORBIDDEN: Final = frozenset("+#/$\0")

# Topics -----------------------------------------------------------------------------------------------------


class Address(NamedTuple):
    """Whose topic it is and what is told on it."""

    community: str
    device: str
    leaf: str


def topic(community: str, device: str, leaf: str) -> str:
    """Raises ValueError for a name that would reach into other topics (reliability S26)."""
    for what, name in (("community", community), ("device", device)):
        if not is_name(name):
            raise ValueError(f"{what} name {shown(name)!r}: 1 to {LONGEST_NAME} printable signs without + # / $")
    return f"{ROOT}/{community}/{device}/{leaf}"


def ack_topic(community: str, device: str) -> str:
    return topic(community, device, "ack")


def command_topic(community: str, device: str) -> str:
    return topic(community, device, "command")


def is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and not _FORBIDDEN.intersection(name)


@lru_cache(maxsize=32_768)  # devices say the same few topics for years
def address(topic: str) -> Address | None:
    """The parts of a topic; None when it is none of ours."""
    root, *parts = topic.split("/")
    if root != ROOT or len(parts) != 3 or not is_name(parts[0]) or not is_name(parts[1]):
        return None
    return Address(*parts)


# Messages ---------------------------------------------------------------------------------------------------

_STRICT: Final = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)
_Count: TypeAlias = Annotated[int, Field(ge=0, le=2**53 - 1)]
_Version: TypeAlias = Annotated[Literal[1], Field(description="version of this form")]
_Boot: TypeAlias = Annotated[_Count, Field(description="grows with every start of the device")]
_Sequence: TypeAlias = Annotated[_Count, Field(description="grows with every message; starts again with a boot")]
_Time: TypeAlias = Annotated[
    str | int | float | None,
    Field(description="the device's clock: RFC 3339 with a zone, or milliseconds since 1970; null without one"),
]
_Values: TypeAlias = Annotated[
    dict[str, bool | float | None],
    Field(
        max_length=64,
        description="by quantity: true or false for alarms and conditions, a number in the quantity's unit; "
        "null is unknown",
        json_schema_extra={"propertyNames": {"enum": sorted(QUANTITIES)}},
    ),
]
_Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


class ReadingBody(TypedDict):
    """What is measured. Not acknowledged: the next one comes anyway."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]  # pydantic's documented way to configure a TypedDict
    v: _Version
    boot: _Boot
    seq: _Sequence
    at: NotRequired[_Time]
    values: _Values
    test: NotRequired[Annotated[bool, Field(description="the device is being tested: a drill")]]
    warmup: NotRequired[Annotated[bool, Field(description="the sensor is not ready yet")]]
    backfill: NotRequired[Annotated[bool, Field(description="history: to the record, tells nobody")]]


class EventBody(ReadingBody):
    """What happened. Sent again until its id is on `ack`."""

    id: Annotated[_Id, Field(description="unique to the device; printable")]


class StatusBody(TypedDict):
    """Whether the device is there; also its last will. May be retained."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]  # as above
    v: _Version
    boot: _Boot
    online: bool
    seq: NotRequired[_Sequence]
    at: NotRequired[_Time]


class ResultBody(TypedDict):
    """What became of a command."""

    __pydantic_config__ = _STRICT  # type: ignore[misc]  # as above
    v: _Version
    id: Annotated[_Id, Field(description="the command's id")]
    done: bool
    detail: NotRequired[str]


class AckBody(TypedDict):
    """The answer to an event: taken for good, or refused with the reason; either way it is not sent again."""

    v: _Version
    id: Annotated[_Id, Field(description="the event's id")]
    ok: bool
    reason: NotRequired[Annotated[Reason, Field(description="why it was refused")]]
    detail: NotRequired[Annotated[str, Field(description="what, where and what to do")]]


class CommandBody(TypedDict):
    """What the device shall do, once per id, and not after its time."""

    v: _Version
    id: _Id
    action: str
    expires_at: Annotated[str, Field(description="RFC 3339 UTC; later it is refused")]
    arguments: dict[str, Any]


FORMS: Final[Mapping[str, TypeAdapter[Any]]] = {
    "reading": TypeAdapter(ReadingBody),
    "event": TypeAdapter(EventBody),
    "status": TypeAdapter(StatusBody),
    "result": TypeAdapter(ResultBody),
    "ack": TypeAdapter(AckBody),
    "command": TypeAdapter(CommandBody),
}


def schema() -> dict[str, Any]:
    """The JSON Schema of all messages: `$defs` has one entry per leaf."""
    inputs = [(leaf, "validation", form) for leaf, form in FORMS.items()]
    places, made = TypeAdapter.json_schemas(inputs, title="Anmin native dialect, version 1")  # type: ignore[arg-type]  # the mode is a literal
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "properties": {leaf: places[(leaf, "validation")] for leaf in FORMS},
    }


# What we say ------------------------------------------------------------------------------------------------


def ack(event_id: str) -> bytes:
    """The event is durable: the device may forget it."""
    return _json({"v": VERSION, "id": event_id, "ok": True})


def refusal(event_id: str, reason: Reason, detail: str) -> bytes:
    """The event was not taken and never will be in this form."""
    return _json({"v": VERSION, "id": event_id, "ok": False, "reason": reason.value, "detail": detail})


def command(id: str, action: str, expires_at: Instant, arguments: Mapping[str, object]) -> bytes:
    """`arguments` must be plain JSON values."""
    body = {"v": VERSION, "id": id, "action": action, "expires_at": rfc3339(expires_at)}
    return _json({**body, "arguments": dict(arguments)})


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


# What we hear -----------------------------------------------------------------------------------------------

Said: TypeAlias = tuple[Decoded, ...] | Rejected


class Native:
    """`community` None hears every community; the address of a device is its id within the community."""

    name = NAME

    def __init__(self, community: str | None = None) -> None:
        if community is not None and not is_name(community):
            raise ValueError(f"community name {shown(community)!r} cannot be part of a topic")
        self._community = community

    def subscriptions(self) -> tuple[Subscription, ...]:
        own = f"{ROOT}/{self._community or '+'}/+"
        return (
            Subscription(f"{own}/event", Lane.ALARM),
            Subscription(f"{own}/result", Lane.ALARM),
            Subscription(f"{own}/reading", Lane.TELEMETRY),
            Subscription(f"{own}/status", Lane.TELEMETRY),
        )

    def claims(self, topic: str) -> bool:
        return topic.startswith("anmin/")

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said | Ignored:
        whose = address(topic)
        if whose is None or (self._community is not None and whose.community != self._community):
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is not {self._wanted()}", NAME)
        read = _READ.get(whose.leaf)
        if read is not None:
            return read(whose.device, payload, retain)
        if whose.leaf in FORMS:
            return Ignored("what we say ourselves")
        detail = f"no such topic {shown(whose.leaf)!r}; a device speaks on {', '.join(_READ)}"
        return Rejected(Reason.UNSUPPORTED, detail, NAME, whose.device)

    def _wanted(self) -> str:
        return f"{ROOT}/{self._community or '<community>'}/<device>/<leaf> with names free of + # / $"


def _reading(device: str, payload: bytes, retain: bool) -> Said:
    return _measured(device, payload, _VALIDATE_READING)


def _event(device: str, payload: bytes, retain: bool) -> Said:
    if retain:
        detail = "an event must not be retained: the broker would repeat it for ever; publish with retain 0"
        return Rejected(Reason.RETAINED_EVENT, detail, NAME, device, _event_id(payload))
    return _measured(device, payload, _VALIDATE_EVENT)


def _measured(device: str, payload: bytes, validate: Callable[[bytes], Any]) -> Said:
    """The way of nearly every message: validated once, looked at again only when something is odd."""
    try:
        body = validate(payload)
    except ValidationError as error:
        return _refused(device, payload, error)
    values, at, event_id = body["values"], body.get("at"), body.get("id")
    if event_id is not None and not event_id.isprintable():
        return Rejected(Reason.MALFORMED, "id: printable signs only", NAME, device)
    notes: tuple[str, ...] = ()
    if len(payload) > MAX_BYTES or b"\\" in payload or payload.count(b":") != _colons(body, values):
        odd = _examine(device, payload, body)
        if isinstance(odd, Rejected):
            return odd
        notes = odd
    points, remarks = _points(values)
    if remarks:
        notes += tuple(remarks)
        if remarks.reason is not None and not any(_alarms(points)):
            return Rejected(remarks.reason, "; ".join(remarks), NAME, device, event_id)
    device_at = device_time(at)
    if device_at == UNREADABLE:
        notes += (f"at: {shown(at)!r} is no time with a zone",)
    return (
        Decoded(
            NAME,
            device,
            tuple(points),
            device_at,
            body["boot"],
            body["seq"],
            event_id,
            event_id is not None,
            body.get("test", False),
            body.get("warmup", False),
            body.get("backfill", False),
            None,
            None,
            notes,
        ),
    )


def _status(device: str, payload: bytes, retain: bool) -> Said:
    try:
        body = _VALIDATE_STATUS(payload)
    except ValidationError as error:
        return _refused(device, payload, error)
    odd = _examine(device, payload, body)
    if isinstance(odd, Rejected):
        return odd
    said = Decoded(
        NAME,
        device,
        device_at=device_time(body.get("at")),
        boot=body["boot"],
        device_sequence=body.get("seq"),
        online=body["online"],
    )
    return (said,)


def _result(device: str, payload: bytes, retain: bool) -> Said:
    try:
        body = _VALIDATE_RESULT(payload)
    except ValidationError as error:
        return _refused(device, payload, error)
    odd = _examine(device, payload, body)
    if isinstance(odd, Rejected):
        return odd
    result = CommandResult(body["id"], body["done"], body.get("detail", "")[:LONGEST_DETAIL])
    return (Decoded(NAME, device, result=result),)


_READ: Final[Mapping[str, Callable[[str, bytes, bool], Said]]] = {
    "reading": _reading,
    "event": _event,
    "status": _status,
    "result": _result,
}
_VALIDATE_READING: Final = FORMS["reading"].validator.validate_json
_VALIDATE_EVENT: Final = FORMS["event"].validator.validate_json
_VALIDATE_STATUS: Final = FORMS["status"].validator.validate_json
_VALIDATE_RESULT: Final = FORMS["result"].validator.validate_json

# Values -----------------------------------------------------------------------------------------------------

_BIT: Final = (0.0, 1.0)
_SPANS: Final = {
    name: (quantity.low, quantity.high) if quantity.kind is QuantityKind.NUMBER else _BIT
    for name, quantity in QUANTITIES.items()
}
_ALARM: Final = frozenset(
    name for name, quantity in QUANTITIES.items() if quantity.kind is QuantityKind.ALARM
)


class _Remarks(list[str]):
    """What is odd about the values; `reason` is set when it is more than an implausible number."""

    reason: Reason | None = None

    def add(self, reason: Reason, text: str) -> None:
        self.reason = self.reason or reason
        self.append(text)


def _points(values: Mapping[str, bool | float | None]) -> tuple[list[Point], _Remarks | tuple[()]]:
    """A point per known quantity. An impossible number is unknown, never an alarm and never clear."""
    points: list[Point] = []
    remarks: _Remarks | None = None
    for name, value in values.items():
        span = _SPANS.get(name)
        if span is None:
            remarks = remarks or _Remarks()
            remarks.add(Reason.UNSUPPORTED, f"unknown quantity {shown(name)!r}; see native.schema.json")
        elif value is None:
            points.append(Point(name, None))
        elif span is _BIT:
            if value is True or value is False or value in _BIT:
                points.append(Point(name, 1.0 if value else 0.0))
            else:
                remarks = remarks or _Remarks()
                remarks.add(Reason.WRONG_TYPE, f"{name}: {value} is not true, false or null")
        elif value is True or value is False:
            remarks = remarks or _Remarks()
            remarks.add(Reason.WRONG_TYPE, f"{name}: {value} is not a number or null")
        elif span[0] <= value <= span[1]:
            points.append(Point(name, value))
        else:
            points.append(Point(name, None))
            remarks = remarks or _Remarks()
            remarks.append(f"{name}: {value:g} is outside of what a working sensor says")
    return points, remarks or ()


def _alarms(points: Sequence[Point]) -> list[Point]:
    return [point for point in points if point.value and point.quantity in _ALARM]


# What is odd ------------------------------------------------------------------------------------------------


def _colons(body: Mapping[str, Any], values: Mapping[str, object]) -> int:
    """How many colons the bytes have when every key is there once and is one that we know.

    One for each key and those inside the texts; a key there twice or one that was passed over makes more.
    Exact as long as nothing is escaped, and many times cheaper than to parse again.
    """
    count = len(body) + len(values)
    at, event_id = body.get("at"), body.get("id")
    if at.__class__ is str:
        count += at.count(":")  # type: ignore[union-attr]  # a text, as the line above says
    return count if event_id is None else count + int(event_id.count(":"))


def _examine(device: str, payload: bytes, body: Mapping[str, Any]) -> tuple[str, ...] | Rejected:
    """The slow and thorough look: refuses what is not strict JSON, notes fields that we do not know."""
    try:
        whole = parse(payload)
    except NotStrict as odd:
        return Rejected(odd.reason, odd.detail, NAME, device, _usable_id(body))
    if body.get("online") is not None or "done" in body:
        return ()  # a status or result may say more than we read
    return tuple(f"unknown field {shown(key)!r} is passed over" for key in whole if key not in body)[:8]


def _refused(device: str, payload: bytes, error: ValidationError) -> Rejected:
    """Why a message does not have the form; the id, where one can be read, lets the device know."""
    if len(payload) > MAX_BYTES:
        large = too_large(payload)
        return Rejected(large.reason, large.detail, NAME, device)
    details = error.errors(include_url=False, include_context=False, include_input=False)
    reason, first = _reason(details)
    where = ".".join(shown(part) for part in first["loc"][:2])
    detail = f"{where}: {first['msg']}" if where else first["msg"]
    return Rejected(reason, detail, NAME, device, _event_id(payload))


def _reason(details: Sequence[ErrorDetails]) -> tuple[Reason, ErrorDetails]:
    for detail in details:
        if detail["type"] == "finite_number":
            return Reason.IMPLAUSIBLE, detail
    first = details[0]
    if first["loc"] == ("v",) and first["type"] == "literal_error":
        return Reason.UNSUPPORTED, first
    return (Reason.MALFORMED if first["type"] in ("json_invalid", "missing") else Reason.WRONG_TYPE), first


def _event_id(payload: bytes) -> str | None:
    """The id of a message that is refused for something else."""
    try:
        body = parse(payload)
    except NotStrict:
        return None
    return _usable_id(body) if isinstance(body, dict) else None


def _usable_id(body: Mapping[str, Any]) -> str | None:
    found = body.get("id")
    usable = isinstance(found, str) and 0 < len(found) <= LONGEST_ID and found.isprintable()
    return found if usable else None
