"""For those who watch the watcher: alive, ready, and figures."""

from __future__ import annotations

import json

from aiohttp import web

from anmin.view import Health
from anmin.web.deps import deps_of
from anmin.web.security import bearer, from_this_machine, token_matches
from anmin.web.session import session_of


async def healthz(request: web.Request) -> web.Response:
    """That this answers at all says that the loop turns."""
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """503 as soon as one part is known to be broken; what is not known is said and breaks nothing."""
    parts = deps_of(request).ready()
    broken = [part for part in parts if part.ok is False]
    status = 503 if broken else 200
    if "verbose" in request.query:
        return _verbose(parts, status, may_see_details=_is_insider(request))
    words = "".join(f"{part.name}: not ready\n" for part in broken) or "ready\n"
    return web.Response(text=words, status=status)


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text, for this machine or a token (S44)."""
    if not _may_measure(request):
        raise web.HTTPForbidden
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    return web.Response(body=deps_of(request).metrics(), headers=headers)


def _verbose(parts: tuple[Health, ...], status: int, *, may_see_details: bool) -> web.Response:
    shown = [
        {"name": part.name, "ok": part.ok, "detail": part.detail if may_see_details else ""} for part in parts
    ]
    body = json.dumps({"ready": status == 200, "parts": shown}, ensure_ascii=False)
    return web.Response(text=body, status=status, content_type="application/json")


def _may_measure(request: web.Request) -> bool:
    token = deps_of(request).metrics_token
    return from_this_machine(request) or token_matches(bearer(request), token)


def _is_insider(request: web.Request) -> bool:
    return _may_measure(request) or session_of(request) is not None
