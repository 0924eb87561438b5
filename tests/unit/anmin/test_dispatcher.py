"""Sends leave in order, one at a time per recipient and channel, and every outcome is reported once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from alerts.broadcasts.broadcast import (
    AnySend,
    Audience,
    DrillSend,
    LiveSend,
    Purpose,
    Recipient,
    send_key,
)
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent, State
from alerts.broadcasts.reach import SendOutcome
from anmin.backends.ledger import Ledger, LedgerFull
from anmin.backends.outbox import open_sends, void_leases
from anmin.backends.projection import Batch, record_batch
from anmin.dispatcher import Dispatcher
from devices.instant import SECOND
from tests.support.community import T0

LONG = 600 * SECOND


class Scripted:
    """A channel that answers as it is told and remembers what it was given."""

    idempotent = True

    def __init__(self, *answers: Outcome, name: str = "console") -> None:
        self.name = name
        self.answers = list(answers)
        self.got: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, send: AnySend) -> Outcome:
        await self.gate.wait()
        self.got.append(f"{send.recipient.id}:{send.version}")
        return self.answers.pop(0) if self.answers else Sent()


class Post:
    """A dispatcher on a real ledger; what it reports is settled as the pipeline would."""

    def __init__(self, ledger: Ledger, live: Scripted, drill: Scripted) -> None:
        self.ledger = ledger
        self.outcomes: list[SendOutcome] = []
        self.now = T0
        self.dispatcher = Dispatcher(
            ledger, {live.name: live}, {"*": drill}, self._report, self._clock, lambda at: 0.0, lambda: 0.0
        )
        self.cursor = 0
        self.news = asyncio.Event()

    def _clock(self) -> int:
        self.now += 1
        return self.now

    def _report(self, outcome: SendOutcome) -> None:
        self.outcomes.append(outcome)
        self.news.set()

    async def offer(self, *sends: AnySend) -> None:
        self.cursor += 1
        batch = Batch(cursor=self.cursor, sends=sends)
        self.dispatcher.drop(await self.ledger.write(lambda c: record_batch(c, batch)))
        self.dispatcher.offer(sends)

    async def settle(self, outcome: SendOutcome) -> None:
        self.cursor += 1
        done = (outcome.key, outcome.state, outcome.detail, self.now)
        await self.ledger.write(lambda c: record_batch(c, Batch(cursor=self.cursor, outcomes=(done,))))
        self.dispatcher.settled(outcome)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.outcomes) < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", at=T0, broken=lambda error: None)
    yield opened
    await opened.close()


@pytest.fixture
async def start(ledger: Ledger) -> AsyncIterator[Callable[..., Post]]:
    tasks: list[asyncio.Task[None]] = []

    def begin(live: Scripted, drill: Scripted | None = None) -> Post:
        post = Post(ledger, live, drill or Scripted())
        tasks.append(asyncio.create_task(post.dispatcher.run()))
        return post

    yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def send(
    version: int = 1,
    *,
    to: str = "duty-1",
    kind: type[AnySend] = LiveSend,
    within: int = LONG,
    channel: str = "console",
) -> AnySend:
    who = Recipient(to, Audience.DUTY, channel, to)
    key = send_key("inc_1", version, to, channel)
    return kind(key, "inc_1", version, Purpose.ALERT, who, "title", "text", "{}", T0, T0 + within)


async def test_a_send_leaves_once_and_its_outcome_is_reported(start: Callable[..., Post]) -> None:
    channel = Scripted(Sent("abc"))
    post = start(channel)
    await post.offer(send())
    await post.until(1)
    assert channel.got == ["duty-1:1"]
    assert (post.outcomes[0].state, post.outcomes[0].detail) == (State.HANDED_OFF, "abc")


async def test_a_confirmed_send_is_delivered_and_a_refused_one_failed(start: Callable[..., Post]) -> None:
    post = start(Scripted(Sent(confirmed=True), Refused("no such number")))
    await post.offer(send(to="a"), send(to="b"))
    await post.until(2)
    assert {outcome.state for outcome in post.outcomes} == {State.DELIVERED, State.FAILED}


async def test_the_next_send_to_the_same_person_waits_until_the_first_is_settled(
    start: Callable[..., Post],
) -> None:
    channel = Scripted()
    post = start(channel)
    await post.offer(send(1))
    await post.until(1)
    await post.offer(send(2))
    await asyncio.sleep(0.05)
    assert channel.got == ["duty-1:1"]
    await post.settle(post.outcomes[0])
    await post.until(2)
    assert channel.got == ["duty-1:1", "duty-1:2"]


async def test_a_failing_send_is_tried_again_until_it_works(start: Callable[..., Post]) -> None:
    channel = Scripted(Retry("busy"), Retry("busy"), Sent())
    post = start(channel)
    await post.offer(send())
    await post.until(1)
    assert len(channel.got) == 3
    assert post.outcomes[0].state is State.HANDED_OFF
    assert post.dispatcher.failing == frozenset()


async def test_past_its_deadline_a_send_is_named_as_expired(start: Callable[..., Post]) -> None:
    channel = Scripted()
    post = start(channel)
    post.now += 2 * SECOND
    await post.offer(send(within=SECOND))
    await post.until(1)
    assert post.outcomes[0].state is State.EXPIRED
    assert channel.got == []


async def test_a_newer_version_replaces_what_has_not_left_yet(start: Callable[..., Post]) -> None:
    channel = Scripted()
    channel.gate.clear()
    post = start(channel)
    await post.offer(send(1, to="other"))
    await post.offer(send(1))
    await asyncio.sleep(0.02)
    await post.offer(send(2), send(2, to="other"))
    await post.offer(send(3))
    channel.gate.set()
    await post.until(2)
    for outcome in list(post.outcomes):
        await post.settle(outcome)
    await post.until(4)
    assert channel.got.count("duty-1:2") == 0  # superseded by 3 while 1 was in flight
    assert channel.got.count("duty-1:3") == 1


async def test_a_drill_never_reaches_a_live_channel_and_a_missing_channel_is_a_failure(
    start: Callable[..., Post],
) -> None:
    live, drill = Scripted(), Scripted(name="*")
    post = start(live, drill)
    await post.offer(send(kind=DrillSend), send(to="x", channel="pigeon"))
    await post.until(2)
    assert live.got == []
    assert drill.got == ["duty-1:1"]
    failed = next(outcome for outcome in post.outcomes if outcome.recipient == "x")
    assert failed.state is State.FAILED
    assert "pigeon" in failed.detail


async def test_a_bug_in_a_channel_stops_no_other_send(start: Callable[..., Post]) -> None:
    class Broken(Scripted):
        async def send(self, send: AnySend) -> Outcome:
            if send.recipient.id == "bad" and not self.got:
                self.got.append("boom")
                raise ZeroDivisionError
            return await super().send(send)

    channel = Broken()
    post = start(channel)
    await post.offer(send(to="bad"), send(to="good"))
    await post.until(2)
    assert {outcome.state for outcome in post.outcomes} == {State.HANDED_OFF}


async def test_after_a_start_what_was_in_flight_goes_out_again_under_the_same_key(
    ledger: Ledger, start: Callable[..., Post]
) -> None:
    stuck = Scripted()
    stuck.gate.clear()
    first = start(stuck)
    await first.offer(send())
    await asyncio.sleep(0.05)
    await ledger.write(lambda c: void_leases(c, T0 + SECOND))
    channel = Scripted()
    second = start(channel)
    second.now = T0 + 2 * SECOND
    second.dispatcher.resume(await ledger.read(open_sends))
    await second.until(1)
    assert channel.got == ["duty-1:1"]
    assert second.outcomes[0].key == send().key


async def test_a_full_ledger_does_not_hold_a_warning_back(
    start: Callable[..., Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Scripted(Retry("busy"), Sent())
    post = start(channel)
    await post.offer(send())
    write = post.ledger.write

    async def full(work: Callable[..., object], urgent: bool = False) -> object:
        raise LedgerFull("no space")

    monkeypatch.setattr(post.ledger, "write", full)
    await post.until(1)
    assert channel.got == ["duty-1:1", "duty-1:1"]
    assert post.outcomes[0].state is State.HANDED_OFF
    monkeypatch.setattr(post.ledger, "write", write)
    await post.settle(post.outcomes[0])
