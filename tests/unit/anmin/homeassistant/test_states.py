"""What the entities say: counts and words; unknown is null and a drill is nobody's business."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage, Trouble
from anmin.homeassistant.states import HAZARDS, HIGHEST, community_state, device_state
from anmin.view import TroubleView, View
from devices.level import Level
from tests.support.web_view import FIRE, FLOOD, NOW, view, with_incident


def said(shown: View, language: str = "zh") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(community_state(shown, language))
    return found


def trouble(kind: TroubleKind, stage: Stage = Stage.STANDING) -> TroubleView:
    return TroubleView(Trouble("t1", kind, "smoke-1403", "b3-u2-f14-1403", NOW, stage), 0)


def test_open_incidents_are_counted_by_level() -> None:
    state = said(view())
    assert [state[key] for key in ("open", "critical", "alarm", "prealarm", "notice")] == [2, 1, 1, 0, 0]
    assert state["highest"] == "critical"


def test_a_level_that_fell_counts_as_what_it_was_until_somebody_closes_it() -> None:
    shown = view()
    shown.incidents[FIRE] = with_incident(shown.incidents[FIRE], level=Level.CLEAR)
    assert said(shown)["critical"] == 1


def test_the_last_incident_tells_its_hazard_and_building_only() -> None:
    state = said(view())
    assert (state["hazard"], state["building"]) == ("fire", "3号楼2单元")
    assert said(view(), "en")["building"] == "Building 3, Stair 2"
    assert state["opened_at"] == "2026-11-23T06:00:29.000Z"


def test_a_drill_is_not_shown() -> None:
    shown = view()
    shown.incidents[FIRE] = with_incident(shown.incidents[FIRE], drill=True)
    state = said(shown)
    assert (state["open"], state["highest"], state["hazard"]) == (1, "alarm", "flood")


def test_without_incidents_there_is_none_rather_than_all_clear() -> None:
    shown = view()
    shown.incidents.clear()
    state = said(shown)
    assert (state["open"], state["highest"], state["hazard"], state["building"]) == (0, "none", None, None)


def test_every_word_that_can_be_said_was_announced() -> None:
    shown = view()
    for level in Level:
        shown.incidents = {FLOOD: with_incident(view().incidents[FLOOD], peak=level)}
        state = said(shown)
        assert state["highest"] in HIGHEST
        assert state["hazard"] in HAZARDS


def test_points_that_were_never_heard_count_among_all() -> None:
    state = said(view())
    assert (state["heard"], state["points"]) == (2, 4)  # one silent, one that was never drawn


def test_troubles_are_counted_and_told_by_class() -> None:
    shown = view()
    shown.troubles = {"t1": trouble(TroubleKind.BATTERY), "t2": trouble(TroubleKind.LOST, Stage.FOLDED)}
    state = said(shown)
    assert state["troubles"] == 1
    assert (state["problems"]["battery"], state["problems"]["lost"]) == ("ON", "OFF")
    assert set(state["problems"]) == {kind.value for kind in TroubleKind}


def test_a_device_that_was_never_heard_is_unknown_in_everything() -> None:
    assert set(json.loads(device_state(None)).values()) == {None}


def test_a_device_tells_its_presence_its_battery_and_its_troubles() -> None:
    seen = view().devices["smoke-1203"]
    state = json.loads(device_state(seen))
    assert state == {"connected": "ON", "problem": "OFF", "battery": None, "battery_low": None}
    worn = replace(seen, latest={"battery_percent": (9.0, NOW), "battery_low": (1.0, NOW)}, troubles=("t1",))
    state = json.loads(device_state(worn))
    assert state == {"connected": "ON", "problem": "ON", "battery": 9.0, "battery_low": "ON"}


def test_a_silent_device_and_one_said_to_be_gone_are_not_connected() -> None:
    shown = view()
    assert json.loads(device_state(shown.devices["smoke-1403"]))["connected"] == "OFF"
    gone = replace(shown.devices["smoke-1203"], online=False)
    assert json.loads(device_state(gone))["connected"] == "OFF"
