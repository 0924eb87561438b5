"""The two receivers: a gateway that stamps what the service hands it, and mosquitto_sub as the limit."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

from aiohttp import web


class Gateway:
    """Takes webhooks; `first[device]` is when the first message about that device's household came (ns)."""

    def __init__(self) -> None:
        self.first: dict[str, int] = {}
        self.requests = 0
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        at = time.time_ns()
        data: dict[str, Any] = json.loads(await request.read())["data"]
        self.requests += 1
        if (address := data.get("address", "")).startswith("smoke-"):
            self.first.setdefault(address, at)
        return web.Response(status=202)


class Drain:
    """mosquitto_sub on the same topics; `first[device]` is when it had the alarm (ns)."""

    def __init__(self, program: Path, port: int) -> None:
        self._program = program
        self._port = port
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.first: dict[str, int] = {}
        self.received = 0

    async def start(self) -> None:
        topics = ("-t", "anmin/bench/+/event", "-t", "anmin/bench/+/reading")
        words = ("-p", str(self._port), "-q", "1", *topics, "-F", "%U %t")
        self._process = await asyncio.create_subprocess_exec(
            str(self._program), *words, stdout=PIPE, stderr=DEVNULL
        )
        self._reading = asyncio.create_task(self._read())
        await asyncio.sleep(0.5)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.received += 1
            stamp, _, topic = line.decode().strip().partition(" ")
            if topic.endswith("/event"):
                whole, _, part = stamp.partition(".")
                self.first.setdefault(topic.split("/")[2], int(whole) * 10**9 + int(part[:9].ljust(9, "0")))

    async def stop(self) -> None:
        assert self._process is not None
        assert self._reading is not None
        self._process.terminate()
        await self._process.wait()
        await self._reading
