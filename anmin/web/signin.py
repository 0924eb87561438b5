"""Signing in and out: name and password, or a link that works once."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from anmin.accounts import Account, Role, WeakPassword, check_strength
from anmin.web.asking import form_of
from anmin.web.deps import deps_of
from anmin.web.render import page, wording_of
from anmin.web.security import Guesses
from anmin.web.session import (
    DEVICE_COOKIE,
    drop_session,
    give_device,
    give_session,
    is_locked,
    next_path,
    session_of,
    session_token,
)
from devices.instant import SECOND

GUESSES = web.AppKey("guesses", Guesses)


async def show(request: web.Request) -> web.StreamResponse:
    session = session_of(request)
    if session is not None and not is_locked(request):
        raise web.HTTPSeeOther(home_of(session.account))
    return _form(request, 200, "", request.query.get("next", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    deps, wording = deps_of(request), wording_of(request)
    form = await form_of(request)
    name, password = form.get("name", "").strip(), form.get("password", "")
    wanted = form.get("next", "")
    guesses = request.app[GUESSES]
    device = request.cookies.get(DEVICE_COOKIE, "")
    wait = guesses.wait_for(name, request.remote or "", device, deps.now())
    if wait:
        span = wording.roughly(wait + SECOND)
        response = _form(request, 429, wording.t("sign_in_wait", span=span), wanted, name)
        response.headers["Retry-After"] = str(wait // SECOND + 1)
        return response
    account = await deps.accounts.check(name, password)
    if account is None:
        return _form(request, 401, wording.t("sign_in_wrong"), wanted, name)
    return await _enter(request, account, wanted)


async def link(request: web.Request) -> web.StreamResponse:
    """Shows what the link opens; looking does not use it up."""
    return await _welcome(request, request.query.get("token", ""), 200, "")


async def welcome(request: web.Request) -> web.StreamResponse:
    """Uses the link up: sets the password when one is given (it must be when there is none yet)."""
    deps, wording = deps_of(request), wording_of(request)
    form = await form_of(request)
    token, password = form.get("token", ""), form.get("password", "")
    account = await deps.accounts.linked(token, deps.now())
    if account is None:
        return await _welcome(request, token, 410, "")
    chosen = bool(password) or not account.has_password
    try:
        if chosen:
            check_strength(account.name, password)
    except WeakPassword as weak:
        return await _welcome(request, token, 400, wording.t(f"weak_{weak.code}"))
    if await deps.accounts.redeem(token, deps.now()) is None:
        return await _welcome(request, token, 410, "")
    if chosen:
        await deps.accounts.set_password(account, password)
    return await _enter(request, account, "")


async def sign_out(request: web.Request) -> web.StreamResponse:
    await deps_of(request).accounts.close_session(session_token(request))
    response = web.Response(status=303, headers={"Location": "/sign-in"})
    drop_session(request, response)
    return response


def home_of(account: Account) -> str:
    return "/crew" if account.role is Role.CREW else "/"


def _form(request: web.Request, status: int, refused: str, wanted: str, name: str = "") -> web.Response:
    here = str(URL("/sign-in").with_query({"next": wanted} if wanted else {}))
    return page(request, "sign_in.html", status, here=here, refused=refused, wanted=wanted, name=name)


async def _welcome(request: web.Request, token: str, status: int, refused: str) -> web.Response:
    deps = deps_of(request)
    account = await deps.accounts.linked(token, deps.now())
    if account is None:
        words = wording_of(request).t("link_over")
        return page(request, "message.html", 410, here="/sign-in", title=words, home="/sign-in")
    here = str(URL("/sign-in/link").with_query(token=token))
    return page(request, "welcome.html", status, here=here, account=account, token=token, refused=refused)


async def _enter(request: web.Request, account: Account, wanted: str) -> web.Response:
    """A fresh token; the one that was there before ends."""
    deps = deps_of(request)
    if session_of(request) is not None:
        await deps.accounts.close_session(session_token(request))
    token = await deps.accounts.open_session(account, deps.now())
    target = home_of(account) if account.role is Role.CREW or not wanted else next_path(request, wanted)
    response = web.Response(status=303, headers={"Location": target})
    give_session(request, response, token)
    give_device(request, response, request.app[GUESSES].device_cookie(account.name))
    return response
