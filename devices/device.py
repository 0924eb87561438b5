"""A device: what it is, where it is, how often it speaks, whether it is live or under test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.instant import MINUTE, Micros


class DeviceKind(StrEnum):
    SMOKE = "smoke"
    HEAT = "heat"
    GAS = "gas"
    CO = "co"
    WATER_LEAK = "water_leak"
    WATER_LEVEL = "water_level"
    ELECTRICAL = "electrical"
    SOS = "sos"
    CALL_POINT = "call_point"
    SIREN = "siren"
    LOUDSPEAKER = "loudspeaker"
    SOUNDER = "sounder"  # in the duty room: wakes the officer
    GATEWAY = "gateway"


class DeviceMode(StrEnum):
    LIVE = "live"
    TEST = "test"  # under test: what it says makes a drill incident and reaches no live recipient


@dataclass(frozen=True, slots=True)
class Profile:
    """A model: what it measures and how often it is heard when all is well.

    `alarm_quantity` is what this model's generic alarm bit means (Zigbee `alarm_1`), where it has one.
    """

    id: str
    kind: DeviceKind
    quantities: frozenset[str]
    reports_every_for: Micros = 60 * MINUTE
    missed_allowed: int = 3
    alarm_quantity: str | None = None

    @property
    def silent_after_for(self) -> Micros:
        """Silence beyond this is a fault, never normal (promise P10)."""
        return self.reports_every_for * self.missed_allowed


@dataclass(frozen=True, slots=True)
class Device:
    """`dialect` and `address` say how its messages name it: `zigbee2mqtt` + `kitchen smoke`."""

    id: str
    profile: Profile
    place_id: str
    dialect: str
    address: str
    zh: str
    en: str
    mode: DeviceMode = DeviceMode.LIVE

    @property
    def kind(self) -> DeviceKind:
        return self.profile.kind

    def name(self, language: str) -> str:
        return self.zh if language == "zh" else self.en
