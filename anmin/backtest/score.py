"""Alarms against what really happened: how late, how often, and how many for nothing.

An alarm belongs to an event of the same hazard when one of the two places holds the other. Edges come in the
order of time; memory grows with the events of the truth, not with the readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from anmin.backtest.truth import Truth
from devices.instant import DAY, MINUTE, SECOND, Instant, Micros
from devices.level import Hazard, Level
from devices.place import PlaceTree
from rules.verdict import Transition

GRACE: Final[Micros] = 30 * MINUTE
"""An alarm so long after the end of an event is still of it, and neither a hit nor false."""
SHOWN: Final = 1_000


def begins(edge: Transition) -> bool:
    """Whether a rise is an alert of its own: one that stood and gets worse is the same alert."""
    return edge.rises and edge.before <= Level.CLEAR


class Event(NamedTuple):
    """One real event. `delays_s`: level -> seconds from its start until a rule stood there or above, 0 when
    one stood already. `covered` False: outside the time that readings were there for, which is no miss."""

    truth: Truth
    covered: bool
    delays_s: dict[str, float]
    raises: int
    incidents: int

    @property
    def missed(self) -> bool:
        return self.covered and not self.delays_s

    @property
    def delay_s(self) -> float | None:
        return min(self.delays_s.values(), default=None)


class FalseAlarm(NamedTuple):
    """An alert of a rule or the opening of an incident that no event explains."""

    at: Instant
    what: str  # "alert" or "incident"
    hazard: Hazard
    place_id: str
    of: str  # rule on subject, or the incident
    level: Level


@dataclass(frozen=True, slots=True)
class Scored:
    """`false_alerts` counts alerts, `false_incidents` what people would have been called to; `shown` are the
    first of both. Device-days: devices that were heard times the length of the readings."""

    events: tuple[Event, ...]
    false_alerts: int
    false_incidents: int
    shown: tuple[FalseAlarm, ...]
    device_days: float

    @property
    def missed(self) -> int:
        return sum(event.missed for event in self.events)

    @property
    def uncovered(self) -> int:
        return sum(not event.covered for event in self.events)

    @property
    def detected(self) -> int:
        return len(self.events) - self.missed - self.uncovered

    def per_1000_device_days(self, count: int) -> float | None:
        return round(1000 * count / self.device_days, 4) if self.device_days else None

    def delays_s(self) -> list[float]:
        """Of the events that were detected, ascending."""
        return sorted(event.delay_s for event in self.events if event.delay_s is not None)


@dataclass(slots=True)
class _Running:
    truth: Truth
    delays: dict[Level, Micros] = field(default_factory=dict)
    raises: int = 0
    incidents: int = 0

    def reached(self, level: Level, after: Micros) -> None:
        for one in Level:
            if Level.CLEAR < one <= level:
                self.delays.setdefault(one, after)


class _Standing(NamedTuple):
    hazard: Hazard
    place_id: str
    level: Level


class Score:
    """`edge` and `opened` in the order of time, then `result`. Drills are not handed in."""

    def __init__(self, truths: Sequence[Truth], tree: PlaceTree, grace: Micros = GRACE) -> None:
        self._tree = tree
        self._grace = grace
        self._all = [_Running(truth) for truth in sorted(truths)]
        self._next = 0
        self._active: list[_Running] = []
        self._standing: dict[tuple[str, str], _Standing] = {}
        self._related: dict[tuple[str, str], bool] = {}
        self._false = {"alert": 0, "incident": 0}
        self._shown: list[FalseAlarm] = []

    def edge(self, edge: Transition) -> None:
        """A change of level."""
        self._begin(edge.at)
        key = edge.rule_id, edge.subject
        if edge.after > Level.CLEAR:
            self._standing[key] = _Standing(edge.hazard, edge.place_id, edge.after)
        else:
            self._standing.pop(key, None)
        if not edge.rises:
            return
        about = self._about(edge.at, edge.hazard, edge.place_id)
        for one in about:
            if edge.at <= one.truth.end:
                one.raises += begins(edge)
                one.reached(edge.after, edge.at - one.truth.start)
        if not about and begins(edge):
            of = f"{edge.rule_id} {edge.subject}"
            self._wrong(FalseAlarm(edge.at, "alert", edge.hazard, edge.place_id, of, edge.after))

    def opened(self, at: Instant, hazard: Hazard, place_id: str, name: str, level: Level) -> None:
        """An incident began."""
        self._begin(at)
        about = self._about(at, hazard, place_id)
        for one in about:
            one.incidents += at <= one.truth.end
        if not about:
            self._wrong(FalseAlarm(at, "incident", hazard, place_id, name, level))

    def result(self, first: Instant, last: Instant, devices: int) -> Scored:
        """`first` and `last` reading, and of how many devices there were any."""
        self._begin(last)
        events = tuple(_event(one, first, last) for one in self._all)
        days = devices * (last - first) / DAY
        return Scored(events, self._false["alert"], self._false["incident"], tuple(self._shown), days)

    def _wrong(self, alarm: FalseAlarm) -> None:
        self._false[alarm.what] += 1
        if len(self._shown) < SHOWN:
            self._shown.append(alarm)

    def _begin(self, now: Instant) -> None:
        """The events that have started by now; what stood already when one did was in time for it."""
        while self._next < len(self._all) and self._all[self._next].truth.start <= now:
            one = self._all[self._next]
            self._next += 1
            self._active.append(one)
            for known in self._standing.values():
                if known.hazard is one.truth.hazard and self._is_near(known.place_id, one.truth.place_id):
                    one.reached(known.level, 0)
        if self._active:
            self._active = [one for one in self._active if one.truth.end + self._grace >= now]

    def _about(self, at: Instant, hazard: Hazard, place_id: str) -> list[_Running]:
        return [
            one
            for one in self._active
            if one.truth.hazard is hazard
            and one.truth.start <= at <= one.truth.end + self._grace
            and self._is_near(place_id, one.truth.place_id)
        ]

    def _is_near(self, a: str, b: str) -> bool:
        known = self._related.get((a, b))
        if known is None:
            known = a in _ids(self._tree, b) or b in _ids(self._tree, a)
            self._related[a, b] = known
        return known


def _ids(tree: PlaceTree, place_id: str) -> Iterable[str]:
    return {place.id for place in tree.up(place_id)}


def _event(one: _Running, first: Instant, last: Instant) -> Event:
    truth = one.truth
    covered = truth.start <= last and truth.end >= first
    delays = {level.word: after / SECOND for level, after in sorted(one.delays.items())}
    return Event(truth, covered, delays, one.raises, one.incidents)
