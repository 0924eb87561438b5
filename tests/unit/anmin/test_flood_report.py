"""The figures of a replay of floods, by groups and in words."""

from __future__ import annotations

import json

import pytest

from anmin.flood_report import FloodLine, FloodReport, groups, quantile, table


def line(
    sensor: str = "s",
    *,
    reached: int | None = 600,
    told: int | None = 500,
    raises: int = 1,
    plain: int = 1,
    hysteresis: int = 1,
    peak_mm: float = 120.0,
) -> FloodLine:
    return FloodLine(
        sensor, "2024-03-01T12:00:00Z", peak_mm, 60, reached, 60, told, None, raises, plain, hysteresis, 1
    )


def test_only_floods_that_reach_four_inches_are_counted() -> None:
    report = FloodReport((line(), line(reached=None), line(reached=None, told=None), line(told=None)), 9)
    assert (len(report.deep), report.missed, report.shallow_warned) == (2, 1, 1)
    assert list(table(report))[-1] == "missed 1, warned below 4 inches 1"


def test_a_missed_flood_counts_as_later_than_everything() -> None:
    found = dict(groups(FloodReport((line(), line(told=None), line(told=None)), 3)))["all"]
    assert (found.events, found.missed, found.delay_s, found.delay_max_s) == (3, 2, None, None)


def test_figures_are_per_flood() -> None:
    report = FloodReport((line(raises=3, plain=4, hysteresis=2), line(told=660)), 2)
    found = dict(groups(report))["all"]
    assert (found.raises, found.plain_raises, found.hysteresis_raises) == (2.0, 2.5, 1.5)
    assert (found.worst_raises, found.delay_s, found.delay_max_s) == (3, -100, 60)


def test_tenths_are_the_fastest_the_deepest_and_the_busiest() -> None:
    lines = [line(f"s{n % 10}", reached=100 * (n + 1), peak_mm=110.0 + n) for n in range(20)]
    found = dict(groups(FloodReport((*lines, line("s3", reached=50)), 21)))
    assert found["fastest tenth"].threshold_s == 50
    assert found["slowest tenth"].threshold_s == 1900
    assert found["deepest tenth"].events == 2
    assert found["sensors, tenth 1"].events == 3
    assert sum(found[f"sensors, tenth {n}"].events for n in range(1, 11)) == 21


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.5, None), ([3, 1, 2], 0.5, 2), ([1, 2, 3, 4], 0.5, 2), ([1, None], 1.0, None), ([5], 0.9, 5)],
)
def test_a_quantile_is_a_value_that_was_there(
    values: list[float | None], share: float, found: float | None
) -> None:
    assert quantile(values, share) == found


def test_the_table_speaks_both_languages_and_nothing_is_no_error() -> None:
    report = FloodReport((line(),), 1)
    assert "内涝" in next(iter(table(report, "zh")))
    assert "Floods" in next(iter(table(report, "en")))
    assert list(table(FloodReport((), 0)))[-1] == "missed 0, warned below 4 inches 0"


def test_the_report_is_plain_data() -> None:
    data = json.loads(json.dumps(FloodReport((line(), line(told=None)), 2).as_json()))
    assert data["missed"] == 1
    assert data["groups"]["all"]["events"] == 2
    assert data["lines"][0]["threshold_s"] == 600
