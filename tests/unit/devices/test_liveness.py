"""Heard, late, silent, unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.device import DeviceKind, Profile
from devices.instant import HOUR, MINUTE
from devices.liveness import Liveness, liveness

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
