"""An alarm from a device that nobody registered is still one: at its community, folded into one incident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.reading import HISTORY, Reading, Trust
from ingest.message import Heard
from rules.verdict import Evidence, Transition

HAZARD_OF: Final = {
    "smoke_alarm": Hazard.FIRE,
    "heat_alarm": Hazard.FIRE,
    "manual_alarm": Hazard.FIRE,
    "generic_alarm": Hazard.FIRE,
    "gas_alarm": Hazard.GAS,
    "co_alarm": Hazard.CO,
    "water_leak_alarm": Hazard.WATER_LEAK,
    "water_level_alarm": Hazard.FLOOD,
    "electrical_alarm": Hazard.ELECTRICAL,
    "sos_alarm": Hazard.SOS,
}
RULE = "unknown-device"


def transitions(heard: Heard, inventory: Inventory) -> Iterator[Transition]:
    """Edges of an unknown device's own alarm bits. They carry no independent voice, so no number of
    invented devices can move people (S32); admission caps how many may speak at all."""
    for reading in heard.readings:
        hazard = HAZARD_OF.get(reading.quantity)
        if hazard is not None and not reading.trust & HISTORY:
            yield _transition(reading, hazard, inventory)


def _transition(reading: Reading, hazard: Hazard, inventory: Inventory) -> Transition:
    fact = Evidence(reading.device_id, reading.quantity, reading.value, 1.0, reading.at, reading.sequence)
    return Transition(
        rule_id=f"{RULE}.{hazard.value}",
        rule_version="1",
        hazard=hazard,
        subject=reading.device_id,
        place_id=inventory.community_id,
        before=Level.UNKNOWN,
        after=_level(reading),
        at=reading.at,
        evidence=(fact,),
        test=bool(reading.trust & Trust.TEST),
        age_unknown=bool(reading.trust & Trust.RETAINED),
    )


def _level(reading: Reading) -> Level:
    if reading.value is None:
        return Level.UNKNOWN
    return Level.ALARM if reading.value else Level.CLEAR
