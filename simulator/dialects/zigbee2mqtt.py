"""Zigbee2MQTT 2.x: everything it remembers of a device in each message, with what is new somewhere in it.

Its habits: values it has not heard since its start are null; a button is an action that is said once and
then gone; every message repeats the old alarm bit (a cached value is no new evidence); an availability topic
beside each device, retained.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

from devices.instant import Instant, rfc3339
from simulator.voice import Dialect, Identity, Model, Quiet, Said, Values, Voice

BASE: Final = "zigbee2mqtt"
BRIDGE: Final = "bridge"
_NAMES: Final = {
    "smoke_alarm": "smoke",
    "smoke_obscuration_db_per_m": "smoke_density_dbm",
    "heat_alarm": "heat",
    "gas_alarm": "gas",
    "gas_lel_percent": "gas_value",
    "co_alarm": "carbon_monoxide",
    "co_ppm": "co",
    "water_leak_alarm": "water_leak",
    "water_level_mm": "liquid_depth",
    "residual_current_ma": "leakage_current",
    "motion": "occupancy",
    "temperature_c": "temperature",
    "battery_percent": "battery",
    "battery_low": "battery_low",
    "tamper": "tamper",
    "fault": "fault",
}
_HOUR: Final = 3600.0
_BATTERY: Final = 8 * _HOUR
_OWN: Final = ("battery_percent", "battery_low", "tamper")


class Zigbee2Mqtt(Quiet):
    """One device behind the bridge."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._topic = f"{BASE}/{who.address}"
        self._kind = who.kind
        self._known: dict[str, Any] = {_NAMES[name]: None for name in MODELS[who.kind].quantities}
        self._quality = chance.randint(40, 200)

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return (self._state(values, at, pressed=False),)

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return (self._state(values, at, pressed=bool(values.get("sos_alarm"))),)

    def online(self, at: Instant) -> tuple[Said, ...]:
        return (self._presence("online"),)

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return (self._presence("offline"),)

    def _state(self, values: Values, at: Instant, *, pressed: bool) -> Said:
        for quantity, value in values.items():
            if quantity == "door_open":
                self._known["contact"] = None if value is None else not value
            elif (name := _NAMES.get(quantity)) is not None and name in self._known:
                self._known[name] = _depth(value) if name == "liquid_depth" else value
        body = dict(self._known)
        if pressed:
            body["action"] = "emergency"
        if self.testing:
            body["test"] = True
        body |= {"linkquality": self._quality, "last_seen": rfc3339(at)}
        return Said(self._topic, json.dumps(body, separators=(",", ":")).encode())

    def _presence(self, word: str) -> Said:
        return Said(f"{self._topic}/availability", json.dumps({"state": word}).encode(), retained=True)


class Bridge(Quiet):
    """Zigbee2MQTT itself: a gateway that says every ten minutes that it is well."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._base = BASE

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return (Said(f"{self._base}/bridge/health", b'{"healthy":true}'),)

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return self.reading(values, at)

    def online(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"{self._base}/bridge/state", b'{"state":"online"}', retained=True),)

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"{self._base}/bridge/state", b'{"state":"offline"}', retained=True),)


def _depth(value: float | bool | None) -> float | None:
    """In metres here."""
    return None if value is None else round(value / 1000, 3)


MODELS: Final = {
    "smoke": Model("heiman-hs1sa", ("smoke_alarm", *_OWN), _BATTERY),
    "gas": Model("tuya-ts0601-gas", ("gas_alarm", "gas_lel_percent"), _HOUR),
    "heat": Model("hourly-heat", ("heat_alarm", "temperature_c", *_OWN), _HOUR),
    "co": Model("hourly-co", ("co_alarm", "co_ppm", *_OWN), _HOUR),
    "water_leak": Model("aqara-sjcgq11lm", ("water_leak_alarm", "temperature_c", *_OWN), _HOUR),
    "water_level": Model("hourly-water-level", ("water_level_mm",), _HOUR),
    "electrical": Model("hourly-electrical", ("residual_current_ma",), _HOUR),
    "sos": Model("tuya-ts0215a-sos", _OWN, _BATTERY),
    "presence": Model("daily-presence", ("motion", *_OWN), _HOUR),
    "gateway": Model("zigbee2mqtt-bridge", (), 600.0),
}


def _voice(who: Identity, chance: random.Random) -> Voice:
    return (Bridge if who.kind == "gateway" else Zigbee2Mqtt)(who, chance)


def _address(device: str, number: int) -> str:
    """The friendly name: people write blanks and slashes into it."""
    return f"home {device}"


ZIGBEE2MQTT: Final = Dialect("zigbee2mqtt", MODELS, _address, _voice)
