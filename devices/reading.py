"""One measurement: alarm, clear or unknown, with the clocks it came by."""

from __future__ import annotations

from enum import IntFlag
from typing import NamedTuple

from devices.instant import Instant


class Trust(IntFlag):
    """What weakens a reading as evidence. Weak is still evidence of presence, never silently dropped."""

    NONE = 0
    QUEUED = 1  # the broker held it while we were away: no evidence for rates or holds
    BACKFILL = 2  # history by its own mark or an older (boot, sequence): to the record, pages nobody
    RETAINED = 4  # the broker's memory: age unknown
    DUPLICATE = 8  # seen before: the device was heard, nothing else
    CLOCK = 16  # the device's clock was not believed
    TEST = 32  # the device says that it is being tested
    WARMUP = 64  # the sensor is not ready yet
    STALE = 128  # a cached value repeated beside something new


HISTORY = Trust.BACKFILL | Trust.DUPLICATE


class Reading(NamedTuple):
    """`value` is 1/0 for an alarm or condition, a number in the quantity's unit, None for unknown.

    `at` is engine time (the log record's); `measured_at` is the device's own time where it is trusted,
    otherwise `at`, and is what rates and doses use (payloads 1.10).
    """

    device_id: str
    quantity: str
    value: float | None
    at: Instant
    measured_at: Instant
    trust: Trust
    sequence: int
