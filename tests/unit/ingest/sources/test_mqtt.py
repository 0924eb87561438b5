"""The source's own decisions, over a connection that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import ClassVar

import pytest

from ingest.message import Lane
from ingest.ports import Incoming, SourceDown
from ingest.sources import mqtt
from ingest.sources.mqtt import MqttEndpoint, MqttSource, OverlappingTopics, full_jitter, overlapping
from ingest.sources.mqtt_link import Arrived, LinkDown, Receipt


class PlayedLink:
    """Stands in for `Link`; the test says what the broker does."""

    made: ClassVar[list[PlayedLink]] = []
    refusals: ClassVar[list[str]] = []
    session_present: bool = False

    def __init__(self, endpoint: MqttEndpoint, arrived: Arrived) -> None:
        self.arrived = arrived
        self.oldest: Receipt | None = None
        self.unacknowledged = 0
        self.bug: Exception | None = None
        self.posted: list[tuple[str, bytes]] = []
        self.subscribed: list[str] = []
        self.gone: asyncio.Future[LinkDown] = asyncio.get_running_loop().create_future()
        self.closed = False
        PlayedLink.made.append(self)

    async def open(self) -> None:
        if PlayedLink.refusals:
            raise LinkDown(PlayedLink.refusals.pop(0))

    async def subscribe(self, filters: Iterable[str]) -> None:
        self.subscribed = list(filters)

    def post(self, topic: str, payload: bytes) -> int:
        self.posted.append((topic, payload))
        return 1

    async def lost(self, within_s: float) -> LinkDown | None:
        await asyncio.wait({self.gone}, timeout=within_s)
        return self.gone.result() if self.gone.done() else None

    async def close(self) -> None:
        self.closed = True

    def settle(self) -> None:
        self.unacknowledged = 0

    def arrives(self, topic: str, payload: bytes = b"x") -> None:
        self.arrived(topic, payload, 1, False, False, Receipt(self, 1))  # type: ignore[arg-type] # a played link


@pytest.fixture(autouse=True)
def played(monkeypatch: pytest.MonkeyPatch) -> type[PlayedLink]:
    monkeypatch.setattr(mqtt, "Link", PlayedLink)
    monkeypatch.setattr(PlayedLink, "made", [])
    monkeypatch.setattr(PlayedLink, "refusals", [])
    monkeypatch.setattr(PlayedLink, "session_present", False)
    return PlayedLink


class Running:
    """A source at work, and what it delivered."""

    def __init__(self, **options: float) -> None:
        self.waits: list[float] = []
        self.states: list[tuple[bool, str]] = []
        self.delivered: list[Incoming] = []
        self.source = MqttSource(
            "alarms",
            Lane.ALARM,
            MqttEndpoint("h", 1, "me"),
            ["anmin/+/+/event"],
            lambda: 42,
            jitter=self._no_wait,
            on_state=lambda connected, trouble: self.states.append((connected, trouble)),
            **options,
        )
        self.deliver = self.delivered.append

    def _no_wait(self, longest_s: float) -> float:
        self.waits.append(longest_s)
        return 0.0

    async def __aenter__(self) -> Running:
        self.task = asyncio.create_task(self.source.run(lambda incoming: self.deliver(incoming)))
        await self.source.first_connect(1)
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    @property
    def link(self) -> PlayedLink:
        return PlayedLink.made[-1]

    def fence_comes_back(self) -> None:
        self.link.arrives(*self.link.posted[0])


@pytest.mark.parametrize(
    "topics",
    [
        ["a/+", "a/b"],
        ["a/#", "a"],
        ["#", "a/b/c"],
        ["a/+/c", "a/b/+"],
        ["a/b", "a/b"],
        ["x", "a/#", "a/+/c"],
    ],
)
def test_overlapping_topics_are_refused_by_name(topics: list[str]) -> None:
    assert overlapping(topics) is not None
    with pytest.raises(OverlappingTopics, match="overlap; remove or narrow one"):
        MqttSource("s", Lane.ALARM, MqttEndpoint("h", 1, "me"), topics, lambda: 0)


@pytest.mark.parametrize("topics", [["a/+", "b/+"], ["a/+", "a/b/c"], ["a/b/#", "a/c"], ["a"], []])
def test_topics_that_never_meet_are_taken(topics: list[str]) -> None:
    assert overlapping(topics) is None


async def test_without_a_kept_session_nothing_is_queued() -> None:
    async with Running() as run:
        run.link.arrives("anmin/c/d/event")
        assert [incoming.message.queued for incoming in run.delivered] == [False]
        assert run.delivered[0].message.received_at == 42


async def test_after_a_resume_messages_are_queued_until_the_fence(played: type[PlayedLink]) -> None:
    played.session_present = True
    async with Running() as run:
        assert run.link.subscribed == ["anmin/+/+/event", "anmin/-/fence/me"]
        caught_up = asyncio.create_task(run.source.caught_up())
        run.link.arrives("anmin/c/d/event")
        await asyncio.sleep(0)
        assert not caught_up.done()
        run.fence_comes_back()
        run.link.arrives("anmin/c/d/event")
        await caught_up
        assert [incoming.message.queued for incoming in run.delivered] == [True, False]


async def test_a_fence_of_an_earlier_connection_ends_nothing_and_is_not_delivered(
    played: type[PlayedLink],
) -> None:
    played.session_present = True
    async with Running() as run:
        run.link.arrives("anmin/-/fence/me", b"an older one")
        run.link.arrives("anmin/c/d/event")
        assert [incoming.message.queued for incoming in run.delivered] == [True]


async def test_live_messages_do_not_pass_for_old_ones_for_ever(
    played: type[PlayedLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "_FENCE_LOST_AFTER_S", 0.01)
    played.session_present = True
    async with Running(stuck_after_s=0.08) as run:
        await asyncio.sleep(0.1)
        run.link.arrives("anmin/c/d/event")
        assert [incoming.message.queued for incoming in run.delivered] == [False]


async def test_caught_up_gives_up_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_CAUGHT_UP_WITHIN_S", 0.01)
    async with Running() as run:
        await run.source.caught_up()


async def test_a_message_that_stays_unacknowledged_forces_a_new_connection() -> None:
    async with Running(stuck_after_s=0.04) as run:
        first = run.link
        first.oldest = Receipt(first, 1)  # type: ignore[arg-type] # a played link
        await asyncio.sleep(0.15)
        assert first.closed
        assert len(PlayedLink.made) == 2
        assert "not acknowledged" in run.states[1][1]


async def test_progress_at_the_head_is_no_stuck_message() -> None:
    async with Running(stuck_after_s=0.08) as run:
        for mid in range(12):
            run.link.oldest = Receipt(run.link, mid)  # type: ignore[arg-type] # a played link
            await asyncio.sleep(0.02)
        assert len(PlayedLink.made) == 1


async def test_tells_the_first_failure_and_the_recovery_only(played: type[PlayedLink]) -> None:
    played.refusals = ["no broker", "no broker", "wrong password"]
    async with Running() as run:
        assert run.states == [(False, "no broker"), (True, "")]
        assert run.waits == [0.2, 0.4, 0.8]
        assert all(link.closed for link in PlayedLink.made[:-1])


async def test_the_longest_wait_is_ten_seconds(played: type[PlayedLink]) -> None:
    played.refusals = ["no broker"] * 12
    async with Running() as run:
        assert run.waits[-1] == 10.0


def test_full_jitter_stays_within_its_bound() -> None:
    waits = [full_jitter(0.2) for _ in range(200)]
    assert 0 <= min(waits) < 0.1 < max(waits) <= 0.2


async def test_after_a_loss_it_connects_again() -> None:
    async with Running() as run:
        run.link.gone.set_result(LinkDown("broker went"))
        await asyncio.sleep(0.02)
        assert len(PlayedLink.made) == 2
        assert run.source.connected
        assert run.states == [(True, ""), (False, "broker went"), (True, "")]


async def test_the_first_connect_says_why_there_is_none(played: type[PlayedLink]) -> None:
    played.refusals = ["nothing listens on h:1"] * 1000
    run = Running()
    run.source._jitter = lambda _: 0.005
    run.task = asyncio.create_task(run.source.run(run.deliver))
    with pytest.raises(SourceDown, match="nothing listens on h:1"):
        await run.source.first_connect(0.02)
    await run.__aexit__()


async def test_publishing_without_a_connection_is_source_down() -> None:
    with pytest.raises(SourceDown, match="no connection"):
        await Running().source.publish("a", b"")


async def test_a_bug_in_deliver_stops_the_source() -> None:
    run = Running()
    run.task = asyncio.create_task(run.source.run(run.deliver))
    await run.source.first_connect(1)
    await asyncio.sleep(0)
    run.link.bug = ZeroDivisionError("in deliver")
    run.link.gone.set_result(LinkDown("reader stopped"))
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(run.task, 1)
