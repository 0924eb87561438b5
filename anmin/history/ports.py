"""What every history store owes its writer and its readers; failures of a store are values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from anmin.history.sample import Bucket, Range, Sample, Step
from devices.instant import Micros


class Refused(NamedTuple):
    """A sample that the store will never take, with its reason."""

    sample: Sample
    why: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Durable in the store, except what it refused for ever: the caller keeps that aside."""

    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing may be counted as written: keep it and try again, not before `wait_for` if the store said so.

    `problem` tells a person what, where and what to do. `gone`: nobody answered, so that it may have died,
    and with it what it had confirmed but not yet brought to its disk.
    """

    problem: str
    wait_for: Micros | None = None
    gone: bool = False


Written: TypeAlias = Stored | Later


class HistoryAway(OSError):
    """A question that the store cannot answer now; the text says why and what to do."""


class HistoryStore(Protocol):
    """One store. Its work is done on a thread of its own; one `write` at a time."""

    async def write(self, samples: Sequence[Sample]) -> Written:
        """Idempotent: the same (device, quantity, at, sequence) again changes nothing."""

    def read(self, asked: Range) -> AsyncIterator[Sample]:
        """All samples of a range by (at, sequence), in pages, for exports too. Raises HistoryAway."""

    async def summary(self, asked: Range, step: Step) -> list[Bucket]:
        """A bucket for every step that the range touches, each over its whole length; gaps have count 0.

        Raises ValueError for too many, HistoryAway.
        """

    async def ready(self) -> str:
        """Proves that a write is taken, for a server that answers a ping may still have no place to write to.

        What is wrong and what to do; empty when all is well.
        """

    async def trim(self, before: int) -> None:
        """Forget what was measured before this instant, as far as that is this store's business."""

    async def close(self) -> None: ...
