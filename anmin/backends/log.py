"""The one ordered log: SQLite segments, one writer thread, one fsync for whatever waits.

Alarms go first and are never refused: on a full disk they get the reserve file's room, and without even that
they wait in memory, unacknowledged, until there is room again. Telemetry is refused as soon as room gets low,
and waits while much that was written before it is still to be handled: an alarm does not wait, and never has
much before it.
After any other failure of a write or an fsync nothing is acknowledged any more (reliability P3-P5).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple, TypeAlias

import structlog

from anmin.backends.disk import Reserve, Space, is_full
from anmin.backends.segment import LogDamaged, Row
from anmin.backends.shelf import Shelf
from devices.instant import HOUR, SECOND, Instant, Micros
from ingest.message import Lane, Record
from ingest.ports import Append, Entry, LogBroken, LogFull, Receipt

_log = structlog.get_logger("anmin.backends")
_CHUNK = 2000
_ALARMS_A_GROUP = 1024
_LOOK_EVERY_S = 1.0
_STUCK_S = 1.0
"""Handling that stands still for so long (its ledger is away) holds up no telemetry: the log is the safer
place for it."""
_SURPLUS = 1.1  # room must exceed the limit by this before telemetry is let in again

Waiting: TypeAlias = tuple[Entry, Receipt | None, "asyncio.Future[Record] | None"]
Question: TypeAlias = tuple[int, int, "Future[list[Record]]"]


class Limits(NamedTuple):
    """`ahead`: how many records may wait to be handled before telemetry waits for them (see `handled`).

    Telemetry is refused when less than `free_ratio` of the file system is free, but never while there is
    `free_enough`, and always below `free_bytes`: a tenth of a small card is little, of a big disk a lot."""

    group: int = 256
    ahead: int = 128
    ring: int = 10_000
    roll_bytes: int = 64 << 20
    roll_for: Micros = HOUR
    free_ratio: float = 0.10
    free_enough: int = 1 << 30
    free_bytes: int = 64 << 20


_DEFAULT = Limits()


class SqliteLog:
    """ingest.ports.Log on a folder. The constructor opens, completes and checks what is there.

    `clock` is asked on the writer thread and may be replaced before `start`, for engine time must not begin
    before `last_at`. `broken` is called once, on the event loop; the process must then leave by `os._exit`,
    because closing SQLite would write again. Raises LogDamaged when files are missing or inconsistent, and
    LogFull and LogBroken for what the disk says.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], Instant],
        reserve: Reserve,
        broken: Callable[[LogBroken], None],
        limits: Limits = _DEFAULT,
        space: Callable[[Path], Space] = Space.of,
    ) -> None:
        self._folder = folder
        self.clock = clock
        self._reserve = reserve
        self._on_broken = broken
        self._limits = limits
        self._space = space
        self._loop: asyncio.AbstractEventLoop | None = None
        self._broken: LogBroken | None = None
        self._announced = False
        self._shelf = self._opened(folder)
        self._ring = deque(self._shelf.newest(limits.ring), limits.ring)
        newest = self._ring[-1] if self._ring else None
        self._sequence = self._last = newest.sequence if newest else 0
        self._at = self._last_at = newest.at if newest else 0
        self._alarms: deque[Waiting] = deque()
        self._telemetry: deque[Waiting] = deque()
        self._questions: deque[Question] = deque()
        self._group: list[Waiting] = []
        self._handled: int | None = None
        self._handled_at = 0.0
        self._in_hand = 0  # alarms in the group that is being written
        self._refused_at_door = 0
        self._refused_inside = 0
        self.refusing = False
        self._committed: Append | None = None
        self._wake = Event()
        self._idle = False
        self._closing = Event()
        self._look_due = False
        self._looked_at: Instant = 0
        self._look()
        self._writer = Thread(target=self._run, name="log-writer", daemon=True)
        self._writer.start()

    def _opened(self, folder: Path) -> Shelf:
        try:
            shelf = Shelf(folder, self._break)
            self._reserve.make()
        except (sqlite3.Error, OSError) as error:
            if is_full(error):
                raise LogFull(f"{folder}: no space to open the log; free some space") from error
            raise LogBroken(f"{folder}: the log cannot be opened: {error}; is the disk all right?") from error
        return shelf

    # On the event loop.

    def start(self, committed: Append) -> None:
        """Begin to accept entries; `committed` gets every group after its fsync, on this loop."""
        self._loop = asyncio.get_running_loop()
        self._committed = committed
        if self._broken is not None:  # before there was a loop to say it on
            self._tell(self._broke, self._broken)

    def post(self, entry: Entry, lane: Lane, receipt: Receipt | None = None) -> bool:
        """Write it; `receipt` is called after `committed`. False: refused, never to be acknowledged."""
        if self._broken is not None or self._committed is None:
            return False
        if lane is Lane.ALARM:
            self._alarms.append((entry, receipt, None))
        elif self.refusing:
            self._refused_at_door += 1
            return False
        else:
            self._telemetry.append((entry, receipt, None))
        if self._idle:
            self._wake.set()
        return True

    def append(self, entry: Entry, lane: Lane) -> asyncio.Future[Record]:
        """Write it; the future has the record after `committed`, or LogFull, or LogBroken."""
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        if self._broken is not None or self._committed is None:
            future.set_exception(self._broken or LogBroken("the log is not started"))
        elif lane is Lane.TELEMETRY and self.refusing:
            self._refused_at_door += 1
            future.set_exception(LogFull("no space for telemetry"))
        else:
            (self._alarms if lane is Lane.ALARM else self._telemetry).append((entry, None, future))
            if self._idle:
                self._wake.set()
        return future

    def handled(self, sequence: int) -> None:
        """What has been dealt with. Once this was said, telemetry keeps to `Limits.ahead`."""
        assert self._loop is not None
        self._handled, self._handled_at = sequence, self._loop.time()
        if self._idle and self._telemetry and self._room():
            self._wake.set()

    @property
    def held(self) -> int:
        """Telemetry that waits to be written, mostly for `handled`."""
        return len(self._telemetry)

    @property
    def first(self) -> int:
        """Sequence of the oldest record kept. A replay that needs an older one cannot be done."""
        return self._shelf.first

    @property
    def last(self) -> int:
        return self._last

    @property
    def last_at(self) -> Instant:
        return self._last_at

    @property
    def refused(self) -> int:
        """How many telemetry entries were not written for lack of room."""
        return self._refused_at_door + self._refused_inside

    @property
    def waiting(self) -> int:
        """Alarm-lane entries that are not on disk yet; stays above 0 only when the disk is entirely full."""
        return len(self._alarms) + self._in_hand

    async def read(self, after: int, until: int | None = None) -> AsyncIterator[Record]:
        """Records with after < sequence <= until (or the last one now). Raises LogDamaged for a gap."""
        end = self._last if until is None else min(until, self._last)
        while after < end:
            chunk = await self._chunk(after, end)
            if not chunk or chunk[0].sequence != after + 1:
                oldest = f"record {after + 1} is not there; the oldest kept is {self.first}"
                raise LogDamaged(self._folder, oldest, "read from there, or restore a backup")
            for record in chunk:
                yield record
            after = chunk[-1].sequence

    async def _chunk(self, after: int, end: int) -> list[Record]:
        if self._ring and self._ring[0].sequence <= after + 1:
            start = after + 1 - self._ring[0].sequence
            return list(islice(self._ring, start, min(start + _CHUNK, start + end - after)))
        for _ in range(2):  # twice, for the segment may be rolled between the two questions
            kept = await asyncio.wrap_future(self._shelf.read(after, end, _CHUNK))
            if kept:
                return kept
            live = await self._ask(after, end)
            if live and live[0].sequence == after + 1:
                return live
        return []

    async def _ask(self, after: int, end: int) -> list[Record]:
        """What the live segment holds; only the writer thread may look."""
        if not self._writer.is_alive():
            raise LogBroken(f"{self._folder}: the log is closed")
        answer: Future[list[Record]] = Future()
        self._questions.append((after, end, answer))
        self._wake.set()
        return await asyncio.wrap_future(answer)

    def trim(self, before: int, sealed_until: Instant | None = None) -> None:
        """Delete segments that end before this sequence and were sealed by then, in the background."""
        self._shelf.trim(before, sealed_until)

    async def close(self) -> None:
        """Write what waits (if there is room), then close. What was not written was never acknowledged."""
        self._closing.set()
        self._wake.set()
        await asyncio.to_thread(self._writer.join)
        if self._broken is None:
            await asyncio.to_thread(self._shelf.close)
        await asyncio.sleep(0)
        self._fail(self._take_all(), LogFull("closed before there was room"))

    def _landed(self, records: list[Record], group: list[Waiting]) -> None:
        if self._broken is not None:  # durable, but nobody may hear of it after the failure (P4)
            self._fail(group, self._broken)
            return
        assert self._committed is not None
        self._last, self._last_at = records[-1].sequence, records[-1].at
        self._ring.extend(records)
        self._committed(records)
        for record, (_, receipt, future) in zip(records, group, strict=True):
            if receipt is not None:
                receipt()
            if future is not None and not future.done():
                future.set_result(record)

    def _broke(self, error: LogBroken) -> None:
        if self._announced:
            return
        self._announced = True
        self._on_broken(error)
        self._fail([*self._group, *self._take_all()], error)

    def _take_all(self) -> list[Waiting]:
        left = [*self._alarms, *self._telemetry]
        self._alarms.clear()
        self._telemetry.clear()
        return left

    @staticmethod
    def _fail(group: list[Waiting], error: OSError) -> None:
        for _, _, future in group:
            if future is not None and not future.done():
                future.set_exception(error)

    # On the writer thread.

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        except Exception as error:
            self._break(error)
        while self._questions:
            self._questions.popleft()[2].set_exception(LogBroken(f"{self._folder}: the log is closed"))

    def _turn(self) -> bool:
        self._answer()
        if self._look_due or self.clock() - self._looked_at >= SECOND:
            self._look()
        alarms, telemetry = self._take()
        if alarms or telemetry:
            return self._write(alarms, telemetry)
        if self._closing.is_set():
            return False
        self._rest()
        return self._broken is None

    def _rest(self) -> None:
        self._wake.clear()
        self._idle = True
        due = self._alarms or (self._telemetry and self._room())
        if not (due or self._questions or self._closing.is_set()):
            self._look_due = not self._wake.wait(_LOOK_EVERY_S)
        self._idle = False

    def _take(self) -> tuple[list[Waiting], list[Waiting]]:
        if self.refusing and self._telemetry:
            self._refuse(_pop(self._telemetry, len(self._telemetry)))
        self._in_hand = min(len(self._alarms), _ALARMS_A_GROUP)
        return _pop(self._alarms, self._in_hand), _pop(self._telemetry, self._room())

    def _room(self) -> int:
        """How much telemetry may be written now; few at a time would cost an fsync each."""
        ahead, handled, loop = self._limits.ahead, self._handled, self._loop
        if handled is None or loop is None or self._closing.is_set():
            return self._limits.group
        if loop.time() - self._handled_at >= _STUCK_S:
            return self._limits.group
        free = ahead - (self._sequence - handled)
        return free if free >= ahead // 2 else 0

    def _write(self, alarms: list[Waiting], telemetry: list[Waiting]) -> bool:
        """Commit one group; False when it is time to stop."""
        self._group = [*alarms, *telemetry]
        try:
            self._commit(self._group)
        except sqlite3.Error as error:
            if not is_full(error):
                raise
            self._group = []
            self._refuse(telemetry)
            return self._make_room(alarms)
        self._group = []
        self._tend()
        return self._broken is None

    def _commit(self, group: list[Waiting]) -> None:
        at = max(self._at, self.clock())
        sequence = self._sequence
        records: list[Record] = []
        rows: list[Row] = []
        for (kind, source, topic, payload, retain, dup, queued), _, _ in group:
            sequence += 1
            records.append(Record(sequence, at, kind, source, topic, payload, retain, dup, queued))
            flags = retain | dup << 1 | queued << 2
            rows.append((sequence, at, kind._value_, source, topic, flags, payload))
        self._shelf.live.append(rows)
        self._sequence, self._at = sequence, at
        self._in_hand = 0
        self._tell(self._landed, records, group)

    def _make_room(self, alarms: list[Waiting]) -> bool:
        self._refuse_from_now("full")
        self._alarms.extendleft(reversed(alarms))
        self._in_hand = 0
        if not alarms:
            return True
        if self._reserve.release():
            _log.error("log.reserve_released", alarms=len(alarms), do="free some space now")
            return True
        self._look_due = True
        return not self._closing.wait(_LOOK_EVERY_S)

    def _tend(self) -> None:
        if not self.refusing:
            self._checkpoint()
        self._shelf.roll_when_due(self._at, self._limits.roll_bytes, self._limits.roll_for)

    def _checkpoint(self) -> None:
        try:
            self._shelf.live.checkpoint_when_due()
        except sqlite3.Error as error:
            if not is_full(error):
                raise
            self._refuse_from_now("full")

    def _look(self) -> None:
        """Once a second: is there room, is the reserve whole, is anything left undone?"""
        self._look_due = False
        self._looked_at = self.clock()
        space = self._space(self._folder)
        limits = self._limits
        low = max(min(space.total * limits.free_ratio, limits.free_enough), limits.free_bytes)
        if not self.refusing and (space.free < low or not self._reserve.present):
            self._refuse_from_now("low", free=space.free, limit=int(low))
        elif self.refusing and self._has_room(space.free, low):
            self.refusing = False
            _log.info("log.accepting_telemetry", free=space.free, refused=self.refused)
        self._checkpoint()
        self._shelf.retry()

    def _has_room(self, free: int, low: float) -> bool:
        need = low * _SURPLUS + (0 if self._reserve.present else self._reserve.size)
        return free >= need and self._reserve.make()

    def _refuse_from_now(self, why: str, **facts: object) -> None:
        if not self.refusing:
            self.refusing = True
            _log.error("log.refusing_telemetry", why=why, folder=str(self._folder), **facts)

    def _refuse(self, group: list[Waiting]) -> None:
        self._refused_inside += len(group)
        if any(future is not None for _, _, future in group):
            self._tell(self._fail, group, LogFull("no space for telemetry"))

    def _answer(self) -> None:
        while self._questions:
            after, until, answer = self._questions.popleft()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(self._shelf.live.read(after, until, _CHUNK))
            except sqlite3.Error as error:
                answer.set_exception(error)
                raise

    def _break(self, error: Exception) -> None:
        """Also on the keeper thread. Nothing is handed on from here."""
        if self._broken is None:
            self._broken = LogBroken(f"{self._folder}: the log cannot be written: {error}")
            _log.critical("log.broken", folder=str(self._folder), error=str(error))
            self._tell(self._broke, self._broken)

    def _tell(self, what: Callable[..., None], *facts: object) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(what, *facts)


def _pop(queue: deque[Waiting], most: int) -> list[Waiting]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]
