"""ingest.generic: what an alarm bit without a name means."""

from __future__ import annotations

import pytest

from devices.device import Device, DeviceKind, Profile
from ingest.generic import GENERIC, UNSURE, specific
from ingest.message import Point


def device(kind: DeviceKind, alarm_quantity: str | None = None) -> Device:
    profile = Profile("model", kind, frozenset(), alarm_quantity=alarm_quantity)
    return Device("d", profile, "place", "zigbee2mqtt", "d", "设备", "Device")


def test_profile_says_what_it_means() -> None:
    """A flood sensor may sit in a model sold as a smoke detector's twin."""
    said = specific([Point(GENERIC, 1.0)], device(DeviceKind.SMOKE, "water_leak_alarm"))
    assert said == [Point("water_leak_alarm", 1.0)]


def test_kind_says_it_where_the_profile_does_not() -> None:
    assert specific([Point(GENERIC, 0.0)], device(DeviceKind.CO)) == [Point("co_alarm", 0.0)]


@pytest.mark.parametrize(
    ("generic", "named", "together"),
    [(0.0, None, None), (1.0, 0.0, 1.0), (0.0, 1.0, 1.0), (None, 0.0, None), (0.0, 0.0, 0.0)],
)
def test_beside_a_named_bit_the_worse_counts(
    generic: float | None, named: float | None, together: float | None
) -> None:
    said = specific([Point(GENERIC, generic), Point("smoke_alarm", named)], device(DeviceKind.SMOKE))
    assert said == [Point("smoke_alarm", together)]


def test_siren_has_no_alarm_of_its_own() -> None:
    said = specific([Point(GENERIC, 1.0), Point("tamper", 0.0)], device(DeviceKind.SIREN))
    assert said == [Point("tamper", 0.0)]


def test_unsure_bit_counts_only_where_the_profile_says_so() -> None:
    points = [Point(UNSURE, 1.0), Point("tamper", 0.0)]
    assert specific(points, device(DeviceKind.HEAT)) == [Point("tamper", 0.0)]
    assert specific(points, device(DeviceKind.HEAT, "heat_alarm")) == [Point("heat_alarm", 1.0), points[1]]


def test_unknown_device_keeps_its_generic_alarm() -> None:
    assert specific([Point(GENERIC, 1.0), Point(UNSURE, 1.0)], None) == [Point(GENERIC, 1.0)]


def test_message_without_generic_bits_is_left_as_it_is() -> None:
    points = [Point("smoke_alarm", 1.0)]
    assert specific(points, None) is points
