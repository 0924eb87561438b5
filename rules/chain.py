"""A sequence at one place: which stages were reached, and when each of them stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devices.instant import Instant
from devices.level import Level
from rules.cell import Cell
from rules.crowd import Gathering
from rules.gauge import Gauge, What
from rules.kinds.sequence import Sequence as Judge
from rules.memory import Memory, Rows
from rules.verdict import Evidence


class Stood:
    """When a stage began to stand, and when it last did: 0 while it stands, or before it ever did."""

    __slots__ = ("since", "until")

    def __init__(self) -> None:
        self.since: Instant = 0
        self.until: Instant = 0

    def rows(self) -> Rows:
        return ((self.since, self.until),) if self.since else ()

    def load(self, rows: Rows) -> None:
        self.since, self.until = (int(part) for part in rows[0])


class Chain(Gathering):
    """A memory per stage: `met` is whether it stands as part of the sequence, None while nothing is known;
    it has facts once it was reached in its turn."""

    def __init__(
        self, judge: Judge, cell: Cell, members: Mapping[str, Sequence[str]], cells: Mapping[str, Cell]
    ) -> None:
        self._judge = judge
        cell.memories, cell.remembers = [Memory(Stood()) for _ in judge.stages], True
        super().__init__(cell, members, cells)

    def recount(self) -> None:
        for number in range(len(self._judge.stages)):
            self._look(number, None)

    def count(self, voice: str, at: Instant) -> None:
        if voice in self._members:
            self._look(int(voice), at)

    def _look(self, number: int, at: Instant | None) -> None:
        """`at` is None when nobody says when: then the evidence of the stage does."""
        stage, memory = self._judge.stages[number], self.cell.memories[number]
        stood, voice = memory.of(Stood), str(number)
        worst = self._worst(voice) if voice in self._members else Level.UNKNOWN
        stands = worst >= stage.at_least
        was = bool(stood.since) and not stood.until
        if stands and not was:
            facts = self._fact(voice, stage.at_least)
            stood.since = at or max((one.at for one in facts), default=1)
            stood.until = 0
            memory.met = number == 0 or self._follows(number, stood.since)
            if not memory.met and self.cell.memories[number - 1].met is None:
                memory.met = None
            memory.facts = facts if memory.met else ()
        elif not stands:
            if was:
                stood.until = at or stood.since
            memory.met = False if worst > Level.UNKNOWN else None
        self.cell.mark()

    def _follows(self, number: int, since: Instant) -> bool:
        """Whether the stage before was reached and stands, or ended not too long ago."""
        before = self.cell.memories[number - 1]
        stood = before.of(Stood)
        if not stood.since or stood.since > since or not before.facts:
            return False
        return not stood.until or since - stood.until <= self._judge.within_for

    def gauge(self) -> Gauge:
        reached = sum(bool(memory.facts) for memory in self.cell.memories)
        return Gauge(What.COUNT, "", reached, len(self._judge.stages), self._judge.level)

    def _verdict(self) -> Level:
        met = [memory.met for memory in self.cell.memories]
        if met[-1]:
            return self._judge.level
        return Level.UNKNOWN if met[-1] is None and not self.cell.test else Level.CLEAR

    def _evidence(self) -> tuple[Evidence, ...]:
        return tuple(one for memory in self.cell.memories for one in memory.facts)
