"""A fire in a room, against the figures of the books it comes from."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from simulator.hazards.fire import CHAIR_CLOSED, CHAIR_OPEN, FAST, MEDIUM, SLOW, Lag, RoomFire

SECONDS = [n / 4 for n in range(1, 4 * 240)]


@pytest.mark.parametrize(("alpha", "seconds"), [(SLOW, 600), (MEDIUM, 300), (FAST, 150)])
def test_growth_reaches_1055_kw_when_the_standard_says(alpha: float, seconds: int) -> None:
    """NFPA 92 names its growth classes by the time to 1,055 kW."""
    assert RoomFire(alpha=alpha, peak_kw=1e6).heat_kw(seconds) == pytest.approx(1055, rel=0.02)


def test_heat_stays_at_what_ventilation_allows() -> None:
    assert RoomFire(alpha=FAST, peak_kw=500).heat_kw(3600) == 500


def test_water_and_open_windows_end_it() -> None:
    fire = RoomFire(alpha=FAST, out_s=60)
    assert fire.air(60) == RoomFire(alpha=FAST).air(60)
    assert fire.heat_kw(70) == pytest.approx(fire.heat_kw(60) / math.e)
    after = fire.air(60 + 240)
    assert after.temperature_c == pytest.approx(fire.ambient_c, abs=0.1)
    assert after.smoke_db_per_m < 0.01
    assert after.co_ppm < 1


def test_before_ignition_the_room_is_as_it_was() -> None:
    fire = RoomFire(ambient_c=19.0)
    assert fire.air(0) == fire.air(-60) == (19.0, 0.0, 0.0)


@pytest.mark.parametrize("alpha", [SLOW, MEDIUM, FAST])
def test_everything_only_grows_while_the_fire_grows(alpha: float) -> None:
    fire = RoomFire(alpha=alpha, peak_kw=1e6)
    airs = [fire.air(t) for t in SECONDS]
    for quantity in zip(*airs, strict=True):
        assert all(later > earlier for earlier, later in pairwise(quantity))


def test_ceiling_temperature_is_that_of_alpert() -> None:
    """5.38 (Q/r)^(2/3) / H: 1.5 m beside 100 kW under 2.6 m of air it is 34 K warmer."""
    fire = RoomFire(alpha=FAST, peak_kw=100.0, ambient_c=20.0)
    assert fire.air(60).temperature_c == pytest.approx(20.0 + 34.0, abs=0.2)


def test_smoke_and_carbon_monoxide_are_the_yield_of_what_burnt() -> None:
    """240 MJ burn 10 kg; in 100 m3 of smoke that is 6 g/m3 of soot and 4 g/m3 of CO."""
    fire = RoomFire(alpha=1.0, peak_kw=1000.0, area_m2=80.0, height_m=2.5, leak_for_s=1e12)
    burning_s = 240.0 + (1000**0.5) * 2 / 3  # while it grows it burns a third of what it does afterwards
    air = fire.air(burning_s)
    assert air.smoke_db_per_m == pytest.approx(4.343 * 8.7 * 6.0, rel=0.01)
    assert air.co_ppm == pytest.approx(4.0 / 1.165e-3, rel=0.01)


def test_an_open_room_keeps_less_smoke() -> None:
    closed, ajar = RoomFire(leak_for_s=600.0).air(120), RoomFire(leak_for_s=60.0).air(120)
    assert ajar.smoke_db_per_m < closed.smoke_db_per_m
    assert ajar.temperature_c == closed.temperature_c


def test_smoke_between_seconds_lies_between_them() -> None:
    """Also at the peak, where what leaks nearly makes up for what is added."""
    fire = RoomFire(alpha=FAST, peak_kw=100.0, leak_for_s=30.0)
    smoke = [fire.air(90 + n / 10).smoke_db_per_m for n in range(11)]
    assert smoke == sorted(smoke)


def test_next_door_it_is_later_thinner_and_hardly_warm() -> None:
    fire = RoomFire(alpha=FAST)
    for t in SECONDS:
        here, there = fire.air(t), fire.beyond(t, delay_s=12.0, share=0.15)
        assert there.smoke_db_per_m <= 0.15 * here.smoke_db_per_m
        assert there.co_ppm <= 0.15 * here.co_ppm
        assert there.temperature_c - fire.ambient_c <= 0.015 * (here.temperature_c - fire.ambient_c)
    assert fire.beyond(12.0, delay_s=12.0, share=0.15).smoke_db_per_m == 0
    assert fire.beyond(20.0, delay_s=12.0, share=0.15).smoke_db_per_m > 0


def test_a_sensor_is_63_percent_there_after_its_time_constant() -> None:
    lag = Lag(8.0, start=20.0)
    assert lag.follow(120.0, 8.0) == pytest.approx(20.0 + 63.2, abs=0.1)


def test_small_steps_and_a_large_one_come_to_the_same() -> None:
    once, often = Lag(5.0), Lag(5.0)
    for _ in range(40):
        often.follow(10.0, 0.25)
    assert once.follow(10.0, 10.0) == pytest.approx(often.value)


def test_a_fire_that_smoulders_first_is_the_same_fire_later() -> None:
    at_once, later = RoomFire(alpha=FAST), RoomFire(alpha=FAST, lights_s=80.0)
    assert later.heat_kw(80) == later.air(80).smoke_db_per_m == 0
    assert later.heat_kw(140) == at_once.heat_kw(60)
    assert later.air(140) == pytest.approx(at_once.air(60))


def test_water_before_it_lights_leaves_nothing_to_burn() -> None:
    assert RoomFire(alpha=FAST, lights_s=80.0, out_s=40.0).heat_kw(200) == 0


def test_nearer_to_the_axis_it_is_hotter() -> None:
    """To the power of 2/3 of the distance, eight times nearer is four times the rise."""
    far, near = (RoomFire(alpha=FAST, radial_m=r).air(60).temperature_c - 22 for r in (1.6, 0.2))
    assert near == pytest.approx(4 * far)


@pytest.mark.parametrize("chair", [CHAIR_CLOSED, CHAIR_OPEN])
def test_a_recorded_chair_smoulders_for_a_minute_and_then_grows_fast(chair: RoomFire) -> None:
    assert 60 < chair.lights_s < 100
    assert MEDIUM < chair.alpha < FAST
