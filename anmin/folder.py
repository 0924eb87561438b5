"""The data directory: one folder, one process at a time, everything that outlives a restart inside it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from anmin.backends.disk import RESERVE_BYTES, Reserve, Space, sync_folder
from devices.instant import Instant, moment

_OLDEST_SQLITE = (3, 35, 0)


class FolderUnusable(Exception):
    """The operator's to mend; the start is refused."""

    def __init__(self, path: Path, what: str, do: str) -> None:
        super().__init__(path, what, do)
        self.path = path
        self.what = what
        self.do = do

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.do}"


class FolderInUse(FolderUnusable):
    """Another process holds the lock; `pid` is None when it has not written its number yet."""

    def __init__(self, path: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            path, f"the data directory is in use by {who}", "stop that one first, or name another"
        )
        self.pid = pid


class DataFolder:
    """Open and locked until `close`; the lock also ends with the process, however it ends."""

    def __init__(self, root: Path, *, reserve_bytes: int = RESERVE_BYTES) -> None:
        """Create what is missing, readable by this user only. Raises FolderUnusable, FolderInUse."""
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            need = ".".join(map(str, _OLDEST_SQLITE))
            what = f"this Python has SQLite {sqlite3.sqlite_version}, {need} is needed"
            raise FolderUnusable(root, what, "use the Python that the bootstrap installs")
        self.root = root.absolute()
        try:
            for path in (self.root, self.log, self.backups):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _lock(self.root / "lock")
            sync_folder(self.root)
            self.reserve = Reserve(self.root / "reserve", reserve_bytes)
        except OSError as error:
            what = f"cannot be used as data directory ({error.strerror or error})"
            raise FolderUnusable(
                self.root, what, "give a directory on a local disk that this user may write"
            ) from error

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def ledger_url(self) -> str:
        """The default of the ledger's setting."""
        return f"sqlite:///{self.ledger}"

    @property
    def snapshot(self) -> Path:
        return self.root / "snapshot.db"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    def room(self, name: str) -> Path:
        """A sub-folder for one part of the application (`broker`, `history`), made if missing."""
        path = self.root / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def space(self) -> Space:
        return Space.of(self.root)

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._lock)


def _lock(path: Path) -> int:
    """Take the lock and write our number into it. The handle is not inherited by child processes."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.read(handle, 32).strip()
        os.close(handle)
        raise FolderInUse(path.parent, int(said) if said.isdigit() else None) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, b"%d\n" % os.getpid(), 0)
    return handle


def back_up(database: Path, folder: Path, why: str, at: Instant) -> Path:
    """A checked copy of a SQLite file nobody has open: `<name>-<why>-<time>.db`. Raises sqlite3.Error."""
    stamp = moment(at).strftime("%Y%m%dT%H%M%SZ")
    target = folder / f"{database.stem}-{why}-{stamp}.db"
    half = target.with_suffix(".new")
    half.unlink(missing_ok=True)
    source, copy = sqlite3.connect(database), sqlite3.connect(half)
    try:
        source.backup(copy)
        (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(f"{database} is damaged: {said}")
    finally:
        source.close()
        copy.close()
    half.rename(target)
    sync_folder(folder)
    return target
