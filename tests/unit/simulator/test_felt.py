"""What is felt, and what detectors make of it."""

from __future__ import annotations

import random

import pytest

from simulator.felt import NOTHING, Bit, Cell, Felt, alarming, detector, moved, together
from simulator.voice import Values


def feels(kind: str, felt: Felt, seconds: float, step: float = 1.0) -> Values:
    """After so many seconds of it."""
    feel = detector(kind, random.Random(3))
    values: Values = {}
    for _ in range(max(1, round(seconds / step))):
        values = feel(felt, step)
    return values


def test_numbers_add_up_and_what_one_cause_does_is_done() -> None:
    both = together([Felt(warmer_k=2.0, wet=True), NOTHING, Felt(warmer_k=3.0, co_ppm=5.0)])
    assert both == Felt(warmer_k=5.0, co_ppm=5.0, wet=True)
    assert together([]) is NOTHING


def test_a_bit_stays_on_until_it_is_well_below() -> None:
    bit = Bit(10.0, 8.0)
    assert [bit.follow(value) for value in (9.9, 10.0, 8.1, 7.9, 9.0)] == [False, True, True, False, False]


@pytest.mark.parametrize(("ppm", "after_s"), [(300, 120), (100, 1_500), (50, 4_500), (30, 7_500)])
def test_a_co_detector_sounds_by_its_rows_and_not_before(ppm: float, after_s: int) -> None:
    cell = Cell()
    assert not any(cell.follow(ppm, 1.0) for _ in range(after_s - 1))
    assert cell.follow(ppm, 1.0)
    assert not cell.follow(20.0, 1.0)


@pytest.mark.parametrize(
    ("kind", "felt", "quantity", "after_s"),
    [
        ("smoke", Felt(smoke_db_per_m=0.5), "smoke_alarm", 20),
        ("heat", Felt(warmer_k=60.0), "heat_alarm", 60),
        ("gas", Felt(gas_lel_percent=25.0), "gas_alarm", 30),
        ("co", Felt(co_ppm=400.0), "co_alarm", 240),
        ("water_level", Felt(depth_mm=300.0), "water_level_alarm", 1),
        ("water_leak", Felt(wet=True), "water_leak_alarm", 1),
        ("electrical", Felt(leaking_ma=700.0), "electrical_alarm", 40),
        ("electrical", Felt(cable_k=80.0), "electrical_alarm", 120),
        ("sos", Felt(pressed=True), "sos_alarm", 1),
        ("call_point", Felt(pressed=True), "manual_alarm", 1),
    ],
)
def test_each_kind_sounds_by_its_own_hazard_and_is_calm_without(
    kind: str, felt: Felt, quantity: str, after_s: float
) -> None:
    assert feels(kind, NOTHING, 600.0)[quantity] is False
    assert feels(kind, felt, after_s)[quantity] is True


def test_a_detector_lags_and_a_siren_feels_nothing() -> None:
    assert feels("smoke", Felt(smoke_db_per_m=0.2), 2.0)["smoke_alarm"] is False
    assert feels("siren", Felt(smoke_db_per_m=9.0), 9.0) == {}
    assert feels("presence", Felt(moving=True), 1.0) == {"motion": True, "door_open": False}


def test_a_device_speaks_of_bits_at_once_and_of_numbers_when_they_moved() -> None:
    before: Values = {"temperature_c": 20.0, "smoke_alarm": False, "co_ppm": None}

    def said(**now: float | bool) -> bool:
        return moved(before, {**before, **now})

    assert not said(temperature_c=20.9)
    assert said(temperature_c=21.0)
    assert said(smoke_alarm=True)
    assert said(co_ppm=1.0)
    assert alarming({"smoke_alarm": True})
    assert not alarming({"smoke_alarm": None, "tamper": True})
