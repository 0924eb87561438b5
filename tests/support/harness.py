"""The real service as a child process with its own folder, settings and community, over several lives."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.mosquitto import HOST, free_port
from tests.support.services import ROOT

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
TOKEN = "token-of-the-harness"
READY_WITHIN_S = 40.0
STOP_WITHIN_S = 15.0

CACHED = {"PYTHONDONTWRITEBYTECODE": ""}
"""A start without compiled modules takes three times as long."""

Overlay = Mapping[str, Mapping[str, Any]]


class Died(AssertionError):
    """The service ended by itself; `code` as the shell has it, what it said is in the text."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"exit {code}: {said[-2000:]}")
        self.code = code


@dataclass
class Site:
    """A folder with `anmin.toml` and `community.yaml`; `settings` are laid over what every test wants."""

    folder: Path
    community: Mapping[str, Any]
    settings: Overlay = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.port = free_port()
        self.write()

    def write(self, **changed: Mapping[str, Any]) -> None:
        """Write both files; `changed` sections win over what the test gave."""
        # JSON is YAML, and its strings, numbers and lists are TOML.
        text = json.dumps(self.community, ensure_ascii=False, indent=1)
        (self.folder / "community.yaml").write_text(text, encoding="utf-8")
        tables: dict[str, dict[str, Any]] = {
            "site": {"data_dir": str(self.data), "language": "en"},
            "web": {"port": self.port, "api_token": TOKEN},
            "webhook": {"secret": SECRET, "allow_private": True},
            "logging": {"level": "info", "format": "json"},
            "log": {"reserve_mib": 1},
        }
        for overlay in (self.settings, changed):
            for name, table in overlay.items():
                tables[name] = tables.get(name, {}) | dict(table)
        lines: list[str] = []
        for name, table in tables.items():
            lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.config.chmod(0o600)

    @property
    def config(self) -> Path:
        return self.folder / "anmin.toml"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Anmin:
    """One site's process over several lives."""

    def __init__(self, site: Site, module: str = "anmin") -> None:
        self.site = site
        self._module = module
        self._process: asyncio.subprocess.Process | None = None
        self.lives = 0

    async def start(self, env: Mapping[str, str] | None = None, *, ready: bool = True) -> float:
        """Start it; the seconds until it was ready (0 when not asked to wait)."""
        began = time.monotonic()
        self.lives += 1
        with (self.site.folder / "out").open("ab") as out, (self.site.folder / "err").open("wb") as err:
            self._process = await asyncio.create_subprocess_exec(
                *self.command("run"),
                cwd=ROOT,
                env=os.environ | CACHED | dict(env or {}),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        if not ready:
            return 0.0
        await self.ready()
        return time.monotonic() - began

    def command(self, verb: str, *args: str) -> list[str]:
        """How a person would call it."""
        return [sys.executable, "-m", self._module, verb, "--config", str(self.site.config), *args]

    async def run(self, verb: str, *args: str) -> tuple[int, str]:
        """Another command beside it: exit code and everything it said."""
        process = await asyncio.create_subprocess_exec(
            *self.command(verb, *args),
            cwd=ROOT,
            env=os.environ | CACHED,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def said(self) -> str:
        """Standard error of this life."""
        return (self.site.folder / "err").read_text("utf-8", "replace")

    def is_ready(self) -> bool:
        """Whether the file by which commands find it is this life's; a killed one leaves its file behind."""
        with suppress(OSError, ValueError):
            found = json.loads((self.site.data / "running.json").read_text())
            return bool(found["pid"] == self.pid)
        return False

    async def ready(self, within_s: float = READY_WITHIN_S) -> None:
        """Wait until sources are connected and time runs. Raises Died."""
        end = time.monotonic() + within_s
        while not self.is_ready():
            if not self.alive:
                raise Died(await self.ended(), self.said)
            if time.monotonic() > end:
                raise AssertionError(f"not ready in {within_s:g} s: {self.said[-2000:]}")
            await asyncio.sleep(0.005)

    async def ended(self, within_s: float = STOP_WITHIN_S) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), within_s)

    async def kill(self) -> None:
        """As a power cut of the process; nothing when it is dead already."""
        if self.alive:
            with suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
            await self.ended()

    async def stop(self) -> int:
        """SIGTERM, and wait."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


class People:
    """Who talks to the service by HTTP, with the token of a program."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._http = aiohttp.ClientSession(headers={"authorization": f"Bearer {TOKEN}"})

    async def close(self) -> None:
        await self._http.close()

    async def get(self, path: str) -> tuple[int, Any]:
        async with self._http.get(self._site.url + path) as answer:
            return answer.status, await answer.json(content_type=None)

    async def readiness(self) -> int:
        """The status of /readyz, 0 when nobody listens."""
        with suppress(aiohttp.ClientError, OSError):
            async with self._http.get(self._site.url + "/readyz") as answer:
                return answer.status
        return 0

    async def act(self, incident: str, verb: str, **more: str) -> int:
        """An operator's verb; the status, 0 when nobody answered."""
        url = f"{self._site.url}/api/v1/incidents/{incident}/actions"
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            timeout = aiohttp.ClientTimeout(total=10)
            body = {"verb": verb, "by": "sun-li", **more}
            async with self._http.post(url, json=body, timeout=timeout) as answer:
                return answer.status
        return 0

    async def incidents(self) -> list[dict[str, Any]]:
        _, body = await self.get("/api/v1/incidents")
        found: list[dict[str, Any]] = body["items"]
        return found

    async def incident(self, name: str) -> dict[str, Any]:
        _, body = await self.get(f"/api/v1/incidents/{name}")
        found: dict[str, Any] = body
        return found


async def until(true: Callable[[], bool], within_s: float = 10.0, what: str = "it never happened") -> float:
    """Poll; the seconds it took. AssertionError with `what` when it does not come true."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            raise AssertionError(f"{what} (waited {within_s:g} s)")
        await asyncio.sleep(0.01)
    return time.monotonic() - began
