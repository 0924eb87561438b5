"""Gas in a kitchen."""

from __future__ import annotations

import pytest

from simulator.hazards.gas import (
    AIRED_ACH,
    CLOSED_ACH,
    CUT_PIPE,
    KITCHEN_M3,
    LOOSE_HOSE,
    UNLIT_BURNER,
    Gas,
    Leak,
)


def minute(leak: Leak, percent: float) -> float:
    """When it first reaches that, in minutes."""
    return next((t / 60 for t in range(0, 48 * 3600, 10) if leak.lel_percent(t) >= percent), float("inf"))


def test_the_limit_is_a_hundred_percent() -> None:
    assert Gas.METHANE.lel_percent(0.044) == pytest.approx(100)
    assert Gas.LPG.lel_percent(0.014) == pytest.approx(100)


def test_an_unlit_burner_alarms_within_a_quarter_of_an_hour_and_a_loose_hose_takes_hours() -> None:
    assert 10 < minute(Leak(source_m3_h=UNLIT_BURNER), 10) < 20
    assert 60 < minute(Leak(source_m3_h=LOOSE_HOSE), 10) < 300
    assert minute(Leak(source_m3_h=CUT_PIPE), 10) < 2


def test_a_cut_pipe_reaches_what_explodes_within_half_an_hour() -> None:
    assert minute(Leak(source_m3_h=CUT_PIPE), 100) < 30


def test_a_valve_that_closes_ends_the_rise_and_a_window_clears_the_room() -> None:
    leak = Leak(closed_at_s=1200, aired_at_s=1500)
    peak = leak.lel_percent(1200)
    assert leak.lel_percent(1500) < peak
    assert leak.lel_percent(1500 + 3600 / AIRED_ACH * 3) < peak * 0.06
    assert max(leak.lel_percent(t) for t in range(0, 4000, 10)) == pytest.approx(peak, rel=0.01)


def test_the_steady_state_is_what_the_air_carries_away() -> None:
    leak = Leak()
    expected = Gas.METHANE.lel_percent(UNLIT_BURNER / (CLOSED_ACH * KITCHEN_M3))
    assert leak.lel_percent(48 * 3600) == pytest.approx(expected)
    assert leak.lel_percent(-5) == 0
