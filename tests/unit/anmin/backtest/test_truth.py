"""The truth: read in order, or refused with all that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.backtest.mistakes import InputInvalid
from anmin.backtest.truth import Truth, read
from devices.instant import SECOND, rfc3339
from devices.level import Hazard
from tests.support.community import T0, inventory


def written(folder: Path, *lines: str) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join(("start,end,place,hazard", *lines)), encoding="utf-8")
    return path


def at(seconds: int) -> str:
    return rfc3339(T0 + seconds * SECOND)


def test_events_come_in_the_order_of_their_start(tmp_path: Path) -> None:
    path = written(tmp_path, f"{at(9)},{at(9)},c,fire", f"{at(1)},{at(5)},c.garage,flood")
    assert read(path, inventory()) == (
        Truth(T0 + SECOND, T0 + 5 * SECOND, "c.garage", Hazard.FLOOD),
        Truth(T0 + 9 * SECOND, T0 + 9 * SECOND, "c", Hazard.FIRE),
    )


def test_unknown_places_and_hazards_and_an_end_before_its_start_are_refused_together(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{at(1)},{at(2)},c.garag,flood",
        f"{at(1)},{at(2)},c.garage,floood",
        f"{at(3)},{at(2)},c,fire",
        f"soon,{at(2)},c,fire",
    )
    with pytest.raises(InputInvalid) as caught:
        read(path, inventory())
    found = caught.value.findings
    assert [(one.line, one.code) for one in found] == [(2, "place"), (3, "hazard"), (4, "end"), (5, "time")]
    assert "`c.garage`" in found[0].en
    assert "`flood`" in found[1].en
