"""Samples for tests, and a store of the memory that can be away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from anmin.history import reader
from anmin.history.ports import Later, Refused, Stored, Written
from anmin.history.sample import Bucket, Range, Sample, Step
from anmin.monitor import Effects
from devices.instant import HOUR, SECOND, Instant
from devices.reading import Reading, Trust
from ingest.message import Decoded, Heard, Record, RecordKind

NOON: Instant = 1_790_000_000 * SECOND // HOUR * HOUR
"""A full hour in 2026."""
DEVICE, QUANTITY = "b1-u1-101-heat", "temperature_c"


def sample(
    sequence: int,
    at: Instant = NOON,
    value: float | None = 20.5,
    device: str = DEVICE,
    quantity: str = QUANTITY,
    trust: int = 0,
) -> Sample:
    return Sample(device, quantity, at, value, trust, sequence)


def around(hours: int = 24, device: str = DEVICE, quantity: str = QUANTITY) -> Range:
    return Range(device, quantity, NOON - hours * HOUR, NOON + hours * HOUR)


def heard(sequence: int, values: Sequence[float | None] = (20.5,), trust: Trust = Trust.NONE) -> Effects:
    """What the pipeline knows after a message of one device with so many readings."""
    at = NOON + sequence * SECOND
    record = Record(sequence, at, RecordKind.MESSAGE, "mqtt", "t", b"", False, False, False)
    readings = tuple(
        Reading(DEVICE, f"{QUANTITY}{number or ''}", value, at, at, trust, sequence)
        for number, value in enumerate(values)
    )
    return Effects(record, [Heard(DEVICE, Decoded("native", DEVICE), readings)])


class MemoryHistory:
    """ports.HistoryStore of the memory. `away`: why it takes nothing, `gone`: because it died; `never`:
    sequences that it refuses."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, Instant, int], Sample] = {}
        self.away = ""
        self.gone = False
        self.fails: Exception | None = None
        self.never: set[int] = set()
        self.writes = 0
        self.closed = False

    async def write(self, samples: Sequence[Sample]) -> Written:
        self.writes += 1
        if self.fails is not None:
            raise self.fails
        if self.away:
            return Later(self.away, gone=self.gone)
        for one in samples:
            if one.sequence not in self.never:
                self.kept[one.device_id, one.quantity, one.at, one.sequence] = one
        return Stored(tuple(Refused(one, "never") for one in samples if one.sequence in self.never))

    async def read(self, asked: Range) -> AsyncIterator[Sample]:
        for one in sorted(self.kept.values(), key=lambda one: (one.at, one.sequence)):
            if one[:2] == (asked.device_id, asked.quantity) and asked.since <= one.at < asked.until:
                yield one

    async def summary(self, asked: Range, step: Step) -> list[Bucket]:
        return reader.buckets([one async for one in self.read(step.whole(asked))], asked, step)

    async def ready(self) -> str:
        return self.away

    async def trim(self, before: Instant) -> None:
        self.kept = {key: one for key, one in self.kept.items() if one.at >= before}

    async def close(self) -> None:
        self.closed = True

    @property
    def sequences(self) -> list[int]:
        return sorted(one.sequence for one in self.kept.values())
