"""ingest.dialects.gb26875_time: binary and BCD, and which of the two when both are possible."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from devices.instant import Instant, instant
from ingest.dialects.gb26875_time import Tagged, read_time, write_time


def local(*parts: int) -> Instant:
    year, month, day, hour, minute, second = parts
    return instant(datetime(year, month, day, hour, minute, second, tzinfo=UTC))


NOW = local(2026, 11, 23, 9, 58, 2)


@pytest.mark.parametrize("bcd", [False, True])
@pytest.mark.parametrize("year", range(2025, 2036))
def test_clock_that_is_right_is_read_back_in_either_encoding(year: int, bcd: bool) -> None:
    at = local(year, 11, 23, 9, 58, 12)
    raw = write_time(at, bcd)
    assert read_time(raw, at) == Tagged(at, bcd)
    found = read_time(raw)
    assert found is not None
    assert found.local == at


def test_year_26_is_told_by_its_byte() -> None:
    assert read_time(bytes.fromhex("023a0917" + "0b1a")) == Tagged(local(2026, 11, 23, 9, 58, 2), False)
    assert read_time(bytes.fromhex("025809231126")) == Tagged(local(2026, 11, 23, 9, 58, 2), True)


def test_reading_nearest_the_reference_is_taken() -> None:
    raw = bytes.fromhex("100509120732")  # 2032 in BCD or 2050 in binary
    assert read_time(raw, local(2032, 1, 1, 0, 0, 0)) == Tagged(local(2032, 7, 12, 9, 5, 10), True)
    assert read_time(raw, local(2050, 1, 1, 0, 0, 0)) == Tagged(local(2050, 7, 18, 9, 5, 16), False)


@pytest.mark.parametrize(
    "raw",
    ["000000000000", "ffffffffffff", "", "0000", "3c3b17010101", "00000020021a", "00000001011a00", "aa" * 6],
)
def test_what_is_no_time_is_none(raw: str) -> None:
    assert read_time(bytes.fromhex(raw), NOW) is None


def test_no_six_bytes_raise() -> None:
    for parts in product((0, 1, 0x0A, 0x31, 0x59, 0x63, 0x99, 0xFF), repeat=6):
        found = read_time(bytes(parts), NOW)
        assert found is None or read_time(write_time(found.local, found.bcd), found.local) == found
