"""Puts changes of the registry and of the rules in force while the service runs, each by a log record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from anmin import houses
from anmin.backends.ledger import Ledger
from anmin.canon import canonical
from anmin.difference import Change, difference
from anmin.house import House
from anmin.registry import Draft, Fault
from devices.instant import Instant
from devices.inventory import Inventory
from ingest.message import Lane
from ingest.ports import Log
from rules.spec import RuleSet


class Outcome(NamedTuple):
    """What was wrong, or what changed (and would change, of a trial run)."""

    faults: tuple[Fault, ...]
    changes: tuple[Change, ...] = ()


class Registrar:
    """`house` is what is in force; `reached` waits until the writer has handled a record."""

    def __init__(
        self,
        ledger: Ledger,
        records: Log,
        house: Callable[[], House],
        reached: Callable[[int], Awaitable[None]],
        now: Callable[[], Instant],
    ) -> None:
        self._ledger = ledger
        self._records = records
        self._house = house
        self._reached = reached
        self._now = now
        self._turn = asyncio.Lock()

    async def change(
        self, by: str, work: Callable[[Draft], Sequence[Fault]], *, trial: bool = False
    ) -> Outcome:
        """Answers once the change is in force, for the rules too. Raises OSError where the log is full."""
        async with self._turn:
            house = self._house()
            draft = Draft(house.inventory)
            if faults := work(draft):
                return Outcome(tuple(faults))
            new, text, changes = await asyncio.to_thread(_sealed, draft, house.inventory)
            if changes and not trial:
                await houses.put_community(self._ledger, new.version, text, self._now())
                entry = houses.entry(replace(house, inventory=new), by)
                record = await self._records.append(entry, Lane.ALARM)
                await self._reached(record.sequence)
            return Outcome((), changes)

    async def rules(self, by: str, rules: RuleSet, body: str) -> None:
        """Other rules are in force when this returns. Raises OSError where the log is full."""
        async with self._turn:
            house = replace(self._house(), rules=rules)
            await houses.keep(self._ledger, house, body, self._now())
            record = await self._records.append(houses.entry(house, by), Lane.ALARM)
            await self._reached(record.sequence)


def _sealed(draft: Draft, old: Inventory) -> tuple[Inventory, str, tuple[Change, ...]]:
    """In a large community this takes a moment, during which alarms are heard."""
    new = draft.inventory()
    return new, canonical(new), difference(old, new)
