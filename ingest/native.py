"""Our own dialect: topics `anmin/<community>/<device>/…`, versioned JSON, validated on the bytes.

From the device: `reading`, `event`, `status`, `result`. To it: `ack`, `command`. An event is answered by its
id; the device sends it again, byte for byte, until then. docs/reference/native.md is its description,
docs/reference/native.schema.json its schema, written by `schema`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import models_json_schema
from pydantic_core import ErrorDetails

from devices.instant import Instant, rfc3339
from devices.quantity import QUANTITIES
from ingest.device_time import UNREADABLE, device_time
from ingest.message import CommandResult, Decoded, Ignored, Lane, Reason, Rejected
from ingest.native_values import alarmed, points
from ingest.registry import Subscription
from ingest.strict_json import MAX_BYTES, NotStrict, parse, shown, too_large

NAME: Final = "native"
VERSION: Final = 1
ROOT: Final = "anmin"
LONGEST_NAME: Final = 128
LONGEST_TOPIC: Final = 2 * LONGEST_NAME + 32
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
            raise ValueError(
                f"{what} name {shown(name)!r}: 1 to {LONGEST_NAME} printable signs without + # / $"
            )
    return f"{ROOT}/{community}/{device}/{leaf}"


def command_topic(community: str, device: str) -> str:
    return topic(community, device, "command")


def is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and not _FORBIDDEN.intersection(name)


def address(topic: str) -> Address | None:
    """The parts of a topic; None when it is none of ours."""
    return _address(topic) if len(topic) <= LONGEST_TOPIC else None


@lru_cache(maxsize=32_768)  # devices say the same few topics for years; long ones would fill the memory
def _address(topic: str) -> Address | None:
    root, *parts = topic.split("/")
    if root != ROOT or len(parts) != 3 or not is_name(parts[0]) or not is_name(parts[1]):
        return None
    return Address(*parts)


# Messages ---------------------------------------------------------------------------------------------------

_Count: TypeAlias = Annotated[int, Field(ge=0, le=2**53 - 1)]


def _printable(id: str) -> str:
    if not id.isprintable():
        raise ValueError("only printable signs")
    return id


def _name_the_quantities(schema: dict[str, Any]) -> None:
    schema["propertyNames"] = {"enum": sorted(QUANTITIES)}


_Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=LONGEST_ID), AfterValidator(_printable)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    v: Literal[1] = Field(description="version of this form")


class ReadingBody(_Body):
    """What is measured. Not acknowledged: the next one comes anyway."""

    boot: _Count = Field(description="grows with every start of the device")
    seq: _Count = Field(description="grows with every message, and starts again with a boot")
    at: str | int | float | None = Field(
        None, description="the device's clock: RFC 3339 with a zone, or milliseconds since 1970"
    )
    values: dict[str, bool | float | None] = Field(
        max_length=64,
        description="by quantity: true or false for alarms and conditions, a number in the quantity's unit; "
        "null is unknown",
        json_schema_extra=_name_the_quantities,
    )
    test: bool = Field(False, description="the device is being tested: a drill")
    warmup: bool = Field(False, description="the sensor is not ready yet")
    backfill: bool = Field(False, description="history: to the record, tells nobody")


class EventBody(ReadingBody):
    """What happened. Sent again, byte for byte the same, until its id is on `ack`."""

    id: _Id = Field(description="unique to the device; printable")


class StatusBody(_Body):
    """Whether the device is there; also its last will. May be retained, and may say more than this."""

    boot: _Count = Field(description="grows with every start of the device")
    online: bool
    seq: _Count | None = None
    at: str | int | float | None = None


class ResultBody(_Body):
    """What became of a command."""

    id: _Id = Field(description="the command's id")
    done: bool
    detail: str = ""


class AckBody(_Body):
    """The answer to an event: taken for good, or refused with the reason. Either way it is not sent again."""

    id: _Id = Field(description="the event's id")
    ok: bool
    reason: Reason | None = Field(None, description="why it was refused")
    detail: str = Field("", description="what, where and what to do")


class CommandBody(_Body):
    """What the device shall do: once per id, and not after its time."""

    id: _Id
    action: str
    expires_at: str = Field(description="RFC 3339 UTC; later it is refused")
    arguments: dict[str, Any]


FORMS: Final[Mapping[str, type[BaseModel]]] = {
    "reading": ReadingBody,
    "event": EventBody,
    "status": StatusBody,
    "result": ResultBody,
    "ack": AckBody,
    "command": CommandBody,
}


def schema() -> dict[str, Any]:
    """The JSON Schema of all messages: `properties` has one entry per leaf of the topics."""
    places, made = models_json_schema([(form, "validation") for form in FORMS.values()])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Anmin native dialect, version {VERSION}",
        "properties": {leaf: places[(form, "validation")] for leaf, form in FORMS.items()},
        **made,
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
B = TypeVar("B", bound=BaseModel)


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
        if not payload:
            return Ignored("a retained message was taken away")
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
        return _mended(device, payload, error, validate) or _refused(device, payload, error)
    fields = body.__dict__  # the attributes one by one would cost a fifth of the whole
    values, at, event_id = fields["values"], fields["at"], fields.get("id")
    notes: tuple[str, ...] = ()
    if len(payload) > MAX_BYTES or b"\\" in payload or payload.count(b":") != _colons(body, fields):
        odd = _examine(device, payload, body)
        if isinstance(odd, Rejected):
            return odd
        notes = odd
    said, oddities = points(values)
    if oddities:
        refused = next((oddity for oddity in oddities if oddity.reason is not None), None)
        if refused is not None and refused.reason is not None and not alarmed(said):
            return Rejected(refused.reason, refused.text, NAME, device, event_id)
        notes += tuple(oddity.text for oddity in oddities)
    device_at = device_time(at)
    if device_at == UNREADABLE:
        notes += (f"at: {shown(at)!r} is no time with a zone",)
    return (
        Decoded(
            NAME,
            device,
            tuple(said),
            device_at,
            fields["boot"],
            fields["seq"],
            event_id,
            event_id is not None,
            fields["test"],
            fields["warmup"],
            fields["backfill"],
            None,
            None,
            notes,
        ),
    )


def _status(device: str, payload: bytes, retain: bool) -> Said:
    body = _strictly(StatusBody, device, payload)
    if isinstance(body, Rejected):
        return body
    if not body.online:  # a last will is written before all that follows: its number and time say nothing
        return (Decoded(NAME, device, boot=body.boot, online=False),)
    at = device_time(body.at)
    return (Decoded(NAME, device, device_at=at, boot=body.boot, device_sequence=body.seq, online=True),)


def _result(device: str, payload: bytes, retain: bool) -> Said:
    body = _strictly(ResultBody, device, payload)
    if isinstance(body, Rejected):
        return body
    return (
        Decoded(NAME, device, result=CommandResult(body.id, device, body.done, body.detail[:LONGEST_DETAIL])),
    )


_READ: Final[Mapping[str, Callable[[str, bytes, bool], Said]]] = {
    "reading": _reading,
    "event": _event,
    "status": _status,
    "result": _result,
}
_VALIDATE_READING: Final = ReadingBody.__pydantic_validator__.validate_json  # without a call in between
_VALIDATE_EVENT: Final = EventBody.__pydantic_validator__.validate_json

# What is odd ------------------------------------------------------------------------------------------------


def _colons(body: BaseModel, fields: Mapping[str, Any]) -> int:
    """How many colons the bytes have when every key is there once and is one that we know.

    One for each key and those inside the texts; a key there twice or one that was passed over makes more.
    Exact as long as nothing is escaped, and many times cheaper than to parse again.
    """
    count = len(body.__pydantic_fields_set__) + len(fields["values"])
    at, event_id = fields["at"], fields.get("id")
    if at.__class__ is str:
        count += at.count(":")
    return count if event_id is None else count + int(event_id.count(":"))


def _examine(device: str, payload: bytes, body: BaseModel) -> tuple[str, ...] | Rejected:
    """The slow and thorough look: refuses what is not strict JSON, notes fields that we do not know."""
    try:
        whole = parse(payload)
    except NotStrict as odd:
        return Rejected(odd.reason, odd.detail, NAME, device, _usable(getattr(body, "id", None)))
    unknown = [key for key in whole if key not in type(body).model_fields]
    return tuple(f"unknown field {shown(key)!r} is passed over" for key in unknown[:8])


def _strictly(form: type[B], device: str, payload: bytes) -> B | Rejected:
    """For the rare messages: validated, and looked at thoroughly at once."""
    try:
        body = form.model_validate_json(payload)
    except ValidationError as error:
        return _refused(device, payload, error)
    odd = _examine(device, payload, body)
    return odd if isinstance(odd, Rejected) else body


def _mended(
    device: str, payload: bytes, error: ValidationError, validate: Callable[[bytes], Any]
) -> tuple[Decoded, ...] | None:
    """What is left without values of a wrong type, when it says alarm and all else is right."""
    places = [detail["loc"] for detail in error.errors(include_url=False, include_input=False)]
    if not all(place[:1] == ("values",) and len(place) > 1 for place in places):
        return None
    try:
        whole = parse(payload)
    except NotStrict:
        return None
    wrong = {str(place[1]): whole["values"].pop(place[1]) for place in places if place[1] in whole["values"]}
    said = _measured(device, json.dumps(whole).encode(), validate)
    if isinstance(said, Rejected) or not alarmed(said[0].points):
        return None
    notes = tuple(f"{shown(name)}: {shown(value)!r} is of a wrong type" for name, value in wrong.items())
    return (said[0]._replace(notes=said[0].notes + notes),)


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
    return (Reason.MALFORMED if first["type"] in _MALFORMED else Reason.WRONG_TYPE), first


_MALFORMED: Final = ("json_invalid", "missing", "value_error", "string_too_short", "string_too_long")


def _event_id(payload: bytes) -> str | None:
    """The id of a message that is refused for something else; read with less care than what counts."""
    try:
        body = json.loads(payload.decode()) if len(payload) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        return None
    return _usable(body.get("id")) if isinstance(body, dict) else None


def _usable(id: object) -> str | None:
    usable = isinstance(id, str) and 0 < len(id) <= LONGEST_ID and id.isprintable()
    return str(id) if usable else None
