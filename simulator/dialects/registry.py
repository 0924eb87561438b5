"""Every dialect that simulated devices speak, by the name that it has in a community file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.dialects.chirpstack import CHIRPSTACK
from simulator.dialects.home_assistant import HOME_ASSISTANT
from simulator.dialects.native import NATIVE
from simulator.dialects.shelly import SHELLY
from simulator.dialects.tasmota import TASMOTA
from simulator.dialects.things_stack import THINGS_STACK
from simulator.dialects.zigbee2mqtt import ZIGBEE2MQTT
from simulator.voice import Dialect

DIALECTS: Final[Mapping[str, Dialect]] = {
    one.name: one for one in (NATIVE, ZIGBEE2MQTT, CHIRPSTACK, THINGS_STACK, SHELLY, HOME_ASSISTANT, TASMOTA)
}
