"""Shelly devices that speak MQTT themselves: smoke and flood detectors that sleep until something happens.

Gen2 and later tell their status by JSON-RPC, Gen1 one value per topic. docs/dialects/shelly_gen2.md says what
is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from devices.instant import SECOND, Instant
from ingest.device_time import UNREADABLE
from ingest.dialects import shelly_gen1
from ingest.dialects.shelly_components import COMPONENTS, take_event, take_status
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import MAX_BYTES, NotStrict, parse, shown, too_large
from ingest.understood import Understood

NAME: Final = "shelly"
ID: Final = "shelly"
_GEN1: Final = "shellies/"
_RPC: Final = "/events/rpc"
_ONLINE: Final = "/online"
_STATUS: Final = "/status/"
_EARLIEST_S: Final = 1_577_836_800  # 2020: before that it is the time since the start, not of day
_LATEST_S: Final = 253_402_300_799  # the end of year 9999

Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


class _Spoken(NamedTuple):
    device: str
    leaf: str
    gen1: bool


class Shelly:
    """A device's address is its id, the first level of its topics: `shellyplussmoke-80646fd1xxyy`.

    `prefixes` are beginnings of other topic prefixes that people set on their devices (`house/`, `flood-`);
    the address is then that prefix whole: `house/kitchen`.
    """

    name = NAME

    def __init__(self, prefixes: Sequence[str] = ()) -> None:
        for one in prefixes:
            if not one or one.startswith("/") or set(one) & set("+#\0"):
                raise ValueError(f"topic prefix {shown(one)!r}: not empty, no + or #, no / at its beginning")
        self._prefixes = (ID, *prefixes)

    def subscriptions(self) -> tuple[Subscription, ...]:
        """The alarm is a field of a status, so everything rides with the telemetry."""
        leaves = (_RPC, _ONLINE, *(_STATUS + key for key in COMPONENTS))
        filters = [f"{home}+{leaf}" for home in sorted(set(map(_home, self._prefixes))) for leaf in leaves]
        older = (f"{_GEN1}+/{leaf}" for leaf in ("sensor/+", "online", "info"))
        return tuple(Subscription(one, Lane.TELEMETRY) for one in dict.fromkeys((*filters, *older)))

    def claims(self, topic: str) -> bool:
        return self._read(topic) is not None

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        spoken = self._read(topic)
        if spoken is None:
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no topic of a Shelly", NAME)
        if not payload:
            return Ignored("a retained message was taken away")
        if len(payload) > MAX_BYTES:
            large = too_large(payload)
            return Rejected(large.reason, large.detail, NAME, spoken.device)
        if spoken.leaf == "online":
            return _presence(spoken.device, payload)
        if spoken.gen1:
            return _older(spoken, payload)
        body = _object(spoken.device, payload)
        if isinstance(body, Rejected):
            return body
        if spoken.leaf == "rpc":
            return _frame(spoken.device, body)
        said = Understood()
        take_status(said, spoken.device, spoken.leaf, body, whole=True)
        return _said(spoken.device, said, None)

    def _read(self, topic: str) -> _Spoken | None:
        if topic.startswith(_GEN1):
            device, _, leaf = topic.removeprefix(_GEN1).partition("/")
            return _Spoken(device, leaf, True) if device and leaf else None
        if topic.endswith(_RPC):
            device, leaf = topic.removesuffix(_RPC), "rpc"
        elif topic.endswith(_ONLINE):
            device, leaf = topic.removesuffix(_ONLINE), "online"
        else:
            device, found, leaf = topic.rpartition(_STATUS)
            if not found or not leaf or "/" in leaf:
                return None
        return _Spoken(device, leaf, False) if device.startswith(self._prefixes) else None


def _home(prefix: str) -> str:
    """The levels above the one that names the device: `house/` of `house/` and of `house/flood-`."""
    return prefix[: prefix.rfind("/") + 1]


# Gen2 and later ---------------------------------------------------------------------------------------------


def _frame(device: str, body: dict[str, Any]) -> Said:
    """A JSON-RPC notification. A partial status speaks only of what changed, and so do we."""
    method, params = body.get("method"), body.get("params")
    if method not in ("NotifyStatus", "NotifyFullStatus", "NotifyEvent"):
        return Ignored(f"{shown(method)!r} is no notification")
    if not isinstance(params, dict):
        detail = f"{method}: params must be an object"
        return Rejected(Reason.WRONG_TYPE, detail, NAME, device)
    said = Understood()
    if method == "NotifyEvent":
        events = params.get("events")
        if not isinstance(events, list):
            return Rejected(Reason.WRONG_TYPE, "NotifyEvent: events must be a list", NAME, device)
        for event in events:
            take_event(said, event)
        said.test = said.test and 1.0 not in said.values.values()
    else:
        for key, status in params.items():
            take_status(said, device, key, status, whole=method == "NotifyFullStatus")
    return _said(device, said, _time(said, params.get("ts")))


def _time(said: Understood, ts: object) -> Instant | None:
    """Seconds UTC; right after waking, until it has asked for the time, seconds since the start."""
    if ts is None:
        return None
    if isinstance(ts, (int, float)) and not isinstance(ts, bool) and 0 <= ts <= _LATEST_S:
        if ts >= _EARLIEST_S:
            return round(ts * SECOND)
        said.notes.append(f"ts {shown(ts)}: its clock is not set yet")
        return UNREADABLE
    said.notes.append(f"ts: {shown(ts)!r} is no time")
    return UNREADABLE


# Gen1 -------------------------------------------------------------------------------------------------------


def _older(spoken: _Spoken, payload: bytes) -> Said:
    said = Understood()
    kind, _, name = spoken.leaf.partition("/")
    if kind == "sensor" and name:
        shelly_gen1.take_sensor(said, name, payload.decode("utf-8", "replace").strip())
        return _said(spoken.device, said, None)
    if spoken.leaf != "info":
        return Ignored(f"{shown(spoken.leaf)!r} says nothing that we read")
    body = _object(spoken.device, payload)
    if isinstance(body, Rejected):
        return body
    shelly_gen1.take_info(said, body)
    return _said(spoken.device, said, _time(said, body.get("unixtime")))


# Both -------------------------------------------------------------------------------------------------------


def _presence(device: str, payload: bytes) -> Said:
    """The last will is `false`. A detector on battery says `true` only while it is awake."""
    word = payload.strip()
    if word not in (b"true", b"false"):
        detail = f"online: {shown(payload[:40].decode('latin-1'))!r} is neither true nor false"
        return Rejected(Reason.MALFORMED, detail, NAME, device)
    return (Decoded(NAME, device, online=word == b"true"),)


def _said(device: str, said: Understood, at: Instant | None) -> tuple[Decoded, ...]:
    return (
        Decoded(
            NAME,
            device,
            said.points(),
            at,
            test=said.test,
            warmup=said.warmup,
            notes=tuple(said.notes[:8]),
            reports_every_for=said.reports_every_for,
        ),
    )


def _object(device: str, payload: bytes) -> dict[str, Any] | Rejected:
    try:
        body = parse(payload)
    except NotStrict as odd:
        return Rejected(odd.reason, odd.detail, NAME, device)
    if not isinstance(body, dict):
        return Rejected(Reason.WRONG_TYPE, "what a Shelly says here is a JSON object", NAME, device)
    return body
