"""What arrives, before anybody believes it, and what it turns out to be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from devices.instant import Instant, Micros
from devices.reading import Reading


class Lane(StrEnum):
    ALARM = "alarm"
    TELEMETRY = "telemetry"


class RawMessage(NamedTuple):
    """Untrusted. `queued` means that the broker held it while we were away (no evidence for rates)."""

    source: str
    topic: str
    payload: bytes
    received_at: Instant
    retain: bool = False
    dup: bool = False
    qos: int = 1
    queued: bool = False


class RecordKind(StrEnum):
    """Every input that can change what the system believes."""

    MESSAGE = "message"
    COMMAND = "command"  # a person's, through the web or the crew page
    OUTCOME = "outcome"  # what became of a send
    TICK = "tick"  # a deadline was due
    EPOCH = "epoch"  # the wall clock was stepped, or the process started
    VERSION = "version"  # inventory or rules changed


class Record(NamedTuple):
    """One entry of the log. `sequence` counts from 1 without gaps, `at` never goes back.

    A MESSAGE carries topic, flags and payload of its RawMessage; the other kinds carry JSON in `payload`.
    """

    sequence: int
    at: Instant
    kind: RecordKind
    source: str
    topic: str
    payload: bytes
    retain: bool = False
    dup: bool = False
    queued: bool = False


class Reason(StrEnum):
    """Why a message was not understood. The values are stored, shown and counted: never rename one."""

    NO_DIALECT = "no_dialect"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    TOO_LARGE = "too_large"
    IMPLAUSIBLE = "implausible"
    UNSUPPORTED = "unsupported"
    RETAINED_EVENT = "retained_event"
    TOPIC_MISMATCH = "topic_mismatch"


class Point(NamedTuple):
    """One value as a dialect understood it: 1/0 for alarms and conditions, None for unknown."""

    quantity: str
    value: float | None


class CommandResult(NamedTuple):
    """What a siren or valve says became of a command; `address` is its own, not what it claims to be."""

    command_id: str
    address: str
    done: bool
    detail: str


class Decoded(NamedTuple):
    """What one message says, in the words of its dialect; which device that is comes later.

    `event_id` is what the device wants acknowledged; `(boot, device_sequence)` orders its messages;
    `online` is what the message says of the device's presence (None: nothing beyond being heard).
    `network_at` is the time of a network or platform on the way, for when the device's own is not believed.
    `message_id` is the source's own name for the message: the same again is a repetition.
    `asks` is what must be published to be told what is missing.
    `cached` tells that values which are not new may stand beside what is. `heard` is False for what somebody
    else says about a device: no sign that it lives. `reports_every_for`: how often the device says of itself
    that it will be heard; None where it does not say so now.
    """

    dialect: str
    address: str
    points: tuple[Point, ...] = ()
    device_at: Instant | None = None
    boot: int | None = None
    device_sequence: int | None = None
    event_id: str | None = None
    is_event: bool = False
    test: bool = False
    warmup: bool = False
    backfill: bool = False
    online: bool | None = None
    result: CommandResult | None = None
    notes: tuple[str, ...] = ()
    network_at: Instant | None = None
    message_id: str | None = None
    asks: tuple[tuple[str, bytes], ...] = ()
    cached: bool = False
    heard: bool = True
    reports_every_for: Micros | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that says nothing we can use; the original stays in the log.

    `detail` tells a person what, where and what to do; `address` and `event_id` allow a refusal.
    """

    reason: Reason
    detail: str
    dialect: str = ""
    address: str = ""
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Understood and of no concern: a bridge's log line, an echo of our own command."""

    why: str


class Heard(NamedTuple):
    """A decoded message with its device resolved and its readings admitted.

    `unknown` marks an address without a device: it goes to the inbox, and its alarms to the community.
    """

    device_id: str
    decoded: Decoded
    readings: tuple[Reading, ...]
    unknown: bool = False
    duplicate: bool = False
