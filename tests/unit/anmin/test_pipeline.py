"""Think, write, then act: nothing leaves before the ledger has it, and time comes as records of the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from alerts.broadcasts.broadcast import AnySend, Purpose
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Acknowledge, Declined, Done
from anmin import houses
from anmin.backends.ledger import LedgerBroken
from anmin.codec import dump
from anmin.monitor import START, Effects
from anmin.pipeline import GROUP, Pipeline
from anmin.snapshot import SnapshotStore
from anmin.telemetry import Metrics
from devices.instant import SECOND, Instant
from ingest import native
from ingest.message import CommandResult, Lane, Record, RecordKind
from ingest.ports import Entry
from tests.support.community import T0
from tests.support.harness import until
from tests.support.workplace import Workplace, alarm, home_house, message, opened, rules_body

SPEED = 1000
"""How much faster the clockwork's naps are here than engine time says."""


class Street:
    """All that may leave the house, in order."""

    def __init__(self) -> None:
        self.sends: list[AnySend] = []
        self.dropped: list[str] = []
        self.outcomes: list[SendOutcome] = []
        self.shown: list[Effects] = []
        self.replies: list[tuple[str, bytes]] = []
        self.results: list[CommandResult] = []
        self.order: list[str] = []

    def offer(self, sends: Sequence[AnySend]) -> None:
        self.sends.extend(sends)
        self.order.append("offer")

    def drop(self, keys: Sequence[str]) -> None:
        self.dropped.extend(keys)
        self.order.append("drop")

    def settled(self, outcome: SendOutcome) -> None:
        self.outcomes.append(outcome)

    def show(self, effects: Sequence[Effects]) -> None:
        self.shown.extend(effects)
        self.order.append("show")

    def reply(self, topic: str, payload: bytes) -> None:
        self.replies.append((topic, payload))

    @property
    def quiet(self) -> bool:
        return not (self.sends or self.dropped or self.outcomes or self.shown)


class Works:
    """A pipeline on a real log and ledger; `gate` holds the ledger's writing back while it is clear."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.street = Street()
        self.metrics = Metrics()
        self.gate = asyncio.Event()
        self.gate.set()
        self.refusal: Exception | None = None
        self.pipeline = Pipeline(
            place.monitor,
            place.log,
            place.ledger,
            place.books,
            self.street,
            self.street,
            self.street.reply,
            self.street.results.append,
            lambda: place.at,
            self._until,
            self.metrics,
        )
        self._write = place.ledger.write
        place.ledger.write = self._gated  # type: ignore[method-assign]  # that is what is watched
        self.task: asyncio.Task[None] | None = None

    def _until(self, at: Instant) -> float:
        return (at - self.place.at) / SECOND / SPEED

    async def _gated(self, work: Callable[..., Any], urgent: bool = False) -> Any:
        await self.gate.wait()
        if self.refusal is not None:
            raise self.refusal
        return await self._write(work, urgent)

    def run(self) -> None:
        self.task = asyncio.create_task(self.pipeline.run())

    async def append(self, *entries: Entry) -> list[Record]:
        return await self.place.append(*entries)

    async def handled(self, sequence: int | None = None) -> None:
        """Until the pipeline has come so far; to the log's end when not told."""
        await until(
            lambda: self.pipeline.handled >= (self.place.log.last if sequence is None else sequence), 5
        )

    async def logged(self, kind: RecordKind) -> int:
        return len([record async for record in self.place.log.read(0) if record.kind is kind])


@asynccontextmanager
async def works(folder: Path, *, at: Instant = T0, running: bool = True) -> AsyncIterator[Works]:
    made: list[Works] = []
    async with opened(folder, lambda records: made[0].pipeline.committed(records), at) as place:
        made.append(Works(place))
        if running:
            made[0].run()
        try:
            yield made[0]
        finally:
            made[0].gate.set()
            if made[0].task is not None:
                made[0].task.cancel()
                await asyncio.gather(made[0].task, return_exceptions=True)


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Works]:
    async with works(tmp_path) as made:
        yield made


# Order ------------------------------------------------------------------------------------------------------


async def test_nothing_but_the_devices_acknowledgement_leaves_before_the_ledger_has_it(w: Works) -> None:
    w.gate.clear()
    await w.append(alarm())
    await asyncio.sleep(0.05)
    assert w.street.replies == [("anmin/c/smoke-301/ack", native.ack("smoke-301-1"))]
    assert w.street.quiet
    assert await w.place.event_ids() == []
    w.gate.set()
    await w.handled()
    assert {send.purpose for send in w.street.sends} == {Purpose.ALERT}
    assert w.street.order == ["drop", "offer", "show"]
    assert len(await w.place.event_ids()) == len(w.street.shown[0].events) > 0


async def test_nothing_leaves_when_the_ledger_fails(w: Works) -> None:
    w.refusal = LedgerBroken("disk")
    await w.append(alarm())
    assert w.task is not None
    with pytest.raises(ExceptionGroup) as raised:
        await asyncio.wait_for(asyncio.shield(w.task), 5)
    assert raised.group_contains(LedgerBroken)
    assert w.street.quiet


async def test_a_result_of_a_command_is_told_before_the_ledger_writes(w: Works) -> None:
    """The dispatcher waits for it, and it rests on the log alone."""
    w.gate.clear()
    await w.append(Entry(RecordKind.MESSAGE, "m", "anmin/c/siren-1/result", b'{"v":1,"id":"k","done":true}'))
    await asyncio.sleep(0.02)
    assert w.street.results == [CommandResult("k", "siren-1", True, "")]


async def test_what_a_newer_version_replaced_is_dropped_before_it_is_offered(w: Works) -> None:
    await w.append(alarm())
    await w.handled()
    first = [send.key for send in w.street.sends]
    w.place.at = T0 + 61 * SECOND
    await w.handled(2)
    assert set(w.street.dropped) & set(first)
    assert w.street.order == ["drop", "offer", "show", "drop", "offer", "offer", "show"]


async def test_an_outcome_is_settled_after_the_ledger_knows(w: Works) -> None:
    await w.append(alarm())
    await w.handled()
    send = w.street.sends[0]
    who = send.recipient
    outcome = SendOutcome(send.incident_id, send.key, who.id, who.channel, State.HANDED_OFF)
    w.gate.clear()
    await w.append(Entry(RecordKind.OUTCOME, "dispatcher", send.key, dump(outcome).encode()))
    await asyncio.sleep(0.02)
    assert w.street.outcomes == []
    w.gate.set()
    await w.handled()
    assert w.street.outcomes == [outcome]


async def test_records_are_handled_in_their_order_in_groups(w: Works) -> None:
    w.gate.clear()
    await w.append(alarm())
    entries = [message("gas-101", seq=n, gas_lel_percent=0.0) for n in range(1, GROUP * 2 + 10)]
    await asyncio.gather(*(w.place.log.append(entry, Lane.TELEMETRY) for entry in entries))
    w.gate.set()
    await w.handled()
    sequences = [effects.record.sequence for effects in w.street.shown]
    assert sequences == list(range(1, len(entries) + 2))
    text = w.metrics.text().decode()
    assert f'anmin_log_records_total{{kind="message"}} {len(sequences)}.0' in text
    assert f'anmin_ingest_messages_total{{result="reading",source="mqtt-alarm"}} {len(sequences)}.0' in text
    shed = w.place.monitor.admission.dropped["over_budget"]
    assert shed > 0
    assert f'anmin_ingest_shed_total{{result="over_budget"}} {shed}.0' in text


async def test_telemetry_is_held_before_the_log_while_the_handling_is_behind(w: Works) -> None:
    await w.append(message("gas-101", seq=1, gas_lel_percent=0.0))
    await w.handled()
    w.gate.clear()
    await w.append(alarm())
    for n in range(300):
        w.place.log.post(message("gas-101", seq=2 + n, gas_lel_percent=0.0), Lane.TELEMETRY)
    await asyncio.sleep(0.2)
    assert w.place.log.last < 200
    w.gate.set()
    await w.handled(302)
    assert w.place.log.held == 0


async def test_rejects_are_counted_by_their_reason(w: Works) -> None:
    await w.append(Entry(RecordKind.MESSAGE, "m", "nobody/knows", b""))
    await w.handled()
    assert 'result="no_dialect",source="m"} 1.0' in w.metrics.text().decode()


# Questions --------------------------------------------------------------------------------------------------


async def test_a_person_is_answered_once_the_effect_is_in_the_ledger(w: Works) -> None:
    await w.append(alarm())
    await w.handled()
    (name,) = w.place.monitor.desk.incidents
    w.gate.clear()
    asking = asyncio.create_task(w.pipeline.ask(Acknowledge(incident_id=name, by="duty-1")))
    await asyncio.sleep(0.05)
    assert w.place.monitor.desk.incidents[name].ack is not None
    assert not asking.done()
    before = await w.place.event_ids()
    w.gate.set()
    assert await asking == Done(name, "verifying")
    assert len(await w.place.event_ids()) == len(before) + 2  # and what the sounder is told
    assert w.street.shown[-1].answer == Done(name, "verifying")  # the picture first, then the answer


async def test_every_question_gets_its_own_answer(w: Works) -> None:
    await w.append(alarm(), alarm("x-9"))
    await w.handled()
    names = [*w.place.monitor.desk.incidents, "inc_none"]
    answers = await asyncio.gather(
        *(w.pipeline.ask(Acknowledge(incident_id=name, by=f"duty-{name}")) for name in names)
    )
    assert [type(answer) for answer in answers] == [Done, Done, Declined]
    assert [getattr(answer, "incident_id", None) for answer in answers[:2]] == names[:2]


async def test_who_does_not_wait_for_the_answer_leaves_nothing_behind(w: Works) -> None:
    w.gate.clear()
    await w.append(alarm())
    asking = asyncio.create_task(w.pipeline.ask(Acknowledge(incident_id="inc_none", by="duty-1")))
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    w.gate.set()
    await w.handled(2)
    assert await w.logged(RecordKind.COMMAND) == 1


# Time -------------------------------------------------------------------------------------------------------


async def test_a_tick_is_appended_when_something_is_due_and_not_before(w: Works) -> None:
    await w.append(alarm())
    await w.handled()
    await asyncio.sleep(0.1)  # the clockwork has napped its 60 ms more than once
    assert await w.logged(RecordKind.TICK) == 0
    w.place.at = T0 + 60 * SECOND
    await w.handled(2)
    assert await w.logged(RecordKind.TICK) == 1
    assert Purpose.EVACUATE in {send.purpose for send in w.street.sends}


async def test_only_one_tick_is_on_its_way_at_a_time(w: Works) -> None:
    await w.append(alarm())
    await w.handled()
    w.gate.clear()
    await w.append(alarm("smoke-501"))  # the pipeline is still busy with this when time has run out
    w.place.at = T0 + 1000 * SECOND
    await asyncio.sleep(0.15)
    assert await w.logged(RecordKind.TICK) == 1
    w.gate.set()
    await w.handled()
    await asyncio.sleep(0.05)
    assert await w.logged(RecordKind.TICK) == 1  # one was enough for all that was due
    assert w.place.monitor.next_deadline() is None


async def test_a_nearer_deadline_wakes_the_clockwork(w: Works) -> None:
    await w.append(alarm())  # due in 60 s
    await w.handled()
    await asyncio.sleep(0.01)
    await w.append(message("smoke-501", seq=1, smoke_obscuration_db_per_m=0.5))  # held for 10 s
    await w.handled()
    w.place.at = T0 + 10 * SECOND
    await w.handled(3)
    assert w.street.shown[-1].record.kind is RecordKind.TICK
    assert {incident.opened_at - T0 for incident in w.place.monitor.desk.incidents.values()} >= {0}


async def test_while_sources_catch_up_no_tick_is_appended(w: Works) -> None:
    await w.append(Entry(RecordKind.EPOCH, "clock", START, b""), alarm())
    await w.handled()
    w.place.at = T0 + 1000 * SECOND
    await asyncio.sleep(0.1)
    assert await w.logged(RecordKind.TICK) == 0


# Start and stop ---------------------------------------------------------------------------------------------


async def test_what_the_ledger_had_not_seen_gets_its_effects_at_the_next_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        await place.append(alarm(), *(message("gas-101", seq=n, gas_lel_percent=0.0) for n in range(300)))
    async with works(tmp_path, running=False) as again:
        found = await again.place.recover()
        assert (found.cursor, found.last) == (0, 301)
        await again.pipeline.catch_up(found.cursor)
        assert again.pipeline.handled == 301
        assert {send.purpose for send in again.street.sends} == {Purpose.ALERT}
        assert again.street.replies == [("anmin/c/smoke-301/ack", native.ack("smoke-301-1"))]
        assert await again.place.cursor() >= GROUP


async def test_nothing_to_catch_up_with_is_nothing(tmp_path: Path) -> None:
    async with works(tmp_path, running=False) as w:
        await w.pipeline.catch_up(0)
        assert w.street.quiet
        assert w.pipeline.handled == 0


async def test_a_version_record_puts_what_the_ledger_holds_in_force(w: Works) -> None:
    fire = home_house("fire")
    await houses.keep(w.place.ledger, fire, rules_body("fire"), T0)
    await w.append(houses.entry(fire), message("gas-301", seq=1, gas_lel_percent=25.0))
    await w.handled()
    assert w.place.monitor.house == fire
    assert w.street.sends == []


async def test_a_clean_stop_handles_all_that_is_committed_and_leaves_a_snapshot_of_it(tmp_path: Path) -> None:
    async with works(tmp_path) as w:
        w.gate.clear()
        await w.append(alarm(), *(message("gas-101", seq=n, gas_lel_percent=0.0) for n in range(9)))
        stopping = asyncio.create_task(w.pipeline.finish())
        await asyncio.sleep(0.02)
        assert not stopping.done()
        w.gate.set()
        await asyncio.wait_for(stopping, 5)
        assert w.pipeline.handled == w.place.log.last == 10
        assert await w.place.cursor() == 10
    store = SnapshotStore(tmp_path / "snapshot.db")
    found = store.load()
    await store.close()
    assert found is not None
    assert (found.sequence, found.clean) == (10, True)


async def test_after_a_failure_nothing_waits_for_what_will_not_be_handled(tmp_path: Path) -> None:
    """Else a service whose ledger broke would hang in its own stop instead of being started anew."""
    async with works(tmp_path) as w:
        w.refusal = ZeroDivisionError()
        await w.append(alarm())
        assert w.task is not None
        await asyncio.wait((w.task,))
        w.refusal = None
        await w.append(alarm("smoke-302"))
        await asyncio.wait_for(w.pipeline.finish(), 5)
    store = SnapshotStore(tmp_path / "snapshot.db")
    assert store.load() is None  # what was thought and never written is not kept either
    await store.close()


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_at_any_moment_of_the_clockwork_is_a_stop(w: Works, turns: int) -> None:
    """Python 3.11's wait_for forgets a cancellation that comes together with what it waits for."""
    await w.append(alarm())
    await w.handled()
    await asyncio.sleep(0.02)  # it waits for the end of the verification now
    assert w.task is not None
    w.pipeline._rescheduled.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    w.task.cancel()
    done, _ = await asyncio.wait({w.task}, timeout=2)
    assert done
