"""Carbon monoxide indoors."""

from __future__ import annotations

import pytest

from simulator.hazards.co import BLOCKED_FLUE, CHARCOAL, Bedroom, Source


def test_a_blocked_flue_is_dangerous_within_an_hour_or_two() -> None:
    flue = Source(grams_h=BLOCKED_FLUE)
    assert 30 < flue.ppm(600) < 60
    assert 100 < flue.ppm(3600) < 400
    assert flue.ppm(24 * 3600) == pytest.approx(BLOCKED_FLUE / 1145 / (0.5 * 40) * 1e6, rel=0.001)


def test_charcoal_kills_within_the_hour() -> None:
    assert Source(grams_h=CHARCOAL).ppm(3600) > 800


def test_windows_help_and_what_ended_fades() -> None:
    aired = Source(aired_at_s=3600, until_s=3600)
    assert aired.ppm(3600 + 1800) < aired.ppm(3600) * 0.03
    assert Source(until_s=3600).ppm(7200) == pytest.approx(Source().ppm(3600) * 0.6065, rel=0.01)


def test_the_bedroom_is_later_and_lower() -> None:
    source = Source()
    beside = Bedroom(source)
    assert 0 < beside.ppm(600) < source.ppm(600) / 3
    assert beside.ppm(4 * 3600) > 150
    assert (beside.ppm(0), source.ppm(0)) == (0, 0)
