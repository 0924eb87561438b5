"""Outbox to channels: one send in flight per recipient and channel, in order, until it is answered for.

A send is leased in the ledger before it leaves; what became of it goes back through the log, and only when
the pipeline has settled it there does the next one to the same recipient leave.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, TypeAlias

import structlog
from sqlalchemy import Connection

from alerts.broadcasts.broadcast import AnySend, DrillSend, LiveSend
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent, State, backoff
from alerts.broadcasts.reach import SendOutcome
from alerts.ports import Channel, DrillChannel
from anmin.backends.ledger import Ledger, LedgerFull
from anmin.backends.outbox import OpenSend, lease, settle
from anmin.crash import point
from devices.instant import SECOND, Instant, Micros

LEASE_FOR: Micros = 60 * SECOND
SEND_FOR_S = 30.0
"""No channel may take longer than this for one send, whatever it says of itself."""

Lane: TypeAlias = tuple[str, str, str]
Report: TypeAlias = Callable[[SendOutcome], None]

log = structlog.get_logger("anmin.dispatcher")


class Chance(Protocol):
    """A source of numbers in [0, 1)."""

    def __call__(self) -> float: ...


class Dispatcher:
    """Sends what the pipeline offers; `report` appends the outcome to the log."""

    def __init__(
        self,
        ledger: Ledger,
        live: Mapping[str, Channel],
        drill: Mapping[str, DrillChannel],
        report: Report,
        now: Callable[[], Instant],
        until: Callable[[Instant], float],
        chance: Chance,
    ) -> None:
        self._ledger = ledger
        self._live = live
        self._drill = drill
        self._report = report
        self._now = now
        self._until = until
        self._chance = chance
        self._lanes: dict[Lane, deque[AnySend]] = {}
        self._busy: dict[Lane, str] = {}
        self._flying: dict[str, Lane] = {}
        self._attempts: dict[str, int] = {}
        self._later: list[tuple[Instant, str, AnySend]] = []
        self._dropped: set[str] = set()
        self._ready: deque[AnySend] = deque()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failing: set[str] = set()

    # What the pipeline says -------------------------------------------------------------------------------

    def offer(self, sends: Iterable[AnySend]) -> None:
        """Committed sends, in order."""
        for send in sends:
            lane = _lane(send)
            self._lanes.setdefault(lane, deque()).append(send)
            self._next(lane)

    def drop(self, keys: Iterable[str]) -> None:
        """Superseded in the ledger: not to be sent any more."""
        self._dropped.update(keys)

    def settled(self, outcome: SendOutcome) -> None:
        """The ledger knows what became of it: the lane is free for the next."""
        self._free(outcome.key)

    def resume(self, open_sends: Iterable[OpenSend]) -> None:
        """After a start: what the ledger says is still to be sent, with the waits it had."""
        for known in open_sends:
            self._attempts[known.send.key] = known.attempts
            if known.not_before_at > self._now():
                lane = _lane(known.send)
                self._take(lane, known.send.key)
                heapq.heappush(self._later, (known.not_before_at, known.send.key, known.send))
            else:
                self.offer((known.send,))

    @property
    def waiting(self) -> int:
        """Sends that have not left yet."""
        return sum(len(lane) for lane in self._lanes.values()) + len(self._later) + len(self._ready)

    # The work ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Lease and send until cancelled. What is in flight then is sent again after the next start."""
        try:
            while True:
                self._due()
                if self._ready:
                    await self._lease_ready()
                else:
                    await self._sleep()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _next(self, lane: Lane) -> None:
        """Make the lane's next send ready unless one is in flight."""
        waiting = self._lanes.get(lane)
        while waiting and lane not in self._busy:
            send = waiting.popleft()
            if send.key in self._dropped:
                self._dropped.discard(send.key)
                continue
            self._take(lane, send.key)
            self._ready.append(send)
            self._wake.set()
        if not waiting:
            self._lanes.pop(lane, None)

    def _take(self, lane: Lane, key: str) -> None:
        self._busy[lane] = key
        self._flying[key] = lane

    def _free(self, key: str) -> None:
        """The lane of this send may carry the next one."""
        lane = self._flying.pop(key, None)
        self._attempts.pop(key, None)
        if lane is not None and self._busy.get(lane) == key:
            del self._busy[lane]
            self._next(lane)

    def _due(self) -> None:
        now = self._now()
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])

    async def _sleep(self) -> None:
        self._wake.clear()
        delay = max(0.0, self._until(self._later[0][0])) if self._later else None
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):  # wait_for takes more turns of the loop to come back
                await self._wake.wait()

    async def _lease_ready(self) -> None:
        """Everything that is ready, leased in one transaction."""
        ready, self._ready = tuple(self._ready), deque()
        now = self._now()

        def take(connection: Connection) -> list[AnySend | None]:
            return lease(connection, [send.key for send in ready], now + LEASE_FOR, now)

        leased = await self._leased(ready, take, now)
        point("after_lease")
        for asked, got in zip(ready, leased, strict=True):
            if got is None:
                self._not_leased(asked, now)
            else:
                self._start(got)

    async def _leased(
        self, ready: Sequence[AnySend], take: Callable[[Connection], list[AnySend | None]], now: Instant
    ) -> list[AnySend | None]:
        """A warning does not wait for a full disk: it leaves without its lease, and under the same key."""
        try:
            return await self._ledger.write(take, urgent=True)
        except LedgerFull as full:
            log.error("sent_without_lease", sends=len(ready), do="free some space now", error=str(full))
            return [None if s.key in self._dropped or s.deadline_at <= now else s for s in ready]

    def _not_leased(self, send: AnySend, now: Instant) -> None:
        """Superseded, settled or past its deadline meanwhile."""
        if send.deadline_at <= now:
            self._report(_outcome(send, State.EXPIRED, "not reached before its deadline"))
            return
        self._dropped.discard(send.key)
        self._free(send.key)

    def _start(self, send: AnySend) -> None:
        task = asyncio.create_task(self._send(send), name=f"send {send.recipient.channel}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, send: AnySend) -> None:
        outcome = await self._attempt(send)
        point("after_send")
        self._note_health(send.recipient.channel, outcome)
        match outcome:
            case Sent(provider_id, confirmed):
                state = State.DELIVERED if confirmed else State.HANDED_OFF
                self._report(_outcome(send, state, provider_id))
            case Refused(why):
                self._report(_outcome(send, State.FAILED, why))
            case Retry(why, after_for):
                await self._again(send, why, after_for)

    async def _attempt(self, send: AnySend) -> Outcome:
        """A channel that hangs or breaks its word is a failure of that send, never of the dispatcher."""
        try:
            async with asyncio.timeout(SEND_FOR_S):
                return await self._hand_over(send)
        except TimeoutError:
            return Retry(f"no answer in {SEND_FOR_S:g} s")
        except Exception as error:  # a bug in a channel must not stop the other channels
            log.exception("channel_bug", channel=send.recipient.channel, incident=send.incident_id)
            return Retry(f"{type(error).__name__}: {error}")

    async def _hand_over(self, send: AnySend) -> Outcome:
        name = send.recipient.channel
        if isinstance(send, DrillSend):
            drill = self._drill.get(name) or self._drill.get("*")
            return await drill.send(send) if drill else Refused(f"no drill channel {name!r}")
        assert isinstance(send, LiveSend)
        live = self._live.get(name)
        return await live.send(send) if live else Refused(f"no channel {name!r} is set up")

    async def _again(self, send: AnySend, why: str, after_for: Micros | None) -> None:
        attempt = self._attempts.get(send.key, 0)
        self._attempts[send.key] = attempt + 1
        now = self._now()
        at = now + max(after_for or 0, backoff(attempt, send.urgent, self._chance()))
        if min(at, send.deadline_at) >= send.deadline_at:
            at = send.deadline_at

        def keep(connection: Connection) -> None:
            settle(connection, send.key, State.RETRYING, why, attempt + 1, at, now)

        with suppress(LedgerFull):  # it is tried again all the same; only a start would not know of it
            await self._ledger.write(keep)
        heapq.heappush(self._later, (at, send.key, send))
        self._wake.set()

    def _note_health(self, channel: str, outcome: Outcome) -> None:
        """The first failure of a channel and its recovery, not each repeat."""
        if isinstance(outcome, Sent) and channel in self._failing:
            self._failing.discard(channel)
            log.info("channel_recovered", channel=channel)
        elif not isinstance(outcome, Sent) and channel not in self._failing:
            self._failing.add(channel)
            log.warning("channel_failing", channel=channel, why=outcome.why)

    @property
    def failing(self) -> frozenset[str]:
        """Channels whose last send did not work."""
        return frozenset(self._failing)


def _lane(send: AnySend) -> Lane:
    return send.recipient.id, send.recipient.channel, send.recipient.address


def _outcome(send: AnySend, state: State, detail: str) -> SendOutcome:
    return SendOutcome(send.incident_id, send.key, send.recipient.id, send.recipient.channel, state, detail)
