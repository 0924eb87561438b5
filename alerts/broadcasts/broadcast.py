"""One planned message to many people, keyed so that it can only be sent once. Live and drill are types."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from devices.instant import Instant


class Purpose(StrEnum):
    """Why people are told something. Stored and shown: never rename one."""

    NOTICE = "notice"  # below alarm: the duty staff look
    ALERT = "alert"  # one source: household, crew and duty staff, at once
    EVACUATE = "evacuate"  # verified: siren, stair, floors above and below
    GROWN = "grown"  # more sources, more floors, higher level
    ESCALATE = "escalate"  # nobody acknowledged: the next tier
    OWNED = "owned"  # acknowledged: the duty-room sounder falls silent
    ALL_CLEAR = "all_clear"  # closed after something real: everyone who was told
    RETRACT = "retract"  # closed as false: everyone who was told
    TROUBLE = "trouble"  # no incident: something is wrong with devices, the duty staff look
    OPERATE = "operate"  # a person or a plan moves a device

    @property
    def ends_it(self) -> bool:
        return self in (Purpose.ALL_CLEAR, Purpose.RETRACT)

    @property
    def silences(self) -> bool:
        """What a device is told with it is to stop."""
        return self.ends_it or self is Purpose.OWNED


class Audience(StrEnum):
    """What a recipient is, which decides the words."""

    RESIDENT = "resident"
    DUTY = "duty"
    CREW = "crew"
    DEVICE = "device"  # siren, loudspeaker, duty-room sounder
    PARTNER = "partner"  # a system: webhook


@dataclass(frozen=True, slots=True)
class Recipient:
    """One way to one person or machine. `id` is the resident's, responder's or device's."""

    id: str
    audience: Audience
    channel: str
    address: str
    languages: tuple[str, ...] = ("zh",)
    household_id: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One row of the outbox: one version of one incident to one recipient on one channel.

    `text` is what is said (all of the recipient's languages), `data` what machines need (JSON object text).
    After `deadline_at` it is not sent any more and the recipient is named as unreached.
    """

    key: str
    incident_id: str
    version: int
    purpose: Purpose
    recipient: Recipient
    title: str
    text: str
    data: str
    created_at: Instant
    deadline_at: Instant
    urgent: bool = True


class LiveSend(Send):
    """Reaches people. Live adapters accept nothing else."""

    __slots__ = ()


class DrillSend(Send):
    """Can only reach drill adapters; every text says so (promise P26)."""

    __slots__ = ()


AnySend: TypeAlias = LiveSend | DrillSend


def send_key(incident_id: str, version: int, recipient: str, channel: str) -> str:
    """The idempotency key towards every provider: 128 bits, the same in every replay (promise P6)."""
    text = "\x1f".join((incident_id, str(version), recipient, channel))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One version of what an incident tells people."""

    incident_id: str
    version: int
    purpose: Purpose
    drill: bool
    sends: tuple[AnySend, ...]
