"""What is written down of a batch, when a snapshot is taken, and the way back after a stop or a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from alerts.incidents.command import Acknowledge
from anmin import books as module
from anmin import houses
from anmin.backends import schema
from anmin.backends.disk import DiskBroken, NoSpace
from anmin.backends.ledger import LedgerFull
from anmin.backends.outbox import open_sends
from anmin.backends.projection import inbox_rows, incident_rows, rejects
from anmin.books import SAMPLE, SNAPSHOT_EVERY, HistoryDiffers, LogBehind, Recovered
from anmin.house import House
from anmin.monitor import Monitor
from anmin.snapshot import SnapshotStore
from devices.instant import SECOND
from ingest.message import RecordKind
from ingest.ports import Entry
from tests.support.community import T0
from tests.support.monitor import dialects
from tests.support.workplace import TICK, Workplace, alarm, asked, home_house, message, opened, rules_body


async def counts(place: Workplace) -> list[int]:
    """Rows of events, incidents and sends."""
    queries = [select(func.count()).select_from(t) for t in (schema.event, schema.incident, schema.outbox)]
    return await place.ledger.read(lambda c: [c.execute(query).scalar_one() for query in queries])


async def on_file(folder: Path) -> Any:
    """The snapshot as the next start would find it."""
    store = SnapshotStore(folder / "snapshot.db")
    found = store.load()
    await store.close()
    return found


# Writing ----------------------------------------------------------------------------------------------------


async def test_a_batch_is_written_whole_with_its_cursor(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        (effects,) = await place.lived(alarm())
        assert await place.event_ids() == [event.id for _, _, event in effects.events]
        sends = [known.send for known in await place.ledger.read(open_sends)]
        assert {send.key for send in sends} == {s.key for b in effects.broadcasts for s in b.sends}
        incidents = await place.ledger.read(incident_rows)
        assert incidents == list(place.monitor.desk.incidents.values())
        assert await place.cursor() == 1


async def test_what_a_newer_version_replaced_is_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        (first,) = await place.lived(alarm())
        records = await place.append(TICK, seconds=61)
        batch = [place.monitor.handle(record) for record in records]
        superseded = await place.books.write(batch, place.monitor)
        old = {send.key for broadcast in first.broadcasts for send in broadcast.sends}
        assert superseded
        assert old & set(superseded)


async def test_a_batch_without_effect_moves_the_cursor_only_every_few_seconds(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        await place.lived(message("smoke-301", seq=1, smoke_alarm=False))
        assert await place.cursor() == 1  # the first of a life
        await place.lived(message("smoke-301", seq=2, smoke_alarm=False), seconds=4.9)
        assert await place.cursor() == 1
        await place.lived(message("smoke-301", seq=3, smoke_alarm=False), seconds=5)
        assert await place.cursor() == 3


async def test_what_nobody_understood_and_who_nobody_knows_is_kept(tmp_path: Path) -> None:
    stranger = Entry(
        RecordKind.MESSAGE, "z", "zigbee2mqtt/attic", b'{"smoke":false,"x":"' + b"y" * 999 + b'"}'
    )
    broken = Entry(RecordKind.MESSAGE, "z", "zigbee2mqtt/attic", b"{")
    async with opened(tmp_path) as place:
        await place.lived(stranger, broken, stranger)
        await place.lived(stranger)
        (one,) = await place.ledger.read(inbox_rows)
        assert (one.dialect, one.messages) == ("zigbee2mqtt", 3)
        assert len(one.sample) == SAMPLE
        (lost,) = await place.ledger.read(lambda c: rejects(c, 10))
        assert (lost.sequence, lost.topic, lost.payload, lost.size) == (2, "zigbee2mqtt/attic", b"{", 1)


async def test_a_full_ledger_is_tried_again_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FULL_AGAIN_S", 0.0)
    async with opened(tmp_path) as place:
        write, refusals = place.ledger.write, 3

        async def full(work: Callable[..., Any], urgent: bool = False) -> Any:
            nonlocal refusals
            if refusals:
                refusals -= 1
                raise LedgerFull("no space")
            return await write(work, urgent)

        monkeypatch.setattr(place.ledger, "write", full)
        (effects,) = await place.lived(alarm())
        assert refusals == 0
        assert await place.event_ids() == [event.id for _, _, event in effects.events]


async def test_what_the_batch_breaks_is_not_swallowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as place:

        async def broken(work: Callable[..., Any], urgent: bool = False) -> Any:
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(place.ledger, "write", broken)
            with pytest.raises(ZeroDivisionError):
                await place.lived(alarm())
        assert await place.cursor() == 0


# Snapshots --------------------------------------------------------------------------------------------------


async def settled(place: Workplace) -> None:
    """Wait for the snapshot that is being written."""
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "snapshot"))


async def test_a_clean_stop_leaves_a_snapshot_of_all_that_was_handled(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        await place.lived(alarm())
        await place.lived(message("gas-101", seq=1, gas_lel_percent=0.0))  # nothing for the ledger
        await place.books.finish(place.monitor)
        assert await place.cursor() == 2
    found = await on_file(tmp_path)
    assert (found.sequence, found.clean) == (2, True)
    assert found.versions["house"] == houses.signature(home_house())


async def test_the_ledger_never_lies_behind_the_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start replays from the snapshot to the cursor, so the cursor is written first."""
    seen: list[tuple[int, int]] = []
    async with opened(tmp_path) as place:
        write = place.snapshots.write

        async def watched(sequence: int, *rest: Any, **more: Any) -> None:
            seen.append((sequence, await place.cursor()))
            await write(sequence, *rest, **more)

        monkeypatch.setattr(place.snapshots, "write", watched)
        await place.lived(alarm())
        await place.lived(message("gas-101", seq=1, gas_lel_percent=0.0))
        await place.books.finish(place.monitor)
    assert seen == [(2, 2)]


async def test_a_snapshot_is_due_after_a_minute_with_something_new_and_not_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        await place.recover()
        await place.lived(alarm())
        place.books.tend(place.monitor)
        await settled(place)
        assert place.books.needed_from == 1
        place.at += 60 * SECOND
        place.books.tend(place.monitor)
        await settled(place)
        assert place.books.needed_from == 2
        place.at += 60 * SECOND
        place.books.tend(place.monitor)  # nothing new
    found = await on_file(tmp_path)
    assert (found.sequence, found.clean) == (1, False)


async def test_a_snapshot_is_due_after_many_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SNAPSHOT_EVERY > 1000
    monkeypatch.setattr(module, "SNAPSHOT_EVERY", 2)
    async with opened(tmp_path) as place:
        await place.recover()
        for number, wanted in ((1, 1), (2, 3)):
            await place.lived(message("gas-101", seq=number, gas_lel_percent=0.0))
            place.books.tend(place.monitor)
            await settled(place)
            assert place.books.needed_from == wanted


async def test_a_snapshot_is_of_one_sequence_whatever_is_handled_while_it_is_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        await place.lived(alarm())
        before = dict(place.monitor.desk.incidents)
        records = await place.append(TICK, seconds=100)
        place.books.tend(place.monitor)
        place.monitor.handle(records[0])  # at once: the writing has not even begun
        await settled(place)
        assert place.monitor.desk.incidents != before
    found = await on_file(tmp_path)
    restored = Monitor(home_house(), dialects())
    restored.restore(found.rooms)
    assert found.sequence == 1
    assert restored.desk.incidents == before


async def test_no_second_snapshot_begins_while_one_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as place:
        gate, begun = asyncio.Event(), []

        async def slow(sequence: int, *rest: Any, **more: Any) -> None:
            begun.append(sequence)
            await gate.wait()

        monkeypatch.setattr(place.snapshots, "write", slow)
        for number in (1, 2, 3):
            await place.lived(message("gas-101", seq=number, gas_lel_percent=0.0), seconds=number * 100)
            place.books.tend(place.monitor)
            await asyncio.sleep(0.02)
        assert begun == [1]
        gate.set()
        await settled(place)
        place.books.tend(place.monitor)
        await settled(place)
        assert begun == [1, 3]


async def test_a_snapshot_that_found_no_room_is_made_up_for_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as place:

        async def full(*_: Any, **__: Any) -> None:
            raise NoSpace("no space")

        await place.lived(alarm())
        with monkeypatch.context() as patch:
            patch.setattr(place.snapshots, "write", full)
            place.books.tend(place.monitor)
            await settled(place)
        assert place.books.needed_from == 1  # what it would have spared is still needed
        await place.lived(message("gas-101", seq=1, gas_lel_percent=0.0), seconds=30)
        place.books.tend(place.monitor)  # not before another minute: the disk is full
        await settled(place)
        assert place.books.needed_from == 1
        await place.books.finish(place.monitor)
        assert place.books.needed_from == 3
        incidents = dict(place.monitor.desk.incidents)
    found = await on_file(tmp_path)
    restored = Monitor(home_house(), dialects())
    restored.restore(found.rooms)
    assert restored.desk.incidents == incidents
    assert sorted(key for key, _ in found.rooms["admission"]) == ["gas-101", "smoke-301"]


async def test_a_broken_disk_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as place:

        async def broken(*_: Any, **__: Any) -> None:
            raise DiskBroken("I/O error")

        await place.lived(alarm())
        monkeypatch.setattr(place.snapshots, "write", broken)
        place.books.tend(place.monitor)
        await asyncio.sleep(0.05)
        with pytest.raises(DiskBroken):
            place.books.tend(place.monitor)


# The way back -----------------------------------------------------------------------------------------------


async def lives(folder: Path) -> None:
    """A life that ends without a word: a snapshot, more in the ledger, still more in the log."""
    async with opened(folder) as place:
        await houses.keep(place.ledger, home_house(), rules_body(), T0)
        await place.lived(houses.entry(home_house()))
        await place.lived(alarm(), seconds=1)
        await place.books.finish(place.monitor)
        await place.lived(alarm("smoke-302"), TICK, seconds=62)
        await place.append(alarm("smoke-401", 9), seconds=63)


async def test_a_start_replays_from_the_snapshot_to_the_cursor_without_effects(tmp_path: Path) -> None:
    await lives(tmp_path)
    async with opened(tmp_path) as place:
        before = await counts(place)
        assert await place.recover() == Recovered(snapshot=2, cursor=4, last=5, clean=True)
        assert await counts(place) == before
        assert place.books.needed_from == 3
        kept = {incident.id: incident for incident in await place.ledger.read(incident_rows)}
        assert dict(place.monitor.desk.incidents) == kept
        assert not any("smoke-401" in one.sources for one in kept.values())  # that is for catch_up


async def test_without_a_snapshot_the_whole_log_is_replayed(tmp_path: Path) -> None:
    await lives(tmp_path)
    (tmp_path / "snapshot.db").unlink()
    async with opened(tmp_path) as place:
        assert await place.recover() == Recovered(snapshot=0, cursor=4, last=5, clean=False)
        kept = {incident.id: incident for incident in await place.ledger.read(incident_rows)}
        assert dict(place.monitor.desk.incidents) == kept


async def test_nothing_at_all_is_a_start_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        assert await place.recover() == Recovered(0, 0, 0, False)


async def test_what_follows_a_recovery_is_what_would_have_followed_without_one(tmp_path: Path) -> None:
    await lives(tmp_path)
    async with opened(tmp_path) as place:
        await place.recover()
        last = [record async for record in place.log.read(4)]
        (effects,) = await place.write(last)
        again = await place.event_ids()
    undisturbed = Monitor(home_house(), dialects())
    async with opened(tmp_path) as place:
        whole = [undisturbed.handle(record) async for record in place.log.read(0)]
    assert [event.id for one in whole for _, _, event in one.events] == again
    assert whole[-1].events == effects.events


async def test_an_event_that_is_missing_from_the_ledger_stops_the_start_unless_accepted(
    tmp_path: Path,
) -> None:
    await lives(tmp_path)
    async with opened(tmp_path) as place:
        victim = (await place.event_ids())[-1]
        await place.ledger.write(lambda c: c.execute(delete(schema.event).where(schema.event.c.id == victim)))
        with pytest.raises(HistoryDiffers, match="--accept-history") as raised:
            await place.recover()
        assert (raised.value.missing, raised.value.surplus) == ((), (victim,))
        assert victim in str(raised.value)
    async with opened(tmp_path) as place:
        assert (await place.recover(accept=True)).cursor == 4
        assert len(place.monitor.desk.incidents) >= 1


async def test_an_event_that_the_log_does_not_lead_to_stops_the_start_too(tmp_path: Path) -> None:
    await lives(tmp_path)
    async with opened(tmp_path) as place:
        victim = (await place.event_ids())[-1]
        change = update(schema.event).where(schema.event.c.id == victim).values(id="evt_forged")
        await place.ledger.write(lambda c: c.execute(change))
        with pytest.raises(HistoryDiffers) as raised:
            await place.recover()
        assert (raised.value.missing, raised.value.surplus) == (("evt_forged",), (victim,))


async def test_what_lies_before_the_snapshot_is_not_compared(tmp_path: Path) -> None:
    await lives(tmp_path)
    async with opened(tmp_path) as place:
        await place.ledger.write(
            lambda c: c.execute(delete(schema.event).where(schema.event.c.sequence <= 2))
        )
        assert (await place.recover()).snapshot == 2


async def test_after_a_change_of_the_code_differences_are_reported_and_do_not_stop(tmp_path: Path) -> None:
    await lives(tmp_path)
    async with opened(tmp_path) as place:
        await place.ledger.write(lambda c: c.execute(delete(schema.event).where(schema.event.c.sequence > 2)))
        assert place.kept is not None
        place.kept = place.kept._replace(versions={**place.kept.versions, "code": "0.0.1"})
        assert (await place.recover()).cursor == 4


async def test_a_log_that_ends_before_the_ledger_is_refused(tmp_path: Path) -> None:
    await lives(tmp_path)
    for path in (tmp_path / "log").iterdir():
        path.unlink()
    async with opened(tmp_path) as place:
        with pytest.raises(LogBehind, match="records up to 4, the log ends with 0"):
            await place.recover(accept=True)


async def versions_change(folder: Path, first: House, second: House) -> list[str]:
    """A life under one house and then another; the ids of what happened."""
    async with opened(folder) as place:
        for house, body in ((first, rules_body("fire")), (second, rules_body())):
            await houses.keep(place.ledger, house, body, T0)
        place.monitor = Monitor(first, dialects())
        gas = message("gas-301", seq=1, gas_lel_percent=15.0)
        await place.lived(houses.entry(first), gas)
        await place.lived(alarm(), seconds=1)
        (record,) = await place.append(houses.entry(second), seconds=2)
        place.monitor.adopt(second)
        await place.write([record])
        await place.lived(message("gas-301", seq=2, gas_lel_percent=16.0), seconds=3)
        (one, other) = sorted(place.monitor.desk.incidents.values(), key=lambda one: one.opened_at)
        await place.lived(asked(Acknowledge(incident_id=other.id, by="duty-1")), seconds=4)
        assert (one.hazard.value, other.hazard.value) == ("fire", "gas")
        return await place.event_ids()


async def test_a_version_record_in_the_replay_puts_the_old_house_in_force(tmp_path: Path) -> None:
    """The first gas reading was no alarm then, under rules for fire alone; a replay must not make it one."""
    first, second = home_house("fire"), home_house()
    ids = await versions_change(tmp_path, first, second)
    async with opened(tmp_path) as place:
        place.monitor = Monitor(second, dialects())
        assert (await place.recover()).cursor == 6
        assert place.monitor.house == second
        assert await place.event_ids() == ids
        kept = {incident.id: incident for incident in await place.ledger.read(incident_rows)}
        assert dict(place.monitor.desk.incidents) == kept


async def test_a_version_without_its_body_is_named(tmp_path: Path) -> None:
    first, second = home_house("fire"), home_house()
    await versions_change(tmp_path, first, second)
    async with opened(tmp_path) as place:
        gone = delete(schema.rulebook).where(schema.rulebook.c.version == first.rules.version)
        await place.ledger.write(lambda c: c.execute(gone))
        with pytest.raises(houses.VersionMissing, match=f"rules version {first.rules.version}"):
            await place.recover()


def test_both_refusals_say_what_to_do() -> None:
    assert "restore the last backup" in str(HistoryDiffers(("a",), ()))
    assert "same backup" in str(LogBehind(3, 2))
