"""A device: what it is, where it is, how often it speaks, whether it is live or under test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.instant import DAY, MINUTE, Instant, Micros


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
    PRESENCE = "presence"  # motion sensors and door contacts: whether somebody is about
    SIREN = "siren"
    LOUDSPEAKER = "loudspeaker"
    SOUNDER = "sounder"  # in the duty room: wakes the officer
    GATEWAY = "gateway"
    VALVE = "valve"
    FAN = "fan"
    DOOR = "door"
    LIFT = "lift"


SENSING = frozenset(
    {
        DeviceKind.SMOKE,
        DeviceKind.HEAT,
        DeviceKind.GAS,
        DeviceKind.CO,
        DeviceKind.WATER_LEAK,
        DeviceKind.WATER_LEVEL,
        DeviceKind.ELECTRICAL,
        DeviceKind.SOS,
        DeviceKind.CALL_POINT,
    }
)
"""Kinds that can raise an alarm. The others carry, sound or move something."""


class DeviceMode(StrEnum):
    LIVE = "live"
    TEST = "test"  # under test: what it says makes a drill incident and reaches no live recipient


LOSS = 0.01
"""Share of reports that is lost on a good day (promise P10)."""


def misses(reports_every_for: Micros) -> int:
    """How many reports in a row may fail before silence is a fault: so many that of 1,000 such devices in 30
    days at most 0.01 are called silent by chance alone (P10: devices x reports x loss^k <= 0.01)."""
    reports, k = 1_000 * 30 * DAY / reports_every_for, 1
    while reports * LOSS**k > 0.01:
        k += 1
    return k


@dataclass(frozen=True, slots=True)
class Profile:
    """A model: what it measures and how often it is heard when all is well.

    `alarm_quantity` is what this model's generic alarm bit means (Zigbee `alarm_1`), where it has one.
    `test_every_for`: how often its way to us must be proved (a press of its button, a real alarm, a command
    with its result); `calibrate_every_for` and `lasts_for` count from its installation. None: not asked for.
    """

    id: str
    kind: DeviceKind
    quantities: frozenset[str]
    reports_every_for: Micros = 60 * MINUTE
    missed_allowed: int = 3
    alarm_quantity: str | None = None
    test_every_for: Micros | None = None
    calibrate_every_for: Micros | None = None
    lasts_for: Micros | None = None

    @property
    def silent_after_for(self) -> Micros:
        """Silence beyond this is a fault, never normal (promise P10)."""
        return self.missing_for(self.missed_allowed)

    def missing_for(self, reports: int) -> Micros:
        """So many reports in a row are missing; the last may be late by a tenth of the interval."""
        return self.reports_every_for * reports + self.reports_every_for // 10


@dataclass(frozen=True, slots=True)
class Device:
    """`dialect` and `address` say how its messages name it: `zigbee2mqtt` + `kitchen smoke`.

    `via` is the gateway that it is heard through, by id. `installed_at` and `calibrated_at`: when somebody
    put it up and last adjusted it; `expires_at`: what its label says, before what its model says;
    `retired_at`: since when it is only a name in the history.
    """

    id: str
    profile: Profile
    place_id: str
    dialect: str
    address: str
    zh: str
    en: str
    mode: DeviceMode = DeviceMode.LIVE
    via: str | None = None
    installed_at: Instant | None = None
    expires_at: Instant | None = None
    calibrated_at: Instant | None = None
    serial: str = ""
    retired_at: Instant | None = None

    @property
    def out_of_date_at(self) -> Instant | None:
        """The end of its service life, as far as it is known."""
        if self.expires_at is not None or self.installed_at is None or self.profile.lasts_for is None:
            return self.expires_at
        return self.installed_at + self.profile.lasts_for

    @property
    def calibration_due_at(self) -> Instant | None:
        last = self.calibrated_at if self.calibrated_at is not None else self.installed_at
        every = self.profile.calibrate_every_for
        return None if last is None or every is None else last + every

    @property
    def kind(self) -> DeviceKind:
        return self.profile.kind

    def name(self, language: str) -> str:
        return self.zh if language == "zh" else self.en
