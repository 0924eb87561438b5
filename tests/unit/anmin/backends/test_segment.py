"""One file of the log: nothing half made is seen, sealed means read-only for ever, damage is named."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from anmin.backends.disk import is_full
from anmin.backends.segment import Live, LogDamaged, Row, create, inspect, numbered, read_sealed
from ingest.message import RecordKind


def rows(first: int, count: int, size: int = 10) -> list[Row]:
    return [(n, n * 10, "message", "mqtt", "t", 0, bytes(size)) for n in range(first, first + count)]


def live(folder: Path, number: int = 1) -> Live:
    return Live(number, create(folder, number))


def test_new_segment_is_empty_and_complete(tmp_path: Path) -> None:
    path = create(tmp_path, 3)
    assert [one.name for one in tmp_path.iterdir()] == ["00000003.db"]
    assert inspect(3, path) == (3, path, False, 0, 0)


def test_half_made_segment_is_swept_away(tmp_path: Path) -> None:
    create(tmp_path, 1)
    (tmp_path / "00000002.new").write_bytes(b"half")
    (tmp_path / "00000002.new-journal").write_bytes(b"half")
    assert list(numbered(tmp_path)) == [1]
    assert [one.name for one in tmp_path.iterdir()] == ["00000001.db"]


def test_second_connection_to_a_live_segment_is_refused(tmp_path: Path) -> None:
    segment = live(tmp_path)
    segment.append(rows(1, 1))
    other = sqlite3.connect(segment.path, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("SELECT * FROM record").fetchall()
    other.close()
    segment.close()


def test_every_commit_is_synced(tmp_path: Path) -> None:
    segment = live(tmp_path)
    assert segment.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert segment.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert segment.connection.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)
    segment.close()


def test_unclosed_segment_is_completed_from_its_wal(tmp_path: Path) -> None:
    segment = live(tmp_path)
    segment.append(rows(1, 5))
    copy = tmp_path / "crashed"
    copy.mkdir()
    for file in (segment.path, Path(f"{segment.path}-wal")):
        (copy / file.name).write_bytes(file.read_bytes())
    segment.close()
    held = inspect(1, copy / segment.path.name)
    assert (held.first, held.last, held.sealed) == (1, 5, False)


def test_torn_tail_of_the_wal_is_left_out(tmp_path: Path) -> None:
    segment = live(tmp_path)
    segment.append(rows(1, 5))
    whole = Path(f"{segment.path}-wal").stat().st_size
    segment.append(rows(6, 5))
    copy = tmp_path / "torn"
    copy.mkdir()
    wal = Path(f"{segment.path}-wal").read_bytes()
    (copy / segment.path.name).write_bytes(segment.path.read_bytes())
    (copy / f"{segment.path.name}-wal").write_bytes(wal[: whole + (len(wal) - whole) // 2])
    segment.close()
    assert inspect(1, copy / segment.path.name).last == 5


def test_sealed_segment_needs_no_other_file(tmp_path: Path) -> None:
    segment = live(tmp_path)
    segment.append(rows(1, 10))
    held = segment.seal()
    assert [one.name for one in tmp_path.iterdir()] == ["00000001.db"]
    assert inspect(1, segment.path) == held == (1, segment.path, True, 1, 10)
    found = read_sealed(segment.path, 3, 8, 4)
    assert [record.sequence for record in found] == [4, 5, 6, 7]
    assert found[0].kind is RecordKind.MESSAGE


def test_group_that_finds_no_room_leaves_nothing(tmp_path: Path) -> None:
    segment = live(tmp_path)
    segment.append(rows(1, 2))
    segment.connection.execute("PRAGMA max_page_count=8")
    with pytest.raises(sqlite3.OperationalError) as caught:
        segment.append(rows(3, 50, size=2000))
    assert is_full(caught.value)
    segment.connection.execute("PRAGMA max_page_count=1000")
    segment.append(rows(3, 1))
    assert [record.sequence for record in segment.read(0, 99, 99)] == [1, 2, 3]
    segment.close()


def test_wal_is_moved_into_the_file_when_it_grows(tmp_path: Path) -> None:
    segment = live(tmp_path)
    for first in range(1, 101, 10):
        segment.append(rows(first, 10, size=50_000))
        segment.checkpoint_when_due()
    assert segment.path.stat().st_size > 4_000_000
    assert Path(f"{segment.path}-wal").stat().st_size < 6_000_000
    segment.close()


def test_damage_is_refused_with_the_file_and_what_to_do(tmp_path: Path) -> None:
    path = create(tmp_path, 1)
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(LogDamaged, match=r"00000001\.db: cannot be read .*restore it from a backup"):
        inspect(1, path)


def test_later_format_is_refused(tmp_path: Path) -> None:
    path = create(tmp_path, 1)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(LogDamaged, match="has format 9, this version reads 1"):
        inspect(1, path)


@pytest.mark.parametrize("page", [1, 3, 20])
def test_a_page_that_was_wiped_is_found(tmp_path: Path, page: int) -> None:
    segment = live(tmp_path)
    segment.append(rows(1, 300, size=500))
    segment.close()
    content = bytearray(segment.path.read_bytes())
    content[4096 * page : 4096 * (page + 1)] = bytes(4096)
    segment.path.write_bytes(content)
    with pytest.raises(LogDamaged):
        Live(1, segment.path).check()
