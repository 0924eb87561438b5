"""One file of the log: created aside, written through exactly one connection, sealed, then only read.

A live segment is SQLite in WAL with `synchronous=FULL` and an exclusive lock: SQLite 3.7.0-3.51.2 can lose
committed writes when two connections share a WAL file, so a second one cannot even be opened. Sealing
checkpoints it and leaves WAL mode for ever; a sealed file is opened `immutable=1` and never changes again.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from anmin.backends.disk import is_full, sync_folder
from devices.instant import Instant
from ingest.message import Record, RecordKind

FORMAT = 1
_PAGE = 4096
_CHECKPOINT_BYTES = 1000 * _PAGE
_ROW_OVERHEAD = 24
_NAME = re.compile(r"(\d{8})\.db")
_PRAGMAS = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=0",  # SQLite swallows the errors of its own checkpoints; ours are seen
)
_FILE_IS_WRONG = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: no table
_KINDS = {kind.value: kind for kind in RecordKind}
_INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = "sequence, at, kind, source, topic, flags, payload"
_SCHEMA = """
BEGIN;
CREATE TABLE record (
  sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
  topic TEXT NOT NULL, flags INTEGER NOT NULL, payload BLOB NOT NULL
);
CREATE TABLE segment (sealed INTEGER NOT NULL);
INSERT INTO segment VALUES (0);
PRAGMA user_version = 1;
COMMIT;
"""

Row: TypeAlias = tuple[int, Instant, str, str, str, int, bytes]


class LogDamaged(Exception):
    """The log on disk is not what was written; the start is refused."""

    def __init__(self, path: Path, what: str, do: str) -> None:
        super().__init__(path, what, do)
        self.path = path
        self.what = what
        self.do = do

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.do}"


class Held(NamedTuple):
    """What a segment file holds; `first` and `last` are 0 when it is empty."""

    number: int
    path: Path
    sealed: bool
    first: int
    last: int


def numbered(folder: Path) -> dict[int, Path]:
    """The segment files of a folder by number, in order. Half-made ones (`*.new`) are deleted."""
    for half in folder.glob("*.new*"):
        half.unlink(missing_ok=True)
    found = ((_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return dict(sorted((int(name[1]), path) for name, path in found if name))


def create(folder: Path, number: int) -> Path:
    """Make an empty segment under another name and rename it, so that no half-made one is ever seen."""
    path = folder / f"{number:08d}.db"
    half = path.with_suffix(".new")
    connection = sqlite3.connect(half, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_SCHEMA)  # not in WAL mode yet: closing would checkpoint and say no errors
    finally:
        connection.close()
    half.rename(path)
    sync_folder(folder)
    return path


def inspect(number: int, path: Path) -> Held:
    """Look into a segment, completing what a crash left in its WAL file. Raises LogDamaged."""
    wal = path.with_name(path.name + "-wal")
    mode = "rw" if wal.exists() and wal.stat().st_size else "ro&immutable=1"
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
        )
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # else it needs room for a shared index
            return _inspect(connection, number, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise _damaged(path, error) from error


def _inspect(connection: sqlite3.Connection, number: int, path: Path) -> Held:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != FORMAT:
        raise LogDamaged(
            path, f"has format {version}, this version reads {FORMAT}", "run the version that wrote it"
        )
    (sealed,) = connection.execute("SELECT sealed FROM segment").fetchone()
    (first,) = connection.execute("SELECT coalesce(min(sequence), 0) FROM record").fetchone()
    (last,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM record").fetchone()
    return Held(number, path, bool(sealed), first, last)


def _damaged(path: Path, error: sqlite3.Error) -> Exception:
    """What the file says wrong is LogDamaged; what the disk says (no space, no I/O) stays what it is."""
    if getattr(error, "sqlite_errorcode", None) in _FILE_IS_WRONG:
        do = "restore it from a backup, or move the whole log away"
        return LogDamaged(path, f"cannot be read ({error})", do)
    return error


def read_sealed(path: Path, after: int, until: int, limit: int) -> list[Record]:
    """Records with after < sequence <= until, at most `limit`."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return list(_select(connection, after, until, limit))
    except sqlite3.Error as error:
        raise _damaged(path, error) from error
    finally:
        connection.close()


def _select(connection: sqlite3.Connection, after: int, until: int, limit: int) -> Iterator[Record]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM record WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?",  # noqa: S608 a constant
        (after, until, limit),
    )
    for sequence, at, kind, source, topic, flags, payload in rows:
        retain, dup, queued = bool(flags & 1), bool(flags & 2), bool(flags & 4)
        yield Record(sequence, at, _KINDS[kind], source, topic, payload, retain, dup, queued)


class Live:
    """The one connection to a segment that is written. Not thread-safe: one thread owns it at a time."""

    def __init__(self, number: int, path: Path) -> None:
        self.number = number
        self.path = path
        self._unchecked = 0
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.connection.close()
            raise _damaged(path, error) from error
        self.bytes = path.stat().st_size

    def _prepare(self) -> None:
        for pragma in _PRAGMAS:
            self.connection.execute(f"PRAGMA {pragma}")
        self.first, self.first_at = self._edge("min")
        self.last, self.last_at = self._edge("max")

    def _edge(self, end: str) -> tuple[int, Instant]:
        row: tuple[int, Instant] | None = self.connection.execute(
            f"SELECT sequence, at FROM record WHERE sequence = (SELECT {end}(sequence) FROM record)"  # noqa: S608 min or max
        ).fetchone()
        return row or (0, 0)

    def check(self) -> None:
        """Raises LogDamaged when SQLite finds the file inconsistent."""
        try:
            (said,) = self.connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            raise _damaged(self.path, error) from error
        if said != "ok":
            raise LogDamaged(self.path, said, "restore it from a backup, or move the whole log away")

    def append(self, rows: list[Row]) -> None:
        """One transaction and one fsync. Raises sqlite3.Error; after a full disk nothing of it is there."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_INSERT, rows)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if is_full(error) and connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if not self.first:
            self.first, self.first_at = rows[0][0], rows[0][1]
        self.last, self.last_at = rows[-1][0], rows[-1][1]
        size = sum(len(row[6]) + len(row[4]) + _ROW_OVERHEAD for row in rows)
        self.bytes += size
        self._unchecked += size + 2 * _PAGE

    def checkpoint_when_due(self) -> None:
        """Move the WAL into the file now and then, so that it stays small. Raises sqlite3.Error."""
        if self._unchecked >= _CHECKPOINT_BYTES:
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._unchecked = 0

    def read(self, after: int, until: int, limit: int) -> list[Record]:
        return list(_select(self.connection, after, until, limit))

    def seal(self) -> Held:
        """Finish it for ever and close. Raises sqlite3.Error; it may then be tried again."""
        self.connection.execute("UPDATE segment SET sealed = 1")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (mode,) = self.connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":
            raise sqlite3.OperationalError(f"{self.path} cannot leave WAL mode ({mode})")
        self.connection.close()
        return Held(self.number, self.path, True, self.first, self.last)

    def close(self) -> None:
        """Checkpoint and close; it goes on at the next start."""
        self.connection.close()
