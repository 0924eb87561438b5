"""Telling a full disk from a broken one, and the file that is kept to be given back."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from anmin.backends.disk import NoSpace, Reserve, Space, is_broken, is_full, is_lost, is_passing


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


def wrapped(error: Exception) -> OperationalError:
    return OperationalError("INSERT", {}, error)


IOERR_FSYNC = sqlite3.SQLITE_IOERR | (4 << 8)
FULL = [sqlite_error(sqlite3.SQLITE_FULL), OSError(errno.ENOSPC, ""), OSError(errno.EDQUOT, ""), NoSpace("")]
BROKEN = [sqlite_error(IOERR_FSYNC), sqlite_error(sqlite3.SQLITE_CORRUPT), OSError(errno.EIO, "")]
NEITHER = [sqlite_error(sqlite3.SQLITE_CONSTRAINT), sqlite_error(sqlite3.SQLITE_INTERRUPT), KeyError("x")]


@pytest.mark.parametrize("error", FULL)
def test_no_space_is_full_and_not_broken(error: Exception) -> None:
    assert (is_full(error), is_broken(error)) == (True, False)


@pytest.mark.parametrize("error", BROKEN)
def test_a_failing_medium_is_broken(error: Exception) -> None:
    assert (is_full(error), is_broken(error)) == (False, True)


@pytest.mark.parametrize("error", NEITHER)
def test_a_wrong_statement_is_neither(error: Exception) -> None:
    assert (is_full(error), is_broken(error)) == (False, False)


def test_what_sqlalchemy_wraps_is_looked_into() -> None:
    assert is_full(wrapped(FULL[0]))
    assert is_broken(wrapped(BROKEN[0]))
    assert not is_broken(wrapped(NEITHER[0]))
    gone = OperationalError(
        "SELECT", {}, Exception("server closed the connection"), connection_invalidated=True
    )
    assert is_broken(gone)
    assert is_lost(gone)


class Said(Exception):
    """What PostgreSQL says, by its SQLSTATE."""

    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "verdicts"),
    [
        ("53100", {is_full}),  # disk_full
        ("58030", {is_broken}),  # io_error
        ("XX001", {is_broken}),  # data_corrupted
        ("25006", {is_broken, is_lost}),  # read_only_sql_transaction
        ("57014", {is_passing}),  # query_canceled
        ("40P01", {is_passing}),  # deadlock_detected
        ("23505", set()),  # unique_violation: a wrong statement
        (None, set()),
    ],
)
def test_postgresql_says_it_by_its_sqlstate(sqlstate: str | None, verdicts: set[object]) -> None:
    error = wrapped(Said(sqlstate))
    assert {judge for judge in (is_full, is_broken, is_lost, is_passing) if judge(error)} == verdicts


def test_a_real_full_database_is_seen_as_full(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("PRAGMA max_page_count=3")
        connection.execute("CREATE TABLE t (x BLOB)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()
    assert is_full(caught.value)


def test_space_is_that_of_the_file_system(tmp_path: Path) -> None:
    space = Space.of(tmp_path)
    assert 0 < space.free <= space.total


def test_reserve_takes_its_room_and_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "reserve"
    reserve = Reserve(path, 3_000_000)
    assert reserve.make()
    assert path.stat().st_size == 3_000_000
    assert path.stat().st_blocks * 512 >= 3_000_000  # no hole in it
    assert reserve.release()
    assert not path.exists()
    assert not reserve.release()
    assert reserve.make()


def test_reserve_of_an_earlier_run_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "reserve"
    Reserve(path, 100_000).make()
    assert Reserve(path, 100_000).present
    assert not Reserve(path, 200_000).present  # another size, or half made: made anew
    assert not path.exists()


def test_reserve_that_does_not_fit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    reserve = Reserve(tmp_path / "reserve", 100_000)
    monkeypatch.setattr("anmin.backends.disk.os.fsync", full)
    assert not reserve.make()
    assert list(tmp_path.iterdir()) == []
