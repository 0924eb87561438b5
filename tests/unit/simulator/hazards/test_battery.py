"""A battery: smoke before flames, flames at once, smoke up the stairs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from simulator.hazards.battery import LEAST_VENT_S, MOST_VENT_S, STAIRWELL, Battery
from simulator.hazards.fire import RoomFire

VENTS = (LEAST_VENT_S, 60.0, MOST_VENT_S)


@pytest.mark.parametrize("vents_s", VENTS)
def test_smoke_comes_before_any_heat(vents_s: float) -> None:
    battery = Battery(vents_s)
    assert battery.air(0) == battery.air(-10) == (22.0, 0.0, 0.0)
    before = battery.air(vents_s)
    assert before.temperature_c == 22.0
    assert 0 < before.co_ppm < 100
    seen = next(t for t in range(1, 300) if battery.air(t).smoke_db_per_m >= 0.15)
    hot = next(t for t in range(1, 300) if battery.air(t).temperature_c >= 57)
    assert seen < vents_s < hot


def test_what_has_vented_is_the_integral_of_what_came_and_what_left() -> None:
    kept = 0.0
    for _ in range(6_000):
        kept += 0.01 * (0.05 - kept / STAIRWELL.leak_for_s)
    smoke = Battery(60.0).air(60).smoke_db_per_m
    assert smoke == pytest.approx(4.343 * 4.4 * kept / (12.0 * 1.3), rel=1e-3)


def test_flames_reach_a_megawatt_within_seventy_five_seconds_of_the_first() -> None:
    """0.1878 t2 is 1,055 kW at 75 s (NFPA 92: ultra-fast)."""
    fire = Battery().fire
    assert fire.heat_kw(75) == pytest.approx(1_055, rel=0.01)
    assert 1_000 <= fire.heat_kw(600) <= 2_000


def test_flames_add_to_the_smoke_that_is_there() -> None:
    battery = Battery(60.0)
    smoke = [battery.air(t).smoke_db_per_m for t in range(1, 140)]
    assert all(later > earlier for earlier, later in pairwise(smoke[:60]))
    burning = STAIRWELL.air(60).smoke_db_per_m
    assert burning < battery.air(120).smoke_db_per_m < burning + battery.air(60).smoke_db_per_m


def test_each_floor_up_has_it_later_and_thinner() -> None:
    battery = Battery(60.0)
    assert battery.landing(0, 100) == battery.air(100)
    alarms = [
        next(t for t in range(1, 300) if battery.landing(n, t).smoke_db_per_m >= 0.15) for n in range(6)
    ]
    assert all(later - earlier >= 15 for earlier, later in pairwise(alarms))
    smoke = [battery.landing(n, 110).smoke_db_per_m for n in range(6)]
    assert smoke == sorted(smoke, reverse=True)
    assert battery.landing(2, 120).smoke_db_per_m == pytest.approx(0.36 * battery.air(90).smoke_db_per_m)


def test_upstairs_it_is_smoke_and_not_heat_and_below_there_is_nothing() -> None:
    battery = Battery()
    rise = battery.landing(0, 150).temperature_c - 22
    assert battery.landing(1, 165).temperature_c - 22 == pytest.approx(0.06 * rise)
    assert battery.landing(-1, 150) == (22.0, 0.0, 0.0)


def test_water_ends_it() -> None:
    battery = Battery(60.0, replace(STAIRWELL, out_s=60.0))
    assert battery.air(120).temperature_c > 100
    assert battery.air(420).temperature_c == pytest.approx(22.0, abs=0.1)
    assert battery.air(1_200).smoke_db_per_m < 0.01


def test_a_vent_that_is_no_battery_is_refused() -> None:
    with pytest.raises(ValueError, match="30 to 180"):
        Battery(5.0)
    assert Battery(30.0, RoomFire()).air(31).temperature_c > 22.0
