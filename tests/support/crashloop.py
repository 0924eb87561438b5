"""Kills the service and its broker again and again while fifty devices are in alarm."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from anmin.crash import POINTS
from simulator.device import BrokerAddress
from simulator.provider import Message
from tests.support.disk import slow_sync
from tests.support.harness import Anmin, Died, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.outsiders import Book, Company, Detectors, Operators, Sounder, Supply, cancelled
from tests.support.street import street

FRESH = 12
"""Homes that begin to burn in each life, beside the detectors that go on and off."""
AT_A_STOP = ("before_snapshot", "after_snapshot")
"""Points that are only passed now and then, or when the service is told to stop."""
DIES_WITHIN_S = 8.0
SLOW_SYNC_MS = 60
"""Half of the lives have such a disk: what comes before a commit and what after are then far apart."""
QUIET_S = 4.0
"""The last window and the last tier that come by themselves are over by then."""
SETTLED_WITHIN_S = 240.0
ALERTS = {"verification_seconds": 1, "escalation_seconds": [2, 900], "acknowledgement_seconds": 30}


class Life(NamedTuple):
    """How one life of the service ends: `at` a named point after so many `passes`, at a random
    instant `after_s` it was ready, or by SIGTERM (`stop`); whether the broker is killed with it, and whether
    the disk is a slow one."""

    at: str = ""
    passes: int = 0
    after_s: float = 0.2
    stop: bool = False
    broker: bool = False
    slow: bool = False


def lives(random_kills: int, rounds: int, seed: int) -> list[Life]:
    """So many random kills and each named point `rounds` times, mixed; a clean stop among twelve.

    Random kills come 20-400 ms after the service is ready, when it takes in what the broker kept for it, and
    a third of them up to 2 s after, when messages are on their way out.
    """
    chance = random.Random(seed)
    plan = [
        Life(
            after_s=chance.uniform(0.4, 2.0) if number % 3 == 2 else chance.uniform(0.02, 0.4),
            broker=number % 5 == 4,
            slow=number % 2 == 1,
        )
        for number in range(random_kills)
    ]
    for number in range(rounds):
        plan += [
            Life(at, _passes(at, number, chance), broker=number % 4 == 3, slow=number % 2 == 1)
            for at in POINTS
        ]
    chance.shuffle(plan)
    for place in range(len(plan) - 1, 0, -12):
        plan.insert(place, Life(stop=True))
    return plan


def _passes(at: str, number: int, chance: random.Random) -> int:
    if at in AT_A_STOP or number == 0:
        return 0
    return chance.randrange(200 if at == "recovering" else 40)


@dataclass
class Tally:
    """What was done to it, and how busy it was then."""

    kills: int = 0
    broker_kills: int = 0
    stops: int = 0
    named: Counter[str] = field(default_factory=Counter)
    missed: list[Life] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    settled_s: float = 0.0


class CrashLoop:
    """`async with CrashLoop(...).opened() as loop: await loop.run(lives)`; then reckon over its folder."""

    def __init__(
        self,
        folder: Path,
        homes: int,
        *,
        seed: int,
        workers: int = 50,
        module: str = "anmin",
        pause_s: float = 0.15,
    ) -> None:
        self.folder = folder
        self._chance = random.Random(seed)
        self.tally = Tally()
        (folder / "broker").mkdir(parents=True)
        self.broker = Mosquitto(folder / "broker")
        self.books = {
            name: Book(folder / f"{name}.jsonl")
            for name in ("devices", "provider", "sounder", "people", "lives")
        }
        self.company = Company(self.books["provider"], self._ring, seed)
        self._homes = homes
        self._module = module
        self._supply = Supply(homes)
        self._slow = slow_sync(folder, SLOW_SYNC_MS)
        address = BrokerAddress(HOST, self.broker.port)
        self.detectors = [
            Detectors(address, self._supply, self.books["devices"], seed * 1000 + n, pause_s)
            for n in range(workers)
        ]
        self._sounder = Sounder(address, self.books["sounder"])
        self._operators: Operators | None = None
        self._seed = seed

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[CrashLoop]:
        self.broker.start()
        await self.company.start()
        settings: dict[str, dict[str, Any]] = {
            "mqtt": {"url": f"mqtt://{HOST}:{self.broker.port}"},
            "webhook": {"gateway": self.company.url},
            "alerts": ALERTS,
            "logging": {"level": "warning"},
        }
        self.site = Site(self.folder / "site", street(self._homes), settings)
        self.service = Anmin(self.site, self._module)
        people = People(self.site)
        self._operators = Operators(people, self.books["people"], self._is_left, self._seed)
        try:
            yield self
        finally:
            await self.service.kill()
            await people.close()
            await self.company.stop()
            self.broker.stop()
            for book in self.books.values():
                book.close()

    async def run(self, plan: Sequence[Life]) -> Tally:
        """All lives, then one more in which everything comes to rest and is stopped cleanly."""
        began = time.monotonic()
        async with self.working() as work:
            for life in plan:
                await self._live(life)
            self.tally.seconds = time.monotonic() - began
            await self.settle(work)
        return self.tally

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Sequence[asyncio.Task[None]]]:
        """Devices that go off and calm down, whether the service is there or not."""
        self._supply.let_out(len(self.detectors))
        work = [asyncio.create_task(one.run(), name=f"detectors {n}") for n, one in enumerate(self.detectors)]
        sounder = asyncio.create_task(self._sounder.run(), name="sounder")
        try:
            yield work
        finally:
            await cancelled(*work, sounder)

    @property
    def in_flight(self) -> int:
        """Events that devices have said and do not hold acknowledged yet, and messages at the provider."""
        return sum(one.waiting for one in self.detectors) + self.company.answering

    # One life ---------------------------------------------------------------------------------------------

    async def _live(self, life: Life) -> None:
        self._supply.let_out(FRESH)
        env = dict(self._slow) if life.slow else {}
        env |= {"ANMIN_CRASH_AT": f"{life.at}:{life.passes}"} if life.at else {}
        self.books["lives"].write(begins=self.service.lives, **life._asdict())
        try:
            self.tally.starts_s.append(await self.service.start(env))
            self.books["lives"].write(ready=self.service.lives)
            if life.at:
                await self._dies(life)
            else:
                await asyncio.sleep(life.after_s)
                await self._end(life)
        except Died as died:
            if died.code != -9 or not life.at:
                raise
            self._died(life)
        self.books["lives"].write(over=self.service.lives)
        if life.broker:
            self.broker.kill()
            self.tally.broker_kills += 1
            self.broker.start()

    async def _end(self, life: Life) -> None:
        """A kill or a stop by our hand; the broker sometimes goes first."""
        if life.stop:
            self.tally.stops += 1
            code = await self.service.stop()
            assert code == 0, f"a clean stop ended with {code}: {self.service.said[-2000:]}"
            return
        if life.broker and self._chance.random() < 0.5:
            self.broker.kill()
            await asyncio.sleep(self._chance.uniform(0, 0.05))
            self.broker.start()
        self.tally.in_flight.append(self.in_flight)
        await self.service.kill()
        self.tally.kills += 1

    async def _dies(self, life: Life) -> None:
        """It kills itself at its point; those of a stop are reached by stopping."""
        if life.at in AT_A_STOP:
            await asyncio.sleep(life.after_s)
            with suppress(ProcessLookupError):
                await self.service.stop()
        with suppress(TimeoutError):
            await self.service.ended(DIES_WITHIN_S)
        if self.service.alive:
            self.tally.missed.append(life)
            await self._end(Life())
            return
        raise Died(await self.service.ended(), self.service.said)

    def _died(self, life: Life) -> None:
        self.tally.in_flight.append(self.in_flight)
        self.tally.kills += 1
        self.tally.named[life.at] += 1

    # The end ----------------------------------------------------------------------------------------------

    async def settle(self, work: Sequence[asyncio.Task[None]]) -> None:
        """One more life: everybody says the last word, everything is told, and it is stopped."""
        began = time.monotonic()
        assert self._operators is not None
        await self.service.start()
        for one in self.detectors:
            one.stop()
        _, left = await asyncio.wait(work, timeout=SETTLED_WITHIN_S)
        assert not left, f"still waiting: {[task.get_stack() for task in left]}"
        self._operators.hurry = True
        await self._quiet(began + SETTLED_WITHIN_S)
        code = await self.service.stop()
        assert code == 0, f"the last stop ended with {code}: {self.service.said[-2000:]}"
        self.tally.settled_s = time.monotonic() - began

    async def _quiet(self, end: float) -> None:
        """Until nobody was told anything for as long as the last window and tier may take."""
        assert self._operators is not None
        seen, since = -1, time.monotonic()
        while (quiet := time.monotonic() - since) < QUIET_S or self._operators.busy.total():
            assert time.monotonic() < end, (
                f"not quiet: {self._operators.busy}, told {seen}, {quiet:.1f} s ago"
            )
            if self._told != seen:
                seen, since = self._told, time.monotonic()
            await asyncio.sleep(0.1)

    @property
    def _told(self) -> int:
        return len(self.books["provider"].lines) + len(self.books["sounder"].lines)

    async def _ring(self, message: Message) -> None:
        assert self._operators is not None
        await self._operators.ring(message)

    def _is_left(self, home: str) -> bool:
        return any(home in one.left for one in self.detectors)
