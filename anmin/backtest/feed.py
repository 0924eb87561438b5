"""Readings of a service's own data directory: from the messages of its log, or from its history.

The log is decoded and admitted anew against the community that is asked about, as live; whom it does not know
says nothing. Both are read in pages, so that memory does not grow with their length.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Final, NamedTuple, NoReturn, TypeVar

from anmin.backends.log import SqliteLog
from anmin.backtest.past import Past, readings
from anmin.dialects import registry_of
from anmin.folder import DataFolder, FolderUnusable
from anmin.history.sqlite_store import SqliteHistory
from anmin.keeping import history_store
from anmin.settings import Settings
from devices.instant import DAY, Instant, parse_rfc3339
from devices.inventory import Inventory
from devices.reading import Reading
from ingest.admit import Admission
from ingest.decode import decode
from ingest.message import Ignored, Record, RecordKind, Rejected
from ingest.registry import DialectRegistry

T = TypeVar("T")
_PAGE: Final = 2_000


class NothingKept(ValueError):
    """The service has nothing to be tested against; the text says what to do."""


class Feed(NamedTuple):
    """`share` is how much of it was read, 0 to 1."""

    readings: Iterable[Reading]
    share: Callable[[], float]


@contextmanager
def of_log(
    settings: Settings, inventory: Inventory, since: Instant | None = None, until: Instant | None = None
) -> Iterator[Feed]:
    """The log of a stopped service. Raises FolderUnusable (also while one runs), LogDamaged, NothingKept."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            records = runner.run(_open_log(settings, stack))
            at = [records.first]

            def heard(record: Record) -> bool:
                at[0] = record.sequence
                late = until is not None and record.at >= until
                return not late and (since is None or record.at >= since)

            dialects = registry_of(settings, inventory.community_id)
            source = records.read(records.first - 1)
            told = (record for record in _drawn(runner, source) if heard(record))
            whole = max(1, records.last - records.first + 1)
            yield Feed(admitted(told, dialects, inventory), lambda: (at[0] - records.first + 1) / whole)
        finally:
            runner.run(stack.aclose())


def admitted(records: Iterable[Record], dialects: DialectRegistry, inventory: Inventory) -> Iterator[Reading]:
    """The readings of accepted messages of known devices, each with what weakens it."""
    admission = Admission(inventory)
    for record in records:
        if record.kind is not RecordKind.MESSAGE:
            continue
        decoded = decode(record, dialects)
        if isinstance(decoded, Rejected | Ignored):
            continue
        for one in decoded:
            heard = admission.admit(record, one)
            if not heard.unknown:
                yield from heard.readings


async def _open_log(settings: Settings, stack: AsyncExitStack) -> SqliteLog:
    folder = await _open_folder(settings, stack)
    records = SqliteLog(folder.log, clock=lambda: 0, reserve=folder.reserve, broken=_broken)
    stack.push_async_callback(records.close)
    if not records.last:
        raise NothingKept(f"the log in {folder.log} is empty: no message was ever accepted there")
    return records


@contextmanager
def of_history(
    settings: Settings,
    inventory: Inventory,
    past: Past,
    now: Callable[[], Instant],
    since: Instant | None = None,
    until: Instant | None = None,
) -> Iterator[Feed]:
    """The history of a stopped service, in envelopes where `past.step` is given. Raises also HistoryAway."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            folder = runner.run(_open_folder(settings, stack))
            store = history_store(settings, folder, now)
            stack.push_async_callback(store.close)
            if isinstance(store, SqliteHistory):
                first, last = _kept(folder)
            else:
                first, last = _asked(since, until)
            first, last = max(first, since or first), min(last, until or last)
            at = [first]
            source = readings(store, inventory, past, first, last, at)
            whole = max(1, last - first)
            yield Feed(_drawn(runner, source), lambda: (at[0] - first) / whole)
        finally:
            runner.run(stack.aclose())


def _kept(folder: DataFolder) -> tuple[Instant, Instant]:
    """From the first day of which there is a file to the end of the last."""
    days = sorted(path.stem for path in folder.room("history").glob("????-??-??.db"))
    if not days:
        raise NothingKept(
            f"there is no history in {folder.root}; is `history.enabled` on? "
            "What still waits in history-spool.db is brought there while the service runs"
        )
    return parse_rfc3339(f"{days[0]}T00:00:00Z"), parse_rfc3339(f"{days[-1]}T00:00:00Z") + DAY


def _asked(since: Instant | None, until: Instant | None) -> tuple[Instant, Instant]:
    if since is None or until is None:
        raise NothingKept("a history on a server does not say how long it is: give --from and --to")
    return since, until


async def _open_folder(settings: Settings, stack: AsyncExitStack) -> DataFolder:
    root = settings.site.data_dir
    if not root.exists():
        raise FolderUnusable(root, "there is no such data directory", "name the one that the service used")
    folder = DataFolder(root, reserve_bytes=settings.log.reserve_bytes)
    stack.callback(folder.close)
    return folder


async def _some(source: AsyncIterator[T]) -> list[T]:
    page: list[T] = []
    async for one in source:
        page.append(one)
        if len(page) == _PAGE:
            break
    return page


def _drawn(runner: asyncio.Runner, source: AsyncIterator[T]) -> Iterator[T]:
    while True:
        page = runner.run(_some(source))
        yield from page
        if len(page) < _PAGE:
            return


def _broken(error: OSError) -> NoReturn:
    raise error
