"""Water on a street and in a basement."""

from __future__ import annotations

import pytest

from simulator.hazards.flood import Basement, Shower, Street

CLOUDBURST = Shower(peak_mm_h=120, peak_at_s=900, ends_s=3600)


def deepest(street: Street, rain: Shower = CLOUDBURST) -> float:
    return max(depth for _, depth in street.depths_mm(rain, 4 * 3600))


def test_a_shower_is_a_triangle_of_rain() -> None:
    assert (CLOUDBURST.mm_h(0), CLOUDBURST.mm_h(900), CLOUDBURST.mm_h(3600)) == (0, 120, 0)
    assert CLOUDBURST.mm_h(450) == 60
    assert CLOUDBURST.total_mm == 60
    assert sum(CLOUDBURST.mm_h(t) / 3600 for t in range(3600)) == pytest.approx(60, rel=0.001)


def test_a_drain_that_takes_more_than_falls_keeps_the_street_dry() -> None:
    assert deepest(Street(), Shower(30, 900, 3600)) == 0


def test_a_cloudburst_stands_and_drains_again() -> None:
    course = list(Street().depths_mm(CLOUDBURST, 4 * 3600))
    assert 150 < max(depth for _, depth in course) < 600
    assert course[-1][1] == 0


def test_leaves_in_the_inlet_make_it_deeper_and_longer() -> None:
    clogged = Street(clogged=0.7)
    assert deepest(clogged) > deepest(Street())
    assert list(clogged.depths_mm(CLOUDBURST, 2 * 3600))[-1][1] > 100


def test_no_water_is_lost_or_made() -> None:
    street = Street(drain_m3_h=0)
    *_, (_, depth) = street.depths_mm(CLOUDBURST, 2 * 3600)
    stands = street.wedge_m * (depth / 1000) ** 2 / 2
    assert stands == pytest.approx(
        street.runoff * street.catchment_m2 * CLOUDBURST.total_mm / 1000, rel=0.001
    )


def test_a_burst_pipe_fills_a_basement_unless_the_pump_keeps_up() -> None:
    assert Basement().depth_mm(3600) == pytest.approx(50)
    assert Basement(pump_m3_h=4).depth_mm(3600) == 0
