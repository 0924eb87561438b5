"""All segments together: a start after any crash finds the right one to go on in, or says what is missing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anmin.backends.segment import Held, Live, LogDamaged, create, inspect
from anmin.backends.shelf import Shelf
from devices.instant import HOUR
from tests.unit.anmin.backends.test_segment import rows


def opened(folder: Path) -> Shelf:
    failures: list[Exception] = []
    return Shelf(folder, failures.append)


def filled(folder: Path, number: int, first: int, count: int, *, sealed: bool) -> Held:
    segment = Live(number, create(folder, number))
    segment.append(rows(first, count))
    if sealed:
        return segment.seal()
    segment.close()
    return inspect(number, segment.path)


def soon(true: Callable[[], bool]) -> None:
    """The keeper works on its own thread."""
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "the keeper did not get there"
        time.sleep(0.005)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.db"))


def test_empty_folder_gets_its_first_and_its_next_segment(tmp_path: Path) -> None:
    shelf = opened(tmp_path)
    soon(lambda: names(tmp_path) == ["00000001.db", "00000002.db"])
    assert (shelf.first, shelf.live.number) == (1, 1)
    shelf.close()


def test_full_segment_is_left_for_the_next_and_sealed(tmp_path: Path) -> None:
    shelf = opened(tmp_path)
    soon(lambda: len(names(tmp_path)) == 2)
    shelf.live.append(rows(1, 3))
    shelf.roll_when_due(at=30, roll_bytes=10**9, roll_for=HOUR)
    assert shelf.live.number == 1
    shelf.roll_when_due(at=30, roll_bytes=1, roll_for=HOUR)
    assert shelf.live.number == 2
    soon(lambda: inspect(1, tmp_path / "00000001.db").sealed)
    soon(lambda: len(names(tmp_path)) == 3)
    assert [record.sequence for record in shelf.read(0, 9, 9).result(5)] == [1, 2, 3]
    assert shelf.read(3, 9, 9).result(5) == []
    shelf.close()


def test_empty_segment_is_not_rolled_however_old(tmp_path: Path) -> None:
    shelf = opened(tmp_path)
    soon(lambda: len(names(tmp_path)) == 2)
    shelf.roll_when_due(at=10 * HOUR, roll_bytes=1, roll_for=HOUR)
    assert shelf.live.number == 1
    shelf.close()


def test_crash_before_sealing_is_made_good(tmp_path: Path) -> None:
    filled(tmp_path, 1, 1, 5, sealed=False)
    filled(tmp_path, 2, 6, 5, sealed=False)
    shelf = opened(tmp_path)
    assert (shelf.live.number, shelf.first) == (2, 1)
    shelf.close()
    assert inspect(1, tmp_path / "00000001.db").sealed


def test_crash_between_rolling_and_the_first_record_goes_on_in_the_old_one(tmp_path: Path) -> None:
    filled(tmp_path, 1, 1, 5, sealed=False)
    create(tmp_path, 2)
    shelf = opened(tmp_path)
    assert shelf.live.number == 1
    shelf.close()


def test_sealed_segment_is_never_written_again(tmp_path: Path) -> None:
    filled(tmp_path, 1, 1, 5, sealed=True)
    create(tmp_path, 2)
    shelf = opened(tmp_path)
    assert shelf.live.number == 2
    assert [record.sequence for record in shelf.newest(3)] == [3, 4, 5]
    shelf.close()


def test_segment_missing_in_the_middle_is_refused_by_name(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        filled(tmp_path, number, 5 * number - 4, 5, sealed=True)
    create(tmp_path, 4)
    (tmp_path / "00000002.db").unlink()
    with pytest.raises(LogDamaged, match=r"00000002\.db: this segment of the log is missing; restore"):
        opened(tmp_path)


def test_records_missing_between_segments_are_refused(tmp_path: Path) -> None:
    filled(tmp_path, 1, 1, 5, sealed=True)
    filled(tmp_path, 2, 7, 5, sealed=False)
    with pytest.raises(LogDamaged, match="begins with record 7, but the one before it ends with 5"):
        opened(tmp_path)


def test_missing_newest_segment_is_refused(tmp_path: Path) -> None:
    filled(tmp_path, 1, 1, 5, sealed=True)
    with pytest.raises(LogDamaged, match=r"00000002\.db: the newest segment of the log is missing"):
        opened(tmp_path)


def test_what_found_no_room_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def full_once(folder: Path, number: int) -> Path:
        tries.append(number)
        if len(tries) == 1:
            raise OSError(28, "No space left on device")
        return create(folder, number)

    filled(tmp_path, 1, 1, 5, sealed=False)
    monkeypatch.setattr("anmin.backends.shelf.create", full_once)
    failures: list[Exception] = []
    shelf = Shelf(tmp_path, failures.append)
    soon(lambda: tries == [2])
    shelf.roll_when_due(at=1, roll_bytes=1, roll_for=1)  # there is no next one: it goes on in this one
    assert shelf.live.number == 1
    shelf.retry()
    soon(lambda: len(names(tmp_path)) == 2)
    shelf.close()
    assert failures == []


def test_other_failures_of_the_keeper_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path, number: int) -> Path:
        raise OSError(5, "Input/output error")

    filled(tmp_path, 1, 1, 5, sealed=False)
    monkeypatch.setattr("anmin.backends.shelf.create", broken)
    failures: list[Exception] = []
    shelf = Shelf(tmp_path, failures.append)
    soon(lambda: len(failures) == 1)
    shelf.close()


def test_trimming_removes_the_oldest_first_and_never_the_live_one(tmp_path: Path) -> None:
    for number in (1, 2):
        filled(tmp_path, number, 5 * number - 4, 5, sealed=True)
    filled(tmp_path, 3, 11, 5, sealed=False)
    shelf = opened(tmp_path)
    shelf.trim(6)
    soon(lambda: shelf.first == 6)
    shelf.trim(10**9)
    soon(lambda: shelf.first == 11)
    assert "00000003.db" in names(tmp_path)
    shelf.close()


def test_a_segment_within_its_retention_stays_whatever_nobody_needs(tmp_path: Path) -> None:
    for number in (1, 2):
        filled(tmp_path, number, 5 * number - 4, 5, sealed=True)
    filled(tmp_path, 3, 11, 5, sealed=False)
    os.utime(tmp_path / "00000001.db", (1_000, 1_000))
    shelf = opened(tmp_path)
    shelf.trim(10**9, sealed_until=2_000 * 1_000_000)
    soon(lambda: shelf.first == 6)
    assert "00000002.db" in names(tmp_path)
    shelf.close()
