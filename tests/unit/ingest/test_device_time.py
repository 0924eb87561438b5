"""ingest.device_time: three forms of a time, and what is none of them."""

from __future__ import annotations

import pytest

from ingest.device_time import UNREADABLE, device_time

AT = 1_656_118_444_933_000


@pytest.mark.parametrize(
    "said",
    [
        "2022-06-25T00:54:04.933Z",
        "2022-06-25T08:54:04.933+08:00",
        1_656_118_444_933,
        1_656_118_444_933.0,
        "1656118444933",
    ],
)
def test_every_form_means_the_same_instant(said: object) -> None:
    assert device_time(said) == AT


def test_nothing_said_is_nothing_known() -> None:
    assert device_time(None) is None


@pytest.mark.parametrize(
    "said",
    ["", "soon", "2022-06-25T00:54:04", "2022-13-45T00:00:00Z", -1, 10**30, 1e300, True, {}, "9" * 400, "²"],
)
def test_unreadable_time_is_told_from_none_at_all(said: object) -> None:
    """Admission flags it as a clock not believed; the message itself is as good as ever."""
    assert device_time(said) == UNREADABLE
