"""The service under measurement, as a child: started, asked how far it is, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bench import child

_STARTS_WITHIN_S = 60.0
_SETTLE_S = 1.0
_LOOK_EVERY_S = 2.0
_TAKEN = re.compile(r'^anmin_ingest_messages_total\{.*result="(\w+)".*\} (\S+)$', re.MULTILINE)
_DEPTH = re.compile(r'^anmin_queue_depth\{queue="(\w+)"\} (\S+)$', re.MULTILINE)


class Service:
    """`anmin run`, asked over /metrics. `deepest`: the most records that waited to be handled."""

    def __init__(self, process: Process, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._process = process
        self._session = session
        self._metrics = f"{url}/metrics"
        self._headers = {"authorization": f"Bearer {token}"}
        self.deepest = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    async def handled(self) -> int:
        """How many messages it has taken to their end."""
        text = await self._said()
        self.deepest = max(self.deepest, _depths(text)["records"])
        taken = _TAKEN.findall(text)
        if refused := {result for result, _ in taken} - {"reading"}:
            raise SystemExit(f"bench: the service refused what was published ({', '.join(sorted(refused))})")
        return sum(int(float(number)) for _, number in taken)

    async def waiting(self, queue: str) -> int:
        """How many entries wait in one of its queues."""
        return _depths(await self._said())[queue]

    async def _said(self) -> str:
        async with self._session.get(self._metrics, headers=self._headers) as answer:
            return await answer.text()

    async def watch(self) -> None:
        """Look now and then, as Prometheus would, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self.handled()

    async def drained(self, messages: int, since: int, within_s: float) -> float:
        """Seconds from `since` (ns) until this many messages were handled; infinite when they never are."""
        while time.time_ns() - since < within_s * 1e9:
            if await self.handled() >= messages:
                return (time.time_ns() - since) / 1e9
            await asyncio.sleep(0.02)
        return float("inf")


def _depths(text: str) -> dict[str, int]:
    return {queue: int(float(depth)) for queue, depth in _DEPTH.findall(text)}


@asynccontextmanager
async def running(settings: Path, launcher: Sequence[str] = ("-m", "anmin")) -> AsyncIterator[Service]:
    """Start it and wait until it has caught up; `launcher` may be one that leaves stamps."""
    said = settings.with_name("said")
    words = (sys.executable, *launcher, "run", "--config", str(settings))
    with said.open("wb") as err:
        process = await child.start(*words, stderr=err, stdout=DEVNULL)
    try:
        door = json.loads(await _announced(process, settings.parent / "data" / "running.json", said))
        async with aiohttp.ClientSession() as session:
            yield Service(process, session, door["url"], door["token"])
    finally:
        await child.stop(process)


async def _announced(process: Process, door: Path, said: Path) -> str:
    """What it says once it is up; a service that ends instead says why."""
    end = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < end:
        if process.returncode is not None:
            raise SystemExit(f"bench: the service ended: {child.content(said)}")
        with contextlib.suppress(OSError, ValueError):
            json.loads(text := child.content(door))
            await asyncio.sleep(_SETTLE_S)
            return text
        await asyncio.sleep(0.1)
    raise SystemExit(
        f"bench: the service did not start within {_STARTS_WITHIN_S:.0f} s: {child.content(said)}"
    )
