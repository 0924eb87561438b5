"""`anmin verify`: the whole log replayed from its first record, without effects, and held against the ledger.

Every event, incident and planned send must come out as the ledger has it, and the monitor's own state as the
snapshot has it (reliability, invariant I6). Reads only; the service must be stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from sqlalchemy import Connection, func, select

from alerts.incidents.desk import DeskState
from alerts.incidents.state import Incident
from anmin import houses
from anmin.backends import schema
from anmin.backends.ledger import Ledger
from anmin.backends.log import SqliteLog
from anmin.backends.projection import cursor as cursor_of
from anmin.codec import dump, load, load_any, load_event, load_send
from anmin.dialects import registry_of
from anmin.folder import DataFolder, FolderUnusable
from anmin.keeping import open_ledger
from anmin.monitor import Effects, Monitor
from anmin.settings import Settings
from anmin.snapshot import Snapshot, SnapshotStore
from ingest.admit import AdmitState
from rules.engine import Engine

_GROUP = 1000  # records between two looks into the ledger
_NAMES = 500  # values in one IN list

Why: TypeAlias = Literal["missing", "surplus", "other"]
_Texts: TypeAlias = Mapping[str, str]
_Read: TypeAlias = Callable[[str], Any]


class Difference(NamedTuple):
    """`missing`: the log leads to it and it is not kept; `surplus`: kept, but nothing leads to it."""

    what: Literal["event", "incident", "send", "state"]
    name: str
    why: Why


@dataclass(slots=True)
class Verified:
    """How much was compared, and what differs. `first` above 1: the log no longer begins at its beginning."""

    first: int = 1
    records: int = 0
    events: int = 0
    incidents: int = 0
    sends: int = 0
    state: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return self.first == 1 and not self.differences


async def verify(settings: Settings) -> Verified:
    """Raises what a start raises: FolderUnusable, LedgerUnusable, LogDamaged, VersionMissing."""
    root = settings.site.data_dir
    if not root.exists():
        raise FolderUnusable(root, "there is no such data directory", "name the one that the service used")
    async with AsyncExitStack() as stack:
        folder = DataFolder(root, reserve_bytes=settings.log.reserve_bytes)
        stack.callback(folder.close)
        records = SqliteLog(folder.log, clock=lambda: 0, reserve=folder.reserve, broken=_broken)
        stack.push_async_callback(records.close)
        ledger = open_ledger(settings, folder, at=records.last_at, broken=_broken)
        stack.push_async_callback(ledger.close)
        snapshots = SnapshotStore(folder.snapshot)
        stack.push_async_callback(snapshots.close)
        return await _Replay(records, ledger, snapshots.load(), settings).run()


class _Replay:
    def __init__(self, records: SqliteLog, ledger: Ledger, kept: Snapshot | None, settings: Settings) -> None:
        self._records = records
        self._ledger = ledger
        self._kept = kept
        self._settings = settings
        self._incidents: dict[str, Incident] = {}
        self._found = Verified()

    async def run(self) -> Verified:
        found = self._found
        found.first = min(self._records.first, self._records.last + 1)
        if found.first > 1 or not self._records.last:
            return found
        cursor = await self._ledger.read(lambda connection: cursor_of(connection))
        monitor = await self._first()
        group: list[Effects] = []
        async for record in self._records.read(0, cursor):
            new = await houses.of_record(self._ledger, record)
            group.append(monitor.handle(record, new))
            self._note(group[-1], monitor)
            if self._kept is not None and record.sequence == self._kept.sequence:
                self._compare_state(monitor, self._kept)
            if len(group) == _GROUP:
                await self._compare_group(group)
                group = []
        await self._compare_group(group)
        await self._compare_incidents()
        await self._count_sends()
        return found

    async def _first(self) -> Monitor:
        """As the log's first VERSION record says; before it nothing but the epoch of the first start is."""
        async for record in self._records.read(0):
            if (house := await houses.of_record(self._ledger, record)) is not None:
                return Monitor(house, registry_of(self._settings, house.inventory.community_id))
        raise houses.VersionMissing("inventory and rules", "in force at the first start")

    def _note(self, effects: Effects, monitor: Monitor) -> None:
        """An incident that is forgotten later stays in the ledger as it was last."""
        for _, _, event in effects.events:
            known = monitor.desk.incidents.get(event.incident_id)
            if known is not None:
                self._incidents[known.id] = known

    async def _compare_group(self, group: list[Effects]) -> None:
        if not group:
            return
        found = self._found
        after, until = group[0].record.sequence - 1, group[-1].record.sequence
        events = {event.id: dump(event) for one in group for _, _, event in one.events}
        sends = {send.key: dump(send) for one in group for said in one.broadcasts for send in said.sends}
        kept_events = await self._ledger.read(lambda c: _events(c, after, until))
        kept_sends = await self._ledger.read(lambda c: _sends(c, list(sends)))
        found.records += len(group)
        found.events += len(events)
        found.sends += len(sends)
        found.differences += _differences("event", events, kept_events, load_event)
        found.differences += _differences("send", sends, kept_sends, load_send)

    async def _compare_incidents(self) -> None:
        """One by one in the ledger's order would need two passes; bodies of all incidents fit in memory."""
        replayed = {name: dump(incident) for name, incident in self._incidents.items()}
        query = select(schema.incident.c.id, schema.incident.c.body)
        kept = await self._ledger.read(lambda c: {row.id: row.body for row in c.execute(query)})
        self._found.incidents = len(replayed)
        self._found.differences += _differences("incident", replayed, kept, lambda t: load(Incident, t))

    async def _count_sends(self) -> None:
        """A send that nothing led to has a key of its own, so the numbers tell."""
        count = select(func.count()).select_from(schema.outbox)
        kept = await self._ledger.read(lambda c: c.execute(count).scalar_one())
        missing = sum(d.what == "send" and d.why == "missing" for d in self._found.differences)
        if (surplus := kept - self._found.sends + missing) > 0:
            self._found.differences.append(Difference("send", f"{surplus} in the outbox", "surplus"))

    def _compare_state(self, monitor: Monitor, kept: Snapshot) -> None:
        for room, changed in monitor.drain().items():
            replayed = {key: dump(value) for key, value in changed if value is not None}
            known = dict(kept.rooms.get(room, ()))
            self._found.state += len(replayed)
            named = _differences("state", replayed, known, _ROOMS[room])
            self._found.differences += (d._replace(name=f"{room} {d.name}") for d in named)


_ROOMS: dict[str, _Read] = {
    "admission": lambda text: load(AdmitState, text),
    "engine": lambda text: load_any(Engine.STATE, text),
    "desk": lambda text: load(DeskState, text),
    "supervision": json.loads,  # likewise, and none holds a set
    "operations": json.loads,
    "dialects": json.loads,  # values of several kinds; each dialect knows its own
    "monitor": lambda text: load(bool, text),
}


def _differences(
    what: Literal["event", "incident", "send", "state"], replayed: _Texts, kept: _Texts, read: _Read
) -> Iterable[Difference]:
    """Values are compared where texts differ: the order of a set is no difference."""
    for name in sorted(replayed.keys() | kept.keys()):
        if name not in kept:
            yield Difference(what, name, "missing")
        elif name not in replayed:
            yield Difference(what, name, "surplus")
        elif replayed[name] != kept[name] and read(replayed[name]) != read(kept[name]):
            yield Difference(what, name, "other")


def _events(connection: Connection, after: int, until: int) -> dict[str, str]:
    table = schema.event.c
    query = select(table.id, table.body).where(table.sequence > after, table.sequence <= until)
    return {row.id: row.body for row in connection.execute(query)}


def _sends(connection: Connection, keys: list[str]) -> dict[str, str]:
    table = schema.outbox.c
    found: dict[str, str] = {}
    for start in range(0, len(keys), _NAMES):
        query = select(table.key, table.body).where(table.key.in_(keys[start : start + _NAMES]))
        found |= {row.key: row.body for row in connection.execute(query)}
    return found


def _broken(error: OSError) -> None:
    raise error


_SHOWN = 20


def report(found: Verified, form: str) -> str:
    """For people in `zh` or `en`, or as one line of `json`."""
    if form == "json":
        counts = {name: getattr(found, name) for name in ("first", "records", *_COUNTED)}
        shown = [each._asdict() for each in found.differences[:_SHOWN]]
        return json.dumps(
            counts | {"differences": len(found.differences), "shown": shown, "clean": found.clean},
            ensure_ascii=False,
        )
    say = _SAY.get(form, _SAY["en"])
    if found.first > 1:
        return say["cut"].format(first=found.first)
    numbers = {name: getattr(found, name) for name in ("records", *_COUNTED)}
    lines = [say["counts"].format(**numbers), say["differs"].format(number=len(found.differences))]
    lines += [f"  {each.what} {each.name}: {say[each.why]}" for each in found.differences[:_SHOWN]]
    return "\n".join(lines)


_COUNTED = ("events", "incidents", "sends", "state")
_SAY = {
    "zh": {
        "cut": "日志从第 {first} 条开始，更早的已按保留期删除，无法从头重放。",
        "counts": "重放 {records} 条记录：事件 {events}，警情 {incidents}，通知 {sends}，状态 {state}",
        "differs": "不一致：{number}",
        "missing": "重放得出，账本里没有",
        "surplus": "账本里有，重放得不出",
        "other": "内容不同",
    },
    "en": {
        "cut": "the log begins with record {first}, what was before is past its retention: no full replay",
        "counts": "{records} records: {events} events, {incidents} incidents, {sends} sends, {state} states",
        "differs": "differences: {number}",
        "missing": "follows from the log and is not kept",
        "surplus": "is kept and does not follow from the log",
        "other": "is kept with other content",
    },
}
