"""The page on the simulator's physics: its figures are the report's, its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

from anmin.calibration import Rain, Report
from anmin.calibration_page import PAGE, markdown, write
from anmin.fitting import Band, Fit
from simulator.hazards.fire import CHAIR_CLOSED, RoomFire
from simulator.hazards.flood import Shower, Street

BANDS = (Band(20.0, 21.0, 22.0), Band(30.0, 60.0, 90.0))
LINE = (21.0, 55.0)
CHAIR = Fit("RedAccent, closed", CHAIR_CLOSED, 28, BANDS, LINE, 16.04, 41.2, Band(90, 106.5, 117), 110.0)
BURNER = Fit("250kW, open", RoomFire(0.346, 250.0), 48, BANDS, LINE, 14.1, 40.3, None, None)
RAIN = Rain(Street(wedge_m=4_633.0), Shower(60.0, 2_257.0, 12_264.0))
FLOOD = Fit("all", RAIN, 803, BANDS, LINE, 14.6, 124.1, Band(8, 22, 59), 29.0, 11)
REPORT = Report((BURNER, CHAIR), (FLOOD,))


def test_each_group_is_a_row_with_its_figures_chairs_first() -> None:
    text = markdown(REPORT)
    chair = "| RedAccent, closed | 28 | 0.0216 | 372 | 83.8 | 0.215 | 22 | 16.0 | 41.2 |"
    assert f"{chair} 106.5 (90 to 117) | 110 | +3.5 |" in text
    assert "| all | 803 | 4633 | 204 | 38 | 14.6 | 124.1 | 22 (8 to 59) | 29 | +7 | 11 |" in text
    assert text.index("| RedAccent, closed") < text.index("| 250kW, open")


def test_what_was_never_reached_is_a_dash() -> None:
    assert "| 14.1 | 40.3 | - | - | - |" in markdown(REPORT)


def test_every_row_has_as_many_cells_as_its_head() -> None:
    for table in re.findall(r"(?:^\|.*\|\n)+", markdown(REPORT), re.MULTILINE):
        assert len({line.count(" | ") for line in table.splitlines() if "---" not in line}) == 1


def test_the_page_and_its_pictures_are_written_and_are_the_same_again(tmp_path: Path) -> None:
    page, *pictures = write(REPORT, tmp_path / "new")
    text = page.read_text(encoding="utf-8")
    assert page.name == PAGE
    assert re.findall(r"!\[\w+\]\((.+)\)", text) == [
        path.relative_to(page.parent).as_posix() for path in pictures
    ]
    before = [path.read_bytes() for path in (page, *pictures)]
    assert [path.read_bytes() for path in write(REPORT, tmp_path / "new")] == before
    assert b"RedAccent" in before[1]
    assert b"250kW" in before[2]
    assert b">all (" in before[3]


def test_a_report_of_nothing_is_a_page_too() -> None:
    assert "What this does not show" in markdown(Report((), ()))
