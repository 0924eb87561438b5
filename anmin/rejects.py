"""Messages that nobody understood: kept, listed, and put through again once somebody does."""

from __future__ import annotations

from collections.abc import Callable

from anmin.backends.ledger import Ledger
from anmin.backends.projection import RejectRow, mark_replayed, reject, rejects
from anmin.backends.segment import LogDamaged
from devices.instant import Instant
from ingest.message import Lane, Record, RecordKind
from ingest.ports import Entry, Log


class Rejects:
    """Reads the ledger's list; the original, whole, comes from the log."""

    def __init__(self, ledger: Ledger, records: Log, now: Callable[[], Instant]) -> None:
        self._ledger = ledger
        self._log = records
        self._now = now

    async def list(self, limit: int, before: int | None = None) -> list[RejectRow]:
        """Newest first; `before` is the sequence that the last page ended with."""
        return await self._ledger.read(lambda connection: rejects(connection, limit, before))

    async def show(self, sequence: int) -> RejectRow | None:
        return await self._ledger.read(lambda connection: reject(connection, sequence))

    async def replay(self, sequence: int) -> Record | None:
        """Put the original through again, as something the broker had kept: it is no evidence for rates.

        None when no such message was rejected or the log does not reach back to it any more.
        """
        row = await self.show(sequence)
        original = await self._original(sequence) if row is not None else None
        if original is None:
            return None
        entry = Entry(
            RecordKind.MESSAGE,
            original.source,
            original.topic,
            original.payload,
            original.retain,
            queued=True,
        )
        record = await self._log.append(entry, Lane.ALARM)
        now = self._now()
        await self._ledger.write(lambda connection: mark_replayed(connection, sequence, now))
        return record

    async def _original(self, sequence: int) -> Record | None:
        try:
            return await anext(self._log.read(sequence - 1, sequence), None)
        except LogDamaged:  # past its retention
            return None
