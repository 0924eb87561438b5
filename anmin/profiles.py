"""The models that Anmin knows: what each measures and how often it is heard when all is well.

Intervals: our own devices send a heartbeat of 5 min (gateways 1 min). Zigbee devices on batteries are held
to 25 h as Zigbee2MQTT's own availability does (3 x 500 min), unless the model is known to speak more often.
Fire transmission devices say something every half minute or so; what they call fire is somebody's alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devices.device import DeviceKind, Profile
from devices.instant import HOUR, MINUTE, Micros

ABOUT_ITSELF = frozenset({"battery_percent", "battery_mv", "battery_low", "tamper", "fault", "link_quality"})
"""Every model may tell these of itself."""

BATTERY: Micros = 500 * MINUTE
HOURLY: Micros = HOUR
NATIVE: Micros = 5 * MINUTE


def _native(kind: DeviceKind, quantities: Iterable[str] = (), every: Micros = NATIVE) -> Profile:
    name = f"native-{kind.value.replace('_', '-')}"
    return Profile(name, kind, ABOUT_ITSELF | frozenset(quantities), reports_every_for=every)


def _zigbee(
    name: str,
    kind: DeviceKind,
    quantities: Iterable[str],
    every: Micros = BATTERY,
    alarm: str | None = None,
) -> Profile:
    measured = ABOUT_ITSELF | frozenset(quantities)
    return Profile(name, kind, measured, reports_every_for=every, alarm_quantity=alarm)


_KINDS = DeviceKind

BUILT_IN: Mapping[str, Profile] = {
    profile.id: profile
    for profile in (
        _native(_KINDS.SMOKE, ("smoke_alarm", "smoke_obscuration_db_per_m", "temperature_c")),
        _native(_KINDS.HEAT, ("heat_alarm", "temperature_c")),
        _native(_KINDS.GAS, ("gas_alarm", "gas_lel_percent")),
        _native(_KINDS.CO, ("co_alarm", "co_ppm")),
        _native(_KINDS.WATER_LEAK, ("water_leak_alarm",)),
        _native(_KINDS.WATER_LEVEL, ("water_level_alarm", "water_level_mm")),
        _native(_KINDS.ELECTRICAL, ("electrical_alarm", "residual_current_ma", "cable_temperature_c")),
        _native(_KINDS.SOS, ("sos_alarm",)),
        _native(_KINDS.CALL_POINT, ("manual_alarm",)),
        _native(_KINDS.SIREN),
        _native(_KINDS.LOUDSPEAKER),
        _native(_KINDS.SOUNDER),
        _native(_KINDS.GATEWAY, every=MINUTE),
        _zigbee("heiman-hs1sa", _KINDS.SMOKE, ("smoke_alarm",)),
        _zigbee("heiman-hs2sa", _KINDS.SMOKE, ("smoke_alarm",), alarm="smoke_alarm"),
        _zigbee(
            "xiaomi-jtyj-gd-01lm",
            _KINDS.SMOKE,
            ("smoke_alarm", "smoke_obscuration_db_per_m", "temperature_c"),
            HOURLY,
        ),
        _zigbee("xiaomi-jtqj-bf-01lm", _KINDS.GAS, ("gas_alarm", "gas_density"), HOURLY),
        _zigbee("tuya-ts0601-gas", _KINDS.GAS, ("gas_alarm", "gas_lel_percent"), HOURLY),
        _zigbee("aqara-sjcgq11lm", _KINDS.WATER_LEAK, ("water_leak_alarm", "temperature_c"), HOURLY),
        _zigbee("smartthings-leak", _KINDS.WATER_LEAK, ("water_leak_alarm", "temperature_c")),
        _zigbee("shelly-flood", _KINDS.WATER_LEAK, ("water_leak_alarm",), alarm="water_leak_alarm"),
        _zigbee("tuya-ts0215a-sos", _KINDS.SOS, ("sos_alarm",)),
        _zigbee("frient-keypad", _KINDS.SOS, ("sos_alarm",)),
        _zigbee("gb26875-transmitter", _KINDS.GATEWAY, ("manual_alarm",), 5 * MINUTE, "manual_alarm"),
    )
}
