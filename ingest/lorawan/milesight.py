"""Milesight: channel, type, value, one behind the other, little-endian; history stands beside the present.

The table of each model is in milesight_models; lengths of what is not read are known, to get past it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from devices.instant import SECOND
from ingest.lorawan.body import Body, Field, Reader, understand
from ingest.lorawan.milesight_models import ABOUT, HISTORY, Entry, Model
from ingest.strict_json import shown

_TENTHS: Final = frozenset({"temperature"})


class _Part(NamedTuple):
    """One entry of a frame."""

    channel: tuple[int, int]
    fields: tuple[Field, ...]


def reader(model: Model) -> Reader:
    """Ports are set by the owner (85 when new), so none is refused."""

    def read(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
        parts, end = _parts(model, body)
        if end == 0:
            return (
                f"{model.name}: nothing can be read of {shown(body.hex(' '))}; check the model of the device"
            )
        history = [_record(model, part) for part in parts if part.channel == HISTORY]
        now = [field for part in parts if part.channel != HISTORY for field in part.fields]
        if now or not history or end < len(body):
            said = understand(now, model.fields)
            if end < len(body):
                said.notes.append(f"cut short, or unknown: from byte {end} on it was not read")
            history.insert(0, Body(said, is_event=said.sos))
        return tuple(history)

    return read


def _parts(model: Model, body: bytes) -> tuple[list[_Part], int]:
    """The entries, and how far they reach."""
    parts: list[_Part] = []
    at = 0
    while at + 2 <= len(body):
        channel = (body[at], body[at + 1])
        entry = model.entries.get(channel) or ABOUT.get(channel)
        if entry is None or at + 2 + entry.form.size > len(body):
            break
        parts.append(_Part(channel, tuple(_fields(model, entry, body, at + 2))))
        at += 2 + entry.form.size
    return parts, at


def _fields(model: Model, entry: Entry, body: bytes, at: int) -> Iterator[Field]:
    for name, value in zip(entry.names, entry.form.unpack_from(body, at), strict=True):
        failed = model.failed.get((name, value))
        if failed is not None:
            yield failed
        elif name:
            yield name, value / 10 if name in _TENTHS else value


def _record(model: Model, part: _Part) -> Body:
    """One of the past; what it says of its own time is judged later. Nobody calls for help in the past."""
    said = understand(part.fields, model.fields)
    at = dict(part.fields)["timestamp"]
    return Body(said, at * SECOND if isinstance(at, int) else None, backfill=True)
