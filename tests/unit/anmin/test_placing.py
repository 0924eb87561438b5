"""Forms of buildings and zones grown into places."""

from __future__ import annotations

from typing import Any

import pytest

from anmin.document import Where
from anmin.form import BuildingForm, Named, ZoneForm
from anmin.placing import building, door, floor_names, names, zone
from devices.place import Place, PlaceKind, PlaceTree


def grown(**unit: Any) -> tuple[list[tuple[Where, Place]], list[tuple[Where, str]]]:
    reports: list[tuple[Where, str]] = []
    form = BuildingForm.model_validate({"id": "b3", "units": [{"id": "u2", **unit}]})
    placed = building(
        form, ("buildings", 0), "xfl", lambda where, code, _zh, _en: reports.append((where, code))
    )
    return list(placed), reports


def homes(placed: list[tuple[Where, Place]]) -> list[str]:
    return [place.id for _, place in placed if place.kind is PlaceKind.HOUSEHOLD]


def test_a_pattern_grows_into_floors_and_households() -> None:
    placed, reports = grown(floors="11-12", per_floor=[1, 3])
    assert reports == []
    assert homes(placed) == [f"xfl.b3.u2.f{n}.{n}0{d}" for n in (11, 12) for d in (1, 3)]
    tree = PlaceTree.of([Place("xfl", PlaceKind.COMMUNITY, None, "x", "x"), *(place for _, place in placed)])
    assert tree.name("xfl.b3.u2.f12.1203", "zh") == "3号楼2单元12层1203"
    assert tree.name("xfl.b3.u2.f12.1203", "en") == "Building 3, Unit 2, Floor 12, 1203"
    assert tree.floor_of("xfl.b3.u2.f12.1203") == 12


def test_basements_have_their_own_names() -> None:
    placed, _ = grown(floors="-1-1", per_floor=1)
    assert homes(placed) == ["xfl.b3.u2.f-1.B101", "xfl.b3.u2.f1.101"]
    assert floor_names(-2) == ("地下2层", "Basement 2")
    assert door(-1, 12) == "B112"


def test_skipped_doors_are_not_there_and_a_door_that_never_was_is_told() -> None:
    placed, reports = grown(floors="1-2", per_floor=[1], skip=["201", "999"])
    assert homes(placed) == ["xfl.b3.u2.f1.101"]
    assert reports == [(("buildings", 0, "units", 0, "skip", 1), "unknown-door")]


def test_a_floor_may_list_its_homes_or_have_its_own_doors() -> None:
    floors = [{"floor": 1, "zh": "底商", "households": ["shop"]}, {"floor": 2, "per_floor": [9]}, 3]
    placed, reports = grown(floors=floors, per_floor=[1])
    assert reports == []
    assert homes(placed) == ["xfl.b3.u2.f1.shop", "xfl.b3.u2.f2.209", "xfl.b3.u2.f3.301"]
    where, shop = next((where, place) for where, place in placed if place.id.endswith("shop"))
    assert where == ("buildings", 0, "units", 0, "floors", 0, "households", 0)
    assert (shop.zh, shop.en) == ("shop", "shop")
    assert next(place.zh for _, place in placed if place.id == "xfl.b3.u2.f1") == "底商"


def test_homes_are_listed_for_one_floor_at_a_time() -> None:
    _, reports = grown(floors=[{"floor": "1-2", "households": ["a"]}])
    assert [code for _, code in reports] == ["one-floor"]


@pytest.mark.parametrize(
    ("form", "kind", "expected"),
    [
        ({"id": "b3"}, PlaceKind.BUILDING, ("3号楼", "Building 3")),
        ({"id": "u10"}, PlaceKind.UNIT, ("10单元", "Unit 10")),
        ({"id": "b3", "zh": "丙楼"}, PlaceKind.BUILDING, ("丙楼", "Building 3")),
        ({"id": "hall", "en": "Hall"}, PlaceKind.BUILDING, ("Hall", "Hall")),
        ({"id": "b3"}, None, ("b3", "b3")),
    ],
)
def test_names_follow_from_ids(
    form: dict[str, str], kind: PlaceKind | None, expected: tuple[str, str]
) -> None:
    assert names(Named.model_validate(form), kind) == expected


def test_a_zone_lies_where_it_is_told() -> None:
    form = ZoneForm.model_validate({"id": "garage", "kind": "garage", "zh": "车库", "floor": -1})
    _, place = zone(form, ("zones", 0), "xfl.b3")
    assert place == Place("xfl.b3.garage", PlaceKind.GARAGE, "xfl.b3", "车库", "车库", -1)
