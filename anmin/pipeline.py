"""The single writer: takes the log's records strictly by sequence and makes what they lead to happen.

Events, outbox and cursor go into one ledger transaction; only then does anything leave: sends, answers,
the picture that people look at.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import structlog

from alerts.broadcasts.broadcast import AnySend
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Answer
from anmin.backends.ledger import Ledger
from anmin.books import Books
from anmin.codec import AnyCommand, dump
from anmin.crash import point
from anmin.houses import of_record
from anmin.monitor import Effects, Monitor
from anmin.telemetry import Metrics
from devices.instant import SECOND, Instant
from ingest.message import CommandResult, Lane, Record, RecordKind
from ingest.ports import Entry, Log

log = structlog.get_logger("anmin.pipeline")

GROUP = 256
TURN = 32
"""Records between two turns of the loop: what arrives or comes back meanwhile waits so long."""
TICK = Entry(RecordKind.TICK, "clock", "tick", b"")


class Outbound(Protocol):
    """What leaves the house once it is committed."""

    def offer(self, sends: Sequence[AnySend]) -> None: ...
    def drop(self, keys: Sequence[str]) -> None: ...
    def settled(self, outcome: SendOutcome) -> None: ...


class Picture(Protocol):
    """What people look at."""

    def show(self, effects: Sequence[Effects]) -> None: ...


class Listener(Protocol):
    """Who else hears what was handled, in the order of the log, after everything urgent."""

    def take(self, batch: Iterable[Effects]) -> None: ...


class Pipeline:
    """Owns the monitor. Everything else reads what it publishes."""

    def __init__(
        self,
        monitor: Monitor,
        records: Log,
        ledger: Ledger,
        books: Books,
        outbound: Outbound,
        picture: Picture,
        reply: Callable[[str, bytes], None],
        resolve: Callable[[CommandResult], None],
        now: Callable[[], Instant],
        until: Callable[[Instant], float],
        metrics: Metrics,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._listeners = listeners
        self._monitor = monitor
        self._log = records
        self._ledger = ledger
        self._books = books
        self._outbound = outbound
        self._picture = picture
        self._reply = reply
        self._resolve = resolve
        self._now = now
        self._until = until
        self._metrics = metrics
        self._waiting: deque[Record] = deque()
        self._wake = asyncio.Event()
        self._rescheduled = asyncio.Event()
        self._ticked = asyncio.Event()
        self._idle = asyncio.Event()
        self._moved = asyncio.Event()
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._ended = False
        self._shed: Counter[str] = Counter()
        self.handled = 0

    # What others call -------------------------------------------------------------------------------------

    def committed(self, records: Sequence[Record]) -> None:
        """The log made these durable and tells the brokers next; the rest comes in turn."""
        point("after_commit_before_ack")
        self._waiting.extend(records)
        self._idle.clear()
        self._wake.set()

    async def ask(self, command: AnyCommand) -> Answer:
        """Record what a person asks for and answer once its effect is in the ledger."""
        token = secrets.token_hex(8)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[token] = answer
        try:
            entry = Entry(RecordKind.COMMAND, command.via, token, dump(command).encode())
            await self._log.append(entry, Lane.ALARM)
            return await answer
        finally:
            self._answers.pop(token, None)

    async def reached(self, sequence: int) -> None:
        """Once that record has been handled. Raises OSError when it will not be: the writer has stopped."""
        while self.handled < sequence:
            if self._ended:
                raise OSError(errno.ESHUTDOWN, "the service is stopping")
            await self._moved.wait()

    # The work ---------------------------------------------------------------------------------------------

    async def catch_up(self, after: int) -> None:
        """At start: what the log holds and the ledger does not yet, now with all its effects."""
        group: list[Record] = []
        async for record in self._log.read(after):
            group.append(record)
            if len(group) == GROUP:
                await self.handle(group)
                group = []
        if group:
            await self.handle(group)

    async def finish(self) -> None:
        """A clean stop: everything that is committed handled, and a snapshot of exactly that.

        None of it after `run` has ended by an error: the next start goes on from what is on disk.
        """
        while self.handled < self._log.last and not self._ended:
            await self._idle.wait()
        if not self._ended:
            await self._books.finish(self._monitor)

    async def run(self) -> None:
        """Handle what the log commits until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._clockwork(), name="clockwork")
                await self._work()
        finally:
            self._ended = True
            self._idle.set()
            self._moved.set()

    async def _work(self) -> None:
        while True:
            self._books.tend(self._monitor)
            if not self._waiting:
                self._idle.set()
                self._wake.clear()
                await self._wake.wait()
            await self.handle(self._take())

    def _take(self) -> list[Record]:
        return [self._waiting.popleft() for _ in range(min(TURN, len(self._waiting)))]

    async def handle(self, records: Sequence[Record]) -> None:
        """One batch: think, write, then act."""
        batch = []
        for record in records:
            new = await of_record(self._ledger, record)
            batch.append(self._monitor.handle(record, new))
        for effects in batch:
            self._say_at_once(effects)
        point("before_ledger")
        superseded = await self._books.write(batch, self._monitor)
        point("after_ledger")
        self._let_go(batch, superseded)
        self.handled = records[-1].sequence
        self._log.handled(self.handled)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        self._idle.clear()
        self._rescheduled.set()
        if any(record.kind is RecordKind.TICK for record in records):
            self._ticked.set()
        await asyncio.sleep(0)  # what was let go asks the ledger for its leases before the next batch does

    def _say_at_once(self, effects: Effects) -> None:
        """What rests on the log alone: the device's own acknowledgement, the result of a command."""
        for topic, payload in effects.replies:
            self._reply(topic, payload)
        for result in effects.results:
            self._resolve(result)

    def _let_go(self, batch: Sequence[Effects], superseded: Sequence[str]) -> None:
        self._outbound.drop(superseded)
        for effects in batch:
            for broadcast in effects.broadcasts:
                self._outbound.offer(broadcast.sends)
            if effects.outcome is not None:
                self._outbound.settled(effects.outcome)
        self._picture.show(batch)
        for listener in self._listeners:
            listener.take(batch)
        self._measure(batch)
        for effects in batch:
            answer = self._answers.get(effects.record.topic)
            if answer is not None and effects.answer is not None and not answer.done():
                answer.set_result(effects.answer)

    def _measure(self, batch: Sequence[Effects]) -> None:
        for kind, number in Counter(effects.record.kind for effects in batch).items():
            self._metrics.count("log_records_total", number, kind=kind.value)
        messages = Counter(
            (one.record.source, one.rejected.reason.value if one.rejected else "reading")
            for one in batch
            if one.record.kind is RecordKind.MESSAGE
        )
        for (source, result), number in messages.items():
            self._metrics.count("ingest_messages_total", number, source=source, result=result)
        shed = self._monitor.admission.dropped
        if shed != self._shed:
            for reason, number in (shed - self._shed).items():
                self._metrics.count("ingest_shed_total", number, result=reason)
            self._shed = shed.copy()
        self._metrics.observe("ingest_lag_seconds", (self._now() - batch[0].record.at) / SECOND)

    async def _clockwork(self) -> None:
        """Append a tick whenever something is due, and wait until it has been handled."""
        while True:
            self._rescheduled.clear()
            due = self._monitor.next_deadline()
            delay = None if due is None else self._until(due)
            if delay is None or delay > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._rescheduled.wait()
                continue
            self._ticked.clear()
            await self._log.append(TICK, Lane.ALARM)
            await self._ticked.wait()
