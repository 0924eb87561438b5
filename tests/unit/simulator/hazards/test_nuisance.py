"""What is no danger: never over the set points of the norms, and no detector of ours sounds for it."""

from __future__ import annotations

import math
import random

import pytest

from simulator.felt import Felt, alarming, detector
from simulator.hazards.nuisance import NUISANCES, GasMeter, Nuisance

HARMLESS = sorted(set(NUISANCES) - {"burnt_food"})


@pytest.mark.parametrize("kind", HARMLESS)
def test_heights_are_below_the_set_points(kind: str) -> None:
    """0.15 dB/m less a tenth of tolerance, 54 degrees over 22, 30 ppm, 5 %LEL."""
    what = NUISANCES[kind]
    assert what.smoke_db_per_m < 0.135
    assert 22 + what.warmer_k < 54
    assert what.co_ppm < 30
    assert what.gas_lel_percent < 5
    assert max(what[:4]) > 0


@pytest.mark.parametrize("kind", sorted(NUISANCES))
def test_share_begins_at_nothing_stays_within_one_and_fades(kind: str) -> None:
    what = NUISANCES[kind]
    shares = [what.share(t, 900.0) for t in range(0, 40_000, 5)]
    assert what.share(-1, 900.0) == shares[0] == 0.0
    assert 0.2 < max(shares) <= 1.0
    assert max(shares) == pytest.approx(what.share(900.0, 900.0))
    assert shares[-1] < 1e-3


def test_share_is_two_thirds_after_its_time_constant_and_a_third_after_it_fades() -> None:
    what = Nuisance(rises_s=60.0, fades_s=120.0)
    assert what.share(60, 1e6) == pytest.approx(1 - 1 / math.e)
    assert what.share(10_000 + 120, 10_000) == pytest.approx(1 / math.e)


def _sounds(kind: str, device: str, seed: int) -> bool:
    what, feel = NUISANCES[kind], detector(device, random.Random(seed))
    lasts_s = 2.0 if kind == "insect" else 3_600.0
    step = 0.5 if kind == "insect" else 10.0
    for n in range(600):
        share = what.share(n * step, lasts_s)
        felt = Felt(
            warmer_k=share * what.warmer_k,
            smoke_db_per_m=share * what.smoke_db_per_m,
            co_ppm=share * what.co_ppm,
            gas_lel_percent=share * what.gas_lel_percent,
        )
        if alarming(feel(felt, step)):
            return True
    return False


@pytest.mark.parametrize("kind", HARMLESS)
@pytest.mark.parametrize("device", ["smoke", "heat", "gas", "co"])
def test_no_detector_sounds_for_what_is_harmless(kind: str, device: str) -> None:
    assert not any(_sounds(kind, device, seed) for seed in range(5))


def test_burnt_food_is_smoke_and_sounds() -> None:
    assert all(_sounds("burnt_food", "smoke", seed) for seed in range(5))


def test_an_insect_is_a_spike_of_seconds() -> None:
    what = NUISANCES["insect"]
    assert what.share(2.0, 2.0) > 0.95
    assert what.share(5.0, 2.0) < 0.01


def test_the_sun_is_slower_than_any_rate_of_rise() -> None:
    """8.3 K within 60 s is the pre-alarm's rate."""
    sun = NUISANCES["sun"]
    fastest = max(sun.share(t + 60, 1e6) - sun.share(t, 1e6) for t in range(0, 7_200, 30)) * sun.warmer_k
    assert 0 < fastest < 1.0


def test_a_gas_meter_counts_what_burnt_and_never_back() -> None:
    meter = GasMeter(counted_m3=812.0, m3_h=0.3, burns_s=1_800.0)
    assert meter.m3(-5) == meter.m3(0) == 812.0
    assert meter.m3(900) == pytest.approx(812.075)
    assert meter.m3(1_800) == meter.m3(1e6) == pytest.approx(812.15)
