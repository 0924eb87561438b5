"""Where something happens."""

from __future__ import annotations

import random

import pytest

from simulator.places import Nowhere, homes_with, place_of
from tests.support.town import small

TOWN = small(homes={"smoke": 1, "gas": 2}, zones={"garage": ("water_level",)})


def place(text: str, *kinds: str, seed: int = 1) -> str:
    return place_of(TOWN, text, kinds, random.Random(seed))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b1", "xfl.b1"),
        ("b1.f2", "xfl.b1.u1.f2"),
        ("b1.f2.1", "xfl.b1.u1.f2.201"),
        ("garage", "xfl.garage"),
    ],
)
def test_what_people_write_is_what_the_town_calls_it(text: str, expected: str) -> None:
    assert place(text) == expected


def test_any_home_is_one_that_has_what_could_feel_it_and_any_is_drawn() -> None:
    assert homes_with(TOWN, ("gas",)) == ["xfl.b1.u1.f1.101", "xfl.b1.u1.f3.301"]
    assert {place("any home", "gas", seed=n) for n in range(20)} == set(homes_with(TOWN, ("gas",)))
    assert len({place("any landing", seed=n) for n in range(30)}) == 3


@pytest.mark.parametrize(("text", "kinds"), [("b9", ()), ("b1.f2.1", ("gas",)), ("any home", ("co",))])
def test_a_place_that_is_not_there_or_feels_nothing_is_refused(text: str, kinds: tuple[str, ...]) -> None:
    with pytest.raises(Nowhere):
        place(text, *kinds)
