"""Faults of the device itself, by their effect."""

from __future__ import annotations

import random
from statistics import stdev

import pytest

from simulator.faults.measuring import (
    Drift,
    DyingBattery,
    Flapping,
    Noise,
    Says,
    Stuck,
    UnitChange,
    WarmUp,
)
from simulator.voice import Values

CALM: Values = {"temperature_c": 20.0, "co_ppm": 0.0, "smoke_alarm": False, "gas_lel_percent": None}


def chance() -> random.Random:
    return random.Random(5)


def test_stuck_repeats_its_first_word_bits_too() -> None:
    said = Stuck().on(chance())
    said(CALM, 0.0)
    assert said({**CALM, "temperature_c": 80.0, "smoke_alarm": True}, 60.0) == CALM


@pytest.mark.parametrize(
    ("per_hour", "t", "expected"), [(2.0, 1800, 21.0), (-2.0, 3600, 18.0), (2.0, 36_000, 25.0)]
)
def test_drift_creeps_up_or_down_to_its_end(per_hour: float, t: float, expected: float) -> None:
    assert Drift("temperature_c", per_hour, 5.0).on(chance())(CALM, t)["temperature_c"] == expected


def test_noise_spreads_as_told_and_never_below_nothing() -> None:
    said = Noise("temperature_c", 2.0).on(chance())
    values = [float(said(CALM, 0.0)["temperature_c"] or 0) for _ in range(5_000)]
    assert stdev(values) == pytest.approx(2.0, rel=0.05)
    low = Noise("co_ppm", 5.0).on(chance())
    assert min(float(low(CALM, 0.0)["co_ppm"] or 0) for _ in range(1_000)) == 0.0


def test_a_cold_sensor_says_too_much_and_less_and_less_of_it() -> None:
    said = WarmUp("temperature_c", 8.0, 60.0).on(chance())
    assert [said(CALM, t)["temperature_c"] for t in (0.0, 60.0, 120.0)] == [28.0, 24.0, 22.0]


def test_another_unit_and_a_quantity_that_is_unknown() -> None:
    said = UnitChange("temperature_c", 1.8, 32.0).on(chance())
    assert said(CALM, 0.0)["temperature_c"] == 68.0
    assert UnitChange("gas_lel_percent", 2.0).on(chance())(CALM, 0.0) == CALM
    assert UnitChange("smoke_alarm", 2.0).on(chance())(CALM, 0.0) == CALM


def test_a_battery_runs_down_and_says_low_below_a_fifth() -> None:
    said = DyingBattery(40.0, 1_000.0).on(chance())
    found = [said({}, t) for t in (0.0, 499.0, 501.0, 1_000.0, 9_000.0)]
    assert [one["battery_percent"] for one in found] == [40, 20, 20, 0, 0]
    assert [one["battery_low"] for one in found] == [False, False, True, True, True]


def test_a_condition_is_said_whatever_is_measured() -> None:
    assert Says("tamper").on(chance())(CALM, 0.0)["tamper"] is True


def test_flapping_is_on_for_its_share_and_hides_no_real_alarm() -> None:
    said = Flapping("smoke_alarm", 300.0, 30.0).on(chance())
    bits = [bool(said(CALM, float(t))["smoke_alarm"]) for t in range(0, 300_000, 5)]
    rises = sum(now and not before for before, now in zip([False, *bits], bits, strict=False))
    assert 800 < rises < 1_200
    assert abs(sum(bits) * 5 / rises - 30.0) < 5.0
    assert said({**CALM, "smoke_alarm": True}, 300_001.0)["smoke_alarm"] is True
