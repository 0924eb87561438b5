"""What became of a send, and when to try again: values and arithmetic, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from devices.instant import SECOND, Micros


class State(StrEnum):
    """Life of an outbox row. Stored and shown: never rename one."""

    QUEUED = "queued"
    LEASED = "leased"
    HANDED_OFF = "handed_off"  # the provider has it
    DELIVERED = "delivered"  # a receipt, or a device's confirmed result
    SEEN = "seen"  # a person opened or answered
    RETRYING = "retrying"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"

    @property
    def is_final(self) -> bool:
        return self in (State.SEEN, State.FAILED, State.EXPIRED, State.SUPERSEDED)

    @property
    def reached(self) -> bool:
        """The provider or the person has it; for people only `DELIVERED` and `SEEN` prove receipt."""
        return self in (State.HANDED_OFF, State.DELIVERED, State.SEEN)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `confirmed`: the far end proved that it arrived (a device's own result)."""

    provider_id: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again; `after_for` is what the provider asked for, None leaves it to the back-off."""

    why: str
    after_for: Micros | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never work: an address that does not exist, a message that is not accepted."""

    why: str


Outcome: TypeAlias = Sent | Retry | Refused

BASE: Micros = 1 * SECOND
CAP_URGENT: Micros = 30 * SECOND
CAP_ROUTINE: Micros = 3600 * SECOND


def backoff(attempt: int, urgent: bool, chance: float) -> Micros:
    """Full jitter: uniform in [0, min(cap, base * 2**attempt)] (reliability 2a).

    `attempt` counts from 0; `chance` is a number in [0, 1) that the caller draws.
    """
    cap = CAP_URGENT if urgent else CAP_ROUTINE
    return round(min(cap, BASE << min(attempt, 20)) * chance)
