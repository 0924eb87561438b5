"""Faults of the way: what is said comes twice, later, broken, in another order, or never."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from simulator.voice import Said

_FIRST_NOW_S = 15.0
"""Back again, a device first says how it is now; then what was."""
Late = tuple[float, Said]
"""How many seconds later something arrives, and what."""


class Line(Protocol):
    """One device's way. `t`: seconds since the fault began."""

    def carry(self, said: Said, t: float) -> Iterable[Late]: ...


@dataclass(frozen=True, slots=True)
class Duplicated:
    """A share comes twice, the second time within `within_s`."""

    share: float = 0.1
    within_s: float = 30.0

    def on(self, chance: random.Random) -> Line:
        return _Duplicated(self, chance)


class _Duplicated:
    def __init__(self, how: Duplicated, chance: random.Random) -> None:
        self._how, self._chance = how, chance

    def carry(self, said: Said, t: float) -> Iterator[Late]:
        yield 0.0, said
        if self._chance.random() < self._how.share:
            yield self._chance.uniform(0.0, self._how.within_s), said


@dataclass(frozen=True, slots=True)
class Reordered:
    """A share is late by up to `by_s`, so that what was said after it arrives before it."""

    share: float = 0.2
    by_s: float = 10.0

    def on(self, chance: random.Random) -> Line:
        return _Reordered(self, chance)


class _Reordered:
    def __init__(self, how: Reordered, chance: random.Random) -> None:
        self._how, self._chance = how, chance

    def carry(self, said: Said, t: float) -> Iterator[Late]:
        late = self._chance.random() < self._how.share
        yield (self._chance.uniform(0.0, self._how.by_s) if late else 0.0), said


@dataclass(frozen=True, slots=True)
class Lossy:
    """Gilbert and Elliott: `share` of all is lost, `burst` messages in a row at the mean; 1 is by chance."""

    share: float = 0.01
    burst: float = 1.0

    def on(self, chance: random.Random) -> Line:
        return _Lossy(self, chance)


class _Lossy:
    """Good to bad with probability p, bad to good with r = 1/burst; p/(p+r) = share."""

    def __init__(self, how: Lossy, chance: random.Random) -> None:
        self._chance = chance
        self._mends = 1.0 / max(1.0, how.burst)
        self._breaks = self._mends * how.share / (1.0 - how.share)
        self._bad = False

    def carry(self, said: Said, t: float) -> Iterator[Late]:
        drawn = self._chance.random()
        self._bad = drawn >= self._mends if self._bad else drawn < self._breaks
        if not self._bad:
            yield 0.0, said


@dataclass(frozen=True, slots=True)
class Away:
    """Nothing comes through for `lasts_s`. What the device keeps meanwhile it says afterwards, one by one."""

    lasts_s: float

    def on(self, late: Callable[[Said], Said | None]) -> Line:
        """`late`: how it says afterwards what it could not say (`Voice.late`)."""
        return _Away(self.lasts_s, late)


class _Away:
    def __init__(self, lasts_s: float, late: Callable[[Said], Said | None]) -> None:
        self._lasts_s, self._late = lasts_s, late
        self._kept: set[bytes] = set()

    def carry(self, said: Said, t: float) -> Iterator[Late]:
        if t >= self._lasts_s:
            yield 0.0, said
        elif said.payload not in self._kept and (late := self._late(said)) is not None:
            self._kept.add(said.payload)
            yield self._lasts_s - t + _FIRST_NOW_S + 0.2 * len(self._kept), late


@dataclass(frozen=True, slots=True)
class Malformed:
    """A share is cut short, is no text, has the wrong type, or is something else's."""

    share: float = 0.05

    def on(self, chance: random.Random) -> Line:
        return _Malformed(self, chance)


class _Malformed:
    def __init__(self, how: Malformed, chance: random.Random) -> None:
        self._how, self._chance = how, chance

    def carry(self, said: Said, t: float) -> Iterator[Late]:
        yield 0.0, said
        if self._chance.random() < self._how.share:
            yield 0.1, said._replace(payload=self._broken(said.payload), retained=False)

    def _broken(self, payload: bytes) -> bytes:
        cut = self._chance.randint(0, max(0, len(payload) - 1))
        return self._chance.choice(
            (payload[:cut], b"\xff\xfe" + payload, b"[]", b"null", b'{"v":1,"values":"yes"}', b"{" * 500)
        )
