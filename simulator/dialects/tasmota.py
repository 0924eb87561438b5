"""Tasmota: a board with a detector's dry contact on a switch input, and the board's own habits.

Its habits: `Time` is local and has no zone; STATE every five minutes is its heartbeat; a contact appears as
`Switch1`, and what it means only the site knows; `LWT` is retained, `Online` and `Offline`.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

from devices.instant import Instant, moment
from simulator.voice import LOCAL_AHEAD, Dialect, Identity, Model, Quiet, Said, Values, Voice

_EVERY_S: Final = 300.0


class Tasmota(Quiet):
    """One board. Its switch is the alarm contact of a water leak cable."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._topic = who.address
        self._rssi = chance.randint(40, 100)

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        state = {"Uptime": "0T01:00:00", "Wifi": {"RSSI": self._rssi}}
        switch = "ON" if values.get("water_leak_alarm") else "OFF"
        return (self._tele("STATE", at, state), self._tele("SENSOR", at, {"Switch1": switch}))

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return (self._tele("SENSOR", at, {"Switch1": "ON"}),)

    def online(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"tele/{self._topic}/LWT", b"Online", retained=True),)

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return (Said(f"tele/{self._topic}/LWT", b"Offline", retained=True),)

    def _tele(self, leaf: str, at: Instant, body: dict[str, Any]) -> Said:
        local = moment(at + LOCAL_AHEAD).strftime("%Y-%m-%dT%H:%M:%S")
        return Said(f"tele/{self._topic}/{leaf}", json.dumps({"Time": local, **body}).encode())


def _voice(who: Identity, chance: random.Random) -> Voice:
    return Tasmota(who, chance)


TASMOTA: Final = Dialect(
    "tasmota",
    {"water_leak": Model("native-water-leak", ("water_leak_alarm",), _EVERY_S)},
    lambda device, number: f"tasmota_{number:06X}",
    _voice,
)
