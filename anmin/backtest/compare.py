"""Two rule sets over the same readings: which alerts only one of them raises, and which one sooner."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from anmin.shadow import APART_FOR
from devices.instant import Instant, Micros
from devices.level import Hazard, Level
from rules.verdict import Transition

Which: TypeAlias = Literal["a", "b"]
SHOWN: Final = 1_000


class Alert(NamedTuple):
    """A rise of one side."""

    at: Instant
    rule_id: str
    hazard: Hazard
    subject: str
    place_id: str
    level: Level


class Pair(NamedTuple):
    """An alert of both sides at different times; `b_later` is negative where the other rules were sooner."""

    a: Alert
    b: Alert

    @property
    def b_later(self) -> Micros:
        return self.b.at - self.a.at


@dataclass(frozen=True, slots=True)
class Compared:
    """a: the rules that were asked about, b: those they are held against. Lists are the first of each."""

    both: int
    only_a_in_all: int
    only_b_in_all: int
    a_sooner: int
    b_sooner: int
    only_a: tuple[Alert, ...]
    only_b: tuple[Alert, ...]
    apart: tuple[Pair, ...]


class Comparison:
    """Two alerts of one hazard, place and level within APART_FOR are one. `rose` in the order of time."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Hazard, str, Level], deque[tuple[Which, Alert]]] = {}
        self._both = 0
        self._sooner: dict[Which, int] = {"a": 0, "b": 0}
        self._only: dict[Which, int] = {"a": 0, "b": 0}
        self._alone: dict[Which, list[Alert]] = {"a": [], "b": []}
        self._apart: list[Pair] = []

    def rose(self, which: Which, edge: Transition) -> None:
        alert = Alert(edge.at, edge.rule_id, edge.hazard, edge.subject, edge.place_id, edge.after)
        waiting = self._waiting.setdefault((alert.hazard, alert.place_id, alert.level), deque())
        while waiting and waiting[0][1].at < alert.at - APART_FOR:
            self._stood_alone(*waiting.popleft())
        if waiting and waiting[0][0] != which:
            self._met(which, alert, waiting.popleft()[1])
        elif not any(
            known.rule_id == alert.rule_id and known.subject == alert.subject for _, known in waiting
        ):
            waiting.append((which, alert))

    def result(self) -> Compared:
        """At the end of the readings; what waits then stood alone."""
        for waiting in self._waiting.values():
            while waiting:
                self._stood_alone(*waiting.popleft())
        return Compared(
            self._both,
            self._only["a"],
            self._only["b"],
            self._sooner["a"],
            self._sooner["b"],
            tuple(sorted(self._alone["a"])),
            tuple(sorted(self._alone["b"])),
            tuple(self._apart),
        )

    def _met(self, which: Which, alert: Alert, other: Alert) -> None:
        self._both += 1
        pair = Pair(alert, other) if which == "a" else Pair(other, alert)
        if pair.b_later:
            self._sooner["a" if pair.b_later > 0 else "b"] += 1
            if len(self._apart) < SHOWN:
                self._apart.append(pair)

    def _stood_alone(self, which: Which, alert: Alert) -> None:
        self._only[which] += 1
        if len(self._alone[which]) < SHOWN:
            self._alone[which].append(alert)
