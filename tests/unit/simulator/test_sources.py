"""What happens at places, as sensors around come to feel it."""

from __future__ import annotations

import math

import pytest

from simulator.felt import NOTHING, Felt
from simulator.hazards.co import Source
from simulator.hazards.flood import Basement, Shower, Street
from simulator.hazards.gas import Leak
from simulator.sources import (
    BurstPipe,
    Cause,
    Curve,
    Gas,
    Monoxide,
    Pressed,
    Rain,
    room_fire,
    stair_fire,
)
from simulator.town import Sensor
from tests.support.town import HOME, OTHER


def sensor(place: str, kind: str = "smoke") -> Sensor:
    return Sensor("s", kind, None, 1, place=place)


def smoke(cause: Cause, place: str, t: float) -> float:
    return cause.felt(sensor(place), t).smoke_db_per_m


def test_a_door_that_is_open_lets_the_smoke_out_later_and_thinner_with_each_floor() -> None:
    shut, ajar = (room_fire(HOME, "fast", door_open=is_open) for is_open in (False, True))
    landing, above = "xfl.b1.u1.f1", "xfl.b1.u1.f2"
    assert smoke(ajar, HOME, 120) > smoke(ajar, landing, 120) > smoke(ajar, above, 120) > 0
    assert smoke(shut, landing, 120) < 0.2 * smoke(ajar, landing, 120)
    assert smoke(ajar, above, 30) == 0.0
    assert 0 < smoke(ajar, OTHER, 180) < smoke(ajar, above, 180)


@pytest.mark.parametrize("place", ["xfl.b2.u1.f1.101", "xfl.garage", "xfl.b1.u1.f5.501"])
def test_smoke_stays_in_its_stair_and_goes_three_floors_up(place: str) -> None:
    assert not room_fire(HOME, "fast", door_open=True).reaches(sensor(place))


def test_smoke_goes_up_and_not_down() -> None:
    fire = stair_fire("xfl.b1.u1.f2", "ultra_fast", 1_500.0)
    assert fire.reaches(sensor("xfl.b1.u1.f3"))
    assert not fire.reaches(sensor("xfl.b1.u1.f1"))


@pytest.mark.parametrize(
    ("cause", "kind", "t"),
    [
        (room_fire(HOME, "fast", door_open=False), "smoke", 300.0),
        (Gas(HOME, Leak()), "gas", 3_600.0),
        (Monoxide(HOME, Source()), "co", 3_600.0),
        (BurstPipe(HOME, Basement()), "water_level", 3_600.0),
        (Curve(HOME, ("smoke",), lambda t: Felt(smoke_db_per_m=0.5), math.inf), "smoke", 60.0),
    ],
    ids=["fire", "gas", "co", "pipe", "curve"],
)
def test_what_somebody_ends_goes_and_is_over_after_a_while(cause: Cause, kind: str, t: float) -> None:
    here = sensor(HOME, kind)
    assert cause.felt(here, 0.0) == NOTHING
    assert sum(cause.felt(here, t)[:7]) > 0
    assert not cause.over(t)
    cause.end(t)
    cause.end(t + 5)  # twice is once
    assert cause.over(t + 4 * 3_600.0)
    assert sum(cause.felt(here, t + 4 * 3_600.0)[:7]) < 0.1 * sum(cause.felt(here, t)[:7]) + 0.5


def test_gas_and_monoxide_stay_in_their_home() -> None:
    for cause, kind in ((Gas(HOME, Leak()), "gas"), (Monoxide(HOME, Source()), "co")):
        assert cause.reaches(sensor(HOME, kind))
        assert not cause.reaches(sensor(OTHER, kind))
        assert not cause.reaches(sensor(HOME, "smoke"))


def test_a_bedroom_behind_a_door_is_later() -> None:
    room, bedroom = Monoxide(HOME, Source()), Monoxide(HOME, Source(), bedroom=True)
    at = sensor(HOME, "co")
    assert 0 < bedroom.felt(at, 1_200).co_ppm < room.felt(at, 1_200).co_ppm


def test_rain_rises_and_goes_by_itself() -> None:
    rain = Rain("xfl.underpass", Shower(140.0, 900.0, 3_600.0), Street(clogged=0.6))
    at = sensor("xfl.underpass", "water_level")
    depths = [rain.felt(at, t).depth_mm for t in (60, 1_800, 3_600, 20 * 3_600)]
    assert depths[0] < 50 < depths[1]
    rain.end(100.0)
    assert rain.felt(at, 1_800).depth_mm == depths[1]
    assert not rain.over(3_700.0)
    assert rain.over(20 * 3_600.0)


def test_a_button_is_held_for_two_seconds() -> None:
    button = Pressed(HOME, "sos")
    at = sensor(HOME, "sos")
    assert [button.felt(at, t).pressed for t in (0.0, 1.0, 2.0, 2.1)] == [False, True, True, False]
    assert button.over(3.1)
