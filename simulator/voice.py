"""How a device speaks: what it measures goes in, topics and bytes come out; each dialect is one manner."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias

from devices.instant import HOUR, Instant, Micros

Values: TypeAlias = Mapping[str, float | bool | None]
"""By quantity (`devices/quantity.py`): numbers in its unit, bits as booleans, None for unknown."""


LOCAL_AHEAD: Final[Micros] = 8 * HOUR
"""By how much the clocks of simulated sites are ahead of UTC."""


class Said(NamedTuple):
    """One message on the wire. `retained`: the broker keeps it for those who come later."""

    topic: str
    payload: bytes
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks: its id in the registry, its address in its dialect, what it is."""

    community: str
    device: str
    address: str
    kind: str
    boot: int = 1


class Model(NamedTuple):
    """One product of one dialect: its profile in the registry, what it tells, how often it is heard."""

    profile: str
    quantities: tuple[str, ...]
    every_s: float


class Voice(Protocol):
    """One device's manner. It keeps what a real one keeps (counters, what it said last) and nothing else.

    `at` is what the device's own clock says, which may be wrong. `testing` and `warming` are what it says of
    itself where its dialect can.
    """

    testing: bool
    warming: bool

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        """What is measured now: regularly, or because it changed."""

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        """The same, at once, because an alarm began or a button was pressed."""

    def online(self, at: Instant) -> tuple[Said, ...]:
        """After a start, and whenever the connection is back."""

    def offline(self, at: Instant) -> tuple[Said, ...]:
        """What its broker or gateway says for it when it falls silent; nothing where nobody does."""

    def hear(self, topic: str, payload: bytes, at: Instant) -> tuple[Said, ...]:
        """Something was said to it: an acknowledgement, a command."""

    def again(self, at: Instant) -> tuple[Said, ...]:
        """What it insists on because nobody has answered yet."""

    def late(self, said: Said) -> Said | None:
        """How it says afterwards what it could not say; None where it keeps nothing."""


class Quiet:
    """A voice that nobody answers and that insists on nothing: most of them."""

    testing = False
    warming = False

    def online(self, at: Instant) -> tuple[Said, ...]:
        return ()

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return ()

    def hear(self, topic: str, payload: bytes, at: Instant) -> tuple[Said, ...]:
        return ()

    def again(self, at: Instant) -> tuple[Said, ...]:
        return ()

    def late(self, said: Said) -> Said | None:
        return None


class Dialect(NamedTuple):
    """A manner of speaking: what it is called in the registry, its products by device kind, who has which
    address (of the so manieth device), how one is given a voice (its chance is its own)."""

    name: str
    models: Mapping[str, Model]
    address: Callable[[str, int], str]
    voice: Callable[[Identity, random.Random], Voice]
