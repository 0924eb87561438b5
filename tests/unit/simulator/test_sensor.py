"""Detectors as instruments: delays, noise, resolution."""

from __future__ import annotations

import math
import random
from statistics import mean, stdev

import pytest

from simulator.hazards.fire import FAST, RoomFire
from simulator.sensor import (
    CABLE_BEAD,
    CO_CELL,
    GAS_BEAD,
    LEVEL,
    RESIDUAL,
    SMOKE_CHAMBER,
    HeatDetector,
    HeatProbe,
    Probe,
    Reading,
    Sensor,
    by_t90,
    jet_m_s,
)


def chance() -> random.Random:
    return random.Random(7)


@pytest.mark.parametrize(("sensor", "t90_s"), [(CO_CELL, 60.0), (GAS_BEAD, 25.0), (by_t90(40.0), 40.0)])
def test_cell_shows_nine_tenths_of_a_step_after_its_t90(sensor: Sensor, t90_s: float) -> None:
    probe = Probe(sensor, chance())
    probe.follow(100.0, t90_s)
    assert probe.value == pytest.approx(90.0)


def test_smoke_needs_ten_to_thirty_seconds_to_enter() -> None:
    probe = Probe(SMOKE_CHAMBER, chance())
    second = next(n for n in range(1, 100) if probe.follow(1.0, 1.0) and probe.value >= 1 - 1 / math.e)
    assert 10 <= second <= 30


def test_a_sensor_without_a_time_constant_is_there_at_once() -> None:
    probe = Probe(Sensor(0.0), chance(), start=5.0)
    assert probe.value == 5.0
    assert probe.follow(42.0, 0.001) == 42.0


def test_noise_has_its_sigma_and_no_bias() -> None:
    draw, reading = chance(), Reading(noise=2.0)
    seen = [reading.of(100.0, draw) for _ in range(4000)]
    assert mean(seen) == pytest.approx(100.0, abs=0.15)
    assert stdev(seen) == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("sensor", [SMOKE_CHAMBER, CO_CELL, GAS_BEAD, LEVEL, CABLE_BEAD, RESIDUAL])
def test_readings_keep_to_their_steps_and_span(sensor: Sensor) -> None:
    reading, draw = sensor.reading, chance()
    for value in (-1e6, 0.0, 3.33333, 77.7777, 1e6):
        seen = reading.of(value, draw)
        assert reading.least <= seen <= reading.most
        assert abs(seen / reading.step - round(seen / reading.step)) < 1e-6


def test_without_noise_nothing_is_drawn() -> None:
    draw = chance()
    assert Reading(step=0.5).of(1.3, draw) == 1.5
    assert draw.random() == chance().random()


def test_the_same_chance_gives_the_same_readings() -> None:
    one, other = Probe(CO_CELL, chance()), Probe(CO_CELL, chance())
    assert [one.follow(80.0, 5.0) for _ in range(50)] == [other.follow(80.0, 5.0) for _ in range(50)]


def test_time_constant_of_a_heat_detector_is_its_index_by_the_root_of_the_draught() -> None:
    assert HeatDetector(rti=100.0).tau_s(4.0) == pytest.approx(50.0)
    assert HeatDetector(rti=50.0).tau_s(1.0) == pytest.approx(50.0)
    assert HeatDetector(rti=50.0).tau_s(0.0) == HeatDetector(rti=50.0).tau_s(0.2)


def test_heat_detector_follows_the_jet() -> None:
    still = HeatDetector(rti=60.0, reading=Reading())
    probe = HeatProbe(still, chance(), start=20.0)
    assert probe.follow(120.0, 1.0, 60.0) == pytest.approx(20.0 + 100 * (1 - 1 / math.e))


@pytest.mark.parametrize(("rti", "slower"), [(50.0, (10, 60)), (100.0, (20, 90))])
def test_heat_detector_comes_later_than_the_air_by_what_its_index_says(
    rti: float, slower: tuple[int, int]
) -> None:
    fire, probe = RoomFire(alpha=FAST, peak_kw=1_000.0), HeatProbe(HeatDetector(rti), chance())
    air_s = next(t for t in range(1, 600) if fire.air(t).temperature_c >= 57)
    bead_s = next(t for t in range(1, 600) if _bead(fire, probe, t) >= 57)
    assert slower[0] <= bead_s - air_s <= slower[1]


def _bead(fire: RoomFire, probe: HeatProbe, t: int) -> float:
    return probe.follow(fire.air(t).temperature_c, jet_m_s(fire.heat_kw(t), fire.height_m), 1.0)


def test_velocity_of_the_jet_is_that_of_alpert() -> None:
    """1 MW under 3 m: 0.96 (Q/H)^(1/3) on the axis, 0.195 Q^(1/3) H^(1/2) / r^(5/6) beside it."""
    assert jet_m_s(1_000.0, 3.0, 0.0) == pytest.approx(6.66, abs=0.01)
    assert jet_m_s(1_000.0, 3.0, 3.0) == pytest.approx(1.352, abs=0.005)
    assert jet_m_s(0.0, 3.0) == 0.0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        Reading(noise=-1.0)
    with pytest.raises(ValueError, match="least"):
        Reading(least=1.0, most=0.0)
    with pytest.raises(ValueError, match="time constant"):
        Sensor(-1.0)
    with pytest.raises(ValueError, match="positive"):
        HeatDetector(rti=0.0)
