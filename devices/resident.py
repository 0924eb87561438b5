"""Households and people: what they need, which language they read, how they are reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Need(StrEnum):
    """Why somebody is helped first. Sensitive data: never in telemetry, labels or webhooks (PIPL 28)."""

    WHEELCHAIR = "wheelchair"
    BEDRIDDEN = "bedridden"
    DEAF = "deaf"
    BLIND = "blind"
    LIVES_ALONE = "lives_alone"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to a person: the channel's name and the address on it (`webhook`, `phone:+86…`)."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Resident:
    id: str
    household_id: str
    name: str
    languages: tuple[str, ...] = ("zh",)
    contacts: tuple[Contact, ...] = ()
    needs: frozenset[Need] = frozenset()
