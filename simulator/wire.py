"""The dialects, written out by the outsider itself: no codec is shared, so no error can be symmetrical."""

from __future__ import annotations

import json
from typing import Any

from simulator.town import Sensor

Wire = tuple[str, bytes]
"""Topic and payload."""


def zigbee2mqtt(sensor: Sensor, values: dict[str, Any], *, base: str = "zigbee2mqtt") -> Wire:
    """A state message of Zigbee2MQTT 2.x: every value it has cached, battery and link quality among them."""
    names = {"water_leak_alarm": "water_leak", "sos_alarm": "action", "smoke_alarm": "smoke"}
    body: dict[str, Any] = {"battery": 97, "linkquality": 120}
    for quantity, value in values.items():
        body[names.get(quantity, quantity)] = _sos(value) if quantity == "sos_alarm" else value
    return f"{base}/{sensor.address}", json.dumps(body).encode()


def _sos(pressed: object) -> str:
    return "emergency" if pressed else ""
