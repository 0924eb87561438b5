"""The CSV of readings: a stream, in order, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.backtest.mistakes import SHOWN, InputInvalid
from anmin.backtest.table import Table
from anmin.finding import Finding
from devices.instant import SECOND, rfc3339
from devices.reading import Reading, Trust
from tests.support.community import T0, inventory

HEAD = "at,device,quantity,value"


def at(seconds: float) -> str:
    return rfc3339(T0 + round(seconds * SECOND))


def written(folder: Path, *lines: str, heading: str = HEAD) -> Path:
    path = folder / "readings.csv"
    path.write_text("\n".join((heading, *lines)) + "\n", encoding="utf-8")
    return path


def wrong(path: Path) -> list[Finding]:
    with pytest.raises(InputInvalid) as caught:
        list(Table(path, inventory()))
    return list(caught.value.findings)


def values(path: Path) -> list[float | None]:
    return [reading.value for reading in Table(path, inventory())]


def test_a_line_is_a_reading(tmp_path: Path) -> None:
    path = written(tmp_path, f"{at(1)},level-1,water_level_mm,12.5")
    then = T0 + SECOND
    assert [*Table(path, inventory())] == [
        Reading("level-1", "water_level_mm", 12.5, then, then, Trust.NONE, 2)
    ]


def test_columns_may_stand_in_any_order_beside_others_and_in_quotes(tmp_path: Path) -> None:
    line = f'note,"12.5",level-1,water_level_mm,"{at(1)}"'
    path = written(tmp_path, line, heading="\ufeffremark,Value,device,quantity,at")
    assert values(path) == [12.5]


def test_alarms_are_words_or_digits_and_a_sensor_may_not_know(tmp_path: Path) -> None:
    words = ("true", "FALSE", "1", "0", "unknown", "")
    path = written(tmp_path, *(f"{at(i)},smoke-101,smoke_alarm,{word}" for i, word in enumerate(words)))
    assert values(path) == [1, 0, 1, 0, None, None]


def test_lines_a_little_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"{at(t)},level-1,water_level_mm,{t}" for t in (10, 70, 75, 20, 200, 150)))
    assert values(path) == [10, 20, 70, 75, 150, 200]


def test_a_line_far_out_of_order_is_named_once_and_told_to_sort(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"{at(t)},level-1,water_level_mm,1" for t in (0, 100, 39, 38)))
    (found,) = wrong(path)
    assert (found.line, found.code) == (4, "order")
    assert "sort" in found.en
    assert "排序" in found.zh


def test_every_mistake_is_told_with_line_and_column(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "2026-11-23T03:10:00,level-1,water_level_mm,1",
        f"{at(1)},levle-1,water_level_mm,1",
        f"{at(2)},level-1,water_mm,1",
        f"{at(3)},level-1,water_level_mm,deep",
        f"{at(4)},smoke-101,smoke_alarm,2",
        f"{at(5)},level-1",
        f"{at(6)},level-1,water_level_mm,nan",
    )
    found = wrong(path)
    stamp = len(at(1)) + 2
    assert [(one.line, one.column, one.code) for one in found] == [
        (2, 1, "time"),
        (3, stamp, "device"),
        (4, stamp + 8, "quantity"),
        (5, stamp + 23, "value"),
        (6, stamp + 22, "value"),
        (7, 1, "fields"),
        (8, stamp + 23, "value"),
    ]
    assert "level-1" in found[1].en
    assert "water_level_mm" in found[2].en


def test_an_unknown_device_is_told_once(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"{at(t)},x{t % 2},water_level_mm,1" for t in range(50)))
    assert [one.line for one in wrong(path)] == [2, 3]


def test_after_a_mistake_nothing_more_is_yielded(tmp_path: Path) -> None:
    lines = [f"{at(t)},level-1,water_level_mm,{'?' if t == 300 else t}" for t in range(0, 1000, 50)]
    heard: list[float | None] = []
    with pytest.raises(InputInvalid):
        heard.extend(reading.value for reading in Table(written(tmp_path, *lines), inventory()))
    assert heard == [0, 50, 100, 150]


def test_only_the_first_mistakes_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"{at(t)},level-1,water_level_mm,?" for t in range(SHOWN + 7)))
    found = wrong(path)
    assert len(found) == SHOWN + 1
    assert found[-1].en.startswith("and 7 more")
    assert " 7 " in found[-1].zh


def test_a_heading_without_a_column_says_how_it_should_read(tmp_path: Path) -> None:
    (found,) = wrong(written(tmp_path, heading="time,device,value"))
    assert "lacks at, quantity" in found.en
    assert HEAD in found.en


def test_a_file_of_nothing_is_a_mistake_and_one_of_a_heading_is_not(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    assert wrong(empty)[0].code == "heading"
    assert values(written(tmp_path)) == []


def test_a_span_takes_its_begin_and_not_its_end(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"{at(t)},level-1,water_level_mm,{t}" for t in range(5)))
    table = Table(path, inventory(), since=T0 + SECOND, until=T0 + 3 * SECOND)
    assert [reading.value for reading in table] == [1, 2]
    assert table.progress.share > 0.9
