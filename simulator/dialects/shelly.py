"""Shelly Gen2: a detector on batteries that sleeps for a day, wakes when something happens, and tells all.

Its habits: after waking its clock is not set yet and `ts` counts the seconds since; `NotifyStatus` speaks
only of what changed; `online` is retained and says false for a sleeping device.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

from devices.instant import SECOND, Instant
from simulator.voice import Dialect, Identity, Model, Quiet, Said, Values, Voice

_DAY_S: Final = 86_400.0
_COMPONENT: Final = {"smoke": ("smoke:0", "smoke_alarm"), "water_leak": ("flood:0", "water_leak_alarm")}


class Shelly(Quiet):
    """One device. The seconds since its start are what it has until a time server answered."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._who, self._chance = who, chance
        self._part, self._bit = _COMPONENT[who.kind]

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        """It woke up: everything."""
        battery = values.get("battery_percent")
        params = {
            self._part: self._state(values),
            "devicepower:0": {"id": 0, "battery": {"V": 2.94, "percent": battery}},
            "sys": {"mac": self._who.address[-12:], "unixtime": None, "wakeup_period": int(_DAY_S)},
        }
        return (self._rpc("NotifyFullStatus", {"ts": round(self._chance.uniform(1.5, 4.0), 2), **params}),)

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        now = at / SECOND
        return (self._rpc("NotifyStatus", {"ts": round(now, 2), self._part: {"id": 0, "alarm": True}}),)

    def online(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"{self._who.address}/online", b"true", retained=True),)

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"{self._who.address}/online", b"false", retained=True),)

    def _state(self, values: Values) -> dict[str, Any]:
        return {"id": 0, "alarm": values.get(self._bit), "mute": False}

    def _rpc(self, method: str, params: dict[str, Any]) -> Said:
        address = self._who.address
        body = {"src": address, "dst": f"{address}/events", "method": method, "params": params}
        return Said(f"{address}/events/rpc", json.dumps(body, separators=(",", ":")).encode())


def _voice(who: Identity, chance: random.Random) -> Voice:
    return Shelly(who, chance)


SHELLY: Final = Dialect(
    "shelly",
    {
        "smoke": Model("daily-smoke", ("smoke_alarm", "battery_percent"), _DAY_S),
        "water_leak": Model("daily-water-leak", ("water_leak_alarm", "battery_percent"), _DAY_S),
    },
    lambda device, number: f"shelly{device.split('-')[0]}-80646f{number:06x}",
    _voice,
)
