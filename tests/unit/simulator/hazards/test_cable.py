"""Joints, breakers and leakage, against hand-made integrals and the bands of the norms."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from simulator.hazards.cable import COPPER_MELTS_C, Breaker, Joint, Leakage, Load

HOUR = 3_600.0


def test_a_joint_settles_at_its_watts() -> None:
    """32 A through 1 mohm is 1.024 W: 5.12 K."""
    joint = Joint((Load(0, 32.0),))
    assert joint.temperature_c(0) == joint.temperature_c(-5) == 25.0
    assert joint.temperature_c(1e5) == pytest.approx(25 + 5.12)
    assert joint.temperature_c(600) == pytest.approx(25 + 5.12 * (1 - 1 / math.e))


def test_twice_the_current_is_four_times_the_heat() -> None:
    one, two = (Joint((Load(0, amps),)).temperature_c(1e5) - 25 for amps in (20.0, 40.0))
    assert two == pytest.approx(4 * one)


def test_a_bad_joint_is_the_integral_of_its_equation() -> None:
    joint = Joint((Load(0, 20.0), Load(HOUR, 40.0)), mohm=2.0, doubles_s=1_800.0)
    rise = 0.0
    for second in range(int(2 * HOUR)):
        amps = 20.0 if second < HOUR else 40.0
        watts = amps**2 * 0.002 * 2 ** ((second + 0.5) / 1_800)
        rise += (5.0 * watts - rise) / 600
    assert joint.temperature_c(2 * HOUR) == pytest.approx(25 + rise, rel=2e-3)


def test_a_bad_joint_passes_the_limits_one_after_the_other_and_melts_at_last() -> None:
    joint = Joint((Load(0, 32.0),), doubles_s=2 * HOUR)
    warm, hot = (next(h for h in range(100) if joint.temperature_c(h * HOUR) >= c) for c in (60, 80))
    assert 2 < warm < hot < 24
    assert joint.temperature_c(1e7) == COPPER_MELTS_C


def test_switched_off_it_cools_with_its_time_constant() -> None:
    joint = Joint((Load(0, 63.0),), mohm=5.0, cut_s=HOUR)
    hot = joint.temperature_c(HOUR)
    assert hot > 100
    assert joint.temperature_c(HOUR + 600) - 25 == pytest.approx((hot - 25) / math.e)


@pytest.mark.parametrize(
    ("times", "least_s", "most_s"),
    [(1.13, math.inf, math.inf), (1.45, 0.0, HOUR), (2.55, 1.0, 60.0), (5.0, 0.0, 60.0), (10.0, 0.0, 0.1)],
)
def test_breaker_acts_within_the_bands_of_iec_60898(times: float, least_s: float, most_s: float) -> None:
    assert least_s <= Breaker(16.0).trips_s((Load(0, 16 * times),)) <= most_s


def test_a_warm_breaker_acts_sooner_than_a_cold_one() -> None:
    cold = Breaker(16.0).trips_s((Load(0, 32.0),))
    warm = Breaker(16.0).trips_s((Load(0, 16.0), Load(HOUR, 32.0))) - HOUR
    assert 0 < warm < cold


def test_a_breaker_acts_only_on_the_load_that_lasts() -> None:
    assert Breaker(16.0).trips_s((Load(0, 32.0), Load(10, 5.0))) == math.inf
    assert Breaker(16.0).trips_s((Load(0, 5.0), Load(60, 160.0))) == 60


def test_an_overload_ends_with_the_breaker_and_a_bad_joint_does_not() -> None:
    overload = Joint((Load(0, 16.0), Load(HOUR, 40.0)), mohm=4.0, breaker=Breaker(16.0))
    assert HOUR < overload.off_s < HOUR + 120
    assert overload.temperature_c(overload.off_s + HOUR) < overload.temperature_c(overload.off_s)
    bad = Joint((Load(0, 16.0),), mohm=4.0, doubles_s=HOUR, breaker=Breaker(16.0))
    assert bad.off_s == math.inf
    assert bad.temperature_c(8 * HOUR) > 80


@pytest.mark.parametrize("t_s", range(0, 86_400, 1_800))
def test_natural_leakage_is_what_feeders_have(t_s: int) -> None:
    assert 100 <= Leakage().ma(t_s) <= 200


def test_failing_insulation_grows_to_its_end_and_is_seen_at_300_before_500() -> None:
    leak = Leakage(fails_s=600.0, swing_ma=0.0)
    values = [leak.ma(t) for t in range(0, 6_000, 10)]
    assert values[0] == values[59] == 150
    assert all(later >= earlier for earlier, later in pairwise(values))
    assert values[-1] == pytest.approx(150 + 800)
    warns, alarms = (next(n for n, ma in enumerate(values) if ma >= limit) for limit in (300, 500))
    assert 60 < warns < alarms < 420


def test_the_device_trips_when_the_current_is_there_and_ends_it() -> None:
    leak = Leakage(swing_ma=0.0, fails_s=100.0, trips_ma=500.0)
    assert leak.ma(leak.off_s - 0.31) < 500 <= leak.ma(leak.off_s - 0.29)
    assert leak.ma(leak.off_s) == leak.ma(1e6) == 0.0
    assert Leakage(fails_s=100.0, to_ma=200.0, trips_ma=500.0).off_s == math.inf
    assert Leakage(trips_ma=500.0).off_s == math.inf


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="begin at 0"):
        Joint((Load(5, 1.0),))
    with pytest.raises(ValueError, match="positive"):
        Joint((Load(0, 1.0),), mohm=0.0)
    with pytest.raises(ValueError, match="swing"):
        Leakage(natural_ma=10.0)
