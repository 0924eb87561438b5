"""What an incident is at one moment: three things, not one word: stage, condition, acknowledgement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from alerts.incidents.events import Disposition, Reply
from devices.instant import Instant
from devices.level import Hazard, Level
from rules.verdict import Evidence


class Stage(StrEnum):
    """How far people are with it."""

    NONE = "none"
    VERIFYING = "verifying"
    ACTIVE = "active"
    RESPONDING = "responding"
    ON_SCENE = "on_scene"
    CONTAINED = "contained"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        return self not in (Stage.NONE, Stage.CLOSED)


class Condition(StrEnum):
    """What the sensors say now."""

    ABNORMAL = "abnormal"
    NORMAL = "normal"
    UNKNOWN = "unknown"


def voices(subject: str, evidence: Iterable[Evidence]) -> frozenset[str]:
    """The known devices that speak; a device that nobody registered is no independent voice."""
    named = {fact.device_id for fact in evidence} or {subject}
    return frozenset(name for name in named if not name.startswith("unknown:"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What one rule says of one subject within this incident."""

    rule_id: str
    rule_version: str
    subject: str
    place_id: str
    level: Level
    peak: Level
    since_at: Instant
    evidence: tuple[Evidence, ...]

    @property
    def voices(self) -> frozenset[str]:
        return voices(self.subject, self.evidence)


@dataclass(frozen=True, slots=True)
class Ack:
    """Somebody owns it until `until`; it covers levels up to `level`."""

    by: str
    level: Level
    at: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Incident:
    """Immutable; a new one is made by `evolve(incident, event)` and by nothing else.

    `peak` is the highest level so far, which latches; `level` is the highest that stands now.
    `alarm_at` is when it reached ALARM, or was reopened after that: tiers and the 1-3-5 clocks count from it.
    `window_until` is the end of the verification that is running, None when none is.
    `progress_at` is the last thing a person did about it; an acknowledgement without progress lapses.
    `version` and `said` are the number and the purpose of the last broadcast.
    """

    id: str
    hazard: Hazard
    place_id: str
    opened_at: Instant
    drill: bool = False
    stage: Stage = Stage.NONE
    condition: Condition = Condition.ABNORMAL
    level: Level = Level.CLEAR
    peak: Level = Level.CLEAR
    ack: Ack | None = None
    standings: tuple[Standing, ...] = ()
    age_unknown: bool = False
    again_of: str | None = None
    vouched_by: str | None = None
    alarm_at: Instant | None = None
    window_until: Instant | None = None
    confirmed_by: str | None = None
    disputed_by: str | None = None
    progress_at: Instant | None = None
    unowned_at: Instant | None = None
    tier: int = 0
    station_id: str | None = None
    dispatched_at: Instant | None = None
    accepted_by: str | None = None
    accepted_at: Instant | None = None
    arrived_by: str | None = None
    arrived_at: Instant | None = None
    overdue: tuple[str, ...] = ()
    version: int = 0
    said: str = ""
    replies: tuple[tuple[str, Reply], ...] = ()
    stages: tuple[tuple[Stage, Instant], ...] = ()
    disposition: Disposition | None = None

    @property
    def is_open(self) -> bool:
        return self.stage.is_open

    @property
    def sources(self) -> frozenset[str]:
        """Every subject that ever spoke in it."""
        return frozenset(standing.subject for standing in self.standings)

    @property
    def places(self) -> tuple[str, ...]:
        """Every place that it touched, first touched first."""
        return tuple(dict.fromkeys(standing.place_id for standing in self.standings))

    def reached_stage_at(self, stage: Stage) -> Instant | None:
        return next((at for reached, at in self.stages if reached is stage), None)
