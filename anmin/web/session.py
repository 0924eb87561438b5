"""Who is asking: the session cookie, the language, and what a role may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeAlias
from urllib.parse import quote

from aiohttp import web

from anmin.accounts import SESSION_FOR, Role, Session
from anmin.web.deps import deps_of
from anmin.web.security import is_trustworthy
from anmin.web.words import LANGUAGES
from devices.instant import SECOND

COOKIE = "__Host-anmin"
PLAIN_COOKIE = "anmin"
DEVICE_COOKIE = "anmin-device"
LANGUAGE_COOKIE = "anmin-language"
LOOKING = frozenset({"/", "/board/fragment", "/events"})
"""What an idle session may still see: the duty screen, read-only (S5)."""

SESSION = web.RequestKey("session", Session)

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def cookie_name(request: web.Request) -> str:
    """Safari takes no Secure cookie over plain http, not even from this machine; others do."""
    agent = request.headers.get("User-Agent", "")
    refuses = request.scheme == "http" and "Safari/" in agent and "Chrome/" not in agent
    return COOKIE if is_trustworthy(request) and not refuses else PLAIN_COOKIE


def session_token(request: web.Request) -> str:
    return request.cookies.get(cookie_name(request), "")


def give_session(request: web.Request, response: web.Response, token: str) -> None:
    name = cookie_name(request)
    response.set_cookie(
        name,
        token,
        max_age=SESSION_FOR // SECOND,
        path="/",
        secure=name == COOKIE,
        httponly=True,
        samesite="Strict",
    )


def drop_session(request: web.Request, response: web.Response) -> None:
    name = cookie_name(request)
    response.del_cookie(name, path="/", secure=name == COOKIE, httponly=True, samesite="Strict")


def give_device(request: web.Request, response: web.Response, value: str) -> None:
    """Proves nothing but that somebody signed in from this browser before."""
    response.set_cookie(
        DEVICE_COOKIE,
        value,
        max_age=90 * 86400,
        path="/sign-in",
        secure=cookie_name(request) == COOKIE,
        httponly=True,
        samesite="Strict",
    )


def session_of(request: web.Request) -> Session | None:
    return request.get(SESSION)


def is_locked(request: web.Request) -> bool:
    session = session_of(request)
    return session is not None and session.is_idle(deps_of(request).now())


def language_of(request: web.Request) -> str:
    """What was picked, else the account's, else the browser's, else the house's."""
    picked = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    if picked in LANGUAGES:
        return picked
    session = session_of(request)
    if session is not None and session.account.language in LANGUAGES:
        return session.account.language
    for part in request.headers.get("Accept-Language", "").split(","):
        if (tag := part.strip()[:2].lower()) in LANGUAGES:
            return tag
    return deps_of(request).language


@web.middleware
async def remember(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Finds the session once per request; a person's own request starts the idle clock again."""
    deps = deps_of(request)
    token = session_token(request)
    now = deps.now()
    if token and not request.path.startswith("/static/"):
        session = await deps.accounts.session(token, now)
        if session is not None:
            request[SESSION] = session
        by_itself = "auto" in request.query or request.path in ("/board/fragment", "/events", "/crew/events")
        if session is not None and not by_itself and not session.is_idle(now):
            await deps.accounts.touch(token, now)
    response = await handler(request)
    if request.query.get("lang") in LANGUAGES and not response.prepared:
        response.set_cookie(LANGUAGE_COOKIE, request.query["lang"], max_age=365 * 86400, samesite="Strict")
    return response


def staff_only(handler: Handler) -> Handler:
    return _signed_in(handler, Role.OPERATOR)


def crew_only(handler: Handler) -> Handler:
    return _signed_in(handler, Role.CREW)


def signed_in(handler: Handler) -> Handler:
    return _signed_in(handler, None)


def _signed_in(handler: Handler, role: Role | None) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        session = session_of(request)
        if session is None or (is_locked(request) and not _may_look(request)):
            _send_to_sign_in(request)
        if role is not None and session.account.role is not role:
            if request.path == "/" and session.account.role is Role.CREW:
                raise web.HTTPSeeOther("/crew")
            raise web.HTTPForbidden
        return await handler(request)

    return guarded


def _may_look(request: web.Request) -> bool:
    return request.method == "GET" and request.path in LOOKING


def _send_to_sign_in(request: web.Request) -> NoReturn:
    if request.method != "GET" or request.path in LOOKING - {"/"}:
        raise web.HTTPUnauthorized
    raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path, safe='/')}")


def next_path(request: web.Request, wanted: str) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if plain and wanted.isprintable() else "/"
