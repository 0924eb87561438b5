"""Those outside who keep books of their own: devices, a telephone company, a sounder, operators.

Each writes what it holds to an append-only file, so that a checker compares these with the system and never
the system with itself (reliability, section 2).
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from devices.instant import Instant
from simulator.device import BrokerAddress, Command, CommandFailed, Connection, ReferenceDevice
from simulator.provider import Message, Provider
from tests.support.harness import KEY, People
from tests.support.street import COMMUNITY, heat, home, smoke

PATIENCE_S = 0.6
LONGEST_S = 2.0


def now() -> Instant:
    return time.time_ns() // 1000


class Book:
    """An append-only file of JSON lines, each with its time `t` in s."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self.lines: list[dict[str, Any]] = []

    def write(self, **line: Any) -> None:
        line = {"t": round(time.time(), 3), **line}
        self.lines.append(line)
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class Supply:
    """Homes that have not burned yet, let out a few at a time so that every life has fresh ones."""

    def __init__(self, homes: int) -> None:
        self._homes = homes
        self._next = 0
        self._allowed = 0

    def let_out(self, more: int) -> None:
        self._allowed = min(self._homes, self._allowed + more)

    @property
    def waits(self) -> bool:
        """Whether a fresh home is there for the next who asks."""
        return self._next < self._allowed

    def take(self) -> int | None:
        if not self.waits:
            return None
        self._next += 1
        return self._next - 1


class Detectors:
    """One worker: in a home its detectors go off and calm down, again and again, until another home burns."""

    def __init__(self, broker: BrokerAddress, supply: Supply, book: Book, seed: int, pause_s: float) -> None:
        self._broker = broker
        self._supply = supply
        self._book = book
        self._chance = random.Random(seed)
        self._pause_s = pause_s
        self._stopping = False
        self.waiting = 0
        self.left: set[str] = set()

    def stop(self) -> None:
        """After what is under way: the last state of this home is said, then it ends."""
        self._stopping = True

    async def run(self) -> None:
        while not self._stopping:
            number = self._supply.take()
            if number is None:
                await asyncio.sleep(0.05)
            else:
                await self._live(number)

    async def _live(self, number: int) -> None:
        pair = [
            ReferenceDevice(
                COMMUNITY,
                name,
                boot=1,
                now=now,
                patience_s=PATIENCE_S,
                longest_s=LONGEST_S,
                jitter=self._jitter,
            )
            for name in (smoke(number), heat(number))
        ]
        link = Connection(self._broker, f"home-{number:04d}", pair, jitter=self._jitter)
        carrying = asyncio.create_task(link.run(), name=f"home {number}")
        try:
            await link.connected.wait()
            await self._burn(*pair)
        finally:
            await cancelled(carrying)
            self.left.add(home(number))

    async def _burn(self, smoke_: ReferenceDevice, heat_: ReferenceDevice) -> None:
        await self._says(smoke_, smoke_alarm=True)
        if self._chance.random() < 0.4:
            await self._says(heat_, heat_alarm=True)
        alarm = True
        while not self._stopping:
            await asyncio.sleep(self._chance.uniform(0, self._pause_s))
            if self._supply.waits:
                return
            alarm = not alarm
            await self._says(smoke_, smoke_alarm=alarm)
            await heat_.reading({"temperature_c": round(self._chance.uniform(20, 22), 1)})

    async def _says(self, device: ReferenceDevice, **values: bool) -> None:
        event = f"{device.id}-{device.boot}-{device.sequence + 1}"
        self._book.write(says=event, device=device.id, values=values)
        self.waiting += 1
        try:
            answer = await device.event(values)
        finally:
            self.waiting -= 1
        self._book.write(holds=event, device=device.id, values=values, ok=answer.ok, sent=answer.sent)

    def _jitter(self, longest_s: float) -> float:
        return self._chance.uniform(0, min(longest_s, 1.0))


class Sounder:
    """The duty room's: does each command once, and remembers which."""

    def __init__(self, broker: BrokerAddress, book: Book) -> None:
        self._book = book
        device = ReferenceDevice(COMMUNITY, "sounder-duty", boot=1, now=now, act=self._act)
        self._link = Connection(broker, "sounder", [device], jitter=lambda longest_s: min(longest_s, 0.5))

    async def run(self) -> None:
        await self._link.run()

    async def _act(self, command: Command) -> str:
        self._book.write(does=command.id, action=command.action)
        if command.action not in ("sound", "stop"):
            raise CommandFailed("unknown")
        return "done"


class Company(Provider):
    """Takes its time to answer, so that a kill falls between its taking and our writing it down."""

    def __init__(self, book: Book, ring: Callable[[Message], Any], seed: int, slow_s: float = 0.03) -> None:
        super().__init__(KEY, ring)
        self._book = book
        self._chance = random.Random(seed)
        self._slow_s = slow_s
        self.answering = 0

    async def _take(self, request: web.Request) -> web.Response:
        answer = await super()._take(request)
        key = request.headers.get("webhook-id", "")
        message = next((message for message in reversed(self.received) if message.key == key), None)
        if message is not None:
            data = message.data
            slot = [data["incident_id"], data["version"], data["recipient"]]
            self._book.write(key=key, slot=slot, purpose=data["purpose"])
        self.answering += 1
        try:
            await asyncio.sleep(self._chance.uniform(0, self._slow_s))
        finally:
            self.answering -= 1
        return answer


class Ask(NamedTuple):
    incident: str
    verb: str
    more: dict[str, str]


class Operators:
    """People who acknowledge, confirm and close, insist on an answer, and note what was granted."""

    def __init__(self, people: People, book: Book, is_left: Callable[[str], bool], seed: int) -> None:
        self._people = people
        self._book = book
        self._is_left = is_left
        self._chance = random.Random(seed)
        self.busy: Counter[str] = Counter()
        self.hurry = False

    async def ring(self, message: Message) -> None:
        """A resident's telephone rang; somebody in the duty room may do something about it."""
        data = message.data
        if data.get("household") is None or data["purpose"] != "alert" or data["version"] != 1:
            return
        dice = self._chance.random()
        incident = data["incident_id"]
        if dice < 0.25:
            await self._insist(Ask(incident, "acknowledge", {}))
        elif dice < 0.4:
            await self._insist(Ask(incident, "confirm", {}))
        elif dice < 0.7:
            name = data["address"]
            while not self._is_left(name):  # noqa: ASYNC110 a test may look
                await asyncio.sleep(0.1)
            how = self._chance.choice(["real", "false_cooking"])
            await self._insist(Ask(incident, "close", {"disposition": how}))

    async def _insist(self, ask: Ask) -> None:
        self.busy[ask.verb] += 1
        try:
            await asyncio.sleep(0 if self.hurry else self._chance.uniform(0, 2))
            status = 0
            while status in (0, 503):
                await asyncio.sleep(0.1)
                status = await self._people.act(ask.incident, ask.verb, **ask.more)
            self._book.write(asked=ask.verb, incident=ask.incident, status=status, **ask.more)
        finally:
            self.busy[ask.verb] -= 1


async def cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancel until they have ended: before Python 3.12 `asyncio.wait_for` sometimes swallows it."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1.0)
