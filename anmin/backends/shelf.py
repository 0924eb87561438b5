"""All segments of the log: the live one, the next made ahead, the sealed ones, and a thread that keeps them.

Two threads touch it. The writer owns `live` and calls `roll_when_due`; everything slow (making the next
segment, sealing, trimming, reading what is sealed) happens on the keeper thread, one task after the other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import pairwise, takewhile
from pathlib import Path

from anmin.backends.disk import is_full, sync_folder
from anmin.backends.segment import Held, Live, LogDamaged, create, inspect, numbered, read_sealed
from devices.instant import Instant, Micros
from ingest.message import Record

_RESTORE = "restore the log folder from a backup; to start empty, move the whole data directory away"


class Shelf:
    """`failed` is called on the keeper thread with any error that is not lack of space."""

    def __init__(self, folder: Path, failed: Callable[[Exception], None]) -> None:
        self.folder = folder
        self._failed = failed
        self._keeper = ThreadPoolExecutor(1, "log-keeper")
        self._retired: dict[int, Live] = {}
        self._undone: list[Callable[[], None]] = []
        held = _all_held(folder)
        index = _live_index(held)
        self._sealed = [one if one.sealed else _seal(one) for one in held[:index]]
        self.live = Live(held[index].number, held[index].path)
        self.live.check()
        self._ahead: Path | None = held[index + 1].path if index + 1 < len(held) else None
        if self._ahead is None:
            self._keep(self._prepare)

    @property
    def first(self) -> int:
        """Sequence of the oldest record that is kept; of the next one to come when there is none."""
        if self._sealed:
            return self._sealed[0].first
        return self.live.first or 1

    def newest(self, limit: int) -> list[Record]:
        """The last records, at most `limit` of one segment. Before the writer starts."""
        if self.live.last:
            return self.live.read(self.live.last - limit, self.live.last, limit)
        if not self._sealed:
            return []
        before = self._sealed[-1]
        return read_sealed(before.path, before.last - limit, before.last, limit)

    def roll_when_due(self, at: Instant, roll_bytes: int, roll_for: Micros) -> None:
        """Writer thread: go on in the next segment when this one is full or old, and the next is there."""
        live = self.live
        if (
            not live.last
            or (live.bytes < roll_bytes and at - live.first_at < roll_for)
            or self._ahead is None
        ):
            return
        try:
            following = Live(live.number + 1, self._ahead)
        except sqlite3.OperationalError as error:
            if is_full(error) or error.sqlite_errorcode == sqlite3.SQLITE_CANTOPEN:  # no inode, no handle
                return
            raise
        self._ahead = None
        self._retired[live.number] = live
        self.live = following
        self._keep(partial(self._seal_retired, live.number))
        self._keep(self._prepare)

    def retry(self) -> None:
        """Try again what had no room."""
        undone, self._undone = self._undone, []
        for task in undone:
            self._keep(task)

    def read(self, after: int, until: int, limit: int) -> Future[list[Record]]:
        """Records that follow `after`, of the segment that holds the next; none when that is the live one."""
        return self._keeper.submit(self._read, after, until, limit)

    def _read(self, after: int, until: int, limit: int) -> list[Record]:
        for live in self._retired.values():
            if live.first <= after + 1 <= live.last:
                return live.read(after, until, limit)
        for held in reversed(self._sealed):
            if held.first <= after + 1 <= held.last:
                return read_sealed(held.path, after, until, limit)
        return []

    def trim(self, before: int, sealed_until: Instant | None = None) -> None:
        """Delete sealed segments that end before this sequence, oldest first; only those sealed by then."""
        self._keep(partial(self._trim, before, sealed_until))

    def _trim(self, before: int, sealed_until: Instant | None) -> None:
        def goes(held: Held) -> bool:
            aged = sealed_until is None or held.path.stat().st_mtime_ns // 1000 <= sealed_until
            return aged and held.last < before

        old = list(takewhile(goes, self._sealed))
        for held in old:
            held.path.unlink(missing_ok=True)
            sync_folder(self.folder)  # oldest first on disk too, or a crash would leave a gap
        self._sealed = self._sealed[len(old) :]

    def close(self) -> None:
        """After the writer has stopped."""
        self._keeper.shutdown(wait=True)
        for live in (*self._retired.values(), self.live):
            live.close()

    def _keep(self, task: Callable[[], None]) -> None:
        self._keeper.submit(self._guarded, task)

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:
            if is_full(error):
                self._undone.append(task)
            else:
                self._failed(error)

    def _prepare(self) -> None:
        self._ahead = create(self.folder, self.live.number + 1)

    def _seal_retired(self, number: int) -> None:
        held = self._retired[number].seal()
        self._sealed = sorted([*self._sealed, held])
        del self._retired[number]


def _seal(held: Held) -> Held:
    """A segment that a crash kept from being sealed."""
    return Live(held.number, held.path).seal()


def _all_held(folder: Path) -> list[Held]:
    files = numbered(folder) or {1: create(folder, 1)}
    for one, following in pairwise(files):
        if following != one + 1:
            missing = files[one].with_name(f"{one + 1:08d}.db")
            raise LogDamaged(missing, "this segment of the log is missing", _RESTORE)
    held = [inspect(number, path) for number, path in files.items()]
    for before, after in pairwise(one for one in held if one.last):
        if after.first != before.last + 1:
            what = f"begins with record {after.first}, but the one before it ends with {before.last}"
            raise LogDamaged(after.path, what, _RESTORE)
    return held


def _live_index(held: list[Held]) -> int:
    """The highest segment with records goes on; if it is sealed, the empty one after it does."""
    index = max((index for index, one in enumerate(held) if one.last), default=0)
    if not held[index].sealed:
        return index
    if index + 1 == len(held):
        missing = held[index].path.with_name(f"{held[index].number + 1:08d}.db")
        raise LogDamaged(missing, "the newest segment of the log is missing", _RESTORE)
    return index + 1
