"""A well-mixed room."""

from __future__ import annotations

from math import exp

import pytest

from simulator.hazards.box import Box, NextRoom, Phase


def test_without_air_the_gas_is_what_came_in() -> None:
    assert Box(20, (Phase(0, 1.0, 0.0),)).fraction(3600) == pytest.approx(1 / 20)


def test_the_steady_state_is_source_over_air_and_the_way_there_is_exponential() -> None:
    box = Box(20, (Phase(0, 1.0, 2.0),))
    assert box.fraction(100 * 3600) == pytest.approx(1 / (2 * 20))
    assert box.fraction(1800) == pytest.approx((1 - exp(-1)) / 40)


def test_phases_are_the_same_as_one_where_nothing_changes() -> None:
    whole, cut = Box(20, (Phase(0, 1.0, 2.0),)), Box(20, (Phase(0, 1.0, 2.0), Phase(700, 1.0, 2.0)))
    assert cut.fraction(2500) == pytest.approx(whole.fraction(2500))


def test_clean_air_takes_it_out_by_the_hour() -> None:
    box = Box(20, (Phase(0, 1.0, 0.0), Phase(3600, 0.0, 3.0)))
    assert box.fraction(7200) == pytest.approx(exp(-3) / 20)


def test_nothing_is_more_than_pure_gas_and_nothing_is_there_before() -> None:
    box = Box(1, (Phase(0, 5.0, 0.0),))
    assert (box.fraction(0), box.fraction(7200)) == (0, 1)


def test_the_next_room_follows_later_and_lower_and_loses_nothing_that_it_is_given() -> None:
    first = Box(20, (Phase(0, 1.0, 0.5),))
    beside = NextRoom(first, 30, 25, 0.3)
    times = [600, 1800, 3600, 7200]
    assert all(0 < beside.fraction(t) < first.fraction(t) for t in times)
    assert sorted(beside.fraction(t) for t in times) == [beside.fraction(t) for t in times]
    steady = first.fraction(1e6) * 25 / (25 + 0.3 * 30)
    assert beside.fraction(48 * 3600) == pytest.approx(steady, rel=0.01)


@pytest.mark.parametrize(
    ("volume", "phases"),
    [
        (20, ()),
        (20, ((5, 1, 1),)),
        (20, ((0, 1, 1), (9, 1, 1), (5, 1, 1))),
        (0, ((0, 1, 1),)),
        (20, ((0, 1, -1),)),
    ],
)
def test_what_is_no_room_is_refused(volume: float, phases: tuple[tuple[float, float, float], ...]) -> None:
    with pytest.raises(ValueError, match=r"phases|room"):
        Box(volume, tuple(Phase(*one) for one in phases))
