"""The plots of a calibration: what is drawn where."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from anmin.calibration_plot import BOTTOM, LEFT, RIGHT, TOP, Axes, svg
from anmin.fitting import Band, Fit

AXES = Axes(50.0, {"zh": "毫米", "en": "mm"}, {"zh": "分钟", "en": "min"})


def fit(group: str = "all", most: float = 100.0) -> Fit[str]:
    bands = (Band(0.0, 0.0, 0.0), Band(10.0, 40.0, 80.0), Band(20.0, 60.0, most))
    return Fit(group, "model", 3, bands, (0.0, 50.0, 70.0), 8.0, 20.0, Band(1, 2, 2), 1.0)


def test_model_median_and_limit_lie_where_their_values_are() -> None:
    drawn = svg([fit()], AXES)
    half, middle = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    assert f'd="M{LEFT:.1f} {BOTTOM:.1f}L{half:.1f} {middle:.1f}L{RIGHT:.1f}' in drawn
    assert f'd="M{LEFT} {middle:.1f}H{RIGHT}" stroke="#c00"' in drawn
    assert f"{half:.1f} {BOTTOM - 0.4 * (BOTTOM - TOP):.1f}L" in drawn


def test_the_band_is_closed_from_its_top_to_its_bottom() -> None:
    (band,) = re.findall(r'd="M([^"]*)Z" fill="#ddd"', svg([fit()], AXES))
    points = band.split("L")
    assert len(points) == 6
    assert points[2] == f"{RIGHT:.1f} {TOP:.1f}"
    assert points[3] == f"{RIGHT:.1f} {BOTTOM - 0.2 * (BOTTOM - TOP):.1f}"


def test_everything_stays_within_its_panel() -> None:
    for most in (60.0, 100.0, 5_000.0):
        for path in re.findall(r'd="M([^"HVZ]*)Z?"', svg([fit(most=most)], AXES)):
            for point in path.split("L"):
                x, y = map(float, point.split())
                assert LEFT <= x <= RIGHT
                assert TOP - 0.1 <= y <= BOTTOM + 0.1


def test_frost_goes_down_to_the_foot_of_the_panel() -> None:
    bands = (Band(-25.0, -20.0, -10.0), Band(0.0, 75.0, 75.0))
    cold = Fit("cold", "model", 3, bands, (-20.0, 75.0), 8.0, 20.0, None, None)
    drawn = svg([cold], AXES)
    assert f"L{LEFT:.1f} {BOTTOM:.1f}Z" in drawn
    assert f'd="M{LEFT} {BOTTOM - 0.25 * (BOTTOM - TOP):.1f}H{RIGHT}" stroke="#eee"' in drawn


def test_panels_stand_two_by_two_and_each_says_its_group() -> None:
    drawn = svg([fit("one"), fit("two"), fit("<three>")], AXES)
    assert re.findall(r"translate\((\d+) (\d+)\)", drawn) == [("0", "24"), ("360", "24"), ("0", "244")]
    texts = [node.text or "" for node in ElementTree.fromstring(drawn).iter()]
    assert [text.split()[0] for text in texts if "(mm; min)" in text] == ["one", "two", "<three>"]


@pytest.mark.parametrize(("language", "word"), [("en", "model"), ("zh", "模型"), ("fr", "model")])
def test_the_legend_is_there_in_both_languages(language: str, word: str) -> None:
    assert word in svg([fit()], AXES, language)


def test_a_plot_of_nothing_is_empty_and_no_error() -> None:
    assert ElementTree.fromstring(svg([], AXES)).tag.endswith("svg")
