"""Dates that people write."""

from __future__ import annotations

import pytest

from anmin.dates import date_of, instant_of
from devices.instant import HOUR


@pytest.mark.parametrize("text", ["2026-05-31", " 2026/5/31 ", "2026.05.31", "2026年5月31日", "2026年05月31"])
def test_a_day_is_its_noon(text: str) -> None:
    at = instant_of(text)
    assert at is not None
    assert (date_of(at), date_of(at - 12 * HOUR), date_of(at + 11 * HOUR)) == ("2026-05-31",) * 3


@pytest.mark.parametrize("text", ["", "2026", "2026-02-30", "31.5.2026", "2026-13-01", "0000-01-01", "5 月"])
def test_what_is_no_day_is_told(text: str) -> None:
    assert instant_of(text) is None
