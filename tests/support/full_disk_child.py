"""A process on a small file system that it fills and empties; prints what its log did as one JSON line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from anmin.backends.disk import Space
from anmin.backends.ledger import Ledger, LedgerFull
from anmin.backends.log import Limits, SqliteLog
from anmin.backends.projection import Batch, cursor, record_batch
from anmin.folder import DataFolder
from anmin.snapshot import SnapshotStore
from ingest.message import Lane, Record
from tests.support.log import entry

LIMITS = Limits(free_ratio=0.10, free_bytes=1 << 20)
RESERVE = 1 << 20
ALARMS = 200
ALARM_SIZE = 400


class Story:
    def __init__(self, root: Path) -> None:
        self.folder = DataFolder(root, reserve_bytes=RESERVE)
        self.taken: list[Record] = []
        self.acknowledged = 0
        self.broken: list[OSError] = []
        self.facts: dict[str, object] = {}
        self.log = self.opened()

    def opened(self) -> SqliteLog:
        log = SqliteLog(
            self.folder.log,
            clock=lambda: time.time_ns() // 1000,
            reserve=self.folder.reserve,
            broken=self.broken.append,
            limits=LIMITS,
        )
        log.start(self.committed)
        return log

    def committed(self, records: Sequence[Record]) -> None:
        self.taken.extend(records)

    def receipt(self) -> None:
        self.acknowledged += 1

    def stuff(self, leave: int) -> None:
        """Fill the disk up to `leave` bytes."""
        with (self.folder.root / "stuffing").open("ab") as file:
            while (room := Space.of(self.folder.root).free - leave) > 0:
                try:
                    file.write(bytes(min(room, 1 << 16)))
                    file.flush()
                except OSError:
                    return

    async def until(self, name: str, true: Callable[[], bool], seconds: float = 8) -> None:
        """Wait, and note how long it took; -1 when it did not happen."""
        began = time.monotonic()
        while not true() and time.monotonic() - began < seconds:  # noqa: ASYNC110 the log has no such event
            await asyncio.sleep(0.02)
        self.facts[name] = round(time.monotonic() - began, 2) if true() else -1

    async def telemetry_stops_first(self) -> None:
        await self.log.append(entry(), Lane.TELEMETRY)
        self.stuff(leave=512 << 10)
        await self.until("refusing_s", lambda: self.log.refusing)
        before = self.log.last
        self.facts["telemetry_let_in"] = self.log.post(entry(), Lane.TELEMETRY, self.receipt)
        alarm = await self.log.append(entry(), Lane.ALARM)
        self.facts["alarm_written"] = alarm.sequence == before + 1
        self.facts["reserve_kept"] = self.folder.reserve.present

    async def alarms_get_the_reserve(self) -> None:
        self.stuff(leave=0)
        for number in range(ALARMS):
            self.log.post(entry(number, size=ALARM_SIZE), Lane.ALARM, self.receipt)
        await self.until("alarms_s", lambda: self.acknowledged == ALARMS)
        self.facts["reserve_released"] = not self.folder.reserve.present

    async def nothing_is_acknowledged_without_room(self) -> None:
        self.stuff(leave=0)
        taken, acknowledged = len(self.taken), self.acknowledged
        for number in range(4 * ALARMS):  # more than the WAL file has room for from its last reset
            self.log.post(entry(number, size=4000), Lane.ALARM, self.receipt)
        await asyncio.sleep(2.5)
        self.facts["waiting"] = self.log.waiting
        self.facts["told_without_room"] = self.acknowledged - acknowledged
        self.facts["taken_without_room"] = len(self.taken) - taken

    async def it_recovers_by_itself(self) -> None:
        (self.folder.root / "stuffing").unlink()
        everything = 5 * ALARMS
        await self.until("recovered_s", lambda: not self.log.refusing and self.acknowledged == everything)
        self.facts["acknowledged"] = self.acknowledged
        self.facts["still_waiting"] = self.log.waiting
        self.facts["reserve_again"] = self.folder.reserve.present
        self.facts["telemetry_again"] = self.log.post(entry(), Lane.TELEMETRY)

    async def the_ledger_says_full_and_goes_on(self) -> None:
        ledger = Ledger.open(self.folder.ledger_url, at=0, broken=self.broken.append)
        self.stuff(leave=0)
        try:
            await ledger.write(
                lambda c: c.exec_driver_sql("INSERT INTO meta VALUES ('a', zeroblob(3000000))")
            )
        except LedgerFull:
            self.facts["ledger"] = "full"
        (self.folder.root / "stuffing").unlink()
        await ledger.write(lambda c: c.exec_driver_sql("INSERT INTO meta VALUES ('b', 'kept')"))
        query = "SELECT key FROM meta ORDER BY key"
        rows = await ledger.read(lambda c: c.exec_driver_sql(query).scalars().all())
        self.facts["ledger_rows"] = list(rows)
        await ledger.close()

    async def it_starts_on_a_full_disk(self) -> None:
        snapshots = SnapshotStore(self.folder.snapshot)
        await snapshots.write(1, {}, {})
        await snapshots.close()
        await self.log.close()
        self.stuff(leave=0)
        self.log = self.opened()
        snapshots = SnapshotStore(self.folder.snapshot)
        self.facts["snapshot_read"] = snapshots.load() is not None
        await snapshots.close()
        ledger = Ledger.open(self.folder.ledger_url, at=0, broken=self.broken.append)
        self.facts["cursor_read"] = await ledger.read(cursor)
        alarm = await asyncio.wait_for(self.log.append(entry(), Lane.ALARM), 5)
        self.facts["alarm_after_start"] = alarm.sequence == self.log.last
        await ledger.write(lambda c: record_batch(c, Batch(cursor=alarm.sequence)), urgent=True)
        self.facts["cursor_written"] = await ledger.read(cursor) == alarm.sequence
        await ledger.close()

    async def tell(self) -> None:
        await self.until("settled_s", lambda: len(self.taken) == self.log.last)
        kept = [record.sequence async for record in self.log.read(0)]
        await self.log.close()
        self.facts["gap_free"] = kept == list(range(1, len(kept) + 1)) == [r.sequence for r in self.taken]
        self.facts["broken"] = [str(error) for error in self.broken]
        os.write(1, json.dumps(self.facts).encode())


async def main() -> None:
    story = Story(Path(sys.argv[1]))
    await story.telemetry_stops_first()
    await story.alarms_get_the_reserve()
    await story.nothing_is_acknowledged_without_room()
    await story.it_recovers_by_itself()
    await story.the_ledger_says_full_and_goes_on()
    await story.it_starts_on_a_full_disk()
    await story.tell()


if __name__ == "__main__":
    asyncio.run(main())
