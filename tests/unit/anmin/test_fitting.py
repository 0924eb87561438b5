"""Fitting: the search finds what made a curve, and the errors are those by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from anmin.fitting import Band, Curve, band_of, bands_of, judged, reaches, rms_of, search


@pytest.mark.parametrize("true", [(0.02, 300.0), (0.9, 4_000.0), (0.0011, 4_900.0)])
def test_search_finds_the_parameters_that_made_the_curve(true: tuple[float, float]) -> None:
    def curve(found: Sequence[float]) -> list[float]:
        return [min(found[0] * t**2, found[1]) for t in range(0, 3_000, 20)]

    aim = curve(true)

    def error(found: Sequence[float]) -> float:
        return sum((a - b) ** 2 for a, b in zip(curve(found), aim, strict=True))

    found = search(error, ((0.001, 1.0), (20.0, 5_000.0)))
    assert found == pytest.approx(true, rel=0.02)


def test_search_stays_within_its_ranges() -> None:
    asked: list[float] = []

    def error(found: Sequence[float]) -> float:
        asked.append(found[0])
        return -found[0]

    assert search(error, ((2.0, 8.0),)) == pytest.approx([8.0])
    assert min(asked) >= 2.0 * (1 - 1e-9)
    assert max(asked) <= 8.0 * (1 + 1e-9)


def test_band_is_the_tenth_the_half_and_nine_tenths() -> None:
    assert band_of([float(n) for n in range(10, -1, -1)]) == Band(1.0, 5.0, 9.0)
    assert band_of([4.0]) == Band(4.0, 4.0, 4.0)


def test_bands_end_where_fewer_than_half_of_the_curves_go_on() -> None:
    curves: list[Curve] = [[1.0, 1.0, 1.0, 1.0], [3.0, None, 3.0], [5.0, 5.0]]
    assert [band.middle for band in bands_of(curves, 10)] == [3.0, 3.0, 2.0]
    assert len(bands_of(curves, 0)) == 1


def test_a_gap_in_a_curve_is_passed_over() -> None:
    assert reaches([None, 50.0, None, 57.0, 99.0], 57.0) == 3
    assert reaches([None, 50.0], 57.0) is None


def test_judgement_by_hand() -> None:
    curves: list[Curve] = [[0.0, 10.0, 20.0], [0.0, 20.0, 40.0], [0.0, 30.0, None]]
    bands = bands_of(curves, 2)
    fit = judged("two", "model", curves, bands, [0.0, 23.0, 34.0, 50.0], 30.0)
    assert fit.rms == pytest.approx(math.sqrt((0 + 9 + 16) / 3))
    assert fit.spread == pytest.approx(math.sqrt((169 + 196 + 9 + 36 + 49) / 8))
    assert (fit.curves, fit.never, fit.line) == (3, 1, (0.0, 23.0, 34.0))
    assert fit.recorded == Band(1, 1.5, 2)
    assert fit.modelled == 2
    assert fit.late == 0.5


def test_a_limit_that_is_never_reached_has_no_time() -> None:
    curves: list[Curve] = [[0.0, 1.0]]
    bands = bands_of(curves, 1)
    assert judged("", "", curves, bands, [0.0, 99.0], 50.0).late is None
    assert judged("", "", [[0.0, 99.0]], bands, [0.0, 1.0], 50.0).late is None


def test_rms_by_hand() -> None:
    assert rms_of([3.0, -4.0]) == pytest.approx(math.sqrt(12.5))
