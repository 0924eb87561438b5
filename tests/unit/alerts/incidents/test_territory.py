"""Where an incident is, and how far it reaches."""

from __future__ import annotations

from alerts.incidents.territory import Territory
from alerts.response.plan import Spread
from tests.support.community import home, inventory

HERE = Territory(inventory())


def test_the_scope_is_the_household_or_the_zone() -> None:
    assert HERE.scope(home(3)) == home(3)
    assert HERE.scope("c.garage") == "c.garage"


def test_a_place_that_is_gone_belongs_to_the_community() -> None:
    assert HERE.scope("c.b9.gone") == "c"
    assert HERE.station("c.b9.gone") is None


def test_areas_grow_with_the_spread() -> None:
    assert HERE.area(home(3), Spread.SCOPE) == home(3)
    assert HERE.area(home(3), Spread.STAIR) == HERE.area(home(6, 2), Spread.STAIR) == "c.b1.u1"
    assert HERE.area("c.garage", Spread.BUILDING) == "c.b1"


def test_only_people_of_a_building_or_zone_can_be_moved() -> None:
    assert HERE.can_be_moved(home(3))
    assert HERE.can_be_moved("c.garage")  # below building 1
    assert HERE.can_be_moved("c.underpass")
    assert not HERE.can_be_moved("c")
    assert not HERE.can_be_moved("gone")


def test_the_station_that_serves_the_community_serves_its_homes() -> None:
    station = HERE.station(home(1))
    assert station is not None
    assert station.id == "s1"
