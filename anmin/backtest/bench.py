"""The live monitor without its doors: readings go straight to rules and incidents, on the readings' own time.

Judging is the monitor's own code. Left out is what decides nothing here: decoding, admission, supervision.
Nobody sits before it, so an incident whose sensors have been normal for an hour is closed as the duty officer
would close it; otherwise every later alarm at that place would join it and only the first would count.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Final

from alerts.incidents.command import Close
from alerts.incidents.desk import Said
from alerts.incidents.events import Cleared, Disposition
from anmin.house import House
from anmin.monitor import Effects, Monitor
from devices.instant import HOUR, Instant, Micros
from devices.reading import Reading
from ingest.message import Record, RecordKind
from ingest.registry import DialectRegistry

CLOSED_AFTER: Final[Micros] = HOUR
_DUTY: Final = "backtest"


class Bench(Monitor):
    """`hear` readings in the order of their `at`, then `until` the end."""

    def __init__(self, house: House) -> None:
        super().__init__(house, DialectRegistry())
        self._closable: list[tuple[Instant, str]] = []
        self._cleared: dict[str, Instant] = {}
        self._count = 0

    def hear(self, reading: Reading) -> Effects | None:
        """What was due before a reading, and what it leads to; None for nothing, which is the rule."""
        at = reading.at
        due = self._next()
        effects = self.until(at) if due is not None and due <= at else None
        edges = self._engine.handle(reading)
        if edges:
            effects = effects or self._effects(at)
            self._judge(edges, effects, self._stamp)
        return effects

    def until(self, at: Instant) -> Effects:
        """Everything that is due until then."""
        effects = self._effects(at)
        self._advance(at, effects, self._stamp)
        self._engine.drain()
        self.desk.drain()
        return effects

    def _effects(self, at: Instant) -> Effects:
        self._count += 1
        return Effects(Record(self._count, at, RecordKind.TICK, _DUTY, "", b""))

    def _stamp(self) -> str:
        self._count += 1
        return f"evt_{self._count:x}"

    # What differs from the monitor of a running service ---------------------------------------------------

    def _next(self) -> Instant | None:
        found = self._engine.next_deadline()
        for at in (self.desk.next_deadline(), self._closable[0][0] if self._closable else None):
            if at is not None and (found is None or at < found):
                found = at
        return found

    def _advance(self, until: Instant, effects: Effects, stamp: Callable[[], str]) -> None:
        while (at := self._next()) is not None and at <= until:
            self._judge(self._engine.tick(at), effects, stamp)
            self._collect(self.desk.tick(at, stamp), effects, stamp, at)
            while self._closable and self._closable[0][0] <= at:
                self._close(*heapq.heappop(self._closable), effects)

    def _collect(
        self, said: Said, effects: Effects, stamp: Callable[[], str], at: Instant | None = None
    ) -> None:
        super()._collect(said, effects, stamp, at)
        for event in said.events:
            if isinstance(event, Cleared):
                self._cleared[event.incident_id] = event.at
                heapq.heappush(self._closable, (event.at + CLOSED_AFTER, event.incident_id))

    def _close(self, at: Instant, name: str, effects: Effects) -> None:
        """Unless it was abnormal since; the desk itself declines where it still is."""
        if self._cleared.get(name) != at - CLOSED_AFTER:
            return
        close = Close(incident_id=name, by=_DUTY, disposition=Disposition.REAL)
        said = self.desk.command(close, at, self._stamp)
        super()._collect(said, effects, self._stamp, at)
        if said.events:
            del self._cleared[name]
