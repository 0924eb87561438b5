"""A device: its names, and how long it may be silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.device import Device, DeviceKind, DeviceMode, Profile, misses
from devices.instant import DAY, HOUR, MINUTE, SECOND

SMOKE = Profile("smoke-1", DeviceKind.SMOKE, frozenset({"smoke_alarm"}), reports_every_for=10 * MINUTE)
KITCHEN = Device("d1", SMOKE, "h1", "zigbee2mqtt", "kitchen smoke", "厨房烟感", "kitchen smoke")


def test_silence_is_counted_in_missed_reports_and_the_last_may_be_a_little_late() -> None:
    assert SMOKE.silent_after_for == 31 * MINUTE
    assert replace(SMOKE, missed_allowed=1).silent_after_for == 11 * MINUTE


@pytest.mark.parametrize(
    ("every", "missed"),
    [(24 * SECOND, 6), (5 * MINUTE, 5), (HOUR, 4), (12 * HOUR, 4), (24 * HOUR, 4), (60 * DAY, 3)],
)
def test_misses_keep_a_thousand_devices_from_false_silence(every: int, missed: int) -> None:
    """P10: devices x reports x loss^k <= 0.01 for 1,000 devices and 30 days at 1 % loss, and k no larger."""
    reports = 1_000 * 30 * DAY / every
    assert misses(every) == missed
    assert reports * 0.01**missed <= 0.01 < reports * 0.01 ** (missed - 1)


def test_service_life_is_what_the_label_says_before_what_the_model_says() -> None:
    lasting = replace(SMOKE, lasts_for=10 * 365 * DAY, calibrate_every_for=365 * DAY)
    detector = replace(KITCHEN, profile=lasting)
    assert (detector.out_of_date_at, detector.calibration_due_at) == (None, None)
    installed = replace(detector, installed_at=5 * DAY)
    assert installed.out_of_date_at == 3655 * DAY
    assert installed.calibration_due_at == 370 * DAY
    assert replace(installed, expires_at=9 * DAY).out_of_date_at == 9 * DAY
    assert replace(installed, calibrated_at=100 * DAY).calibration_due_at == 465 * DAY


def test_device_is_of_its_profiles_kind_and_live_unless_told() -> None:
    assert KITCHEN.kind is DeviceKind.SMOKE
    assert KITCHEN.mode is DeviceMode.LIVE


def test_name_follows_the_language() -> None:
    assert (KITCHEN.name("zh"), KITCHEN.name("en")) == ("厨房烟感", "kitchen smoke")
