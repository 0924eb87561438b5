"""The door for platforms that push: nobody is told 200 before the message is in the log.

A platform that hears anything else sends it again, so what is sent twice has one effect: here by a memory of
what was taken, and after a restart by the name that the dialect gives it.
"""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from anmin.web.asking import in_time
from anmin.web.deps import PushKeeper, deps_of
from anmin.web.security import Guesses
from devices.instant import DAY, SECOND, Instant, Micros
from ingest.push import Accepted, Challenge, Refused, verify

TAKEN_WITHIN_S = 10.0
"""Platforms wait about so long; the message may still come into the log, and its repetition has no effect."""
RETRY_AFTER_S = 30
PREFIX = "/push/"
_log = structlog.get_logger("anmin.web")


class Taken:
    """What was taken, by its token, for a day; memory is bounded."""

    MOST = 10_000
    KEPT_FOR: Micros = DAY

    def __init__(self) -> None:
        self._at: dict[str, Instant] = {}

    def holds(self, token: str, now: Instant) -> bool:
        at = self._at.get(token)
        return at is not None and now - at < self.KEPT_FOR

    def add(self, token: str, now: Instant) -> None:
        self._at.pop(token, None)
        if len(self._at) >= self.MOST:
            self._at.pop(next(iter(self._at)))
        self._at[token] = now


class Doorkeeper:
    """What the door remembers: who guesses, what was taken, and which platforms were refused last."""

    def __init__(self, secret: bytes) -> None:
        self.guesses = Guesses(secret)
        self.taken = Taken()
        self._refused: set[str] = set()

    def told(self, platform: str, refused: Refused | None) -> None:
        """The first refusal and the recovery, not each repetition."""
        if refused is not None and platform not in self._refused:
            self._refused.add(platform)
            _log.warning("push_refused", platform=platform, why=refused.reason)
        elif refused is None and platform in self._refused:
            self._refused.discard(platform)
            _log.info("push_believed_again", platform=platform)


DOORKEEPER = web.AppKey("push_doorkeeper", Doorkeeper)


async def push(request: web.Request) -> web.Response:
    """GET for a platform that asks whether we are there, POST for messages."""
    deps, keeper = deps_of(request), request.app[DOORKEEPER]
    platform = request.match_info["platform"]
    pushes = deps.push
    secrets = pushes.secrets(platform) if pushes is not None else ()
    if pushes is None or not secrets:
        raise web.HTTPNotFound
    body = await in_time(request.read()) if request.method == "POST" else b""
    headers = {name.lower(): value for name, value in request.headers.items()}
    now = deps.now()
    found = verify(platform, secrets, request.method, request.query, headers, body, now)
    if isinstance(found, Refused):
        return _refused(request, platform, found, now)
    keeper.told(platform, None)
    if isinstance(found, Challenge):
        return web.Response(text=found.answer)
    return await _take(pushes, keeper.taken, platform, found, now)


def _refused(request: web.Request, platform: str, refused: Refused, now: Instant) -> web.Response:
    """Who guesses is slowed down, but a right signature is never held back by the guesses of others."""
    keeper = request.app[DOORKEEPER]
    keeper.told(platform, refused)
    wait = keeper.guesses.wait_for(f"push/{platform}", request.remote or "", "", now)
    if wait:
        return web.Response(status=429, headers={"Retry-After": str(wait // SECOND + 1)})
    return web.Response(status=401, text=refused.reason)


async def _take(
    pushes: PushKeeper, taken: Taken, platform: str, found: Accepted, now: Instant
) -> web.Response:
    if taken.holds(found.token, now):
        return web.Response(text="ok")
    work = asyncio.ensure_future(pushes.take(platform, found.device, found.payload))
    work.add_done_callback(lambda done: _remember(done, taken, found.token, now))
    try:
        async with asyncio.timeout(TAKEN_WITHIN_S):
            await asyncio.shield(work)
    except (TimeoutError, OSError):  # OSError: LogFull, LogBroken
        return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
    return web.Response(text="ok")


def _remember(done: asyncio.Future[None], taken: Taken, token: str, now: Instant) -> None:
    """Also of what came into the log after its sender had gone."""
    if not done.cancelled() and done.exception() is None:
        taken.add(token, now)
