"""All recorded street floods through the core with the shipped rules: the figures that are promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.flood_plot import markdown
from anmin.flood_replay import replay_floods
from anmin.flood_report import FloodReport, groups
from tests.support.services import ROOT, need


@pytest.fixture(scope="module")
def report() -> FloodReport:
    data = need("shared data")
    if not (data / "sets" / "floodnet").is_dir():
        pytest.skip("the shared data hold no floodnet")
    return replay_floods(data, out=print)


def test_no_flood_of_four_inches_is_missed(report: FloodReport) -> None:
    assert len(report.lines) >= 1417
    assert len(report.deep) >= 787
    assert report.missed == 0


def test_a_flood_is_hardly_ever_told_twice(report: FloodReport) -> None:
    found = dict(groups(report))["all"]
    assert found.raises <= 1.03
    assert found.raises < found.hysteresis_raises < found.plain_raises


def test_no_flood_is_told_later_than_by_a_plain_limit(report: FloodReport) -> None:
    found = dict(groups(report))["all"]
    assert found.delay_s is not None
    assert found.delay_s <= 60
    assert found.delay_max_s is not None
    assert found.delay_max_s <= 60


def test_an_alert_that_stood_already_is_a_rare_exception(report: FloodReport) -> None:
    """Otherwise the raises would be few because an alert never ends."""
    stood = [line for line in report.deep if not line.raises]
    assert len(stood) <= 0.01 * len(report.deep)


def test_the_page_of_evidence_is_what_a_replay_writes(report: FloodReport) -> None:
    page = Path(ROOT / "docs" / "evidence" / "floods.md")
    assert page.read_text(encoding="utf-8") == markdown(report)
