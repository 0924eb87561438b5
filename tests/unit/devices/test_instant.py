"""Whole microseconds: exact both ways, and nothing without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from devices.instant import HOUR, MINUTE, SECOND, instant, moment, parse_rfc3339, rfc3339

AT = datetime(2026, 11, 23, 3, 0, 0, 250_001, tzinfo=UTC)


def test_instant_and_moment_are_exact_inverses() -> None:
    for at in (0, 1, -1, 1_795_402_800_250_001, 253_402_300_799_999_999):
        assert instant(moment(at)) == at
    assert moment(instant(AT)) == AT


def test_zone_does_not_change_the_instant() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    assert instant(shanghai) == instant(AT)


def test_naive_datetime_is_a_bug() -> None:
    with pytest.raises(TypeError):
        instant(AT.replace(tzinfo=None))


def test_lengths_of_time_are_microseconds() -> None:
    assert (SECOND, MINUTE, HOUR) == (1_000_000, 60_000_000, 3_600_000_000)


def test_shown_time_is_utc_in_milliseconds() -> None:
    assert rfc3339(instant(AT)) == "2026-11-23T03:00:00.250Z"


def test_read_time_needs_its_zone() -> None:
    assert parse_rfc3339("2026-11-23T11:00:00.250001+08:00") == instant(AT)
    assert parse_rfc3339("2026-11-23T03:00:00.250001Z") == instant(AT)
    with pytest.raises(ValueError, match="without a zone"):
        parse_rfc3339("2026-11-23T03:00:00")
    with pytest.raises(ValueError, match="tomorrow"):
        parse_rfc3339("tomorrow")
