"""The built-in models are complete and mean what the vocabulary says."""

from __future__ import annotations

import pytest

from anmin.profiles import BUILT_IN
from devices.device import DeviceKind, Profile
from devices.instant import HOUR, MINUTE
from devices.quantity import QUANTITIES, QuantityKind

NEEDED = {
    DeviceKind.SMOKE: {"smoke_alarm"},
    DeviceKind.HEAT: {"temperature_c"},
    DeviceKind.GAS: {"gas_alarm"},
    DeviceKind.CO: {"co_ppm"},
    DeviceKind.WATER_LEAK: {"water_leak_alarm"},
    DeviceKind.WATER_LEVEL: {"water_level_mm"},
    DeviceKind.ELECTRICAL: {"residual_current_ma"},
    DeviceKind.SOS: {"sos_alarm"},
    DeviceKind.CALL_POINT: {"manual_alarm"},
}


def test_there_is_a_native_model_of_every_kind() -> None:
    native = {profile.kind for name, profile in BUILT_IN.items() if name.startswith("native-")}
    assert native == set(DeviceKind)


@pytest.mark.parametrize("profile", BUILT_IN.values(), ids=list(BUILT_IN))
def test_a_model_measures_what_its_kind_needs(profile: Profile) -> None:
    assert profile.quantities <= QUANTITIES.keys()
    assert NEEDED.get(profile.kind, set()) <= profile.quantities
    assert profile.reports_every_for >= MINUTE
    assert profile.silent_after_for <= 25 * HOUR
    if profile.alarm_quantity is not None:
        assert QUANTITIES[profile.alarm_quantity].kind is QuantityKind.ALARM
        assert profile.alarm_quantity in profile.quantities


def test_a_battery_device_is_held_to_25_hours() -> None:
    assert BUILT_IN["heiman-hs1sa"].silent_after_for == 25 * HOUR
    assert BUILT_IN["native-smoke"].silent_after_for == 15 * MINUTE
