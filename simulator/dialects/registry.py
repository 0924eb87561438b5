"""Every dialect that simulated devices speak, by the name that it has in a community file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.dialects.native import NATIVE
from simulator.dialects.zigbee2mqtt import ZIGBEE2MQTT
from simulator.voice import Dialect

DIALECTS: Final[Mapping[str, Dialect]] = {one.name: one for one in (NATIVE, ZIGBEE2MQTT)}
