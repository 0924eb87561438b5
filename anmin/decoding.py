"""`anmin decode`: what a dialect makes of messages in files. Nothing is stored or sent."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

from devices.instant import rfc3339
from devices.quantity import QUANTITIES
from ingest.message import Decoded, Ignored, Rejected
from ingest.registry import Dialect

FORMS: Final = ("raw", "hex", "base64")


class NotInForm(ValueError):
    """The bytes are not hexadecimal or base64, as was said."""


def unpack(raw: bytes, form: str) -> bytes:
    """The payload that a file holds. Raises NotInForm."""
    if form == "raw":
        return raw
    try:
        text = b"".join(raw.split())
        return bytes.fromhex(text.decode("ascii")) if form == "hex" else b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotInForm(f"is not {form}: {error}") from None


def shown(dialect: Dialect, topic: str, payload: bytes, *, retain: bool = False) -> dict[str, Any]:
    """What the dialect says: `messages`, or `rejected` with its reason, or `ignored` with why."""
    said = dialect.decode(topic, payload, retain)
    if isinstance(said, Rejected):
        found = {"reason": said.reason.value, "detail": said.detail, "address": said.address}
        return {"rejected": {name: value for name, value in found.items() if value}}
    if isinstance(said, Ignored):
        return {"ignored": said.why}
    return {"messages": [dict(_fields(one)) for one in said]}


def _fields(said: Decoded) -> Iterator[tuple[str, Any]]:
    yield "address", said.address
    yield "readings", [dict(_reading(quantity, value)) for quantity, value in said.points]
    for name in ("device_at", "network_at"):
        at = getattr(said, name)
        if at is not None:
            yield name, rfc3339(at) if at else None
    for name in ("boot", "device_sequence", "event_id", "message_id", "online"):
        if getattr(said, name) is not None:
            yield name, getattr(said, name)
    for name in ("is_event", "test", "warmup", "backfill"):
        if getattr(said, name):
            yield name, True
    if not said.heard:
        yield "heard", False
    if said.result is not None:
        yield "result", {"command": said.result.command_id, "done": said.result.done}
    if said.asks:
        yield "asks", [{"topic": topic, "payload_hex": payload.hex()} for topic, payload in said.asks]
    if said.notes:
        yield "notes", list(said.notes)


def _reading(quantity: str, value: float | None) -> Iterator[tuple[str, Any]]:
    yield "quantity", quantity
    yield "value", value
    known = QUANTITIES.get(quantity)
    if known is not None and known.unit:
        yield "unit", known.unit
