"""The dialects, written out by the outsider itself: no codec is shared, so no error can be symmetrical."""

from __future__ import annotations

import json
from typing import Any

from simulator.town import Sensor

Wire = tuple[str, bytes]
"""Topic and payload."""


def zigbee2mqtt(sensor: Sensor, values: dict[str, Any], *, base: str = "zigbee2mqtt") -> Wire:
    """A state message of Zigbee2MQTT 2.x: every value it has cached, battery and link quality among them.

    A button is an action, which is there while it is pressed and nothing at all afterwards.
    """
    names = {"water_leak_alarm": "water_leak", "smoke_alarm": "smoke"}
    body: dict[str, Any] = {"battery": 97, "linkquality": 120}
    for quantity, value in values.items():
        if quantity != "sos_alarm":
            body[names.get(quantity, quantity)] = value
        elif value:
            body["action"] = "emergency"
    return f"{base}/{sensor.address}", json.dumps(body).encode()
