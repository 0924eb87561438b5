"""A log to test with: a clock that is moved by hand, entries that count, and what was handed on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from anmin.backends.disk import Reserve, Space
from anmin.backends.log import Limits, SqliteLog
from devices.instant import Instant
from ingest.message import Lane, Record, RecordKind
from ingest.ports import Entry, LogBroken

ROOMY = Space(free=90 << 30, total=100 << 30)
SMALL_RESERVE = 64 << 10
DEFAULT = Limits()


@dataclass
class Bench:
    """What the log is given and what it said; `at` and `space` may be changed at any time."""

    folder: Path
    at: Instant = 1_000_000
    space: Space = ROOMY
    taken: list[Record] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    broken: list[LogBroken] = field(default_factory=list)
    reserve: Reserve = field(init=False)

    def __post_init__(self) -> None:
        self.log_folder.mkdir(exist_ok=True)
        self.reserve = Reserve(self.folder / "reserve", SMALL_RESERVE)

    @property
    def log_folder(self) -> Path:
        return self.folder / "log"

    def reserve_there(self) -> bool:
        return self.reserve.present

    def take(self, records: Sequence[Record]) -> None:
        self.taken.extend(records)
        self.groups.append(len(records))

    def log(self, limits: Limits) -> SqliteLog:
        return SqliteLog(
            self.log_folder,
            clock=lambda: self.at,
            reserve=self.reserve,
            broken=self.broken.append,
            limits=limits,
            space=lambda _: self.space,
        )

    @asynccontextmanager
    async def opened(self, limits: Limits = DEFAULT) -> AsyncIterator[SqliteLog]:
        log = self.log(limits)
        log.start(self.take)
        try:
            yield log
        finally:
            await log.close()


def entry(number: int = 0, *, size: int = 40, kind: RecordKind = RecordKind.MESSAGE) -> Entry:
    return Entry(kind, "mqtt", f"anmin/c/{number}", f"{number}".encode().ljust(size))


async def fill(log: SqliteLog, count: int, start: int = 0, size: int = 40) -> list[Record]:
    """Append and wait for all of them."""
    futures = [log.append(entry(start + i, size=size), Lane.TELEMETRY) for i in range(count)]
    return [await future for future in futures]


async def records(log: SqliteLog, after: int = 0, until: int | None = None) -> list[Record]:
    return [record async for record in log.read(after, until)]
