"""The telephone company: takes messages by webhook, lets phones ring, tells what became of them.

Keeps its own log of what it received, so that a checker need not believe the system's. Verifies the
Standard Webhooks signature by itself, honours the message id, and answers as residents and crews would.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from aiohttp import web


class Message(NamedTuple):
    """One message that arrived: `key` is the provider's idempotency key, `data` what was said."""

    key: str
    data: dict[str, Any]


Ring = Callable[[Message], Coroutine[Any, Any, None]]
"""What happens at the far end; runs as a task of its own."""


def sign(secret: bytes, key: str, stamp: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body."""
    mac = hmac.digest(secret, f"{key}.{stamp}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(mac).decode()


class Provider:
    """`received` holds every request in order, also repeats; `ring` is called once per key."""

    def __init__(self, secret: bytes, ring: Ring) -> None:
        self._secret = secret
        self._ring = ring
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent = False
        self.received: list[Message] = []
        self.seen: set[str] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/messages"

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/messages", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def hang_up(self) -> None:
        """No phone rings any more, and nobody goes on with an answer."""
        self._silent = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        await self.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        key, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        given = request.headers.get("webhook-signature", "").split(" ")
        if sign(self._secret, key, stamp, body) not in given:
            return web.Response(status=401, text="signature")
        try:
            message = Message(key, dict(json.loads(body)["data"]))
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400, text="a message is a JSON object with `data`")
        self.received.append(message)
        if key not in self.seen:
            self.seen.add(key)
            if not self._silent:
                task = asyncio.create_task(self._ring(message), name=f"phone {key}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return web.json_response({"id": key}, status=202)

    def receipt(self, key: str, state: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of what the company reports back: `delivered` or `seen`."""
        return report(self._secret, key, state)


def report(secret: bytes, key: str, state: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a receipt: `delivered` or `seen`."""
    body = json.dumps({"key": key, "state": state}).encode()
    stamp = str(int(time.time()))  # noqa: TID251 a company has its own clock
    headers = {
        "webhook-id": f"{key}-{state}",
        "webhook-timestamp": stamp,
        "webhook-signature": sign(secret, f"{key}-{state}", stamp, body),
        "content-type": "application/json",
    }
    return headers, body
