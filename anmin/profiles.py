"""The models that Anmin knows: what each measures and how often it is heard when all is well.

Intervals: our own devices send a heartbeat of 5 min (gateways 1 min). Zigbee devices on batteries are held
to 25 h as Zigbee2MQTT's own availability does (3 x 500 min), unless the model is known to speak more often.
Fire transmission devices say something every half minute or so; what they call fire is somebody's alarm.

Service life: GB 29837-2013, 12 years for detectors and sounders, 5 for the sensing element of gas and CO
detectors. Tests: every point once a year (GB 50166-2019). A model that is not here is claimed as the
`hourly-` or `daily-` one of its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from devices.device import SENSING, DeviceKind, Profile, misses
from devices.instant import DAY, HOUR, MINUTE, Micros

ABOUT_ITSELF = frozenset({"battery_percent", "battery_mv", "battery_low", "tamper", "fault", "link_quality"})
"""Every model may tell these of itself."""

BATTERY: Micros = 500 * MINUTE
HOURLY: Micros = HOUR
NATIVE: Micros = 5 * MINUTE


YEAR: Micros = 365 * DAY

_KINDS = DeviceKind
_MEASURES: Mapping[DeviceKind, tuple[str, ...]] = {
    _KINDS.SMOKE: ("smoke_alarm", "smoke_obscuration_db_per_m", "temperature_c"),
    _KINDS.HEAT: ("heat_alarm", "temperature_c"),
    _KINDS.GAS: ("gas_alarm", "gas_lel_percent"),
    _KINDS.CO: ("co_alarm", "co_ppm"),
    _KINDS.WATER_LEAK: ("water_leak_alarm",),
    _KINDS.WATER_LEVEL: ("water_level_alarm", "water_level_mm"),
    _KINDS.ELECTRICAL: ("electrical_alarm", "residual_current_ma", "cable_temperature_c"),
    _KINDS.SOS: ("sos_alarm",),
    _KINDS.CALL_POINT: ("manual_alarm",),
    _KINDS.PRESENCE: ("motion", "door_open"),
}
_SOUNDS = frozenset({_KINDS.SIREN, _KINDS.LOUDSPEAKER, _KINDS.SOUNDER})
_LASTS_FOR: Mapping[DeviceKind, Micros] = {
    **dict.fromkeys((_KINDS.SMOKE, _KINDS.HEAT, _KINDS.CALL_POINT, *_SOUNDS), 12 * YEAR),
    **dict.fromkeys((_KINDS.GAS, _KINDS.CO), 5 * YEAR),
}


def _model(
    name: str,
    kind: DeviceKind,
    quantities: Iterable[str],
    every: Micros,
    missed: int | None = None,
    alarm: str | None = None,
) -> Profile:
    measured = ABOUT_ITSELF | frozenset(quantities)
    allowed = misses(every) if missed is None else missed
    profile = Profile(name, kind, measured, every, allowed, alarm, lasts_for=_LASTS_FOR.get(kind))
    return replace(profile, test_every_for=YEAR) if kind in SENSING | _SOUNDS else profile


def _of_kind(first: str, kind: DeviceKind, every: Micros) -> Profile:
    return _model(f"{first}-{kind.value.replace('_', '-')}", kind, _MEASURES.get(kind, ()), every)


def _zigbee(
    name: str,
    kind: DeviceKind,
    quantities: Iterable[str],
    every: Micros = BATTERY,
    alarm: str | None = None,
) -> Profile:
    return _model(name, kind, quantities, every, 3 if every == BATTERY else None, alarm)


BUILT_IN: Mapping[str, Profile] = {
    profile.id: profile
    for profile in (
        *(_of_kind("native", kind, MINUTE if kind is _KINDS.GATEWAY else NATIVE) for kind in _KINDS),
        *(_of_kind("hourly", kind, HOUR) for kind in _MEASURES),
        *(_of_kind("daily", kind, DAY) for kind in _MEASURES),
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
        _zigbee("zigbee2mqtt-bridge", _KINDS.GATEWAY, (), 10 * MINUTE),
    )
}
