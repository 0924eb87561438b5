"""One frame as a network server hands it on, whichever server it is: its bytes, what the server made of
them, and what counts when the two differ.

A frame that nobody can read is refused and is no sign of life: a detector whose alarm we would not
understand must not pass for watched.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from devices.instant import Instant
from ingest.device_time import device_time
from ingest.generic import GENERIC
from ingest.lorawan.bodies import Body, agree, read, read_object
from ingest.lorawan.body import nothing
from ingest.lorawan.fields import understand
from ingest.message import Decoded, Reason, Rejected
from ingest.strict_json import shown
from ingest.understood import Understood

NOTES: Final = 8
_PORTS: Final = range(256)
_HELP: Final = "name its model in the device profile or a tag, or give the network server a decoder"
_NOTHING: Final[Mapping[str, Any]] = {}


class Uplink(NamedTuple):
    """`data` and `decoded` as they stand in the message, None where it has none.

    `port` None: not told, and 0 is left out by some servers, so it may be 0 only where there is no data.
    `message_id` is the server's name of this frame, `battery` what it remembers of the device, in percent.
    """

    dialect: str
    address: str
    model: str | None
    port: int | None
    data: object
    decoded: object
    network_at: Instant | None
    message_id: str | None
    notes: tuple[str, ...] = ()
    test: bool = False
    battery: float | None = None


def heard(up: Uplink) -> tuple[Decoded, ...] | Rejected:
    """Everything the frame says, the present first and then its records of history."""
    fields = up.decoded if isinstance(up.decoded, dict) and up.decoded else None
    if up.port == 0 or up.data == "" or (up.data is None and fields is None):
        return _all(up, nothing("an empty frame, or one of the radio network itself: a sign of life"))
    body = _bytes(up.data)
    if body is None:
        why = "there are no bytes" if up.data is None else f"the bytes {shown(up.data)!r} are not base64"
        return _by_fields(up, fields, why, Reason.MALFORMED)
    if up.model is None:
        return _by_fields(up, fields, "no model that we read is named", Reason.UNSUPPORTED)
    parts = read(up.model, up.port, body)
    if isinstance(parts, str):
        return _by_fields(up, fields, parts, Reason.UNSUPPORTED)
    if fields is not None and not parts[0].backfill:
        parts[0].understood.notes.extend(_compared(up.model, up.port, parts[0].understood, fields))
    return _all(up, parts)


def aside(dialect: str, address: str, note: str, network_at: Instant | None) -> tuple[Decoded, ...]:
    """What the network says about a device that did not speak."""
    return (Decoded(dialect, address, notes=(note,), network_at=network_at, heard=False),)


# What is in a message ---------------------------------------------------------------------------------------


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _NOTHING


def texts(*values: object) -> tuple[str, ...]:
    return tuple([value for value in values if isinstance(value, str) and value])


def port(value: object) -> int | None:
    """None when it is missing or no port."""
    return int(value) if isinstance(value, (int, float)) and value in _PORTS and value is not True else None


def moment(value: object) -> Instant | None:
    """None also for what says no time."""
    return device_time(value) or None


def _bytes(data: object) -> bytes | None:
    if not isinstance(data, str):
        return None
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        return None


# Two readings -----------------------------------------------------------------------------------------------


def _by_fields(
    up: Uplink, fields: Mapping[str, object] | None, why: str, reason: Reason
) -> tuple[Decoded, ...] | Rejected:
    """What the server's decoder made of it, for the bytes could not be read."""
    hint = "" if up.model is not None or reason is Reason.MALFORMED else f": {_HELP}"
    if fields is None:
        detail = f"{why}, and the network server decoded nothing{hint}"
        return Rejected(reason, detail, up.dialect, up.address)
    said = (read_object(up.model, up.port, fields) if up.model is not None else None) or understand(fields)
    if not (said.values or said.test):
        detail = f"{why}, and we read none of the decoded fields ({shown(', '.join(fields))}){hint}"
        return Rejected(Reason.UNSUPPORTED, detail, up.dialect, up.address)
    said.notes.insert(0, f"by the network server's decoder alone: {why}")
    return _all(up, (Body(said, is_event=said.sos),))


def _compared(
    model: str, f_port: int | None, raw: Understood, fields: Mapping[str, object]
) -> tuple[str, ...]:
    """`raw` is left with what counts: the bytes, and an alarm of either."""
    decoded = read_object(model, f_port, fields)
    if decoded is not None:
        return agree(raw, decoded)
    other = understand(fields)
    if other.values.pop(GENERIC, None) == 1.0:
        raw.bit(GENERIC, 1.0)
    return agree(raw, other)


def _all(up: Uplink, parts: tuple[Body, ...]) -> tuple[Decoded, ...]:
    return tuple([_said(up, part, place) for place, part in enumerate(parts)])


def _said(up: Uplink, part: Body, place: int) -> Decoded:
    """Every part has a name of its own, or the second would pass for a repetition of the first."""
    said = part.understood
    if up.battery is not None and not part.backfill:
        said.values.setdefault("battery_percent", up.battery)
    named = up.message_id if up.message_id is None or place == 0 else f"{up.message_id}/{place}"
    notes = (*said.notes, *up.notes)[:NOTES]
    return Decoded(  # by place: naming eleven fields takes as long again
        up.dialect,
        up.address,
        said.points(),
        part.device_at,
        None,
        None,
        None,
        part.is_event or said.sos,
        said.test or up.test,
        said.warmup,
        part.backfill,
        None,
        None,
        notes,
        up.network_at,
        named,
        reports_every_for=said.reports_every_for,
    )
