"""The tree of places: up, down, and who is near whom."""

from __future__ import annotations

import pytest

from devices.place import Place, PlaceKind, PlaceTree, UnknownPlace

K = PlaceKind


def household(stair: str, floor: int, door: int) -> list[Place]:
    """A floor of a stair with one flat, `1203` on the twelfth."""
    number = f"{floor}{door:02}"
    return [
        Place(f"{stair}-{floor}", K.FLOOR, stair, f"{floor}层", f"floor {floor}", floor),
        Place(f"{stair}-{number}", K.HOUSEHOLD, f"{stair}-{floor}", number, number),
    ]


TREE = PlaceTree.of(
    [
        Place("county", K.COUNTY, None, "县", "County"),
        Place("street", K.STREET, "county", "街道", "Street"),
        Place("c", K.COMMUNITY, "street", "社区", "Community"),
        Place("b1", K.BUILDING, "c", "1号楼", "Building 1"),
        Place("u1", K.UNIT, "b1", "1单元", "Unit 1"),
        Place("u2", K.UNIT, "b1", "2单元", "Unit 2"),
        *(place for floor in range(1, 8) for place in household("u1", floor, 1)),
        *household("u2", 4, 1),
        Place("kitchen", K.FLOOR, "u1-401", "厨房", "kitchen"),
        Place("garage", K.GARAGE, "c", "车库", "Garage"),
        Place("b2", K.BUILDING, "c", "2号楼", "Building 2"),
    ]
)


def ids(places: tuple[Place, ...]) -> list[str]:
    return [place.id for place in places]


def test_up_goes_from_the_place_to_the_root() -> None:
    assert [place.id for place in TREE.up("u2")] == ["u2", "b1", "c", "street", "county"]


def test_enclosing_finds_the_nearest_and_a_zone_has_no_stair() -> None:
    building = TREE.enclosing("u1-401", K.BUILDING)
    assert building is not None
    assert building.id == "b1"
    assert TREE.enclosing("garage", K.UNIT) is None


def test_within_holds_the_place_and_everything_below() -> None:
    assert [place.id for place in TREE.within("u2")] == ["u2", "u2-4", "u2-401"]
    assert len(TREE.households("c")) == 8


def test_floor_is_inherited_from_above() -> None:
    assert TREE.floor_of("u1-401") == 4
    assert TREE.floor_of("garage") is None


def test_emergency_happens_in_a_household_or_a_zone_or_the_place_itself() -> None:
    assert [TREE.scope(place).id for place in ("kitchen", "garage", "u1")] == ["u1-401", "garage", "u1"]


def test_near_is_the_same_stair_two_floors_up_and_down() -> None:
    near = ids(TREE.near("u1-401", above=2, below=2))
    assert near == ["u1-201", "u1-301", "u1-401", "u1-501", "u1-601"]
    assert ids(TREE.near("kitchen", above=1, below=0)) == ["u1-401", "u1-501"]


def test_ground_floor_is_next_to_the_first_basement() -> None:
    """There is no floor 0."""
    stair = [Place("b", K.BUILDING, None, "楼", "B"), Place("u", K.UNIT, "b", "单元", "U")]
    tree = PlaceTree.of([*stair, *(home for floor in (-2, -1, 1, 2, 3) for home in household("u", floor, 1))])
    assert ids(tree.near("u-101", above=1, below=1)) == ["u--101", "u-101", "u-201"]
    assert ids(tree.near("u--101", above=2, below=1)) == ["u--201", "u--101", "u-101", "u-201"]
    assert ids(tree.near("u", above=0, below=0)) == ids(tree.households("b"))


def test_place_without_a_stair_is_near_to_all_around_it() -> None:
    assert ids(TREE.near("garage", above=2, below=2)) == ids(TREE.households("c"))
    assert ids(TREE.near("b1", above=0, below=0)) == ids(TREE.households("b1"))
    assert TREE.near("county", above=2, below=2) == ()


def test_name_is_what_a_person_would_say() -> None:
    assert TREE.name("u1-401", "zh") == "1号楼1单元4层401"
    assert TREE.name("u1-401", "en") == "Building 1, Unit 1, floor 4, 401"
    assert (TREE.name("c", "zh"), TREE.name("c", "en")) == ("社区", "Community")


def test_unknown_place_is_named() -> None:
    for ask in (TREE.get, TREE.households, TREE.scope, TREE.floor_of):
        with pytest.raises(UnknownPlace, match="no place 'moon'"):
            ask("moon")
    with pytest.raises(UnknownPlace, match="nowhere"):
        PlaceTree.of([Place("x", K.BUILDING, "nowhere", "x", "x")])


def test_zones_stand_free_of_the_stairs() -> None:
    assert {kind for kind in K if kind.is_zone} == {K.GARAGE, K.UNDERPASS, K.RIVER_BANK, K.CROWDED}
