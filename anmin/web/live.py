"""Server-sent events: a beat every second with the clock and the data's age, and a sign when to look again.

The stream carries no names and no readings; a page that hears a new digest fetches its own fragment, through
the same doors as every other request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from anmin.view import View
from anmin.web.board import digest
from anmin.web.deps import WebDeps, deps_of
from anmin.web.security import bearer, token_matches
from anmin.web.session import session_of, session_token, signed_in

BEAT_SECONDS = 1.0
STALLED_SECONDS = 10.0
"""Who takes nothing for so long is let go (P19)."""
STREAMS = 500
"""More at once are refused: each costs a beat a second."""
GATHER_SECONDS = 0.15
"""What is published within this goes out in one frame."""


class Pulse:
    """The open streams, and the digest of the newest revision, worked out once for all of them."""

    def __init__(self) -> None:
        self.streams: set[asyncio.Task[None]] = set()
        self._revision, self._digest = -1, ""

    def digest(self, view: View) -> str:
        if self._revision != view.revision:
            self._revision, self._digest = view.revision, digest(view)
        return self._digest


PULSE = web.AppKey("pulse", Pulse)


@signed_in
async def events(request: web.Request) -> web.StreamResponse:
    """For every page of the staff."""
    return await stream(request, _still_signed_in(request))


async def crew_events(request: web.Request) -> web.StreamResponse:
    """For the crew page: while it is open, its owner counts as present."""
    deps = deps_of(request)
    session = session_of(request)
    present: Callable[[], Awaitable[bool]]
    if token_matches(bearer(request), deps.api_token):
        responder_id, present = request.query.get("responder_id", ""), _always
    elif session is not None:
        responder_id, present = session.account.id, _still_signed_in(request)
    else:
        raise web.HTTPUnauthorized
    if responder_id not in {responder.id for responder in deps.view.inventory.responders}:
        raise web.HTTPForbidden
    deps.crew_present.enter(responder_id)
    try:
        return await stream(request, present)
    finally:
        deps.crew_present.leave(responder_id)


async def stream(request: web.Request, may_go_on: Callable[[], Awaitable[bool]]) -> web.StreamResponse:
    """Until the client leaves, the session ends or the server stops."""
    pulse = request.app[PULSE]
    if len(pulse.streams) >= STREAMS:
        raise web.HTTPServiceUnavailable
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    task = asyncio.ensure_future(_beat(response, deps_of(request), pulse, may_go_on))
    pulse.streams.add(task)
    try:
        await task
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()  # what it did not take is thrown away; a polite end would wait for it
    except (asyncio.CancelledError, ConnectionError):
        task.cancel()
    finally:
        pulse.streams.discard(task)
    return response


async def close_streams(app: web.Application) -> None:
    """At shutdown: an open page must not hold the stop up."""
    for task in tuple(app[PULSE].streams):
        task.cancel()


async def _beat(
    response: web.StreamResponse, deps: WebDeps, pulse: Pulse, may_go_on: Callable[[], Awaitable[bool]]
) -> None:
    await response.write(b"retry: 1000\n\n")
    while await may_go_on():
        revision = deps.view.revision
        async with asyncio.timeout(STALLED_SECONDS):
            await response.write(_frame(deps, pulse.digest(deps.view)))
        await _news(deps.view, revision)
        await asyncio.sleep(GATHER_SECONDS)


async def _news(view: View, revision: int) -> None:
    try:
        async with asyncio.timeout(BEAT_SECONDS):
            await view.changed(revision)
    except TimeoutError:
        return


def _frame(deps: WebDeps, shown: str) -> bytes:
    view = deps.view
    state = {
        "revision": view.revision,
        "digest": shown,
        "now_ms": deps.now() // 1000,
        "as_of_ms": view.now // 1000,
    }
    return f"id: {view.revision}\nevent: state\ndata: {json.dumps(state)}\n\n".encode()


def _still_signed_in(request: web.Request) -> Callable[[], Awaitable[bool]]:
    deps, token = deps_of(request), session_token(request)

    async def check() -> bool:
        return await deps.accounts.session(token, deps.now()) is not None

    return check


async def _always() -> bool:
    return True
