"""Far ends of webhooks on loopback, well-behaved and rude, and name servers that lie."""

from __future__ import annotations

import asyncio
import base64
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from alerts.broadcasts.broadcast import LiveSend
from alerts.broadcasts.delivery import Outcome
from alerts.channels.webhook import WebhookChannel
from tests.support.broadcast import T0, send, to

VECTOR = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the published example of Standard Webhooks
OTHER = "whsec_" + base64.b64encode(b"k" * 32).decode()


def channel(*secrets: str, timeout_s: float = 5.0, **more: object) -> WebhookChannel:
    """Allowed to reach loopback unless told otherwise."""
    options = {"allow_private": True, "timeout_s": timeout_s} | more
    return WebhookChannel(secrets or (VECTOR,), lambda: T0, **options)  # type: ignore[arg-type] # as named


def addressed(url: object) -> LiveSend:
    return to(send("webhook"), address=str(url))


async def outcome_of(url: object, **more: object) -> Outcome:
    async with channel(**more) as far:  # type: ignore[arg-type] # options of the channel
        return await far.send(addressed(url))


@dataclass
class Far:
    """A well-behaved server that answers with the next of its answers, and keeps what it got."""

    answers: list[web.Response] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return self.answers.pop(0) if self.answers else web.Response(status=204)


Rude = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(behave: Rude) -> AsyncIterator[str]:
    """A server that speaks no more HTTP than `behave` does."""

    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behave(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reset(writer: asyncio.StreamWriter) -> None:
    """End with RST, not FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def well_behaved() -> AsyncIterator[Far]:
    known = Far()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", known.take)
    async with TestServer(app) as server:
        known.url = str(server.make_url("/hook"))
        yield known


class Inward(AbstractResolver):
    """A name server that says of every name that it is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        return


class Changing(AbstractResolver):
    """A name server that gives another address each time."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=socket.AF_INET, proto=0, flags=0)
            for ip in self.answers.pop(0)
        ]

    async def close(self) -> None:
        return
