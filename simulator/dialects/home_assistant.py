"""Home Assistant discovery as ESPHome boards use it: retained announcements, then bare states on topics.

Its habits: nothing is understood before the announcement was heard; a state is a bare `ON` or a number;
`availability` is one topic for the whole board, retained, and its last will.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, Final

from devices.instant import Instant
from simulator.voice import Dialect, Identity, Model, Quiet, Said, Values, Voice

_EVERY_S: Final = 3_600.0
_CLASSES: Final = {
    "smoke_alarm": ("binary_sensor", "smoke"),
    "gas_alarm": ("binary_sensor", "gas"),
    "co_alarm": ("binary_sensor", "carbon_monoxide"),
    "water_leak_alarm": ("binary_sensor", "moisture"),
    "heat_alarm": ("binary_sensor", "heat"),
    "motion": ("binary_sensor", "motion"),
    "temperature_c": ("sensor", "temperature"),
    "co_ppm": ("sensor", "carbon_monoxide"),
}
_UNITS: Final = {"temperature_c": "°C", "co_ppm": "ppm"}


class HomeAssistant(Quiet):
    """One board; what it measures are its entities."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._name = who.address
        self._quantities = MODELS[who.kind].quantities

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return tuple(self._states(values))

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return self.reading(values, at)

    def online(self, at: Instant) -> tuple[Said, ...]:
        announced = (self._announced(quantity) for quantity in self._quantities)
        return (*announced, Said(f"esphome/{self._name}/status", b"online", retained=True))

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"esphome/{self._name}/status", b"offline", retained=True),)

    def _states(self, values: Values) -> Iterator[Said]:
        for quantity in self._quantities:
            value = values.get(quantity)
            if value is not None:
                text = ("ON" if value else "OFF") if isinstance(value, bool) else str(value)
                yield Said(f"esphome/{self._name}/{quantity}/state", text.encode())

    def _announced(self, quantity: str) -> Said:
        component, device_class = _CLASSES[quantity]
        body: dict[str, Any] = {
            "name": quantity,
            "dev_cla": device_class,
            "stat_t": f"esphome/{self._name}/{quantity}/state",
            "avty_t": f"esphome/{self._name}/status",
            "uniq_id": f"{self._name}-{quantity}",
            "dev": {"ids": [self._name], "name": self._name, "mf": "espressif"},
        }
        if quantity in _UNITS:
            body["unit_of_meas"] = _UNITS[quantity]
        topic = f"homeassistant/{component}/{self._name}/{quantity}/config"
        return Said(topic, json.dumps(body, ensure_ascii=False).encode(), retained=True)


MODELS: Final = {
    "smoke": Model("hourly-smoke", ("smoke_alarm", "temperature_c"), _EVERY_S),
    "heat": Model("hourly-heat", ("heat_alarm", "temperature_c"), _EVERY_S),
    "gas": Model("hourly-gas", ("gas_alarm",), _EVERY_S),
    "co": Model("hourly-co", ("co_alarm", "co_ppm"), _EVERY_S),
    "water_leak": Model("hourly-water-leak", ("water_leak_alarm",), _EVERY_S),
    "presence": Model("hourly-presence", ("motion",), _EVERY_S),
}


def _voice(who: Identity, chance: random.Random) -> Voice:
    return HomeAssistant(who, chance)


HOME_ASSISTANT: Final = Dialect("home_assistant", MODELS, lambda device, number: f"esp-{number:06x}", _voice)
