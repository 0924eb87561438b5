"""The report for people: both languages, and never longer than a screen a table."""

from __future__ import annotations

from dataclasses import replace

from anmin.backtest.table_text import ROWS, lines
from anmin.backtest.truth import Truth
from devices.instant import HOUR
from devices.level import Hazard
from tests.support.community import T0
from tests.support.rulebook import reading
from tests.unit.anmin.backtest.test_report import FLOOD
from tests.unit.anmin.backtest.test_run import ran, rising, rule


def text(language: str, *truths: Truth) -> str:
    report = ran(rule(100), rising(), [FLOOD, *truths], rule(150))
    return "\n".join(lines(replace(report, notes=(("未评", "not judged"),)), language))


def test_the_figures_stand_in_both_languages() -> None:
    missed = Truth(T0, T0 + HOUR, "c.underpass", Hazard.FLOOD)
    zh, en = text("zh", missed), text("en", missed)
    assert "读数 420，设备 1" in zh
    assert "420 readings of 1 devices" in en
    assert "真实事件 2 起：报出 1，漏报 1" in zh
    assert "real events 2: 1 told, 1 missed" in en
    assert "not judged" in en
    assert "未评" in zh
    assert "rules sooner 1" in en
    assert "规则更早 1" in zh


def test_a_missed_event_stands_first() -> None:
    said = text("en", Truth(T0 + HOUR, T0 + HOUR, "c.underpass", Hazard.FLOOD))
    assert said.index("missed  ") < said.index("10  ")


def test_a_long_table_is_cut_and_says_how_much_is_left() -> None:
    flutter = [
        reading("level-1", "water_level_mm", depth, 7200 * day + step)
        for day in range(ROWS + 4)
        for step, depth in enumerate((0, 200, 0))
    ]
    said = list(lines(ran(rule(100), flutter), "en"))
    assert any("... and 5 more" in line for line in said)
    assert sum("depth" in line and "c.garage" in line for line in said) == ROWS - 1


def test_no_readings_are_said_to_be_none() -> None:
    assert list(lines(ran(rule(100), []), "en")) == ["there were no readings."]
    assert list(lines(ran(rule(100), []), "zh")) == ["没有读数。"]
