"""The micro fire station (微型消防站): its people, its devices, its clocks (公消〔2015〕301号)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.instant import MINUTE, Micros
from devices.resident import Contact
from devices.shift import Shift


class Role(StrEnum):
    DUTY = "duty"  # 值班: watches the board
    SUPERVISOR = "supervisor"  # 班长: second tier
    MANAGER = "manager"  # 负责人: third tier
    LEADER = "leader"  # 站长
    MEMBER = "member"  # 队员


@dataclass(frozen=True, slots=True)
class Responder:
    """Somebody who acts: duty staff or crew. `station_id` is None for staff of the community.

    `hours`: when they are on duty; none is always. They decide who is told first, never whether anybody is.
    """

    id: str
    name: str
    role: Role
    contacts: tuple[Contact, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    station_id: str | None = None
    hours: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class Station:
    """`serves` are the places it answers for; the 1-3-5 clocks count from the first alarm."""

    id: str
    place_id: str
    zh: str
    en: str
    serves: tuple[str, ...]
    accept_within_for: Micros = 1 * MINUTE
    arrive_within_for: Micros = 3 * MINUTE
    joint_within_for: Micros = 5 * MINUTE
