"""When a loss is no longer chance."""

from __future__ import annotations

from alerts.troubles.area import Areas
from tests.unit.alerts.troubles.ward import device, inventory


def areas(**homes: int) -> tuple[Areas, dict[str, list[str]]]:
    names = {place: [f"{place}-{n}" for n in range(count)] for place, count in homes.items()}
    known = [device(name, place=f"c.{place}") for place, all_ in names.items() for name in all_]
    return Areas(inventory(known)), names


def test_a_building_is_struck_at_a_share_and_never_by_a_few() -> None:
    counted, names = areas(b1=100, b2=100)
    for name in names["b1"][:29]:
        counted.put(name, True)
    assert counted.struck("b1-0") is None
    counted.put("b1-29", True)
    assert counted.struck("b1-29") == "c.b1"
    few, names = areas(b1=6)
    for name in names["b1"][:4]:
        few.put(name, True)
    assert few.struck("b1-0") is None
    few.put("b1-4", True)
    assert few.struck("b1-4") == "c.b1"


def test_what_is_lost_in_several_buildings_is_the_communitys() -> None:
    counted, names = areas(b1=20, b2=20)
    for name in (*names["b1"][:6], *names["b2"][:6]):
        counted.put(name, True)
    assert counted.struck("b2-5") == "c"


def test_it_has_recovered_at_half_of_what_it_takes() -> None:
    counted, names = areas(b1=100)
    for name in names["b1"][:60]:
        counted.put(name, True)
    for name in names["b1"][:45]:
        counted.put(name, False)
        counted.put(name, False)  # said twice, counted once
    assert not counted.recovered("c.b1")
    counted.put("b1-45", False)
    assert counted.recovered("c.b1")


def test_a_device_that_left_counts_nowhere() -> None:
    counted, _ = areas(b1=1)
    assert counted.of("gone") == ()
    counted.put("gone", True)
    assert counted.struck("gone") is None
