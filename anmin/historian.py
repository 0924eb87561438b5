"""Brings every accepted reading from the pipeline to the history store; the store may be away for days.

The hot path appends to a list. From there readings go to the store directly, and what it has not taken when a
snapshot is written goes into the spool first. So a reading is always in the store, in the spool, or in the
part of the log that a start replays (ADR 9). Handed over twice it is there once: its name is derived. So what
a store confirmed shortly before it died is handed over again: some bring it to their disk seconds later.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import structlog

from anmin.backends.disk import NoSpace, is_full
from anmin.history.ports import HistoryStore, Later, Refused, Stored, Written
from anmin.history.sample import Sample
from anmin.history.spool import CAP_BYTES, OVERFLOW, UNKNOWN, Gap, Spool
from anmin.monitor import Effects
from devices.instant import SECOND
from devices.reading import Reading, Trust

T = TypeVar("T")
Readings: TypeAlias = tuple[Reading, ...]
log = structlog.get_logger("anmin.history")

NAME = "history"
"""Name of the cursor: everything up to it is in the store."""
BATCH = 5_000
HELD = 20_000
"""Readings in memory before they go to the spool."""
MOST_HELD = 200_000
"""Readings in memory when the spool has no room either; beyond it the oldest go, counted."""
RECENT_S = 15.0
RECENT = 200_000
"""What the store confirmed last is kept for so long, and at most so many readings of it."""
GATHER_S = 0.5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
CURSOR_EVERY_S = 5.0
_DUPLICATE = int(Trust.DUPLICATE)


class HistoryState(NamedTuple):
    """For the health strip and the metrics. `problem` is empty while the store takes what it is given.

    `waiting`: readings that are not in the store; `confirmed`: everything up to this log record is in it;
    `lost`: readings that the spool had no room for; `refused`: those the store will never take.
    """

    problem: str
    waiting: int
    confirmed: int
    lost: int
    refused: int
    gaps: tuple[Gap, ...]


class Historian:
    """`begin`, then `take` in the order of the log, `secure` before each snapshot; `run` beside all that.

    `note` keeps the cursor where the next start finds it. Nothing here raises but `secure` (NoSpace).
    """

    def __init__(
        self,
        path: Path,
        store: HistoryStore,
        note: Callable[[int], Awaitable[None]],
        *,
        cap_bytes: int = CAP_BYTES,
        batch: int = BATCH,
        held: int = HELD,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._path = path
        self._cap = cap_bytes
        self._store = store
        self._note = note
        self._batch = batch
        self._held_most = held
        self._first_pause_s = first_pause_s
        self._thread = ThreadPoolExecutor(1, "spool")
        self._spool: Spool
        self._moving = asyncio.Lock()
        self._fresh: list[Readings] = []
        self._held = 0
        self._flight: list[Readings] = []
        self._flight_safe = True
        self._leaving: list[Readings] = []
        self._recent: deque[tuple[float, list[Sample]]] = deque()
        self._recent_count = 0
        self._taken = 0
        self._secured = 0
        self._confirmed = 0
        self._noted = 0
        self._lost_here = 0
        self._gaps: list[Gap] = []
        self._crowded = asyncio.Event()
        self._pressing = asyncio.Event()
        self.problem = ""

    # What others call -------------------------------------------------------------------------------------

    async def begin(self, snapshot: int, last: int, confirmed: int) -> None:
        """Before the log is replayed from `snapshot` on; `last` is its end, `confirmed` what `note` got."""
        self._spool = await self._call(self._opened)
        if self._spool.secured > last:
            log.error("history_of_another_log", spool=self._spool.secured, log=last)
            await self._call(lambda: self._spool.rewind(last))
        confirmed = min(confirmed, last)
        known = max(self._spool.secured, confirmed)
        if known < snapshot:
            await self._miss(Gap(known + 1, snapshot, 0, UNKNOWN))
        self._taken = max(snapshot, self._spool.secured)
        self._secured, self._noted = self._taken, confirmed
        self._gaps = await self._call(self._spool.gaps)
        self._confirm()

    def take(self, batch: Iterable[Effects]) -> None:
        """What was accepted, in the order of the log; what a replay brings again is let go."""
        for effects in batch:
            sequence = effects.record.sequence
            if sequence <= self._taken:
                continue
            self._taken = sequence
            for heard in effects.heard:
                if heard.readings and not heard.unknown and not heard.duplicate:
                    self._fresh.append(heard.readings)
                    self._held += len(heard.readings)
        if self._held >= self._batch:
            self._pressing.set()
        if self._held >= self._held_most:
            self._crowded.set()

    async def secure(self, sequence: int) -> None:
        """Return when all up to `sequence` is durable without the log. Raises NoSpace: no snapshot then."""
        async with self._moving:
            await self._spill(sequence)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._relieve(), name="history spool")
            group.create_task(self._keep_cursor(), name="history cursor")
            await self._forward()

    async def close(self) -> None:
        """After the last `secure`."""
        await self._call(self._spool.close)
        self._thread.shutdown()
        await self._store.close()

    @property
    def state(self) -> HistoryState:
        flight = 0 if self._flight_safe else sum(map(len, self._flight))
        waiting = self._held + flight + sum(map(len, self._leaving)) + self._spool.waiting
        lost = sum(gap.samples for gap in self._gaps) + self._lost_here
        return HistoryState(
            self.problem, waiting, self._confirmed, lost, self._spool.refused, tuple(self._gaps)
        )

    # From memory to the spool -----------------------------------------------------------------------------

    async def _relieve(self) -> None:
        """While the store is away, memory is emptied into the spool."""
        while True:
            await self._crowded.wait()
            async with self._moving:
                try:
                    await self._spill(self._secured)
                except NoSpace as full:
                    self._say(str(full))
                    self._overflow()
                    await asyncio.sleep(self._first_pause_s)
            if self._held < self._held_most:
                self._crowded.clear()

    async def _spill(self, sequence: int) -> None:
        moved = [*(() if self._flight_safe else self._flight), *self._fresh]
        self._fresh, self._held, self._flight_safe, self._leaving = [], 0, True, moved
        try:
            await self._call(lambda: self._spool.secure(_samples(moved), sequence))
        except (sqlite3.Error, OSError) as error:
            self._fresh[:0] = moved
            self._held += sum(map(len, moved))
            if is_full(error):
                raise NoSpace(f"{self._path}: no space for what the history store has not taken") from error
            await self._replace_spool(error, sequence)
        finally:
            self._leaving = []
        self._secured = max(self._secured, sequence)
        self._gaps = await self._call(self._spool.gaps)

    async def _replace_spool(self, error: Exception, sequence: int) -> None:
        """A damaged spool must not stop the service: it is put aside, and what it held is a gap."""
        log.error("history_spool_damaged", file=str(self._path), error=str(error))
        first = self._spool.oldest_sequence
        await self._call(self._spool.close)
        self._spool = await self._call(lambda: self._opened(aside=True))
        if first is not None:
            await self._miss(Gap(first, self._secured, 0, UNKNOWN))
        moved, self._fresh, self._held = self._fresh, [], 0
        await self._call(lambda: self._spool.secure(_samples(moved), sequence))

    def _opened(self, aside: bool = False) -> Spool:
        try:
            if not aside:
                return Spool(self._path, self._cap)
        except sqlite3.DatabaseError as error:
            if is_full(error):
                raise
            log.error("history_spool_damaged", file=str(self._path), error=str(error))
        for suffix in ("-wal", ""):
            part = self._path.with_name(self._path.name + suffix)
            if part.exists():
                part.replace(part.with_name(f"{self._path.name}.damaged{suffix}"))
        return Spool(self._path, self._cap)

    async def _miss(self, gap: Gap) -> None:
        log.error("history_gap", first=gap.first, last=gap.last, samples=gap.samples, why=gap.why)
        await self._call(lambda: self._spool.note(gap))

    def _overflow(self) -> None:
        """No room on the disk and none in memory: the oldest go."""
        while self._held > MOST_HELD:
            gone = self._fresh[: len(self._fresh) // 2 + 1]
            del self._fresh[: len(gone)]
            count = sum(map(len, gone))
            self._held -= count
            self._lost_here += count
            first, last = gone[0][0].sequence, gone[-1][0].sequence
            log.error("history_gap", first=first, last=last, samples=count, why=OVERFLOW)

    # To the store -----------------------------------------------------------------------------------------

    async def _forward(self) -> None:
        pause = self._first_pause_s
        while True:
            outcome = await self._turn()
            if isinstance(outcome, Later):
                self._say(outcome.problem)
                if outcome.gone:
                    await self._recall()
                asked = (outcome.wait_for or 0) / SECOND
                await asyncio.sleep(max(pause, asked))
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                pause = self._first_pause_s
                if outcome is not None:
                    self._say("")
                self._confirm()

    async def _turn(self) -> Written | None:
        """One batch to the store: what waits in the spool first. None when there is nothing."""
        if self._spool.waiting:
            return await self._from_spool()
        self._pressing.clear()
        if self._held < self._batch:
            try:
                async with asyncio.timeout(GATHER_S):
                    await self._pressing.wait()
            except TimeoutError:
                pass
        return await self._from_memory() if self._fresh else None

    async def _from_spool(self) -> Written | None:
        spool = self._spool
        try:
            chunk = await self._call(spool.oldest)
            if chunk is None:
                return None
            outcome = await self._offer(chunk.samples)
            if isinstance(outcome, Stored):
                await self._call(lambda: spool.done(chunk.id, outcome.refused))
                self._remember(chunk.samples)
            return outcome
        except (sqlite3.Error, OSError, ValueError) as error:
            if spool is self._spool and not is_full(error):
                async with self._moving:
                    await self._replace_spool(error, self._secured)
            return Later(f"{self._path}: {error}")

    async def _from_memory(self) -> Written:
        self._flight, self._flight_safe = self._depart(), False
        samples = await self._call(lambda: list(_samples(self._flight)))
        outcome = await self._offer(samples)
        if isinstance(outcome, Later) and not self._flight_safe:
            self._fresh[:0] = self._flight
            self._held += sum(map(len, self._flight))
        self._flight, self._flight_safe = [], True
        if isinstance(outcome, Stored):
            self._remember(samples)
            if outcome.refused:
                await self._call(lambda: self._keep_refused(outcome.refused))
        return outcome

    def _remember(self, samples: list[Sample]) -> None:
        now = asyncio.get_running_loop().time()
        self._recent.append((now, samples))
        self._recent_count += len(samples)
        while self._recent[0][0] < now - RECENT_S or self._recent_count > RECENT:
            self._recent_count -= len(self._recent.popleft()[1])

    async def _recall(self) -> None:
        """The store died, perhaps: what it confirmed last goes to it once more, through the spool."""
        again, self._recent, self._recent_count = self._recent, deque(), 0
        if not again:
            return
        samples = chain.from_iterable(some for _, some in again)
        async with self._moving:
            try:
                await self._call(lambda: self._spool.secure(samples, self._secured))
            except (sqlite3.Error, OSError) as error:
                log.warning("history_not_repeated", samples=sum(len(s) for _, s in again), error=str(error))

    def _depart(self) -> list[Readings]:
        flight: list[Readings] = []
        count = 0
        for readings in self._fresh:
            if count >= self._batch:
                break
            flight.append(readings)
            count += len(readings)
        del self._fresh[: len(flight)]
        self._held -= count
        return flight

    async def _offer(self, samples: list[Sample]) -> Written:
        """A bug in a store is no reason to stop watching for fires."""
        try:
            return await self._store.write(samples)
        except Exception as error:
            if not self.problem:
                log.exception("history_store_failed")
            return Later(f"the history store failed: {error!r}")

    def _keep_refused(self, refused: tuple[Refused, ...]) -> None:
        try:
            self._spool.put_aside(refused)
        except sqlite3.Error as error:
            log.error("history_refused_not_kept", count=len(refused), first=refused[0], error=str(error))

    def _confirm(self) -> None:
        """Everything before what waits longest is in the store."""
        waits = [self._taken + 1]
        if self._spool.oldest_sequence is not None:
            waits.append(self._spool.oldest_sequence)
        waits += [some[0][0].sequence for some in (self._leaving, self._flight, self._fresh) if some]
        self._confirmed = min(waits) - 1

    async def _keep_cursor(self) -> None:
        while True:
            await asyncio.sleep(CURSOR_EVERY_S)
            if self._confirmed != self._noted:
                self._noted = self._confirmed
                await self._note(self._noted)

    def _say(self, problem: str) -> None:
        if bool(problem) != bool(self.problem):
            if problem:
                log.warning("history_store_away", problem=problem)
            else:
                log.info("history_store_back")
        self.problem = problem

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _samples(readings: Iterable[Readings]) -> Iterable[Sample]:
    for one in chain.from_iterable(readings):
        if not int(one.trust) & _DUPLICATE:
            value = one.value
            if value is not None and not math.isfinite(value):
                value = None
            yield Sample(one.device_id, one.quantity, one.measured_at, value, int(one.trust), one.sequence)
