"""anmin.chores: an acknowledgement that cannot be sent stops nothing, and what is too old goes everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from anmin.chores import REJECTS_KEPT, housekeeping, replies, steps
from anmin.section import DAY
from anmin.settings import load
from ingest.message import Lane, RecordKind
from ingest.ports import SourceDown
from tests.support.community import T0


async def briefly(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_reply_that_cannot_be_sent_is_let_go_and_the_next_one_is_sent() -> None:
    sent: list[str] = []

    class Source:
        async def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> None:
            if topic == "lost":
                raise SourceDown("no broker")
            sent.append(topic)

    outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
    for topic in ("lost", "kept"):
        outgoing.put_nowait((topic, b""))
    source: Any = Source()
    await briefly(replies(outgoing, [source]))
    assert sent == ["kept"]


async def test_log_rejects_and_history_lose_what_is_past_its_retention() -> None:
    trimmed: dict[str, Any] = {}

    async def write(work: Callable[[Any], Any]) -> None:
        trimmed["rejects"] = True

    async def trim(before: int) -> None:
        trimmed["history"] = before

    records: Any = SimpleNamespace(trim=lambda first, until: trimmed.update(log=(first, until)))
    books: Any = SimpleNamespace(needed_from=7)
    ledger: Any = SimpleNamespace(write=write)
    store: Any = SimpleNamespace(trim=trim)
    settings = load(None, {}, {"log.retention_days": 3, "history.retention_days": 5})
    await briefly(housekeeping(settings, records, books, ledger, store, lambda: T0))
    assert trimmed == {"log": (7, T0 - 3 * DAY), "rejects": True, "history": T0 - 5 * DAY}
    assert REJECTS_KEPT > 0


async def test_a_stepped_clock_is_a_record_of_the_log(monkeypatch: Any) -> None:
    written: list[Any] = []
    naps = iter((None,))

    async def nap(seconds: float) -> None:
        if next(naps, "end") == "end":
            raise asyncio.CancelledError

    async def append(entry: Any, lane: Lane) -> None:
        written.append((entry, lane))

    monkeypatch.setattr("anmin.chores.asyncio.sleep", nap)
    clock: Any = SimpleNamespace(step=lambda: 3_000_000)
    records: Any = SimpleNamespace(append=append)
    task = asyncio.ensure_future(steps(clock, records))
    await asyncio.gather(task, return_exceptions=True)
    ((entry, lane),) = written
    assert (entry.kind, entry.topic, entry.payload, lane) == (
        RecordKind.EPOCH,
        "step",
        b"3000000",
        Lane.ALARM,
    )
