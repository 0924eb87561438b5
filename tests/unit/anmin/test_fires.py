"""Recorded fires: the file, the usual detectors, the report."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from anmin.fires import (
    FILE,
    Fire,
    FireLine,
    FireReport,
    RecordingInvalid,
    find,
    fixed_s,
    group_of,
    read,
    rise_s,
    table,
)

HEAD = "experiment,t_s,ceil_A,ceil_B,ceil_C,ceil_D,o2"
LINE = FireLine("RedAccent_Open_1", "chair, door open", 100, 61, 58, 58.05, 68, 68.02, 20.0)


def written(folder: Path, *lines: str, head: str = HEAD) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / FILE, "wt", encoding="utf-8") as file:
        file.write("\n".join((head, *lines)) + "\n")
    return folder


def room(*series: Iterable[float | None], first_s: int = -2) -> Fire:
    """One fire whose quadrants are the given ones, and cold where none is given."""
    given = [tuple(one) for one in series]
    cold = tuple(20.0 for _ in given[0])
    return Fire("RedAccent_Open_1", first_s, tuple([*given, cold, cold, cold, cold][:4]))


# The file ---------------------------------------------------------------------------------------------------


def test_a_fire_is_four_series_by_the_second(tmp_path: Path) -> None:
    (fire,) = read(written(tmp_path, "x,-1,20,21,22,23,9", "x,0,24,25,26,27,9", "x,1,28,29,30,31,9"))
    assert fire == Fire("x", -1, ((20, 24, 28), (21, 25, 29), (22, 26, 30), (23, 27, 31)))
    assert (fire.first_s, fire.last_s) == (-1, 1)
    assert fire.at(1) == (28, 29, 30, 31)


def test_seconds_without_a_line_and_cells_without_a_value_are_silent(tmp_path: Path) -> None:
    (fire,) = read(written(tmp_path, "x,-2,20,,22,23,", "x,1,28,29,30,31,"))
    assert fire.at(-2) == (20, None, 22, 23)
    assert fire.at(-1) == fire.at(0) == (None, None, None, None)


def test_experiments_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [f"{name},{t},20,20,20,20," for name in ("b", "a") for t in (-1, 1)]
    assert [fire.name for fire in read(written(tmp_path, *rows))] == ["b", "a"]


@pytest.mark.parametrize("below", ["", "fsri_fires", "sets/fsri_fires", "data/sets/fsri_fires"])
def test_the_file_is_found_in_its_folder_and_in_those_above(tmp_path: Path, below: str) -> None:
    written(tmp_path / below)
    assert find(tmp_path) == tmp_path / below / FILE


def test_a_folder_without_recordings_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match=r"holds no compact_dev\.csv\.gz: give the folder"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("rows", "line", "said"),
    [
        (["x,-1,20,20,20,20,", "x,1,20,hot,20,20,"], 3, "ceil_B: 'hot' is not a number"),
        (["x,-1,20,20,20,nan,"], 2, "ceil_D: 'nan' is not finite"),
        (["x,-1,20,20"], 2, "ceil_C: the line ends before it"),
        (["x,-0.5,20,20,20,20,"], 2, "t_s: '-0.5' is not a whole second"),
        (["x,,20,20,20,20,"], 2, "t_s: '' is not a whole second"),
    ],
)
def test_a_value_that_is_none_is_named_with_its_line(
    tmp_path: Path, rows: Sequence[str], line: int, said: str
) -> None:
    with pytest.raises(RecordingInvalid) as caught:
        read(written(tmp_path, *rows))
    assert str(caught.value) == f"{tmp_path / FILE}:{line}: {said}"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "holds no experiment"),
        (["x,-1,2,2,2,2,", "x,-1,2,2,2,2,", "x,1,2,2,2,2,"], "x: a second is there twice"),
        (["x,0,2,2,2,2,", "x,1,2,2,2,2,"], "x: must begin before ignition"),
        (["x,-2,2,2,2,2,", "x,-1,2,2,2,2,"], "x: must begin before ignition and end after it"),
    ],
)
def test_a_file_that_shows_no_fire_is_refused(tmp_path: Path, rows: Sequence[str], said: str) -> None:
    with pytest.raises(RecordingInvalid, match=said):
        read(written(tmp_path, *rows))


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match="lacks the columns ceil_C, ceil_D"):
        read(written(tmp_path, head="experiment,t_s,ceil_A,ceil_B"))


def test_what_is_no_gzip_or_torn_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("experiment,t_s\n")
    with pytest.raises(RecordingInvalid, match="cannot be read as gzip of CSV"):
        read(tmp_path)
    whole = (written(tmp_path, *(f"x,{t},20,20,20,20," for t in range(-500, 500))) / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RecordingInvalid, match="cannot be read as gzip of CSV"):
        read(tmp_path)


# What usual detectors would have done -----------------------------------------------------------------------


def test_a_fixed_detector_answers_at_57_degrees_in_any_quadrant() -> None:
    assert fixed_s(room([20, 20, 20, 20, 56.9], [20, 20, 20, 57.0, 20])) == 1
    assert fixed_s(room([20, 20, 56.9])) is None


def test_a_rate_of_rise_detector_compares_with_a_minute_ago() -> None:
    slow = [20.0 + 8.2 * n / 60 for n in range(200)]
    assert rise_s(room(slow, first_s=-100)) is None
    jump = [20.0] * 100 + [28.3] * 100
    assert rise_s(room(jump, first_s=-100)) == 0


def test_before_a_minute_is_recorded_no_rise_is_known() -> None:
    hot_at_once = [20.0, *([90.0] * 80)]
    assert rise_s(room(hot_at_once, first_s=-1)) == 59


def test_silence_is_no_rise() -> None:
    assert rise_s(room([20.0, *([None] * 80), 90.0, 90.0], first_s=-1)) is None
    assert fixed_s(room([None, None, 60.0])) == 0


# The report -------------------------------------------------------------------------------------------------


def report(*lines: FireLine) -> FireReport:
    return FireReport(lines, 1234, 30.0, 12.5, (0.2, 1.5), {"p50": 20.0, "p99": 31.5})


def test_groups_are_named_by_what_burns_and_the_door() -> None:
    assert group_of(Fire("RedAccent_Open_Back_1", -1, ((),) * 4)) == "chair, door open"
    assert group_of(Fire("250kW_Closed_Back_1", -1, ((),) * 4)) == "gas burner, door closed"


def test_the_last_line_is_the_verdict() -> None:
    missed = replace(LINE, alarm_s=None, handed_s=None, latency_ms=None)
    early = replace(LINE, prealarm_s=-1)
    assert list(table(report(LINE)))[-1] == "missed 0, before ignition 0"
    assert list(table(report(LINE, missed, early, early)))[-1] == "missed 1, before ignition 2"


@pytest.mark.parametrize("change", [{"prealarm_s": -1}, {"alarm_s": -3}])
def test_a_pre_alarm_before_ignition_is_as_wrong_as_an_alarm(change: dict[str, int]) -> None:
    assert report(replace(LINE, **change)).before_ignition == 1  # type: ignore[arg-type] # both are seconds


def test_ignition_itself_is_not_before_it() -> None:
    assert report(replace(LINE, prealarm_s=0, alarm_s=0)).before_ignition == 0


def test_every_experiment_has_a_row_and_every_group_its_medians() -> None:
    burner = replace(LINE, experiment="100kW_Open_1", group="gas burner, door open", fixed_s=2)
    rows = list(table(report(burner, LINE, replace(LINE, experiment="RedAccent_Open_2", fixed_s=110))))
    assert [row.split()[0] for row in rows[2:5]] == ["100kW_Open_1", "RedAccent_Open_1", "RedAccent_Open_2"]
    heads = [row for row in rows if row.startswith("median")]
    assert [row[:33].strip().split("  ")[0] for row in heads] == [
        "median, chair, door open",
        "median, gas burner, door open",
        "median, all chairs",
        "median, all",
    ]
    assert "105.00" in heads[0]
    assert "1234 readings, speed 12.5 of 30 asked" in rows[-2]


def test_a_fire_that_was_missed_is_later_than_all_others_in_the_median() -> None:
    missed = replace(LINE, alarm_s=None)
    two_of_three = report(LINE, missed, missed).as_json()["medians"]["all"]
    assert two_of_three["alarm_s"] is None
    one_of_three = report(LINE, LINE, missed).as_json()["medians"]["all"]
    assert one_of_three["alarm_s"] == 68


def test_the_legend_is_there_in_both_languages() -> None:
    assert next(iter(table(report(LINE), "zh"))).startswith("点火后")
    assert next(iter(table(report(LINE), "en"))).startswith("Seconds from ignition")


def test_the_report_is_plain_json() -> None:
    plain = json.loads(json.dumps(report(LINE).as_json()))
    assert plain["missed"] == plain["before_ignition"] == 0
    assert plain["lines"][0]["experiment"] == "RedAccent_Open_1"
    assert plain["medians"]["all chairs"]["rise_s"] == 61
