"""What is done beside the alarms: acknowledgements out, what is too old away, steps of the clock noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from anmin.backends.ledger import Ledger
from anmin.backends.log import SqliteLog
from anmin.backends.projection import trim_rejects
from anmin.books import Books
from anmin.clock import Clock
from anmin.history.ports import HistoryStore
from anmin.section import DAY
from anmin.settings import Settings
from devices.instant import Instant
from ingest.message import Lane, RecordKind
from ingest.ports import Entry, Source, SourceDown

REJECTS_KEPT = 100_000
_log = structlog.get_logger("anmin.chores")


async def replies(outgoing: asyncio.Queue[tuple[str, bytes]], sources: Sequence[Source]) -> None:
    """Application acknowledgements; one that is lost is asked for again by the device."""
    while True:
        topic, payload = await outgoing.get()
        try:
            await sources[0].publish(topic, payload, qos=0)
        except SourceDown:
            continue


async def housekeeping(
    settings: Settings,
    records: SqliteLog,
    books: Books,
    ledger: Ledger,
    store: HistoryStore | None,
    now: Callable[[], Instant],
) -> None:
    """Once an hour, what is past its retention goes: never what a start would need."""
    while True:
        records.trim(books.needed_from, now() - settings.log.retention_for)
        await ledger.write(lambda connection: trim_rejects(connection, REJECTS_KEPT))
        if store is not None:
            await store.trim(now() - settings.history.retention_days * DAY)
        await asyncio.sleep(3600)


async def steps(clock: Clock, records: SqliteLog) -> None:
    """A stepped wall clock changes nothing here, but it is worth a record."""
    while True:
        await asyncio.sleep(5.0)
        if (step := clock.step()) is not None:
            _log.warning("wall_clock_stepped", seconds=step / 1e6)
            await records.append(Entry(RecordKind.EPOCH, "clock", "step", str(step).encode()), Lane.ALARM)
