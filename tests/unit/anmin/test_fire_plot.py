"""The page and the plot of replayed fires."""

from __future__ import annotations

import re
from pathlib import Path

from anmin.fire_plot import PAGE, PLOT, markdown, svg, write
from anmin.fires import FireLine, FireReport

CHAIR = FireLine("a", "chair, door closed", 90, 56, 55, 55.1, 60, 60.1, 20.0)
NEVER = FireLine("b", "chair, door closed", None, 57, 56, 56.1, None, None, None)
BURNER = FireLine("c", "gas burner, door open", 3, 2, 2, 2.1, 2, 2.1, 30.0)


def report(*lines: FireLine) -> FireReport:
    return FireReport(lines, 100, 30.0, 12.5, latency_ms={"p50": 20.0, "p99": 30.0})


def test_the_page_holds_the_verdict_the_margins_and_every_group() -> None:
    text = markdown(report(CHAIR, BURNER))
    assert "Missed: **0**. Before ignition: **0**." in text
    assert "door closed: pre-alarm 55 s (rate of rise 56 s), alarm 60 s, 4 s after the rate of rise" in text
    assert [row.split(" | ")[0] for row in text.splitlines() if row.startswith("| ")][2:] == [
        "| chair, door closed",
        "| gas burner, door open",
        "| all chairs",
        "| all",
    ]
    assert "Missed: **1**" in markdown(report(CHAIR, NEVER))


def test_a_curve_ends_below_the_top_where_one_was_never_told() -> None:
    ends = re.findall(r"V([\d.]+)H560", svg(report(CHAIR, NEVER)))
    assert ends[0] == "40.0"  # the pre-alarm: both
    assert ends[2] == "145.0"  # the alarm: one of two


def test_both_are_written(tmp_path: Path) -> None:
    write(report(CHAIR), tmp_path / "deep")
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {PAGE, PLOT}
