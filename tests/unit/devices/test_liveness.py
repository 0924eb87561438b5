"""Heard, late, silent, unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.device import DeviceKind, Profile, misses
from devices.instant import HOUR, MINUTE, SECOND
from devices.liveness import Liveness, expected, is_believable, liveness

HOURLY = Profile("p", DeviceKind.SMOKE, frozenset({"smoke_alarm"}), HOUR, missed_allowed=4)


@pytest.mark.parametrize(
    ("quiet_for", "said"),
    [
        (0, Liveness.HEARD),
        (126 * MINUTE, Liveness.HEARD),
        (127 * MINUTE, Liveness.LATE),
        (246 * MINUTE, Liveness.LATE),
        (247 * MINUTE, Liveness.SILENT),
        (900 * HOUR, Liveness.SILENT),
    ],
)
def test_two_missing_reports_are_late_and_the_profiles_number_is_silence(
    quiet_for: int, said: Liveness
) -> None:
    assert liveness(1_000, 1_000 + quiet_for, HOURLY) is said


def test_never_heard_is_unknown_and_nothing_else() -> None:
    assert liveness(None, 10**15, HOURLY) is Liveness.UNKNOWN


def test_a_model_that_may_miss_one_report_is_never_late() -> None:
    strict = replace(HOURLY, missed_allowed=1)
    assert {liveness(0, minutes * MINUTE, strict) for minutes in range(300)} == {
        Liveness.HEARD,
        Liveness.SILENT,
    }


@pytest.mark.parametrize(("said_for", "missed"), [(30 * SECOND, 5), (24 * HOUR, 4)])
def test_the_interval_that_a_device_says_counts_instead_of_its_profiles(said_for: int, missed: int) -> None:
    profile = replace(HOURLY, missed_allowed=misses(HOUR))
    limit = said_for * missed + said_for // 10
    assert expected(profile, said_for).silent_after_for == limit
    assert liveness(0, limit, profile, said_for) is not Liveness.SILENT
    assert liveness(0, limit + 1, profile, said_for) is Liveness.SILENT
    assert liveness(0, said_for, profile, said_for) is Liveness.HEARD


def test_a_number_of_misses_set_by_hand_stays_whatever_the_device_says() -> None:
    by_hand = replace(HOURLY, missed_allowed=2)
    assert expected(by_hand, 24 * HOUR).missed_allowed == 2
    assert expected(by_hand) == expected(by_hand, HOUR) == by_hand


@pytest.mark.parametrize(
    ("said_for", "believed"),
    [(0, False), (10 * SECOND - 1, False), (10 * SECOND, True), (168 * HOUR, True), (168 * HOUR + 1, False)],
)
def test_only_ten_seconds_to_seven_days_are_believed(said_for: int, believed: bool) -> None:
    assert is_believable(said_for) is believed
