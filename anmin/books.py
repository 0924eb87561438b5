"""What is written down of what the monitor decided: ledger rows at once, snapshots now and then.

Also the way back: a monitor as it was at the snapshot, brought forward by the log, compared with the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import structlog
from sqlalchemy import Connection

from alerts.incidents.state import Incident
from anmin import __version__, houses
from anmin.backends.disk import NoSpace
from anmin.backends.ledger import Ledger, LedgerFull
from anmin.backends.projection import Batch, InboxRow, RejectRow, event_ids, record_batch
from anmin.backends.projection import cursor as cursor_of
from anmin.codec import AnyEvent
from anmin.crash import point
from anmin.monitor import Effects, Monitor
from anmin.snapshot import Snapshot, SnapshotStore
from devices.instant import SECOND, Instant, Micros
from ingest.message import Record, Rejected
from ingest.ports import Log

log = structlog.get_logger("anmin.books")

Rooms: TypeAlias = dict[str, dict[str, object | None]]
"""Changed entries by room and key; None is gone."""

SNAPSHOT_EVERY_FOR: Micros = 60 * SECOND
SNAPSHOT_EVERY = 20_000
"""Records or time between snapshots: what a start has to replay at most."""
CURSOR_EVERY_FOR: Micros = 5 * SECOND
SAMPLE = 400
"""How much of an unknown device's newest message the inbox shows."""
FULL_AGAIN_S = 1.0


class Readers(Protocol):
    """Who else needs the log's readings: what a start does not replay must be safe with them."""

    def take(self, batch: Iterable[Effects]) -> None: ...
    async def secure(self, sequence: int) -> None:
        """Raises NoSpace."""


class HistoryDiffers(RuntimeError):
    """A replay by the same code led to other events than the ledger holds: the disk or the code is wrong."""

    def __init__(self, missing: Sequence[str], surplus: Sequence[str]) -> None:
        super().__init__(missing, surplus)
        self.missing = missing
        self.surplus = surplus

    def __str__(self) -> str:
        return (
            "the replay of the log does not lead to what the ledger holds: "
            f"{len(self.missing)} events missing (first {self.missing[:3]}), "
            f"{len(self.surplus)} too many (first {self.surplus[:3]}); "
            "restore the last backup, or start with --accept-history to keep the ledger and report the rest"
        )


class LogBehind(RuntimeError):
    """The ledger knows records that the log does not hold: they are not of the same backup."""

    def __init__(self, cursor: int, last: int) -> None:
        super().__init__(cursor, last)
        self.cursor = cursor
        self.last = last

    def __str__(self) -> str:
        return (
            f"the ledger has records up to {self.cursor}, the log ends with {self.last}: new alarms would "
            "pass for old ones; restore log and ledger from the same backup"
        )


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found: where it began, how much it replayed, what was left to do."""

    snapshot: int
    cursor: int
    last: int
    clean: bool


class Books:
    """The pipeline's pen. All of a batch is one ledger transaction, or nothing."""

    def __init__(
        self,
        ledger: Ledger,
        snapshots: SnapshotStore,
        now: Callable[[], Instant],
        history: Readers | None = None,
    ) -> None:
        self._history = history
        self._ledger = ledger
        self._snapshots = snapshots
        self._now = now
        self._cursor = 0
        self._cursor_at: Instant = 0
        self._handled = 0
        self._snapshot = 0
        self._captured = 0
        self._captured_at: Instant = 0
        self._unsaved: Rooms = {}
        self._saving: asyncio.Task[None] | None = None

    async def write(self, batch: Sequence[Effects], monitor: Monitor) -> Sequence[str]:
        """One transaction for everything that has an effect; returns the keys it superseded."""
        self._handled = batch[-1].record.sequence
        rows = _rows(batch, self._handled, monitor.desk.incidents)
        if _is_empty(rows) and self._now() - self._cursor_at < CURSOR_EVERY_FOR:
            return ()
        return await self._commit(rows)

    async def _commit(self, rows: Batch) -> Sequence[str]:
        """Until there is room: what the log holds is not given up because the ledger's disk is full."""
        while True:
            try:
                superseded = await self._ledger.write(lambda c: record_batch(c, rows), urgent=True)
            except LedgerFull as full:
                log.error("ledger_full", do="free some space now", error=str(full))
                await asyncio.sleep(FULL_AGAIN_S)
                continue
            self._cursor, self._cursor_at = max(self._cursor, rows.cursor), self._now()
            return superseded

    def tend(self, monitor: Monitor) -> None:
        """Between two batches: begin a snapshot when one is due and none is being written.

        It is taken here, at one sequence, and written beside the work that goes on: its values never change.
        """
        if self._saving is not None:
            if not self._saving.done():
                return
            self._saving.result()  # a broken disk ends the pipeline, and so the process
            self._saving = None
        fresh = self._handled - self._captured
        old = self._now() - self._captured_at >= SNAPSHOT_EVERY_FOR
        if fresh >= SNAPSHOT_EVERY or (fresh and old):
            writing = self._keep(*self._capture(monitor), clean=False)
            self._saving = asyncio.create_task(writing, name="snapshot")

    @property
    def needed_from(self) -> int:
        """The oldest record that a start would replay."""
        return min(self._snapshot, self._cursor) + 1

    async def finish(self, monitor: Monitor) -> None:
        """A clean stop: a snapshot of exactly what was handled."""
        if self._saving is not None:
            await self._saving
        await self._keep(*self._capture(monitor), clean=True)

    def _capture(self, monitor: Monitor) -> tuple[int, Rooms, dict[str, str]]:
        """What changed up to the last record handled, taken at once; nothing of it changes any more."""
        for room, entries in monitor.drain().items():
            self._unsaved.setdefault(room, {}).update(entries)
        changes, self._unsaved = self._unsaved, {}
        self._captured, self._captured_at = self._handled, self._now()
        return self._handled, changes, self._versions(monitor)

    async def _keep(self, sequence: int, changes: Rooms, versions: dict[str, str], *, clean: bool) -> None:
        """Write a capture; the ledger's cursor never lies behind the snapshot."""
        await self._keep_cursor(sequence)
        point("before_snapshot")
        rooms = {room: entries.items() for room, entries in changes.items()}
        try:
            if self._history is not None:
                await self._history.secure(sequence)
            await self._snapshots.write(sequence, rooms, versions, clean=clean)
            self._snapshot = sequence
        except NoSpace as full:  # the next one brings it; until then a start replays a little more
            log.error("snapshot_not_written", error=str(full))
            for room, kept in changes.items():
                self._unsaved[room] = kept | self._unsaved.get(room, {})
        point("after_snapshot")

    def _versions(self, monitor: Monitor) -> dict[str, str]:
        return {"code": __version__, "house": houses.signature(monitor.house)}

    async def recover(
        self, monitor: Monitor, records: Log, kept: Snapshot | None, *, accept: bool
    ) -> Recovered:
        """Bring a monitor from its snapshot to the ledger's cursor, without effects, and compare."""
        start = kept.sequence if kept else 0
        if kept:
            monitor.restore(kept.rooms)
        cursor = await self._ledger.read(lambda connection: cursor_of(connection))
        if cursor > records.last:
            raise LogBehind(cursor, records.last)
        replayed: list[AnyEvent] = []
        async for record in records.read(start, cursor):
            point("recovering")
            new = await houses.of_record(self._ledger, record)
            effects = monitor.handle(record, new)
            replayed += [event for _, _, event in effects.events]
            if self._history is not None:
                self._history.take((effects,))
        changed = kept is not None and kept.versions.get("code") != __version__
        await self._compare(replayed, start, cursor, accept or changed)
        self._handled = self._cursor = max(start, cursor)
        self._snapshot = self._captured = start
        self._captured_at = self._now()
        return Recovered(start, cursor, records.last, bool(kept and kept.clean))

    async def _compare(self, replayed: Sequence[AnyEvent], start: int, cursor: int, accept: bool) -> None:
        def stored(connection: Connection) -> list[str]:
            return [name for _, _, name in event_ids(connection, start, cursor)]

        known = await self._ledger.read(stored)
        found = [event.id for event in replayed]
        if known == found:
            return
        missing = tuple(sorted(set(known) - set(found)))
        surplus = tuple(sorted(set(found) - set(known)))
        if not accept:
            raise HistoryDiffers(missing, surplus)
        log.error("history_differs", missing=missing[:20], surplus=surplus[:20])

    async def _keep_cursor(self, sequence: int) -> None:
        if self._cursor < sequence:
            await self._commit(Batch(cursor=sequence))


def _rows(batch: Sequence[Effects], sequence: int, incidents: Mapping[str, Incident]) -> Batch:
    """The batch as ledger rows; an incident is written as it is at its end."""
    events = tuple(entry for effects in batch for entry in effects.events)
    touched = dict.fromkeys(event.incident_id for _, _, event in events)
    return Batch(
        cursor=sequence,
        events=events,
        incidents=tuple(incidents[name] for name in touched if name in incidents),
        sends=tuple(send for one in batch for said in one.broadcasts for send in said.sends),
        rejects=tuple(_reject(one.record, one.rejected) for one in batch if one.rejected),
        inbox=tuple(_inbox(batch)),
        outcomes=tuple(
            (one.outcome.key, one.outcome.state, one.outcome.detail, one.record.at)
            for one in batch
            if one.outcome is not None
        ),
    )


def _reject(record: Record, why: Rejected) -> RejectRow:
    return RejectRow(
        record.sequence,
        record.at,
        record.source,
        record.topic,
        why.reason.value,
        why.detail,
        why.address,
        record.payload,
        len(record.payload),
    )


def _inbox(batch: Sequence[Effects]) -> Iterator[InboxRow]:
    """One row per unknown address; `messages` is how many more there were."""
    found: dict[str, InboxRow] = {}
    for effects in batch:
        record = effects.record
        for heard in effects.heard:
            if heard.unknown:
                known = found.get(heard.device_id)
                first = known.first_at if known else record.at
                count = known.messages + 1 if known else 1
                sample = record.payload[:SAMPLE].decode("utf-8", "replace")
                found[heard.device_id] = InboxRow(
                    heard.device_id, heard.decoded.dialect, first, record.at, count, sample
                )
    yield from found.values()


def _is_empty(rows: Batch) -> bool:
    return not (rows.events or rows.sends or rows.rejects or rows.inbox or rows.outcomes)
