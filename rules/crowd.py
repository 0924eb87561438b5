"""What other rules say of the devices of one place, as one cell: who counts together, and what follows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from devices.instant import Instant
from devices.level import Level
from rules.cell import Cell
from rules.gauge import Gauge, What
from rules.kinds.corroborate import Corroborate
from rules.verdict import Evidence, Transition, Verdict


class Gathering(ABC):
    """`members`: voice -> keys of the cells that speak for it, looked up in `cells` when they change.

    What nobody of a live place has said yet is unknown; in a drill only who takes part counts.
    """

    def __init__(self, cell: Cell, members: Mapping[str, Sequence[str]], cells: Mapping[str, Cell]) -> None:
        self.cell = cell
        self._members = members
        self._cells = cells
        self.recount()

    @abstractmethod
    def recount(self) -> None:
        """Look at everybody anew."""

    @abstractmethod
    def count(self, voice: str, at: Instant) -> None:
        """Look at one voice again, since something changed then."""

    def settle(self, at: Instant, cause: Transition | None = None) -> Transition | None:
        """Let what the members say now work on what stands; `cause` is the edge of the one that spoke."""
        level = self._verdict()
        if level is self.cell.level and self.cell.due is None:
            return None
        facts = self._evidence()
        if cause is not None and level <= Level.CLEAR:
            facts = cause.evidence
        return self.cell.settle(Verdict(level, facts), at, cause is not None and cause.age_unknown)

    @property
    def settled(self) -> bool:
        return self.cell.due is not None or self._verdict() is self.cell.level

    @abstractmethod
    def gauge(self) -> Gauge:
        """How many voices there are of those that are needed."""

    @abstractmethod
    def _verdict(self) -> Level: ...

    @abstractmethod
    def _evidence(self) -> tuple[Evidence, ...]: ...

    def _level(self, key: str) -> Level:
        cell = self._cells.get(key)
        return Level.UNKNOWN if cell is None else cell.level

    def _worst(self, voice: str) -> Level:
        return max(self._level(key) for key in self._members[voice])

    def _fact(self, voice: str, at_least: Level) -> tuple[Evidence, ...]:
        """The newest fact of a voice that is as bad as that."""
        for key in self._members[voice]:
            if self._level(key) >= at_least:
                return self._cells[key].standing.evidence[-1:]
        return ()


class Crowd(Gathering):
    """For `corroborate`: how many voices there are."""

    def __init__(
        self, judge: Corroborate, cell: Cell, members: Mapping[str, Sequence[str]], cells: Mapping[str, Cell]
    ) -> None:
        self._judge = judge
        self._alarming: set[str] = set()
        self._known: set[str] = set()
        super().__init__(cell, members, cells)

    def recount(self) -> None:
        for voice in self._members:
            self._look(voice)

    def count(self, voice: str, at: Instant) -> None:
        if voice in self._members:  # a device under test has no voice in a live crowd
            self._look(voice)

    def _look(self, voice: str) -> None:
        worst = self._worst(voice)
        _put(self._alarming, voice, worst >= self._judge.at_least)
        _put(self._known, voice, worst > Level.UNKNOWN)

    def gauge(self) -> Gauge:
        return Gauge(What.COUNT, "", len(self._alarming), self._judge.count, self._judge.level)

    def _verdict(self) -> Level:
        unknown = 0 if self.cell.test else len(self._members) - len(self._known)
        return self._judge.verdict(len(self._alarming), unknown)

    def _evidence(self) -> tuple[Evidence, ...]:
        """One fact per voice in alarm, the oldest first."""
        facts = [one for voice in self._alarming for one in self._fact(voice, self._judge.at_least)]
        return tuple(sorted(facts, key=lambda one: (one.at, one.device_id)))


def _put(names: set[str], name: str, inside: bool) -> None:
    if inside:
        names.add(name)
    else:
        names.discard(name)
