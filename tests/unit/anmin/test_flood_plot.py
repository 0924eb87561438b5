"""The plot and the page of a replay of floods."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from anmin.flood_plot import repeated, svg, write
from anmin.flood_report import FloodReport
from tests.unit.anmin.test_flood_report import line

REPORT = FloodReport((line(told=0), line(told=600, plain=3), line(told=None, raises=0)), 7)


def test_the_curve_steps_at_each_delay_and_stays_below_the_top_for_a_missed_flood() -> None:
    steps = re.findall(r"H([\d.]+)V([\d.]+)", svg(REPORT))
    assert steps == [("250.0", "180.0"), ("350.0", "110.0")]


def test_a_delay_beyond_the_window_lies_on_its_edge() -> None:
    steps = re.findall(r"H([\d.]+)V", svg(FloodReport((line(told=600 + 3600),), 1)))
    assert steps == ["400.0"]


def test_bars_count_what_came_beyond_the_first() -> None:
    assert repeated(REPORT.deep, lambda one: one.plain_raises) == pytest.approx(200 / 3)
    assert repeated(REPORT.deep, lambda one: one.raises) == 0
    assert ">66.7<" in svg(REPORT)


@pytest.mark.parametrize(("language", "word"), [("en", "plain"), ("zh", "单纯阈值")])
def test_the_plot_is_xml_in_both_languages(language: str, word: str) -> None:
    texts = [node.text or "" for node in ElementTree.fromstring(svg(REPORT, language)).iter()]
    assert word in texts


def test_a_plot_of_nothing_is_empty_and_no_error() -> None:
    assert ElementTree.fromstring(svg(FloodReport((), 0))).tag.endswith("svg")


def test_the_page_holds_the_figures_and_shows_the_plot(tmp_path: Path) -> None:
    page, picture = write(REPORT, tmp_path / "new")
    text = page.read_text(encoding="utf-8")
    assert "Missed: **1**" in text
    assert f"({picture.name})" in text
    assert "| all | 3 | 1 |" in text
    assert "False alarms a day" in text
    assert picture.read_text(encoding="utf-8") == svg(REPORT)
