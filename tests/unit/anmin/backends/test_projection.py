"""The tables that the log leads to, read back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.incidents.state import Stage
from anmin.backends.ledger import Ledger
from anmin.backends.projection import (
    KEEP_PAYLOAD,
    Batch,
    InboxRow,
    RejectRow,
    cursor,
    event_ids,
    inbox_rows,
    incident_rows,
    mark_replayed,
    record_batch,
    reject,
    reject_count,
    rejects,
    timeline,
    timelines,
    trim_rejects,
)
from tests.support.ledger import happened, incident, opened, url_in


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with opened(url_in(tmp_path)) as ledger:
        yield ledger


async def record(ledger: Ledger, batch: Batch) -> list[str]:
    return await ledger.write(lambda c: record_batch(c, batch), urgent=True)


def rejected(sequence: int, payload: bytes = b"{") -> RejectRow:
    return RejectRow(sequence, 5, "mqtt", "a/b", "malformed", "line 1", "x", payload, len(payload))


def stranger(messages: int, at: int) -> InboxRow:
    return InboxRow("0x12", "zigbee2mqtt", at, at, messages, "{}")


async def test_timeline_is_in_order_of_sequence_and_position(ledger: Ledger) -> None:
    events = (happened(3, 1), happened(2), happened(3), happened(10), happened(4, incident="i2"))
    await record(ledger, Batch(cursor=10, events=events))
    assert await ledger.read(lambda c: timeline(c, "i1")) == [
        happened(2)[2],
        happened(3)[2],
        happened(3, 1)[2],
        happened(10)[2],
    ]
    both = await ledger.read(lambda c: timelines(c, ["i1", "i2", "none"]))
    assert {name: len(events) for name, events in both.items()} == {"i1": 4, "i2": 1}


async def test_event_ids_leave_out_the_lower_end_and_take_the_upper(ledger: Ledger) -> None:
    await record(ledger, Batch(cursor=4, events=tuple(happened(n) for n in (1, 2, 3, 4))))
    assert [row[0] for row in await ledger.read(lambda c: event_ids(c, 1, 3))] == [2, 3]


async def test_incident_is_replaced_and_never_by_an_older_batch(ledger: Ledger) -> None:
    closed = incident(stage=Stage.CLOSED)
    await record(ledger, Batch(cursor=1, incidents=(incident(),)))
    await record(ledger, Batch(cursor=2, incidents=(closed,)))
    await record(ledger, Batch(cursor=1, incidents=(incident(),)))
    assert await ledger.read(incident_rows) == [closed]
    assert await ledger.read(lambda c: incident_rows(c, open_only=True)) == []


async def test_incidents_come_newest_first(ledger: Ledger) -> None:
    await record(ledger, Batch(cursor=1, incidents=tuple(incident(f"i{n}", at=n) for n in range(3))))
    assert [row.id for row in await ledger.read(incident_rows)] == ["i2", "i1", "i0"]
    assert [row.id for row in await ledger.read(lambda c: incident_rows(c, limit=1))] == ["i2"]


async def test_cursor_never_goes_back(ledger: Ledger) -> None:
    await record(ledger, Batch(cursor=9))
    await record(ledger, Batch(cursor=3))
    assert await ledger.read(cursor) == 9


async def test_inbox_counts_every_message_once(ledger: Ledger) -> None:
    for batch in (Batch(cursor=1, inbox=(stranger(2, 10),)), Batch(cursor=2, inbox=(stranger(3, 20),))):
        await record(ledger, batch)
        await record(ledger, batch)  # a replay
    assert await ledger.read(inbox_rows) == [InboxRow("0x12", "zigbee2mqtt", 10, 20, 5, "{}")]


async def test_reject_keeps_the_beginning_of_what_arrived(ledger: Ledger) -> None:
    whole = b"x" * (KEEP_PAYLOAD + 5)
    await record(ledger, Batch(cursor=7, rejects=(rejected(7, whole),)))
    kept = await ledger.read(lambda c: reject(c, 7))
    assert kept == rejected(7, whole)._replace(payload=whole[:KEEP_PAYLOAD])
    assert await ledger.read(lambda c: reject(c, 8)) is None
    await ledger.write(lambda c: mark_replayed(c, 7, 99))
    again = await ledger.read(lambda c: reject(c, 7))
    assert again is not None
    assert again.replayed_at == 99


async def test_rejects_are_paged_newest_first_and_trimmed_oldest_first(ledger: Ledger) -> None:
    await record(ledger, Batch(cursor=9, rejects=tuple(rejected(n) for n in range(1, 8))))
    page = await ledger.read(lambda c: rejects(c, 3))
    assert [row.sequence for row in page] == [7, 6, 5]
    assert [row.sequence for row in await ledger.read(lambda c: rejects(c, 3, before=5))] == [4, 3, 2]
    assert await ledger.write(lambda c: trim_rejects(c, 5)) == 2
    assert await ledger.write(lambda c: trim_rejects(c, 5)) == 0
    assert await ledger.read(reject_count) == 5
