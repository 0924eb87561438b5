"""Admission: from what a message says to readings of a known device, each with what weakens it as evidence.

Duplicates, late, retained and cached values, wrong clocks, floods, strangers. It decides nothing about
hazards: it only says what a value is worth. State is one immutable value per device.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple, TypeAlias

from devices.device import Device
from devices.instant import HOUR, MINUTE, SECOND, Instant, Micros
from devices.inventory import Inventory
from devices.liveness import Facts, is_believable
from devices.reading import Reading, Trust
from ingest import evidence, order
from ingest.evidence import ALARMS, EDGES, PAST, TRUST, Known
from ingest.generic import specific
from ingest.message import Decoded, Heard, Point, Record
from ingest.order import Order
from ingest.strangers import PREFIX, Inbox, Slot, stranger_id

BELIEVED_BACK_FOR: Final[Micros] = 24 * HOUR
BELIEVED_AHEAD_FOR: Final[Micros] = 2 * MINUTE
EARLIEST: Final[Instant] = 1_577_836_800 * SECOND  # 2020-01-01: a clock before that was never set
RESENT_FOR: Final[Micros] = 30 * SECOND
"""Within this time the same bytes with MQTT's DUP flag are the same message."""
NAMED_FOR: Final[Micros] = 24 * HOUR
"""Within this time the same message id of the source is the same message."""
_PAYLOADS: Final = 8
_NAMES: Final = 16
_CLOCK: Final = int(Trust.CLOCK)
_DUPLICATE: Final = int(Trust.DUPLICATE)
_BACKFILL: Final = int(Trust.BACKFILL)
_NO_NEWS: Final = PAST | int(Trust.STALE | Trust.TEST)
"""Says nothing about the hazard that was not known: leaves the known value and its time as they are."""
_make: Final = tuple.__new__  # a NamedTuple's own constructor takes twice as long


@dataclass(frozen=True, slots=True)
class Limits:
    """What one device and all strangers may cost. Alarm edges of known devices are under no limit."""

    message_every_for: Micros = SECOND // 20
    messages_at_once: int = 100
    inbox: int = 1_000
    strangers_alarming: int = 20
    strangers_alarming_for: Micros = 10 * MINUTE


Payloads: TypeAlias = tuple[tuple[str, Instant], ...]
"""Digests of messages, and when each came."""


class AdmitState(NamedTuple):
    """All that admission remembers of a device.

    `heard_at` None: never heard live. `device_at`: the believed time of the message that it has come to.
    `busy_until`: its budget, as the time until which what it sent is paid for. `payloads`: ids or digests of
    its latest messages, where its dialect counts nothing. `record`: sequence of its latest record. `slots`: a
    stranger's. `reports_every_for`: what it said last of how often it is heard.
    """

    heard_at: Instant | None
    online: bool | None
    values: dict[str, Known]
    device_at: Instant | None = None
    order: Order = order.START
    busy_until: Instant = 0
    payloads: Payloads = ()
    record: int = 0
    slots: tuple[Slot, ...] = ()
    reports_every_for: Micros | None = None


_NEVER: Final = AdmitState(None, None, {})


class Admission:
    """`admit` is called strictly by sequence. `dropped` counts what was shed, by reason, since the start."""

    def __init__(self, inventory: Inventory, limits: Limits | None = None) -> None:
        self._inventory = inventory
        self._limits = limits or Limits()
        self._ahead_for = self._limits.message_every_for * self._limits.messages_at_once
        self._states: dict[str, AdmitState] = {}
        self._changed: dict[str, None] = {}
        self._inbox = self._new_inbox()
        self._judged: tuple[int, dict[str, int]] = (0, {})
        self.dropped: Counter[str] = Counter()

    def admit(self, record: Record, decoded: Decoded) -> Heard:
        """The readings of one message. Always an answer: a message that is shed was heard all the same."""
        device = self._inventory.by_address(decoded.dialect, decoded.address)
        if device is None:
            return self._stranger(record, decoded)
        points: Sequence[Point] = decoded.points
        if decoded.boot is None and points:
            points = specific(points, device)
        bits, readings, state = self._weigh(device.id, record, decoded, points)
        self._states[device.id] = state
        self._changed[device.id] = None
        return Heard(device.id, decoded, readings, False, bits & _DUPLICATE != 0)

    def last(self, device_id: str) -> Facts | None:
        """None while it was never heard live: what the broker remembers of it is no sign of life."""
        state = self._states.get(device_id)
        if state is None or state.heard_at is None:
            return None
        return Facts(state.heard_at, state.online, state.values, state.reports_every_for)

    def inbox(self) -> Mapping[str, Instant | None]:
        """Devices that nobody registered, by id, with when they were heard; least recent first."""
        return {key: self._states[key].heard_at for key in self._inbox}

    # What changes under it --------------------------------------------------------------------------------

    def adopt(self, inventory: Inventory) -> None:
        """Go on with other devices. Strangers that are known now and devices that went are forgotten, and so
        is what one that was replaced by another said of itself."""
        for key, known in self._inventory.devices.items():
            state, new = self._states.get(key), inventory.devices.get(key)
            if state is not None and state.reports_every_for is not None and _is_another(known, new):
                self._states[key] = state._replace(reports_every_for=None)
                self._changed[key] = None
        self._inventory = inventory
        for key in self._gone(self._states):
            self._forget(key)

    def drain(self) -> list[tuple[str, AdmitState | None]]:
        """What changed since the last drain; None: forgotten."""
        changed = [(key, self._states.get(key)) for key in self._changed]
        self._changed.clear()
        return changed

    def restore(self, entries: Iterable[tuple[str, AdmitState]]) -> None:
        """Take over what drains gave, the newest of each key."""
        self._states = dict(entries)
        self._changed.clear()
        self._inbox = self._new_inbox()
        for key in self._gone(self._states):
            self._forget(key)
        unknown = [key for key in self._states if key not in self._inventory.devices]
        for key in sorted(unknown, key=lambda key: self._states[key].record):
            self._inbox.restore(key, self._states[key].slots)

    def _gone(self, keys: Iterable[str]) -> list[str]:
        devices = self._inventory.devices
        registered = {stranger_id(device.dialect, device.address) for device in devices.values()}
        return [
            key for key in keys if key not in devices and (key in registered or not key.startswith(PREFIX))
        ]

    def _new_inbox(self) -> Inbox:
        limits = self._limits
        return Inbox(limits.inbox, limits.strangers_alarming, limits.strangers_alarming_for)

    def _forget(self, key: str) -> None:
        self._states.pop(key, None)
        self._changed[key] = None
        self._inbox.forget(key)

    # Strangers --------------------------------------------------------------------------------------------

    def _stranger(self, record: Record, decoded: Decoded) -> Heard:
        key = stranger_id(decoded.dialect, decoded.address)
        bits, readings, state = self._weigh(key, record, decoded, specific(decoded.points, None))
        if any(_alarms(reading) for reading in readings) and not self._inbox.may_alarm(
            key, record.source, record.at
        ):
            self.dropped["stranger_alarm"] += len(readings)
            readings = ()
        forgotten = self._inbox.heard(key, record.at)
        self._states[key] = state._replace(slots=self._inbox.slots(key, record.at))
        self._changed[key] = None
        if forgotten is not None:
            self.dropped["stranger_forgotten"] += 1
            self._forget(forgotten)
        return Heard(key, decoded, readings, True, bits & _DUPLICATE != 0)

    # The judgement ----------------------------------------------------------------------------------------

    def _weigh(
        self, device_id: str, record: Record, decoded: Decoded, points: Sequence[Point]
    ) -> tuple[int, tuple[Reading, ...], AdmitState]:
        before = self._states.get(device_id, _NEVER)
        at, said_at, known = record.at, decoded.device_at, before.values
        bits = evidence.of_message(decoded, record.queued)
        device_at = _believed(said_at, at)
        if device_at is None and said_at is not None:
            bits |= _CLOCK
        if record.retain and _is_older(said_at, before.device_at):
            bits |= _BACKFILL
        measured_at = device_at or _believed(decoded.network_at, at) or at
        reached, payloads = before.order, before.payloads
        if decoded.boot is None:
            past, payloads = self._repeated(device_id, record, decoded, payloads)
            newest = True
        else:
            clock = None if decoded.backfill else device_at
            past, reached = order.arrive(reached, decoded, clock, before.device_at)
            newest = reached[:2] != before.order[:2]
        bits |= past
        worth = _worth(bits, record, decoded, points, before)
        busy_until = max(before.busy_until, at)
        if busy_until - at > self._ahead_for:
            points, worth = self._shed(points, worth, known, decoded.is_event)
        else:
            busy_until += self._limits.message_every_for
        readings, values = _readings(device_id, points, worth, at, measured_at, record.sequence, known)
        live = _is_live(record, decoded, _is_republished(decoded, before))
        said_for = decoded.reports_every_for
        if said_for is not None and not is_believable(said_for):
            said_for = None
        state = AdmitState(
            at if live else before.heard_at,
            _presence(before.online, decoded.online, live, bits),
            values,
            device_at if newest and device_at is not None and not bits & PAST else before.device_at,
            reached,
            busy_until,
            payloads,
            record.sequence,
            before.slots,
            before.reports_every_for if said_for is None or bits & PAST else said_for,
        )
        return bits, readings, state

    def _repeated(
        self, device_id: str, record: Record, decoded: Decoded, payloads: Payloads
    ) -> tuple[int, Payloads]:
        """Whether the message came before. What it says of one device in several parts is judged once."""
        if self._judged[0] != record.sequence:
            self._judged = (record.sequence, {})
        judged = self._judged[1]
        if device_id in judged:
            return judged[device_id], payloads
        name = decoded.message_id
        past, payloads = _resent(payloads, record) if name is None else _named(payloads, name, record.at)
        judged[device_id] = past
        return past, payloads

    def _shed(
        self, points: Sequence[Point], worth: Sequence[int], known: Mapping[str, Known], is_event: bool
    ) -> tuple[Sequence[Point], Sequence[int]]:
        """Over budget only events and edges count: a stuck device costs others little and hides no alarm."""
        kept = [
            (point, bits)
            for point, bits in zip(points, worth, strict=True)
            if not bits & PAST and (is_event or (point.quantity in EDGES and not _repeats(point, known)))
        ]
        self.dropped["over_budget"] += len(points) - len(kept)
        return [point for point, _ in kept], [bits for _, bits in kept]


def _is_another(known: Device, new: Device | None) -> bool:
    return new is None or (known.dialect, known.address, known.profile) != (
        new.dialect,
        new.address,
        new.profile,
    )


def _believed(device_at: Instant | None, at: Instant) -> Instant | None:
    """The device's time, if it can be true (payloads 1.10). A wrong clock weakens nothing but the time."""
    if device_at is None or device_at < EARLIEST:
        return None
    return device_at if at - BELIEVED_BACK_FOR < device_at < at + BELIEVED_AHEAD_FOR else None


def _is_older(said_at: Instant | None, reached_at: Instant | None) -> bool:
    """What the broker remembers is from before what the device has said since, by its own clock."""
    return said_at is not None and reached_at is not None and EARLIEST <= said_at < reached_at


def _resent(payloads: Payloads, record: Record) -> tuple[int, Payloads]:
    """DUPLICATE when MQTT says that it may be, and the bytes say so too."""
    topic = record.topic.encode("utf-8", "surrogatepass")[-64:]
    digest = blake2b(record.payload, digest_size=8, key=topic).hexdigest()
    recent = tuple(one for one in payloads if record.at - one[1] < RESENT_FOR)
    if record.dup and any(known == digest for known, _ in recent):
        return _DUPLICATE, recent
    return 0, (*recent[1 - _PAYLOADS :], (digest, record.at))


def _named(payloads: Payloads, name: str, at: Instant) -> tuple[int, Payloads]:
    """DUPLICATE when the source gave a message of this device the same id before."""
    name = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    recent = tuple(one for one in payloads if at - one[1] < NAMED_FOR)
    if any(known == name for known, _ in recent):
        return _DUPLICATE, recent
    return 0, (*recent[1 - _NAMES :], (name, at))


def _worth(
    bits: int, record: Record, decoded: Decoded, points: Sequence[Point], before: AdmitState
) -> Sequence[int]:
    """The trust bits of each value."""
    if bits & PAST or (decoded.boot is not None and not record.retain):
        return [bits] * len(points)
    if record.retain:
        own = evidence.of_retained(points, before.values)
    elif decoded.is_event:
        own = evidence.of_event(points, before.values, record.at)
    else:
        if not decoded.cached:
            return [bits] * len(points)
        own = evidence.of_state(points, before.values, _is_republished(decoded, before))
    return [bits | one for one in own]


def _readings(
    device_id: str,
    points: Sequence[Point],
    worth: Sequence[int],
    at: Instant,
    measured_at: Instant,
    sequence: int,
    known: dict[str, Known],
) -> tuple[tuple[Reading, ...], dict[str, Known]]:
    """The readings, and the values as they are now: a new mapping, for a snapshot may hold the old one."""
    if not points:
        return (), known
    values = known.copy()
    readings: list[Reading] = []
    for (quantity, value), bits in zip(points, worth, strict=True):
        readings.append(_make(Reading, (device_id, quantity, value, at, measured_at, TRUST[bits], sequence)))
        if not bits & _NO_NEWS:
            values[quantity] = (value, at)
    return tuple(readings), values


def _is_republished(decoded: Decoded, before: AdmitState) -> bool:
    """The bridge says by itself what it had said: the same time of the device, out of its cache."""
    return decoded.cached and decoded.device_at is not None and decoded.device_at == before.device_at


def _is_live(record: Record, decoded: Decoded, republished: bool) -> bool:
    """Whether the device itself spoke just now; a duplicate counts.

    The broker's memory, a last will, a bridge's opinion of who is there, or its repetition of what it heard
    earlier do not.
    """
    if record.retain or decoded.online is False or not decoded.heard:
        return False
    if decoded.boot is not None:
        return True
    return not republished and (decoded.online is None or bool(decoded.points))


def _presence(before: bool | None, said: bool | None, live: bool, bits: int) -> bool | None:
    """What was said last of its presence; a device that speaks is there, whatever was said."""
    if bits & PAST:
        return before
    if said is not None:
        return said
    return True if live and before is False else before


def _repeats(point: Point, known: Mapping[str, Known]) -> bool:
    before = known.get(point.quantity)
    return before is not None and before[0] == point.value


def _alarms(reading: Reading) -> bool:
    return bool(reading.value) and reading.quantity in ALARMS and not int(reading.trust) & PAST
