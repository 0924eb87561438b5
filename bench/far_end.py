"""The two receivers: a gateway that stamps what the service hands it, and mosquitto_sub as the limit."""

from __future__ import annotations

import asyncio
import re
import time
from asyncio.subprocess import Process
from pathlib import Path

from aiohttp import web

from bench import child

_ADDRESS = re.compile(rb'"address":"(smoke-\d+)"')
_SETTLE_S = 0.5


class Gateway:
    """Takes webhooks; `first[device]` is when the first message to that device's household came (ns).

    The stamp is the first thing that happens to a request, in a process that is not the one measured.
    """

    def __init__(self) -> None:
        self.first: dict[str, int] = {}
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Gateway:
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, child.HOST, 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        at = time.time_ns()
        if found := _ADDRESS.search(await request.read()):
            self.first.setdefault(found[1].decode(), at)
        return web.Response(status=202)


class Drain:
    """mosquitto_sub on the same topics; it stamps each message itself (%U, ns) when it has it.

    It writes to a file that is read afterwards, so that nobody competes with it while it works.
    """

    def __init__(self, port: int, said: Path) -> None:
        self._port = port
        self._said = said
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Drain:
        topics = ("-t", "anmin/bench/+/event", "-t", "anmin/bench/+/reading")
        words = ("-p", str(self._port), "-q", "1", *topics, "-F", "%U %t")
        with self._said.open("wb") as out:
            self._process = await child.start(child.program("mosquitto_sub"), *words, stdout=out)
        await asyncio.sleep(_SETTLE_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        await child.stop(self._process)

    async def quiet(self) -> None:
        """Until nothing has come for a while."""
        size = -1
        while (now := self._said.stat().st_size) != size:
            size = now
            await asyncio.sleep(_SETTLE_S)

    def heard(self) -> tuple[dict[str, int], int, int]:
        """After the end: when it first had each alarm, how many messages it had, when the last (ns)."""
        first: dict[str, int] = {}
        lines = self._said.read_bytes().splitlines()
        for line in lines:
            stamp, _, topic = line.partition(b" ")
            if topic.endswith(b"/event"):
                first.setdefault(topic.split(b"/")[2].decode(), _nanoseconds(stamp))
        return first, len(lines), _nanoseconds(lines[-1].partition(b" ")[0]) if lines else 0


def _nanoseconds(stamp: bytes) -> int:
    whole, _, part = stamp.partition(b".")
    return int(whole) * 10**9 + int(part[:9].ljust(9, b"0"))
