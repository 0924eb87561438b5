"""What an incident is about, and how long a truth stands."""

from __future__ import annotations

import pytest

from devices.instant import MINUTE, SECOND
from simulator.truth import GRACE, Nature, Truth, near
from tests.support.town import HOME, OTHER, T0


@pytest.mark.parametrize(
    ("hazard", "place", "other", "is_near"),
    [
        ("gas", HOME, HOME, True),
        ("gas", HOME, OTHER, False),
        ("gas", HOME, "xfl.b1.u1", True),
        ("gas", HOME, "xfl", True),
        ("gas", HOME, "xfl.b1.u1.f1.10", False),
        ("fire", HOME, OTHER, True),
        ("fire", HOME, "xfl.b2.u1.f1.101", False),
        ("fire", "xfl.garage", "xfl.b1.u1.f1.101", False),
        ("flood", "xfl.garage", "xfl.garage", True),
    ],
)
def test_near_is_the_same_place_one_within_the_other_or_one_stair_for_smoke(
    hazard: str, place: str, other: str, is_near: bool
) -> None:
    assert near(hazard, place, other) is is_near


def test_a_fire_is_known_by_its_carbon_monoxide_and_gas_only_by_gas() -> None:
    fire = Truth("f", Nature.REAL, "fire", HOME, T0)
    gas = Truth("g", Nature.REAL, "gas", HOME, T0)
    assert fire.is_of("co", HOME)
    assert not fire.is_of("gas", HOME)
    assert not gas.is_of("co", HOME)


def test_it_stands_from_its_begin_to_a_while_after_its_end() -> None:
    truth = Truth("f", Nature.REAL, "fire", HOME, T0)
    assert truth.stands(T0 + 10**15)
    truth.over_at = T0 + MINUTE
    assert truth.stands(T0 + MINUTE + GRACE)
    assert not truth.stands(T0 + MINUTE + GRACE + 1)
    assert not truth.stands(T0 - SECOND)
