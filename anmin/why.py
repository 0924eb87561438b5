"""Why did it alarm, why did it not: the log replayed up to a moment, and every rule on one device asked.

Reads only. What the rules remember from before the replay begins is not known to it, so it begins two days
before the moment unless told otherwise, and says where.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from anmin import houses
from anmin.backends.ledger import Ledger
from anmin.backends.log import SqliteLog
from anmin.dialects import registry_of
from anmin.folder import DataFolder, FolderUnusable
from anmin.house import House
from anmin.houses import VersionMissing
from anmin.keeping import open_ledger
from anmin.monitor import Monitor
from anmin.settings import Settings
from devices.instant import DAY, Instant, Micros, parse_rfc3339
from devices.inventory import Inventory
from devices.reading import HISTORY, Reading
from ingest.message import Record, RecordKind
from ingest.registry import DialectRegistry
from rules.account import Account
from rules.verdict import Transition

BACK_FOR: Final[Micros] = 2 * DAY
EDGES: Final = 50
"""Changes of level that are told, the newest."""
_BREATH: Final = 100
_BREATH_S: Final = 0.005
"""Live messages go first: after so many records a pause of so long."""


class NoSuchDevice(LookupError):
    """The community has no device of that id at that time."""


class Records(Protocol):
    @property
    def first(self) -> int: ...

    def read(self, after: int, until: int | None = None) -> AsyncIterator[Record]: ...


class Beginning(Protocol):
    """How a fresh set of dialects is made, which remember nothing."""

    def __call__(self, inventory: Inventory) -> DialectRegistry: ...


@dataclass(slots=True)
class Why:
    """`since`: the first record that was heard; `last`: the newest reading of each quantity that counts;
    `past`: how many readings of the device were history or repeats and count for nothing."""

    device_id: str
    at: Instant
    since: Instant = 0
    records: int = 0
    heard: int = 0
    past: int = 0
    last: dict[str, Reading] = field(default_factory=dict)
    edges: deque[Transition] = field(default_factory=lambda: deque(maxlen=EDGES))
    accounts: tuple[Account, ...] = ()


Asked: TypeAlias = Callable[[str, Instant, Micros], Awaitable[Why]]
"""Device, moment, how far back."""


async def why(
    log: Records, ledger: Ledger, fresh: Beginning, device_id: str, at: Instant, back_for: Micros = BACK_FOR
) -> Why:
    """Raises NoSuchDevice, VersionMissing."""
    found = Why(device_id, at)
    monitor: Monitor | None = None
    in_force: Record | None = None
    async for record in log.read(log.first - 1):
        if record.at > at:
            break
        if record.at < at - back_for:
            in_force = record if record.kind is RecordKind.VERSION else in_force
            continue
        if monitor is None:
            monitor = await _begun(ledger, fresh, in_force or record)
        if monitor is not None:
            new = await houses.of_record(ledger, record)
            _note(found, monitor, record, new)
            if found.records % _BREATH == 0:
                await asyncio.sleep(_BREATH_S)
    if monitor is None and in_force is not None:
        monitor = await _begun(ledger, fresh, in_force)
    if monitor is None:
        raise VersionMissing("inventory and rules", "in force at that time")
    if device_id not in monitor.house.inventory.devices:
        raise NoSuchDevice(device_id)
    found.accounts = monitor.accounts(device_id, found.last, at)
    return found


async def why_of_folder(settings: Settings, device_id: str, at: str | None, back_for: Micros) -> Why:
    """The same for the data directory of a stopped service; without `at` it is the last record's time.

    Raises what a start raises, and ValueError for a time that is none.
    """
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
        moment = records.last_at if at is None else parse_rfc3339(at)

        def fresh(inventory: Inventory) -> DialectRegistry:
            return registry_of(settings, inventory.community_id)

        return await why(records, ledger, fresh, device_id, moment, back_for)


def _broken(error: OSError) -> None:
    raise error


async def _begun(ledger: Ledger, fresh: Beginning, record: Record) -> Monitor | None:
    """By the inventory and rules that a VERSION record names; None for another record."""
    house = await houses.of_record(ledger, record)
    return None if house is None else Monitor(house, fresh(house.inventory))


def _note(found: Why, monitor: Monitor, record: Record, house: House | None) -> None:
    found.since = found.since or record.at
    found.records += 1
    effects = monitor.handle(record, house)
    for heard in effects.heard:
        if heard.device_id == found.device_id:
            found.heard += 1
            for reading in heard.readings:
                if int(reading.trust) & int(HISTORY):
                    found.past += 1
                else:
                    found.last[reading.quantity] = reading
    for edge in effects.edges:
        if edge.subject == found.device_id or any(one.device_id == found.device_id for one in edge.evidence):
            found.edges.append(edge)
