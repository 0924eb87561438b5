"""The power is cut and comes back: one trouble with an exact count, and no alarm stands behind it (P17)."""

from __future__ import annotations

from collections import Counter

import pytest

from alerts.broadcasts.broadcast import Purpose
from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage
from anmin.monitor import Effects
from tests.support.blackout import Blackout

CUT, BACK = 330.0, 3100.0

pytestmark = pytest.mark.timeout(240)


def dark(night: Blackout) -> None:
    """One trouble stands, for all of them, and no incident."""
    supervision = night.monitor.supervision
    standing = [one for one in supervision.troubles.values() if one.stage is not Stage.FOLDED]
    assert [(one.kind, one.subject, one.stage) for one in standing] == [
        (TroubleKind.AREA, "c", Stage.STANDING)
    ]
    assert supervision.folded(standing[0].id) == len(night.names)
    assert not night.incidents


def burning(night: Blackout) -> list[str]:
    """One in a hundred, each in a stair of its own."""
    return [name for name in night.names if name.endswith("-3")]


def alarms_go_out_with_their_own_record(alarms: dict[str, Effects]) -> None:
    for name, effects in alarms.items():
        kinds = [event.kind for _, _, event in effects.events]
        assert "opened" in kinds, name
        assert not any(kind.startswith("trouble") for kind in kinds), name
        purposes = {one.purpose for one in effects.broadcasts}
        assert purposes, name
        assert Purpose.TROUBLE not in purposes, name


def stay_away(night: Blackout) -> None:
    for seconds in range(60, 2400, 60):
        night.wait(CUT + seconds)


def settle(night: Blackout, since: float) -> None:
    for seconds in range(60, 1260, 60):
        night.wait(since + seconds)


def ends_once(night: Blackout) -> None:
    """All is well again; the one trouble stood for every device; people heard of it now and then."""
    assert not night.monitor.supervision.troubles
    assert [event.folded for event in night.over() if event.folded] == [len(night.names)]
    assert max(Counter(int(at) // 60 for at in night.notices()).values()) == 1
    assert len(night.notices()) <= 4


def comes_back(night: Blackout) -> None:
    alarms = night.returns(BACK, 10, burning(night))
    assert len(alarms) == len(night.names) // 100
    alarms_go_out_with_their_own_record(alarms)
    settle(night, BACK + 10)
    assert sorted(one.place_id for one in night.incidents) == sorted(_home(name) for name in alarms)
    ends_once(night)


def test_ten_thousand_devices_whose_last_wills_come_are_one_trouble_and_return_behind_no_alarm() -> None:
    night = Blackout(100, 100)
    night.lives(320)
    night.goes_dark(CUT, within=10)
    stay_away(night)
    dark(night)
    comes_back(night)
    assert night.upkeep() == ["trouble_began", "trouble_told", "trouble_over"]


def test_devices_that_fall_silent_one_by_one_end_as_one_trouble_too() -> None:
    night = Blackout(20, 100)
    night.lives(320)
    stay_away(night)
    dark(night)
    comes_back(night)


def test_a_power_cut_of_days_stays_one_trouble() -> None:
    """What is not heard is neither stuck nor stale beside."""
    night, days = Blackout(5, 20), 5 * 24 * 3600
    night.lives(320)
    night.goes_dark(CUT, within=10)
    for hours in range(1, 5 * 24):
        night.wait(CUT + 3600 * hours)
    dark(night)
    assert len(night.notices()) <= 5 * 24  # an area is told again by the hour
    night.returns(CUT + days, 10, ())
    night.wait(CUT + days + 600)
    assert not night.monitor.supervision.troubles


def _home(name: str) -> str:
    _, building, number = name.split("-")
    return f"c.b{building}.u1.{number}"
