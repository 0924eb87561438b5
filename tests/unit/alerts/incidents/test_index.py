"""Finding the incident of an edge without walking through all of them."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.index import KEPT_FOR, Index
from alerts.incidents.state import Stage
from alerts.incidents.territory import Territory
from alerts.response.plan import plans
from devices.level import Hazard, Level
from tests.support.community import T0, edge, home, inventory
from tests.unit.alerts.incidents.test_incident import fresh


def index() -> Index:
    return Index(Territory(inventory()), plans())


def test_a_source_finds_its_incident_and_kin_on_the_stair_does_too() -> None:
    known = index()
    known.put(fresh())
    assert known.find(edge("smoke-301", Level.CLEAR)) == "inc_1"
    assert known.find(edge("smoke-601", Level.ALARM)) == "inc_1"
    assert known.find(edge("gas-601", Level.ALARM, hazard=Hazard.GAS)) is None


def test_a_calm_edge_of_a_stranger_finds_nothing() -> None:
    known = index()
    known.put(fresh())
    assert known.find(edge("smoke-601", Level.CLEAR)) is None


def test_carbon_monoxide_in_the_burning_home_is_kin_and_elsewhere_is_not() -> None:
    known = index()
    known.put(fresh())
    assert known.find(edge("smoke-302", Level.ALARM, hazard=Hazard.CO, rule="co")) is None
    here = replace(edge("smoke-301", Level.ALARM, hazard=Hazard.CO, rule="co"), place_id=home(3))
    assert known.find(here) == "inc_1"


def test_drills_and_live_do_not_find_each_other() -> None:
    known = index()
    known.put(fresh())
    assert known.find(edge("smoke-301", Level.ALARM, test=True)) is None


def test_a_closed_incident_is_what_the_next_one_recurs_from_until_it_is_forgotten() -> None:
    known = index()
    known.put(fresh())
    closed = replace(fresh(), stage=Stage.CLOSED, stages=((Stage.CLOSED, T0),))
    known.put(closed)
    again = edge("smoke-301", Level.ALARM)
    assert known.find(again) is None
    assert known.recurs_from(again) == "inc_1"
    assert known.forget(T0 + KEPT_FOR - 1) == []
    assert known.forget(T0 + KEPT_FOR) == ["inc_1"]
