"""One rule set in a backtest: its bench, and what it said so far. Lists are bounded, counts are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

from alerts.incidents.events import Cleared, Closed, Opened, Worsened
from anmin.backtest.bench import Bench
from anmin.backtest.score import Score, Scored, begins
from anmin.codec import AnyEvent
from anmin.house import House
from anmin.monitor import Effects
from devices.instant import Instant
from devices.level import Hazard, Level
from devices.reading import Reading
from rules.verdict import Transition

KEPT: Final = 10_000
"""Transitions, and incidents, that are listed; the rest is counted."""


class Happened(NamedTuple):
    """One incident. `level` is its highest; None for what did not come before the end."""

    id: str
    opened_at: Instant
    hazard: Hazard
    place_id: str
    rule_id: str
    subject: str
    level: Level
    cleared_at: Instant | None = None
    closed_at: Instant | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule set makes of the readings. `alerts`: rule -> how often it alerted, drills left out."""

    rules_version: str
    rules: int
    transitions: tuple[Transition, ...]
    transitions_in_all: int
    incidents: tuple[Happened, ...]
    incidents_in_all: int
    alerts: dict[str, int]
    scored: Scored | None


class Side:
    """`hear` answers with the rises that it led to, drills left out."""

    def __init__(self, house: House, score: Score | None) -> None:
        self._rules = house.rules
        self._bench = Bench(house)
        self._score = score
        self._transitions: list[Transition] = []
        self._incidents: dict[str, Happened] = {}
        self._counts = {"transitions": 0, "incidents": 0}
        self._alerts: Counter[str] = Counter()

    def hear(self, reading: Reading) -> list[Transition]:
        effects = self._bench.hear(reading)
        return [] if effects is None else self._take(effects)

    def outcome(self, scored: Scored | None) -> Outcome:
        return Outcome(
            self._rules.version,
            len(self._rules.rules),
            tuple(self._transitions),
            self._counts["transitions"],
            tuple(self._incidents.values()),
            self._counts["incidents"],
            {name: count for name, count in sorted(self._alerts.items()) if count},
            scored,
        )

    def scored(self, first: Instant, last: Instant, devices: int) -> Scored | None:
        return self._score.result(first, last, devices) if self._score else None

    def _take(self, effects: Effects) -> list[Transition]:
        found: list[Transition | AnyEvent] = [*effects.edges, *(event for _, _, event in effects.events)]
        rises = []
        for one in sorted(found, key=lambda one: one.at):  # stable: an edge before what it leads to
            if not isinstance(one, Transition):
                self._event(one)
                continue
            self._counts["transitions"] += 1
            if len(self._transitions) < KEPT:
                self._transitions.append(one)
            if not one.test:
                if self._score:
                    self._score.edge(one)
                self._alerts[one.rule_id] += begins(one)
                if one.rises:
                    rises.append(one)
        return rises

    def _event(self, event: AnyEvent) -> None:
        if isinstance(event, Opened):
            self._counts["incidents"] += 1
            if self._score and not event.drill:
                self._score.opened(event.at, event.hazard, event.place_id, event.incident_id, event.level)
            if len(self._incidents) < KEPT:
                self._incidents[event.incident_id] = Happened(
                    event.incident_id,
                    event.at,
                    event.hazard,
                    event.place_id,
                    event.rule_id,
                    event.subject,
                    event.level,
                    drill=event.drill,
                )
        elif isinstance(event, Worsened | Cleared | Closed):
            known = self._incidents.get(event.incident_id)
            if known is not None:
                self._incidents[known.id] = _changed(known, event)


def _changed(known: Happened, event: Worsened | Cleared | Closed) -> Happened:
    if isinstance(event, Worsened):
        return known._replace(level=max(known.level, event.level), cleared_at=None)
    if isinstance(event, Cleared):
        return known._replace(cleared_at=event.at)
    return known._replace(closed_at=event.at)
