"""What admission, engine and desk knew at one sequence, so that a start replays minutes instead of years.

Only what changed is written, and all of it in one transaction together with its sequence: a crash leaves the
snapshot before or the snapshot after. The file has one connection, used on one thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from anmin.backends.disk import DiskBroken, NoSpace, is_full
from anmin.codec import dump

FORMAT = 1
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0")
_SLICE_S = 0.002
_SLICE_MOST = 200  # values, for a loop whose clock stands still
_SCHEMA = """
BEGIN;
CREATE TABLE entry (
  room TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (room, key)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
"""
_PUT = "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (room, key) DO UPDATE SET body = excluded.body"
_DROP = "DELETE FROM entry WHERE room = ? AND key = ?"
_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_VERSION = "version."


class SnapshotUnusable(Exception):
    """The file is damaged or of a later version; without it the log is replayed from its start."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(path, what)
        self.path = path
        self.what = what

    def __str__(self) -> str:
        do = "run the version that wrote it, or move the file away to replay the log"
        return f"{self.path}: {self.what}; {do}"


class Snapshot(NamedTuple):
    """`rooms`: JSON texts by room and key. `clean`: the process had finished everything up to `sequence`."""

    sequence: int
    rooms: dict[str, list[tuple[str, str]]]
    versions: dict[str, str]
    clean: bool


class SnapshotStore:
    """Raises SnapshotUnusable when the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._worker = ThreadPoolExecutor(1, "snapshot")
        self._order = asyncio.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # first: a shared index needs room
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, FORMAT):
                raise SnapshotUnusable(
                    path, f"the snapshot has format {version}, this version reads {FORMAT}"
                )
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
            if version != FORMAT:  # a start must not need room on a full disk
                self._connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise SnapshotUnusable(path, f"the snapshot cannot be read ({error})") from error

    def load(self) -> Snapshot | None:
        """What was written last; None when nothing was. Before the first `write`."""
        try:
            meta = dict(self._connection.execute("SELECT key, value FROM meta"))
            rows = self._connection.execute("SELECT room, key, body FROM entry ORDER BY room, key").fetchall()
        except sqlite3.Error as error:
            raise SnapshotUnusable(self._path, f"the snapshot cannot be read ({error})") from error
        if "sequence" not in meta:
            return None
        rooms: dict[str, list[tuple[str, str]]] = {}
        for room, key, body in rows:
            rooms.setdefault(room, []).append((key, body))
        versions = {
            key.removeprefix(_VERSION): value for key, value in meta.items() if key.startswith(_VERSION)
        }
        return Snapshot(int(meta["sequence"]), rooms, versions, meta["clean"] == "1")

    async def write(
        self,
        sequence: int,
        changes: Mapping[str, Iterable[tuple[str, object | None]]],
        versions: Mapping[str, str],
        *,
        clean: bool = False,
        whole: bool = False,
    ) -> None:
        """Change the snapshot to be that of `sequence`: (key, value) by room, None deletes.

        The pairs are taken over before this first yields; values are immutable, so what happens meanwhile
        does not matter. `whole`: the changes are everything, all else is dropped. Raises NoSpace (nothing was
        written; the changes must be given again) and DiskBroken.
        """
        pairs = [(room, key, value) for room, entries in changes.items() for key, value in entries]
        async with self._order:
            put, drop = await _encode(pairs)
            meta = {"sequence": str(sequence), "clean": "1" if clean else "0"}
            meta |= {_VERSION + name: version for name, version in versions.items()}
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._worker, self._commit, put, drop, meta, whole)

    def _commit(
        self,
        put: list[tuple[str, str, str]],
        drop: list[tuple[str, str]],
        meta: dict[str, str],
        whole: bool,
    ) -> None:
        connection = self._connection
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                if whole:
                    connection.execute("DELETE FROM entry")
                    connection.execute("DELETE FROM meta")
                connection.executemany(_DROP, drop)
                connection.executemany(_PUT, put)
                connection.executemany(_META, meta.items())
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            if is_full(error):
                raise NoSpace(f"{self._path}: no space for the snapshot") from error
            raise DiskBroken(f"{self._path}: the snapshot cannot be written: {error}") from error

    async def close(self) -> None:
        async with self._order:
            await asyncio.to_thread(self._worker.shutdown)
            self._connection.close()


async def _encode(
    pairs: list[tuple[str, str, object | None]],
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """The texts to put and the keys to drop, made in slices so that the event loop never waits long."""
    put: list[tuple[str, str, str]] = []
    drop: list[tuple[str, str]] = []
    clock = asyncio.get_running_loop().time
    began, done = clock(), 0
    for room, key, value in pairs:
        if value is None:
            drop.append((room, key))
        else:
            put.append((room, key, dump(value)))
        done += 1
        if done >= _SLICE_MOST or clock() - began >= _SLICE_S:
            await asyncio.sleep(0)
            began, done = clock(), 0
    return put, drop
