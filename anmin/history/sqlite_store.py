"""The history in a folder, one SQLite file per UTC day: the default that needs no server.

Old days are deleted as files. A day whose file is damaged is put aside under another name and reported; the
other days go on, and so does that day in a new file.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import structlog

from anmin.backends.disk import is_full, sync_folder
from anmin.history import reader
from anmin.history.ports import HistoryAway, Later, Stored, Written
from anmin.history.sample import Bucket, Range, Sample, Step
from anmin.history.sqlite_day import DayFile, FormatUnknown
from devices.instant import HOUR, Instant, moment

T = TypeVar("T")
_log = structlog.get_logger("anmin.history")
_DAY = 24 * HOUR
_OPEN = 4
"""Day files held open: today's, yesterday's for what comes late, and those that are read."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PAGE_FOR = HOUR
"""How much is read before a write may have its turn."""


class SqliteHistory:
    """ports.HistoryStore on a folder. Each file has one connection, used on one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._days: dict[int, DayFile] = {}
        self._thread = ThreadPoolExecutor(1, "history")
        self.damaged: tuple[str, ...] = ()
        """Files put aside since the start, for people to see."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    # The port ---------------------------------------------------------------------------------------------

    async def write(self, samples: Sequence[Sample]) -> Written:
        return await self._do(lambda: self._write(samples))

    async def read(self, asked: Range) -> AsyncIterator[Sample]:
        for page in _pages(asked, _PAGE_FOR):
            for sample in await self._ask(lambda page=page: self._day_read(page)):  # type: ignore[misc]  # mypy cannot infer a lambda's default
                yield sample

    async def summary(self, asked: Range, step: Step) -> list[Bucket]:
        step.starts(asked)  # before any work: too many are refused
        whole = step.whole(asked)
        if not step.of_minutes:
            samples = [sample async for sample in self.read(whole)]
            return await asyncio.to_thread(reader.buckets, samples, asked, step)
        found: dict[Instant, tuple[float, float, float, int]] = {}
        for part in _pages(whole, _DAY):
            for start, *values in await self._ask(lambda part=part: self._day_summary(part, step)):  # type: ignore[misc]  # the same
                found[start] = _joined(found.get(start), values)
        buckets = (Bucket(at, low, high, of / n, n) for at, (low, high, of, n) in found.items())
        return reader.with_gaps(buckets, asked, step)

    async def ready(self) -> str:
        return await self._do(self._prove)

    async def trim(self, before: Instant) -> None:
        await self._do(lambda: self._trim(before // _DAY))

    async def close(self) -> None:
        await self._do(self._close)
        self._thread.shutdown()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _ask(self, work: Callable[[], list[T]]) -> list[T]:
        try:
            return await self._do(work)
        except (sqlite3.Error, OSError) as error:
            raise HistoryAway(f"{self._folder}: the history cannot be read ({error})") from error

    # On the history's thread ------------------------------------------------------------------------------

    def _write(self, samples: Sequence[Sample]) -> Written:
        ordered = sorted(samples, key=_day_of)  # stable, and in order already but for what came late
        try:
            for number, of_day in groupby(ordered, _day_of):
                batch = list(of_day)
                self._on_day(number, lambda day, batch=batch: day.write(batch))  # type: ignore[misc]  # the same
        except (sqlite3.Error, OSError) as error:
            return Later(self._trouble(error))
        return Stored()

    def _day_read(self, page: Range) -> list[Sample]:
        if not self._path(page.since // _DAY).exists():
            return []
        return self._on_day(page.since // _DAY, lambda day: day.read(page))

    def _day_summary(self, part: Range, step: Step) -> list[tuple[Instant, float, float, float, int]]:
        if not self._path(part.since // _DAY).exists():
            return []
        return self._on_day(part.since // _DAY, lambda day: day.summary(part, step))

    def _on_day(self, number: int, work: Callable[[DayFile], T]) -> T:
        """With the file of a day; when that is damaged, with a new one."""
        try:
            return work(self._day(number))
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                raise
            self._put_aside(number, error)
            return work(self._day(number))

    def _day(self, number: int) -> DayFile:
        day = self._days.pop(number, None)
        if day is None:
            path = self._path(number)
            new = not path.exists()
            day = DayFile(path)
            if new:
                sync_folder(self._folder)
        self._days[number] = day  # the newest used is last
        if len(self._days) > _OPEN:
            self._days.pop(next(iter(self._days))).close()
        return day

    def _path(self, number: int) -> Path:
        return self._folder / f"{moment(number * _DAY):%Y-%m-%d}.db"

    def _put_aside(self, number: int, error: sqlite3.DatabaseError) -> None:
        day = self._days.pop(number, None)
        if day is not None:
            day.close()
        path = self._path(number)
        aside = next(name for name in _asides(path) if not name.exists())
        for suffix in ("-wal", ""):  # the file itself last: until then the next start finds it again
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
        sync_folder(self._folder)
        self.damaged += (aside.name,)
        do = "restore that day from a backup, or keep the file for a repair (sqlite3 .recover)"
        _log.error("history_day_damaged", file=str(path), aside=aside.name, error=str(error), do=do)

    def _trouble(self, error: Exception) -> str:
        if is_full(error):
            return f"{self._folder}: no space for the history; free some, or keep it for fewer days"
        return f"{self._folder}: the history cannot be written ({error}); is the disk all right?"

    def _prove(self) -> str:
        path = self._folder / "ready"
        try:
            with path.open("wb") as file:
                file.write(b"\0" * 65536)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except OSError as error:
            return self._trouble(error)
        return ""

    def _trim(self, first: int) -> None:
        for path in self._folder.glob("????-??-??.db*"):
            if path.name < f"{moment(first * _DAY):%Y-%m-%d}":
                for number in [one for one in self._days if self._path(one).name == path.name]:
                    self._days.pop(number).close()
                path.unlink(missing_ok=True)

    def _close(self) -> None:
        for day in self._days.values():
            day.close()
        self._days.clear()


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    if isinstance(error, FormatUnknown):
        return False
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGED


def _day_of(sample: Sample) -> int:
    return sample.at // _DAY


def _asides(path: Path) -> Iterator[Path]:
    number = 1
    while True:
        yield path.with_name(f"{path.name}.damaged-{number}")
        number += 1


def _pages(asked: Range, length: int) -> Iterator[Range]:
    """The range cut where days or hours change."""
    at = asked.since
    while at < asked.until:
        end = min((at // length + 1) * length, asked.until)
        yield Range(asked.device_id, asked.quantity, at, end)
        at = end


def _joined(
    one: tuple[float, float, float, int] | None, values: Sequence[float]
) -> tuple[float, float, float, int]:
    low, high, of, count = values
    if one is None:
        return low, high, of, int(count)
    return min(one[0], low), max(one[1], high), one[2] + of, one[3] + int(count)
