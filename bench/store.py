"""Where readings are kept while something is measured; a VictoriaMetrics of one's own among the places."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import aiohttp

from bench import child

NOWHERE, SQLITE, VICTORIA = STORES = ("nowhere", "sqlite", "victoria")
_READY_WITHIN_S: Final = 30.0
_FLAGS = ("-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms", "-search.disableCache")


@asynccontextmanager
async def keeping(store: str, folder: Path) -> AsyncIterator[str]:
    """What stands in the settings below `[history]`, while that store runs."""
    if store == VICTORIA:
        async with Victoria(folder) as victoria:
            yield victoria.settings
    else:
        yield f"enabled = {str(store == SQLITE).lower()}"


class Kept(NamedTuple):
    """`samples` in all; `repeated` of them have the record, device and quantity of another."""

    samples: int
    repeated: int


class Victoria:
    """VictoriaMetrics that can be killed and started again on what it kept.

    As the howto has it, it keeps one sample of a series and millisecond: a repetition is there once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind((child.HOST, 0))
            self._address = f"{child.HOST}:{probe.getsockname()[1]}"
        self._process: Process | None = None

    @property
    def settings(self) -> str:
        return f'enabled = true\nurl = "http://{self._address}"\nbucket = "bench"\norg = "bench"'

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Victoria:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        program = child.program("victoria-metrics")
        words = (program, f"-httpListenAddr={self._address}", f"-storageDataPath={self._folder}", *_FLAGS)
        self._process = await child.start(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + _READY_WITHIN_S
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < end:
                try:
                    async with session.get(f"http://{self._address}/health"):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        raise SystemExit("bench: VictoriaMetrics did not start")

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def kept(self) -> Kept:
        """All that it holds of readings, by the record that each came with."""
        samples = repeated = 0
        query = {"match[]": "anmin_reading_sequence", "reduce_mem_usage": "1"}
        series: dict[str, set[int]] = {}
        async with aiohttp.ClientSession(read_bufsize=1 << 26) as session:
            async with session.get(f"http://{self._address}/internal/force_flush"):
                pass
            async with session.get(f"http://{self._address}/api/v1/export", params=query) as answer:
                async for line in answer.content:
                    found = json.loads(line)
                    known = series.setdefault(json.dumps(found["metric"], sort_keys=True), set())
                    before = len(known)
                    known.update(found["values"])
                    samples += len(found["values"])
                    repeated += len(found["values"]) - (len(known) - before)
        return Kept(samples, repeated)
