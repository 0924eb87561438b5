"""The devices of one place whose alarms count together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devices.instant import Instant
from devices.level import Level
from rules.cell import Cell
from rules.kinds.corroborate import Corroborate
from rules.verdict import Evidence, Transition, Verdict


class Crowd:
    """`members`: device -> keys of the cells that speak for it, looked up in `cells` when they change.

    What nobody of a live crowd has said yet is unknown; in a drill only who takes part counts.
    """

    def __init__(
        self, judge: Corroborate, cell: Cell, members: Mapping[str, Sequence[str]], cells: Mapping[str, Cell]
    ) -> None:
        self.cell = cell
        self._judge = judge
        self._members = members
        self._cells = cells
        self._alarming: set[str] = set()
        self._known: set[str] = set()
        self.recount()

    def recount(self) -> None:
        for device_id in self._members:
            self.count(device_id)

    def count(self, device_id: str) -> None:
        """Look at one member again."""
        keys = self._members.get(device_id)
        if keys is None:
            return  # a device under test has no voice in a live crowd
        levels = [self._level(key) for key in keys]
        worst = max(levels)
        _put(self._alarming, device_id, worst >= self._judge.at_least)
        _put(self._known, device_id, worst > Level.UNKNOWN)

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

    def _level(self, key: str) -> Level:
        cell = self._cells.get(key)
        return Level.UNKNOWN if cell is None else cell.level

    def _verdict(self) -> Level:
        unknown = 0 if self.cell.test else len(self._members) - len(self._known)
        return self._judge.verdict(len(self._alarming), unknown)

    def _evidence(self) -> tuple[Evidence, ...]:
        """One fact per device in alarm, the oldest first."""
        facts = [fact for device_id in self._alarming for fact in self._fact(device_id)]
        return tuple(sorted(facts, key=lambda fact: (fact.at, fact.device_id)))

    def _fact(self, device_id: str) -> tuple[Evidence, ...]:
        for key in self._members[device_id]:
            if self._level(key) >= self._judge.at_least:
                return self._cells[key].standing.evidence[-1:]
        return ()


def _put(names: set[str], name: str, inside: bool) -> None:
    if inside:
        names.add(name)
    else:
        names.discard(name)
