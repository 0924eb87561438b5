"""The built-in models are complete and mean what the vocabulary says."""

from __future__ import annotations

import pytest

from anmin.profiles import BATTERY, BUILT_IN
from devices.device import SENSING, DeviceKind, Profile, misses
from devices.instant import DAY, HOUR, MINUTE, SECOND
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
    assert profile.missed_allowed >= misses(profile.reports_every_for) or profile.reports_every_for == BATTERY
    if profile.alarm_quantity is not None:
        assert QUANTITIES[profile.alarm_quantity].kind is QuantityKind.ALARM
        assert profile.alarm_quantity in profile.quantities


def test_silence_is_a_fault_after_so_many_reports_and_a_tenth() -> None:
    assert BUILT_IN["heiman-hs1sa"].silent_after_for == 25 * HOUR + 50 * MINUTE
    assert BUILT_IN["native-smoke"].silent_after_for == 1530 * SECOND
    assert BUILT_IN["hourly-gas"].silent_after_for == 246 * MINUTE
    assert BUILT_IN["daily-smoke"].silent_after_for == 98 * HOUR + 24 * MINUTE


def test_what_can_alarm_or_sound_is_tested_once_a_year_and_does_not_last_for_ever() -> None:
    for profile in BUILT_IN.values():
        tested = profile.kind in SENSING | {DeviceKind.SIREN, DeviceKind.LOUDSPEAKER, DeviceKind.SOUNDER}
        assert profile.test_every_for == (365 * DAY if tested else None), profile.id
    assert BUILT_IN["native-smoke"].lasts_for == 12 * 365 * DAY
    assert BUILT_IN["native-co"].lasts_for == 5 * 365 * DAY


def test_a_model_that_is_not_known_is_claimed_as_one_of_its_kind() -> None:
    for kind in SENSING:
        for often in ("hourly", "daily"):
            own, native = BUILT_IN[f"{often}-{kind.value.replace('_', '-')}"], BUILT_IN[_native(kind)]
            assert (own.kind, own.quantities) == (kind, native.quantities)


def _native(kind: DeviceKind) -> str:
    return f"native-{kind.value.replace('_', '-')}"
