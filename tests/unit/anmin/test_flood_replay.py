"""Floods through the pure core: what it raises, when, and how often."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.flood_replay import Edge, raises, replay_floods, samples
from anmin.flood_report import FloodLine, FloodReport
from anmin.floods import Flood
from devices.instant import DAY, HOUR, MINUTE
from devices.level import Level
from tests.unit.anmin.test_floods import BEGINS, flood, recorded, written

SLOW = tuple(range(0, 131, 2))
"""A sample a minute; two millimetres a minute are not fast."""


def played(folder: Path, *floods: Flood) -> FloodReport:
    return replay_floods(written(folder, *map(recorded, floods)), out=print)


def only(folder: Path, one: Flood) -> FloodLine:
    (line,) = played(folder, one).lines
    return line


def test_slow_water_is_told_by_its_depth(tmp_path: Path) -> None:
    line = only(tmp_path, flood(*SLOW))
    assert (line.notice_s, line.prealarm_s, line.threshold_s, line.alarm_s) == (900, 3000, 3060, None)
    assert (line.delay_s, line.raises, line.incidents, line.water_s) == (-60, 1, 1, 60)


def test_fast_water_is_told_before_it_is_deep(tmp_path: Path) -> None:
    line = only(tmp_path, flood(0, 0, 10, 20, 30, 40, 50, 60, 80, 120))
    assert line.prealarm_s == 240
    assert line.delay_s == 240 - 540


def test_water_that_pauses_for_half_an_hour_is_one_alert(tmp_path: Path) -> None:
    """The control is a pause of two hours, which is two."""
    line = only(tmp_path, flood(*SLOW, *[60] * 30, *SLOW[30:]))
    assert (line.raises, line.plain_raises) == (1, 2)
    again = only(tmp_path / "long", flood(*SLOW, *[60] * 120, *SLOW[30:]))
    assert (again.raises, again.plain_raises) == (2, 2)


def test_an_alert_that_still_stands_is_not_raised_again_by_the_next_flood(tmp_path: Path) -> None:
    first = flood(*SLOW, 0)
    second = flood(*SLOW, begins=first.ends + 20 * MINUTE)
    lines = played(tmp_path, first, second).lines
    assert [(line.raises, line.prealarm_s) for line in lines] == [(1, 3000), (0, 0)]
    assert [line.incidents for line in lines] == [1, 0]


def test_a_flood_after_the_incident_is_closed_is_one_of_its_own(tmp_path: Path) -> None:
    first = flood(*SLOW, *[0] * 5)
    later = flood(*SLOW, begins=first.begins + DAY)
    other = flood(*SLOW, sensor="t", begins=first.begins + 10 * MINUTE)
    lines = played(tmp_path, first, later, other).lines
    assert [(line.sensor, line.raises, line.incidents) for line in lines] == [
        ("s", 1, 1),
        ("t", 1, 1),
        ("s", 1, 1),
    ]


def test_a_street_that_stays_dry_is_missed_by_nobody(tmp_path: Path) -> None:
    line = only(tmp_path, flood(0, 5, 9, 5, 0))
    assert (line.notice_s, line.prealarm_s, line.raises, line.incidents) == (None, None, 0, 0)


def test_the_first_so_many_are_played(tmp_path: Path) -> None:
    data = written(tmp_path, recorded(flood(*SLOW)), recorded(flood(*SLOW, begins=BEGINS + DAY)))
    report = replay_floods(data, limit=1, out=print)
    assert len(report.lines) == 1
    assert report.records == len(SLOW)


def test_samples_of_all_streets_come_in_the_order_of_time() -> None:
    found = list(samples([flood(1, 2, 3), flood(4, 5, sensor="t", begins=BEGINS + 90_000_000)]))
    assert [(one.flood, one.depth_mm) for one in found] == [(0, 1), (0, 2), (1, 4), (0, 3), (1, 5)]


@pytest.mark.parametrize(
    ("levels", "count"),
    [
        ([], 0),
        ([Level.NOTICE, Level.PREALARM, Level.ALARM], 1),
        ([Level.ALARM, Level.PREALARM, Level.CRITICAL], 1),
        ([Level.PREALARM, Level.CLEAR, Level.ALARM], 2),
        ([Level.PREALARM, Level.UNKNOWN, Level.PREALARM], 2),
    ],
)
def test_a_raise_comes_from_below(levels: list[Level], count: int) -> None:
    edges = [Edge(BEGINS + n * HOUR, level) for n, level in enumerate(levels)]
    assert len(list(raises(edges, Level.PREALARM))) == count
