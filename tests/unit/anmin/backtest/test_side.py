"""One rule set: what is listed is bounded, what is counted is not."""

from __future__ import annotations

import pytest

from anmin.backtest import side
from anmin.backtest.side import Side
from anmin.house import House
from devices.instant import HOUR
from tests.support.community import inventory
from tests.support.monitor import TERMS
from tests.support.rulebook import reading
from tests.unit.anmin.backtest.test_run import rule

DEPTHS = (0, 200, 0)


def made() -> Side:
    return Side(House(inventory(), rule(100), TERMS), None)


def heard(one: Side, days: int) -> list[int]:
    """Water once a day; how many rises each reading led to."""
    return [
        len(one.hear(reading("level-1", "water_level_mm", depth, day * 86_400 + step)))
        for day in range(days)
        for step, depth in enumerate(DEPTHS)
    ]


def test_the_reading_that_raises_answers_with_the_rise() -> None:
    assert heard(made(), 2) == [0, 1, 0, 0, 1, 0]


def test_only_the_first_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side, "KEPT", 2)
    one = made()
    heard(one, 3)
    found = one.outcome(None)
    assert (len(found.transitions), found.transitions_in_all) == (2, 7)
    assert (len(found.incidents), found.incidents_in_all) == (2, 3)
    assert found.alerts == {"depth": 3}


def test_an_incident_has_its_whole_life() -> None:
    one = made()
    heard(one, 1)
    assert one.outcome(None).incidents[0].closed_at is None
    one.hear(reading("level-1", "water_level_mm", 0, 7200))
    (incident,) = one.outcome(None).incidents
    assert incident.cleared_at is not None
    assert incident.closed_at == incident.cleared_at + HOUR
    assert incident.level.word == "alarm"
