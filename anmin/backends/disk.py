"""What a disk can do to us: two kinds of failure with opposite answers, how much room is left, the reserve.

No space: nothing was written, what is on disk is good, the process stays up. Everything else that a write or
an fsync says: what is on disk is unknown, the process stops without another word (reliability P4, P5).
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

RESERVE_BYTES = 8 << 20
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_BLOCK = 1 << 20
_POSTGRES_DISK_FULL = "53100"
_POSTGRES_BROKEN = ("58", "XX001", "XX002")  # beginnings: its system failed it; data or index are damaged
_POSTGRES_PASSING = frozenset({"57014", "40001", "40P01"})  # cancelled, serialization, deadlock: all undone
_POSTGRES_READ_ONLY = "25006"  # it has become a standby under us
_STATEMENT_ONLY = frozenset(  # SQLite result codes that blame the statement or its interruption, not the disk
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_ABORT,
    }
)


class NoSpace(OSError):
    """Nothing was written; try again when there is room."""


class DiskBroken(OSError):
    """What is on disk is unknown: stop, and read it again at the next start."""


def is_full(error: BaseException) -> bool:
    """No space, as SQLite, PostgreSQL or the kernel say it."""
    if isinstance(error, NoSpace):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_FULL
    if isinstance(cause, OSError):
        return cause.errno in _NO_SPACE
    return _sqlstate(cause) == _POSTGRES_DISK_FULL


def is_broken(error: BaseException) -> bool:
    """The medium or the connection failed; a wrong statement is a bug and is neither full nor broken."""
    if is_full(error):
        return False
    if is_lost(error):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.DatabaseError):
        code = _sqlite_code(cause)
        return code is not None and code not in _STATEMENT_ONLY
    return isinstance(cause, OSError) or _sqlstate(cause).startswith(_POSTGRES_BROKEN)


def is_lost(error: BaseException) -> bool:
    """The database server went away, or will not be written to any more; what was committed is there."""
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or _sqlstate(error.orig) == _POSTGRES_READ_ONLY
    )


def is_passing(error: BaseException) -> bool:
    """A database server undid the transaction for a reason that is over when it is done again."""
    return isinstance(error, DBAPIError) and _sqlstate(error.orig) in _POSTGRES_PASSING


def _sqlstate(cause: BaseException | None) -> str:
    return getattr(cause, "sqlstate", None) or ""


def _sqlite_code(error: sqlite3.Error) -> int | None:
    """The primary result code; None for what Python's own module raises (wrong thread, wrong binding)."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def sync_folder(folder: Path) -> None:
    """Make a created, renamed or deleted name durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Space(NamedTuple):
    """Bytes an unprivileged process may still write, and the size of the file system."""

    free: int
    total: int

    @classmethod
    def of(cls, folder: Path) -> Space:
        found = os.statvfs(folder)
        return cls(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


class Reserve:
    """A file whose only use is to be deleted: what it gives back is the alarms' last room on a full disk."""

    def __init__(self, path: Path, size: int = RESERVE_BYTES) -> None:
        self._path = path
        self.size = size
        self.present = False
        self._adopt()

    def _adopt(self) -> None:
        try:
            self.present = self._path.stat().st_size == self.size
        except FileNotFoundError:
            return
        if not self.present:
            self._path.unlink()

    def make(self) -> bool:
        """Write it if it is not there; False (and nothing left behind) when there is no room."""
        if self.present:
            return True
        try:
            with self._path.open("wb") as file:
                block = os.urandom(_BLOCK)  # a compressing file system would give no room for zeros
                for start in range(0, self.size, _BLOCK):
                    file.write(block[: self.size - start])
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self._path.unlink(missing_ok=True)
            if is_full(error):
                return False
            raise
        self.present = True
        return True

    def release(self) -> bool:
        """Give the room back; False when it was not there."""
        if not self.present:
            return False
        self.present = False
        self._path.unlink(missing_ok=True)
        return True
