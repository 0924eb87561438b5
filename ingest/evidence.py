"""What each value of a message is worth beside what we knew: retained, repeated from a cache, said twice.

Bits of `Trust` as plain integers, for an IntFlag costs ten times as much; `TRUST` turns them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from devices.instant import SECOND, Instant, Micros
from devices.quantity import QUANTITIES, QuantityKind
from devices.reading import HISTORY, Trust
from ingest.generic import GENERIC
from ingest.message import Decoded, Point

Known: TypeAlias = tuple[float | None, Instant]
"""The newest value of a quantity and when it was said to us, in engine time."""

TRUST: Final = tuple(Trust(bits) for bits in range(2 * max(Trust)))
ALARMS: Final = frozenset(
    {GENERIC} | {name for name, known in QUANTITIES.items() if known.kind is QuantityKind.ALARM}
)
EDGES: Final = ALARMS | {name for name, known in QUANTITIES.items() if known.kind is QuantityKind.CONDITION}
"""Quantities of which a change is never shed."""
SAME_PRESS_FOR: Final[Micros] = 2 * SECOND
"""An event that a bridge says on two topics arrives twice within this time."""

PAST: Final = int(HISTORY)
_QUEUED: Final = int(Trust.QUEUED)
_TEST: Final = int(Trust.TEST)
_WARMUP: Final = int(Trust.WARMUP)
_BACKFILL: Final = int(Trust.BACKFILL)
_RETAINED: Final = int(Trust.RETAINED)
_REPEATED: Final = int(Trust.RETAINED | Trust.DUPLICATE)
_OUTDATED: Final = int(Trust.RETAINED | Trust.BACKFILL)
_DUPLICATE: Final = int(Trust.DUPLICATE)
_STALE: Final = int(Trust.STALE)


def of_message(decoded: Decoded, queued: bool) -> int:
    """Bits that hold for all values of a message, by its own words."""
    bits = _QUEUED if queued else 0
    if decoded.test:
        bits |= _TEST
    if decoded.warmup:
        bits |= _WARMUP
    if decoded.backfill:
        bits |= _BACKFILL
    return bits


def of_retained(points: Sequence[Point], known: Mapping[str, Known]) -> list[int]:
    """The broker's memory, of unknown age (reliability S28).

    Equal to what we know: nothing new. An alarm that we do not know of: kept, the engine raises it with its
    age unknown. Anything but alarm while we know of one: the alarm may well be the younger of the two, so
    the value goes to the record only and clears nothing; the device's next live message decides.
    """
    return [_retained(point, known.get(point.quantity)) for point in points]


def _retained(point: Point, before: Known | None) -> int:
    if before is None:
        return _RETAINED
    if before[0] == point.value:
        return _REPEATED
    stands = before[0] and point.quantity in ALARMS
    return _OUTDATED if stands else _RETAINED


def of_event(points: Sequence[Point], known: Mapping[str, Known], at: Instant) -> list[int]:
    """Of a dialect whose events have no ids: the same press told on a second topic is a duplicate."""
    return [_DUPLICATE if _just_said(point, known.get(point.quantity), at) else 0 for point in points]


def _just_said(point: Point, before: Known | None, at: Instant) -> bool:
    return before is not None and before[0] == point.value and at - before[1] < SAME_PRESS_FOR


def of_state(points: Sequence[Point], known: Mapping[str, Known], republished: bool) -> list[int]:
    """Of a dialect that repeats what it has cached beside what is new (Zigbee2MQTT).

    Which value is new it does not say. So: when something changed, what did not is STALE; when nothing
    changed, the device itself said it again (a sounding detector does, every 3 s) and all is fresh. Signal
    strength changes with every message and says nothing. A value never known before is never STALE, so the
    first message after our start that says alarm is an alarm. `republished`: the message carries the time of
    one before it, so the bridge said it by itself, after a restart for instance.
    """
    same = [_same(point, known.get(point.quantity)) for point in points]
    moved = republished or not all(
        unchanged or point.quantity == "link_quality" for point, unchanged in zip(points, same, strict=True)
    )
    return [_STALE if moved and unchanged else 0 for unchanged in same]


def _same(point: Point, before: Known | None) -> bool:
    return before is not None and before[0] == point.value
