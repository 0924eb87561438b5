"""Templates, filled: every page gets the same frame, in the language of who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from anmin.web.board import digest, freshness
from anmin.web.deps import deps_of
from anmin.web.security import is_trustworthy
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
    """One page; `facts` are what its template names beside the frame."""
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
