"""What was not understood is listed, shown whole, and put through again as something old."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anmin.backends.segment import LogDamaged
from anmin.rejects import Rejects
from devices.instant import SECOND
from ingest.message import Record, RecordKind
from ingest.ports import Entry
from tests.support.community import T0
from tests.support.workplace import Workplace, alarm, opened

TOPIC = "anmin/c/smoke-301/event"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Workplace]:
    async with opened(tmp_path) as one:
        yield one


@pytest.fixture
def shelf(place: Workplace) -> Rejects:
    return Rejects(place.ledger, place.log, lambda: place.at)


class Gone:
    """What the log answers for records that it has given up."""

    def __aiter__(self) -> Gone:
        return self

    async def __anext__(self) -> Record:
        raise LogDamaged(Path("log"), "record 1 is not there; the oldest kept is 9", "read from there")


def broken(payload: bytes = b"{", **marks: bool) -> Entry:
    return Entry(RecordKind.MESSAGE, "mqtt-alarm", TOPIC, payload, **marks)


async def test_they_are_listed_newest_first_by_pages(place: Workplace, shelf: Rejects) -> None:
    await place.lived(broken(), alarm(), broken(b"["), broken(b"}"))
    assert [row.sequence for row in await shelf.list(10)] == [4, 3, 1]
    assert [row.sequence for row in await shelf.list(2)] == [4, 3]
    assert [row.sequence for row in await shelf.list(2, before=3)] == [1]


async def test_one_is_shown_whole_and_one_that_was_understood_is_not_there(
    place: Workplace, shelf: Rejects
) -> None:
    await place.lived(broken(b'{"v":1'), alarm())
    row = await shelf.show(1)
    assert row is not None
    assert (row.topic, row.payload, row.reason, row.replayed_at) == (TOPIC, b'{"v":1', "malformed", None)
    assert row.detail
    assert await shelf.show(2) is None
    assert await shelf.show(99) is None


async def test_one_is_put_through_again_as_it_came_and_as_something_that_waited(
    place: Workplace, shelf: Rejects
) -> None:
    await place.lived(broken(b"{", retain=True, dup=True))
    place.at = T0 + 5 * SECOND
    record = await shelf.replay(1)
    assert record == Record(
        2, T0 + 5 * SECOND, RecordKind.MESSAGE, "mqtt-alarm", TOPIC, b"{", retain=True, dup=False, queued=True
    )
    row = await shelf.show(1)
    assert row is not None
    assert row.replayed_at == T0 + 5 * SECOND
    assert [one async for one in place.log.read(1)] == [record]


async def test_a_long_one_is_put_through_whole_though_the_ledger_keeps_its_beginning(
    place: Workplace, shelf: Rejects
) -> None:
    payload = b"x" * 70_000
    await place.lived(broken(payload))
    row = await shelf.show(1)
    assert row is not None
    assert (len(row.payload), row.size) == (64 << 10, len(payload))
    record = await shelf.replay(1)
    assert record is not None
    assert record.payload == payload


async def test_what_was_never_rejected_is_not_put_through_again(place: Workplace, shelf: Rejects) -> None:
    await place.lived(alarm())
    assert await shelf.replay(1) is None
    assert await shelf.replay(99) is None
    assert place.log.last == 1


async def test_one_that_the_log_does_not_reach_back_to_is_not_put_through(
    place: Workplace, shelf: Rejects, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.lived(broken())

    def trimmed(after: int, until: int | None = None) -> AsyncIterator[Record]:
        return Gone()

    monkeypatch.setattr(place.log, "read", trimmed)
    assert await shelf.replay(1) is None
    row = await shelf.show(1)
    assert row is not None
    assert row.replayed_at is None
    assert place.log.last == 1
