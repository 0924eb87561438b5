"""Templates, filled: every page gets the same frame, in the language of who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from yarl import URL

from anmin.accounts import Role
from anmin.web.board import Row, digest, freshness, waiting
from anmin.web.deps import deps_of
from anmin.web.security import SAFE_METHODS, is_trustworthy
from anmin.web.session import is_locked, language_of, session_of
from anmin.web.wording import Wording

HERE = Path(__file__).parent
STATIC = HERE / "static"

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def wording_of(request: web.Request) -> Wording:
    deps = deps_of(request)
    return Wording(language_of(request), deps.view.inventory, deps.utc_offset_for)


def page(request: web.Request, template: str, status: int = 200, **facts: Any) -> web.Response:
    """One page; `facts` are what its template names beside the frame.

    The answer to a form says in `here` which address shows the same page again.
    """
    return web.Response(
        text=text(request, template, **facts),
        status=status,
        content_type="text/html",
        charset="utf-8",
    )


def text(request: web.Request, template: str, **facts: Any) -> str:
    deps = deps_of(request)
    view, now = deps.view, deps.now()
    wording = wording_of(request)
    frame = {
        "w": wording,
        "t": wording.t,
        "language": wording.language,
        "path": request.path,
        "turned": _turned(request, wording.language, facts.get("here")),
        "waiting": _waiting(request, wording),
        "now": now,
        "as_of": view.now,
        "freshness": freshness(view, now),
        "digest": digest(view),
        "demo_grade": view.demo_grade,
        "drill_running": any(
            seen.incident.drill and seen.incident.is_open for seen in view.incidents.values()
        ),
        "unencrypted": not is_trustworthy(request),
        "session": session_of(request),
        "locked": is_locked(request),
    }
    return _TEMPLATES.get_template(template).render(frame | facts)


def _turned(request: web.Request, language: str, here: str | None) -> str:
    """This page in the other language: the same address, with the token or the search that it has."""
    shown = request.rel_url if request.method in SAFE_METHODS else URL("/")
    url = URL(here) if here else shown
    return str(url.without_query_params("auto").update_query(lang="en" if language == "zh" else "zh"))


def _waiting(request: web.Request, wording: Wording) -> tuple[Row, ...]:
    """What nobody has acknowledged, for every page of the duty staff: none of them is deaf (R17)."""
    session = session_of(request)
    if session is None or session.account.role is not Role.OPERATOR:
        return ()
    return waiting(deps_of(request).view, wording)
