"""A device: its names, and how long it may be silent."""

from __future__ import annotations

from dataclasses import replace

from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.instant import MINUTE

SMOKE = Profile("smoke-1", DeviceKind.SMOKE, frozenset({"smoke_alarm"}), reports_every_for=10 * MINUTE)
KITCHEN = Device("d1", SMOKE, "h1", "zigbee2mqtt", "kitchen smoke", "厨房烟感", "kitchen smoke")


def test_silence_is_counted_in_missed_reports() -> None:
    assert SMOKE.silent_after_for == 30 * MINUTE
    assert replace(SMOKE, missed_allowed=1).silent_after_for == 10 * MINUTE


def test_device_is_of_its_profiles_kind_and_live_unless_told() -> None:
    assert KITCHEN.kind is DeviceKind.SMOKE
    assert KITCHEN.mode is DeviceMode.LIVE


def test_name_follows_the_language() -> None:
    assert (KITCHEN.name("zh"), KITCHEN.name("en")) == ("厨房烟感", "kitchen smoke")
