"""One folder, one process: the lock names who holds it, and the copies are good."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from anmin.folder import DataFolder, FolderInUse, FolderUnusable, back_up

HOLDS = """
import sys
from pathlib import Path
from anmin.folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_everything_is_inside_one_folder_for_this_user_only(tmp_path: Path) -> None:
    root = tmp_path / "a" / "data"
    folder = DataFolder(root)
    inside = [folder.log, folder.backups, folder.room("broker")]
    assert all(path.parent == root and path.is_dir() for path in inside)
    assert {folder.ledger.parent, folder.snapshot.parent} == {root}
    assert folder.ledger_url == f"sqlite:///{root}/ledger.db"
    assert [oct(path.stat().st_mode & 0o777) for path in (root, *inside)] == ["0o700"] * 4
    assert folder.space().free > 0
    folder.close()


def test_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(
            FolderInUse, match=rf"in use by process {holder.pid}; stop that one first"
        ) as caught:
            DataFolder(tmp_path)
        assert caught.value.pid == holder.pid
        holder.kill()
    DataFolder(tmp_path).close()  # the lock went with the process


def test_lock_is_given_back_on_closing(tmp_path: Path) -> None:
    first = DataFolder(tmp_path)
    with pytest.raises(FolderInUse, match=f"process {os.getpid()}"):
        DataFolder(tmp_path)
    first.close()
    DataFolder(tmp_path).close()


def test_child_processes_do_not_hold_the_lock(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        folder.close()
        DataFolder(tmp_path).close()
        child.kill()


def test_a_path_that_cannot_be_used_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        FolderUnusable, match=r"cannot be used as data directory .*give a directory on a local disk"
    ):
        DataFolder(tmp_path / "file" / "data")


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anmin.folder.sqlite3.sqlite_version_info", (3, 34, 1))
    with pytest.raises(FolderUnusable, match=r"3\.35\.0 is needed"):
        DataFolder(tmp_path)


def database(path: Path) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (7)")
    connection.close()
    return path


def test_copy_holds_what_the_original_held(tmp_path: Path) -> None:
    copy = back_up(database(tmp_path / "ledger.db"), tmp_path, "before-0002", 0)
    assert copy.name == "ledger-before-0002-19700101T000000Z.db"
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT x FROM t").fetchone() == (7,)
    connection.close()
    assert not list(tmp_path.glob("*.new"))


def test_damaged_original_gives_no_copy(tmp_path: Path) -> None:
    path = database(tmp_path / "ledger.db")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(sqlite3.DatabaseError):
        back_up(path, tmp_path, "x", 0)
    assert not list(tmp_path.glob("ledger-*.db"))
