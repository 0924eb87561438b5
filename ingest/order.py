"""Whether a native message is new, seen before or from the past, by what the device counts itself.

A device counts its starts (`boot`) and its messages (`seq`). Age never makes a message historic; an older
(boot, seq) does, with two exceptions that keep an accepted alarm from being lost:
an *event* that overtook others or was overtaken is new until its id was heard, and a counter that went back
while the device's clock went on is a counter that was reset.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from devices.instant import Instant
from devices.reading import Trust
from ingest.message import Decoded

REMEMBERED: Final = 64
"""Events of which the ids are kept, per device."""
_NOTHING: Final = 0
_DUPLICATE: Final = int(Trust.DUPLICATE)
_BACKFILL: Final = int(Trust.BACKFILL)


class EventKey(NamedTuple):
    """An id is unique within one start: firmware that counts from 1 again says something new."""

    boot: int
    sequence: int
    id: str


class Order(NamedTuple):
    """How far a device has come. `horizon` is the newest event of which the id is forgotten."""

    boot: int = -1
    sequence: int = -1
    events: tuple[EventKey, ...] = ()
    horizon: tuple[int, int] = (-1, -1)


START: Final = Order()


def arrive(
    order: Order, decoded: Decoded, device_at: Instant | None, before_at: Instant | None
) -> tuple[int, Order]:
    """Trust bits (DUPLICATE, BACKFILL or none) and how far the device has come now.

    `device_at` is the device's time where it is believed, `before_at` that of the message it had come to.
    """
    boot, sequence = decoded.boot, decoded.device_sequence
    if boot is None:
        return _NOTHING, order
    said = (boot, order.sequence if sequence is None else sequence)
    if device_at is not None and before_at is not None and device_at > before_at and said < order[:2]:
        order = START  # what is remembered of the counter's former life would hide what is new
    if sequence is None:
        return _start(order, boot)
    if decoded.event_id is not None:
        return _event(order, EventKey(boot, sequence, decoded.event_id))
    if said > order[:2]:
        return _NOTHING, Order(boot, sequence, order.events, order.horizon)
    return (_DUPLICATE if said == order[:2] else _BACKFILL), order


def _start(order: Order, boot: int) -> tuple[int, Order]:
    """A status without a number. A last will of an earlier start comes late and says nothing of this one."""
    if boot > order.boot:
        return _NOTHING, Order(boot, -1, order.events, order.horizon)
    return (_BACKFILL if boot < order.boot else _NOTHING), order


def _event(order: Order, key: EventKey) -> tuple[int, Order]:
    if any(known.boot == key.boot and known.id == key.id for known in order.events):
        return _DUPLICATE, order
    said = (key.boot, key.sequence)
    if said <= order.horizon:
        return _BACKFILL, order
    events, horizon = (*order.events, key), order.horizon
    if len(events) > REMEMBERED:
        oldest = min(events)
        events = tuple(known for known in events if known is not oldest)
        horizon = (oldest.boot, oldest.sequence)
    boot, sequence = max(said, order[:2])
    return _NOTHING, Order(boot, sequence, events, horizon)
