"""People who answer, late or not at all; their will is drawn once from the seed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["safe", "help", "none"]
Span: TypeAlias = tuple[float, float]
"""Seconds, from and to."""


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


@dataclass(frozen=True, slots=True)
class Officer:
    """On duty: acknowledges, looks what it is, and ends it; None while asleep or away."""

    id: str
    acknowledges_after_s: float | None
    knows_after_s: float


@dataclass(frozen=True, slots=True)
class Habits:
    """How people of a scenario are. `asleep`: officers who hear nothing. `nobody_goes`: no crew at all.

    `away`: share of households that never answer; `late`: share that answers after a quarter of an hour.
    """

    acknowledges_s: Span = (8.0, 40.0)
    knows_s: Span = (40.0, 120.0)
    accepts_s: Span = (5.0, 40.0)
    arrives_s: Span = (90.0, 240.0)
    ends_s: Span = (60.0, 300.0)
    asleep: tuple[str, ...] = ()
    nobody_goes: bool = False
    away: float = 0.2
    late: float = 0.1
    needs_help: float = 0.1


def residents(homes: tuple[str, ...], seed: int) -> dict[str, Resident]:
    """Of the demonstration: most answer within half a minute, some need help, some never look."""
    chance = random.Random(seed + 1)  # noqa: S311 a person's mood guards nothing
    return {home: _resident(home, chance) for home in homes}


def _resident(home: str, chance: random.Random) -> Resident:
    drawn = chance.random()
    answer: Answer = "safe" if drawn < 0.7 else "help" if drawn < 0.8 else "none"
    seen = chance.uniform(1.0, 8.0)
    return Resident(home, answer, seen, seen + chance.uniform(2.0, 12.0))


def crew(names: tuple[str, ...], seed: int) -> dict[str, Member]:
    """Of the demonstration: the first who is awake goes; the others hear that somebody goes."""
    chance = random.Random(seed + 2)  # noqa: S311 a crew's mood guards nothing
    return {
        name: Member(name, chance.uniform(4.0, 9.0) if n < 2 else None, chance.uniform(14.0, 20.0))
        for n, name in enumerate(names)
    }


@dataclass(frozen=True, slots=True)
class People:
    """Everybody of a scenario, by the names that messages have for them."""

    officers: dict[str, Officer]
    crew: dict[str, Member]
    homes: dict[str, Resident]
    ends_s: Span

    @classmethod
    def of(
        cls, habits: Habits, officers: Iterable[str], crew: Iterable[str], homes: Iterable[str], seed: str
    ) -> People:
        chance = random.Random(f"{seed}/people")  # noqa: S311 a person's mood guards nothing
        return cls(
            {name: _officer(name, habits, chance) for name in officers},
            {name: _member(name, habits, chance) for name in crew},
            {home: _household(home, habits, chance) for home in homes},
            habits.ends_s,
        )


def _officer(name: str, habits: Habits, chance: random.Random) -> Officer:
    acknowledges, knows = chance.uniform(*habits.acknowledges_s), chance.uniform(*habits.knows_s)
    return Officer(name, None if name in habits.asleep else acknowledges, knows)


def _member(name: str, habits: Habits, chance: random.Random) -> Member:
    accepts, arrives = chance.uniform(*habits.accepts_s), chance.uniform(*habits.arrives_s)
    stays = habits.nobody_goes or chance.random() < 0.3
    return Member(name, None if stays else accepts, arrives)


def _household(home: str, habits: Habits, chance: random.Random) -> Resident:
    drawn, mood = chance.random(), chance.random()
    answer: Answer = "none" if drawn < habits.away else "help" if mood < habits.needs_help else "safe"
    seen = chance.uniform(3.0, 60.0) + (900.0 if drawn > 1.0 - habits.late else 0.0)
    return Resident(home, answer, seen, seen + chance.uniform(3.0, 40.0))
