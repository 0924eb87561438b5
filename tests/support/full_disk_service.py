"""The whole service on a small file system that is filled and emptied; prints what happened as one JSON line.

`python -m tests.support.full_disk_service FOLDER ELSEWHERE`, with FOLDER the small file system; the broker
and the books of the outsiders are kept elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from anmin.backends.disk import Space
from simulator.device import BrokerAddress, Connection, ReferenceDevice
from simulator.provider import Message
from tests.support.harness import Anmin, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.outsiders import Book, Company, cancelled, now
from tests.support.street import COMMUNITY, home, smoke, street

FIRST, SECOND_WAVE = range(1, 6), range(6, 16)
HOMES = 16


class Story:
    def __init__(self, small: Path, elsewhere: Path) -> None:
        self.small, self.elsewhere = small, elsewhere
        self.facts: dict[str, Any] = {}
        self.held: set[int] = set()

    async def tell(self) -> None:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self.service.start()
            await self._alarm(0)
            await self._full()
            await self._entirely_full()
            await self._room_again()
            self.facts["stopped"] = await self.service.stop()
            code, said = await self.service.run("verify")
            self.facts["verified"] = said if code else "clean"

    async def _open(self, stack: AsyncExitStack) -> None:
        (self.elsewhere / "broker").mkdir()
        broker = Mosquitto(self.elsewhere / "broker")
        broker.start()
        stack.callback(broker.stop)
        self.book = Book(self.elsewhere / "provider.jsonl")
        stack.callback(self.book.close)
        company = Company(self.book, _nobody, seed=1, slow_s=0.0)
        await company.start()
        stack.push_async_callback(company.stop)
        settings = {
            "mqtt": {"url": f"mqtt://{HOST}:{broker.port}"},
            "webhook": {"gateway": company.url},
        }
        self.service = Anmin(Site(self.small / "site", street(HOMES), settings))
        stack.push_async_callback(self.service.kill)
        self.people = People(self.service.site)
        stack.push_async_callback(self.people.close)
        self.devices = [
            ReferenceDevice(
                COMMUNITY,
                smoke(n),
                boot=1,
                now=now,
                patience_s=1.0,
                longest_s=2.0,
                jitter=lambda most: most / 2,
            )
            for n in range(HOMES)
        ]
        link = Connection(BrokerAddress(HOST, broker.port), "gateway", self.devices)
        task = asyncio.create_task(link.run())
        stack.push_async_callback(cancelled, task)
        await link.connected.wait()

    async def _alarm(self, number: int) -> None:
        if (await self.devices[number].event({"smoke_alarm": True})).ok:
            self.held.add(number)

    # The story --------------------------------------------------------------------------------------------

    async def _full(self) -> None:
        """No byte left: alarms still get through, on the reserve, and people are told that it is full."""
        self._stuff()
        self.facts["unready_s"] = await self._until(self._unready)
        self.waves = [asyncio.create_task(self._alarm(n)) for n in FIRST]
        self.facts["first_wave_s"] = await self._until(lambda: _now(set(FIRST) <= self.held))
        self.facts["first_wave_told_s"] = await self._until(lambda: _now(self._told(FIRST)))

    async def _entirely_full(self) -> None:
        """Now the reserve is gone too. Whatever is not durable must not be acknowledged."""
        self._stuff()
        self.waves += [asyncio.create_task(self._alarm(n)) for n in SECOND_WAVE]
        await asyncio.sleep(4)
        self.facts["alive"] = self.service.alive
        self.facts["held_without_room"] = len(self.held & set(SECOND_WAVE))

    async def _room_again(self) -> None:
        (self.small / "stuffing").unlink()
        self.facts["ready_again_s"] = await self._until(self._ready)
        self.facts["all_held_s"] = await self._until(lambda: _now(len(self.held) == HOMES))
        self.facts["all_told_s"] = await self._until(lambda: _now(self._told(range(HOMES))))
        await cancelled(*self.waves)

    # ------------------------------------------------------------------------------------------------------

    def _stuff(self) -> None:
        with (self.small / "stuffing").open("ab") as file:
            while (room := Space.of(self.small).free) > 0:
                try:
                    file.write(bytes(min(room, 1 << 16)))
                    file.flush()
                except OSError:
                    return

    def _told(self, numbers: range) -> bool:
        told = {line["slot"][2] for line in self.book.lines}
        return all(f"{COMMUNITY}.{home(n)}.p1" in told for n in numbers)

    async def _unready(self) -> bool:
        return await self.people.readiness() == 503

    async def _ready(self) -> bool:
        return await self.people.readiness() == 200

    async def _until(self, true: Callable[[], Awaitable[bool]], within_s: float = 12.0) -> float:
        """The seconds it took; -1 when it did not happen."""
        began = time.monotonic()
        while not await true():
            if time.monotonic() - began > within_s:
                return -1
            await asyncio.sleep(0.05)
        return round(time.monotonic() - began, 2)


async def _now(fact: bool) -> bool:
    return fact


async def _nobody(message: Message) -> None:
    return


if __name__ == "__main__":
    story = Story(Path(sys.argv[1]), Path(sys.argv[2]))
    try:
        asyncio.run(story.tell())
    finally:
        print(story.service.said, file=sys.stderr)
    print(json.dumps(story.facts))
