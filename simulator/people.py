"""Residents and crews who answer, late or not at all; their will is drawn once from the seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["safe", "help", "none"]


@dataclass(frozen=True, slots=True)
class Resident:
    """`sees_after_s` is when the phone is looked at, `answers_after_s` when a button is pressed."""

    home: str
    answer: Answer
    sees_after_s: float
    answers_after_s: float


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the crew: accepts and arrives after so many seconds, or does neither."""

    id: str
    accepts_after_s: float | None
    arrives_after_s: float


def residents(homes: tuple[str, ...], seed: int) -> dict[str, Resident]:
    """Most answer within half a minute, some need help, some are away or never look."""
    chance = random.Random(seed + 1)  # noqa: S311 a person's mood guards nothing
    return {home: _resident(home, chance) for home in homes}


def _resident(home: str, chance: random.Random) -> Resident:
    drawn = chance.random()
    answer: Answer = "safe" if drawn < 0.7 else "help" if drawn < 0.8 else "none"
    seen = chance.uniform(1.0, 8.0)
    return Resident(home, answer, seen, seen + chance.uniform(2.0, 12.0))


def crew(names: tuple[str, ...], seed: int) -> dict[str, Member]:
    """The first who is awake goes; the others hear that somebody goes."""
    chance = random.Random(seed + 2)  # noqa: S311 a crew's mood guards nothing
    return {
        name: Member(name, chance.uniform(4.0, 9.0) if n < 2 else None, chance.uniform(14.0, 20.0))
        for n, name in enumerate(names)
    }
