"""Log, ledger and snapshot of one data directory, real ones, which may be closed and opened again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from alerts.incidents.command import Command
from anmin import houses, rulebook
from anmin.backends.disk import Reserve
from anmin.backends.ledger import Ledger
from anmin.backends.log import SqliteLog
from anmin.backends.projection import cursor, event_ids
from anmin.books import Books, Recovered
from anmin.canon import canonical
from anmin.codec import dump
from anmin.house import House
from anmin.monitor import Effects, Monitor
from anmin.snapshot import Snapshot, SnapshotStore
from devices.instant import SECOND, Instant, rfc3339
from ingest.message import Lane, Record, RecordKind
from ingest.ports import Append, Entry
from tests.support.community import T0, inventory
from tests.support.ledger import url_in
from tests.support.log import SMALL_RESERVE
from tests.support.monitor import TERMS, dialects

TICK = Entry(RecordKind.TICK, "clock", "tick", b"")


@cache
def rules_body(*packs: str) -> str:
    """The shipped packs as the ledger keeps them; only those named when some are."""
    documents = [one for one in rulebook.shipped() if not packs or Path(one.name).stem in packs]
    return json.dumps([document.data for document in documents], ensure_ascii=False)


@cache
def home_house(*packs: str) -> House:
    """The small community under its true version, with shipped packs."""
    return houses.build(canonical(inventory()), rules_body(*packs), TERMS)


def message(device: str, *, seq: int, event: str | None = None, **values: object) -> Entry:
    """A native message as a source would post it."""
    body: dict[str, object] = {"v": 1, "boot": 1, "seq": seq, "at": rfc3339(T0), "values": values}
    leaf = "reading"
    if event is not None:
        leaf, body = "event", body | {"id": event}
    topic = f"anmin/c/{device}/{leaf}"
    return Entry(RecordKind.MESSAGE, "mqtt-alarm", topic, json.dumps(body).encode())


def alarm(device: str = "smoke-301", seq: int = 1) -> Entry:
    return message(device, seq=seq, event=f"{device}-{seq}", smoke_alarm=True)


def asked(command: Command) -> Entry:
    return Entry(RecordKind.COMMAND, "web", "token", dump(command).encode())


class Workplace:
    """One life of the data directory. `at` is the time, moved by hand."""

    def __init__(self, folder: Path, at: Instant = T0) -> None:
        self.at = at
        (folder / "log").mkdir(exist_ok=True)
        self.log = SqliteLog(
            folder / "log",
            clock=lambda: self.at,
            reserve=Reserve(folder / "reserve", SMALL_RESERVE),
            broken=_never,
        )
        self.ledger = Ledger.open(url_in(folder), at=at, broken=_never)
        self.snapshots = SnapshotStore(folder / "snapshot.db")
        self.kept: Snapshot | None = self.snapshots.load()
        self.books = Books(self.ledger, self.snapshots, lambda: self.at)
        self.monitor = Monitor(home_house(), dialects())

    async def append(self, *entries: Entry, seconds: float | None = None) -> list[Record]:
        """Log them, at T0 plus so many seconds when told."""
        if seconds is not None:
            self.at = T0 + round(seconds * SECOND)
        return [await self.log.append(entry, Lane.ALARM) for entry in entries]

    async def write(self, records: Sequence[Record]) -> list[Effects]:
        """What the pipeline does with a batch, without letting anything go."""
        batch = [self.monitor.handle(record) for record in records]
        await self.books.write(batch, self.monitor)
        return batch

    async def lived(self, *entries: Entry, seconds: float | None = None) -> list[Effects]:
        return await self.write(await self.append(*entries, seconds=seconds))

    async def recover(self, *, accept: bool = False) -> Recovered:
        return await self.books.recover(self.monitor, self.log, self.kept, accept=accept)

    async def cursor(self) -> int:
        return await self.ledger.read(lambda connection: cursor(connection))

    async def event_ids(self) -> list[str]:
        return [name for _, _, name in await self.ledger.read(lambda c: event_ids(c, 0, 1 << 60))]

    async def close(self) -> None:
        await self.snapshots.close()
        await self.ledger.close()
        await self.log.close()


@asynccontextmanager
async def opened(
    folder: Path, committed: Append = lambda records: None, at: Instant = T0
) -> AsyncIterator[Workplace]:
    place = Workplace(folder, at)
    place.log.start(committed)
    try:
        yield place
    finally:
        await place.close()


def _never(error: OSError) -> None:
    raise AssertionError("nothing breaks here") from error
