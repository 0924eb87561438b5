"""Recorded street floods: the file, and what a plain limit would have said."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anmin.fires import RecordingInvalid
from anmin.floods import FILE, Flood, find, plain_raises, read, threshold_s, water_s
from devices.instant import SECOND, Instant, instant

HEAD = ("sensor_id", "flood_start_time", "flood_profile_depth_inches", "flood_profile_time_secs")
BEGINS = instant(datetime(2024, 3, 1, 12, tzinfo=UTC))


def row(
    sensor: str = "s", begins: str = "2024-03-01T12:00:00.000", depths: str = "[0, 4]", at: str = "[0, 60]"
) -> tuple[str, ...]:
    return sensor, begins, depths, at


def written(folder: Path, *rows: Sequence[str], head: Sequence[str] = HEAD) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows((head, *rows))
    return folder


def flood(*depth_mm: float, sensor: str = "s", begins: Instant = BEGINS, every_s: int = 60) -> Flood:
    """One event with a sample each `every_s`."""
    return Flood(sensor, begins, tuple(range(0, len(depth_mm) * every_s, every_s)), depth_mm)


def recorded(one: Flood) -> tuple[str, ...]:
    """The row of an event."""
    begins = datetime.fromtimestamp(one.begins / SECOND, UTC).replace(tzinfo=None).isoformat()
    return row(one.sensor, begins, json.dumps([mm / 25.4 for mm in one.depth_mm]), str(list(one.seconds)))


def test_an_event_is_its_depths_in_millimetres_by_the_second(tmp_path: Path) -> None:
    (one,) = read(written(tmp_path, row(depths="[0.00, 4.00, 0.5]", at="[0, 63, 126]")))
    assert one == Flood("s", BEGINS, (0, 63, 126), (0.0, 101.6, 12.7))
    assert one.peak_mm == 101.6
    assert one.ends == BEGINS + 126 * SECOND
    assert list(one.samples())[1] == (BEGINS + 63 * SECOND, 101.6)


def test_events_come_in_the_order_of_their_begin(tmp_path: Path) -> None:
    rows = [row(begins="2024-03-02T00:00:00"), row("other"), row()]
    assert [one.sensor for one in read(written(tmp_path, *rows))] == ["other", "s", "s"]


def test_two_samples_may_share_a_second(tmp_path: Path) -> None:
    (one,) = read(written(tmp_path, row(at="[6, 6]")))
    assert one.seconds == (6, 6)


@pytest.mark.parametrize("below", ["", "floodnet", "sets/floodnet", "data/sets/floodnet"])
def test_the_file_is_found_in_the_folder_or_below(tmp_path: Path, below: str) -> None:
    written(tmp_path / below, row())
    assert find(tmp_path) == tmp_path / below / FILE


def test_a_folder_without_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match=r"holds no flood-events\.csv"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (row(depths="[0, 1, 2]"), "3 depths but 2 times"),
        (row(depths="[]", at="[]"), "holds no sample"),
        (row(depths="[0, -1]"), "not within 0 and 240 inches"),
        (row(depths="[0, 900]"), "not within 0 and 240 inches"),
        (row(depths="[0, null]"), "not a list of finite numbers"),
        (row(depths="[0, NaN]"), "not a list of finite numbers"),
        (row(depths="[0, true]"), "not a list of finite numbers"),
        (row(depths="0, 1"), "is not a list of numbers"),
        (row(depths="4"), "not a list of finite numbers"),
        (row(at="[0, 0.5]"), "not a whole second"),
        (row(at="[-1, 0]"), "not a whole second"),
        (row(at="[60, 0]"), "earlier than the one before"),
        (row(begins="yesterday"), "'yesterday' is not a date and time"),
        (row(sensor=""), "sensor_id: is empty"),
        (row(), "this event is there twice"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(tmp_path: Path, wrong: tuple[str, ...], said: str) -> None:
    with pytest.raises(RecordingInvalid) as caught:
        read(written(tmp_path, row(), wrong))
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / FILE}:3:")


def test_a_file_with_nothing_to_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match="holds no event"):
        read(written(tmp_path))
    with pytest.raises(RecordingInvalid, match="lacks the columns flood_start_time, sensor_id"):
        read(written(tmp_path, head=HEAD[2:]))
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(RecordingInvalid, match="cannot be read as CSV"):
        read(tmp_path)


def test_events_of_one_sensor_that_overlap_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match="begins before the one before it ended"):
        read(written(tmp_path, row(), row(begins="2024-03-01T12:00:30")))


def test_the_plain_limit_is_reached_by_its_first_sample() -> None:
    assert threshold_s(flood(0, 101.5, 101.6, 150)) == 120
    assert threshold_s(flood(0, 101.5)) is None
    assert water_s(flood(0, 0, 3)) == 120


def test_hysteresis_keeps_what_the_plain_limit_raises_again() -> None:
    waves = flood(0, 102, 90, 102, 101, 110, 70, 102)
    assert plain_raises(waves) == 4
    assert plain_raises(waves, off=76.2) == 2
    assert plain_raises(flood(0, 50)) == 0
