"""The web application: every route, and the doormen that every request passes."""

from __future__ import annotations

import structlog
from aiohttp import web

from anmin.web import (
    api,
    coverage,
    crew,
    device,
    live,
    operating,
    pages,
    probes,
    push,
    readings,
    registering,
    rejects,
    resident,
    rules,
    signin,
    troubles,
    users,
    why,
)
from anmin.web.deps import DEPS, WebDeps, deps_of
from anmin.web.presence import PresenceBook
from anmin.web.render import STATIC, page, wording_of
from anmin.web.security import SAFE_METHODS, Guesses, add_headers, host_allowed, origin_allowed
from anmin.web.session import Handler, remember

__all__ = ["PresenceBook", "WebDeps", "application"]

BODY_BYTES = 64 * 1024
WHY = web.RequestKey("why", str)
_log = structlog.get_logger("anmin.web")


def application(deps: WebDeps) -> web.Application:
    """Ready to be served; it starts nothing by itself and stops at once."""
    app = web.Application(middlewares=[explain, guard, remember], client_max_size=BODY_BYTES)
    app[DEPS] = deps
    app[signin.GUESSES] = Guesses(deps.secret)
    app[resident.DOORS] = resident.Doors(deps)
    app[push.DOORKEEPER] = push.Doorkeeper(deps.secret)
    app[live.PULSE] = live.Pulse()
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(live.close_streams)
    app.router.add_routes(
        [
            web.get("/", pages.board),
            web.get("/board/fragment", pages.fragment),
            web.get("/events", live.events, allow_head=False),
            web.get("/incidents/{incident_id}", pages.incident),
            web.post("/incidents/{incident_id}/actions", pages.act),
            web.get("/devices", pages.devices),
            web.get("/registry/import", registering.import_page),
            web.post("/registry/import", registering.imported),
            web.get("/registry/labels", registering.labels),
            web.get("/registry/table", registering.table_page),
            web.post("/devices/{device_id:[^/]+}/registry", device.act),
            web.post("/devices/{device_id:[^/]+}/walk", troubles.walk),
            web.post("/devices/{device_id:[^/]+}/operate", operating.act),
            web.get("/devices/{device_id:.+}", device.show),
            web.get("/coverage", coverage.show),
            web.get("/troubles", troubles.show),
            web.post("/troubles", troubles.act),
            web.get("/inbox", registering.inbox),
            web.post("/inbox", registering.claim),
            web.get("/rules", rules.show),
            web.post("/rules", rules.act),
            web.get("/crew", crew.show),
            web.post("/crew", crew.act),
            web.get("/crew/events", live.crew_events, allow_head=False),
            web.get("/r/{token}", resident.show),
            web.post("/r/{token}", resident.reply),
            web.get("/sign-in", signin.show),
            web.post("/sign-in", signin.sign_in),
            web.get("/sign-in/link", signin.link),
            web.post("/welcome", signin.welcome),
            web.post("/sign-out", signin.sign_out),
            web.get("/healthz", probes.healthz),
            web.get("/readyz", probes.readyz),
            web.get("/metrics", probes.metrics),
            web.get("/api/v1/incidents", api.incidents),
            web.get("/api/v1/incidents/{incident_id}", api.incident),
            web.post("/api/v1/incidents/{incident_id}/actions", api.act),
            web.get("/api/v1/devices", api.devices),
            web.post("/api/v1/devices", registering.put_list),
            web.get("/api/v1/registry/table", registering.table),
            web.post("/api/v1/devices/{device_id:[^/]+}/registry", registering.deed),
            web.get("/api/v1/devices/{device_id:[^/]+}", troubles.device),
            web.post("/api/v1/devices/{device_id:[^/]+}/walk", troubles.walked),
            web.post("/api/v1/devices/{device_id:[^/]+}/operate", operating.ordered),
            web.get("/api/v1/devices/{device_id:[^/]+}/operations", operating.listed),
            web.get("/api/v1/devices/{device_id:[^/]+}/why", why.why),
            web.get("/api/v1/rules", rules.listed),
            web.post("/api/v1/rules", rules.asked),
            web.get("/api/v1/rules/shadow", why.shadow),
            web.get("/api/v1/inbox", registering.inbox_list),
            web.get("/api/v1/coverage", coverage.listed),
            web.get("/api/v1/troubles", troubles.listed),
            web.post("/api/v1/troubles/own", troubles.owned),
            web.get("/api/v1/history", readings.history),
            web.post("/api/v1/receipts", api.receipts),
            web.get("/push/{platform}", push.push, allow_head=False),
            web.post("/push/{platform}", push.push),
            web.get("/api/v1/rejects", rejects.listed),
            web.get(r"/api/v1/rejects/{sequence:\d{1,18}}", rejects.shown),
            web.post(r"/api/v1/rejects/{sequence:\d{1,18}}/replay", rejects.replayed),
            web.get("/api/v1/users", users.listed),
            web.post("/api/v1/users", users.added),
            web.post("/api/v1/users/{name}/link", users.linked),
            web.post("/api/v1/users/{name}/disable", users.disabled),
            web.get("/favicon.ico", _icon),
            web.static("/static/", STATIC),
        ]
    )
    return app


async def _icon(request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "icon.svg")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whose name we are called by, and that a change was asked for by a page of ours (S6).

    A bearer token or a signature is proof enough: browsers send neither by themselves.
    """
    if not host_allowed(deps_of(request), request.host):
        raise web.HTTPMisdirectedRequest
    signed = request.path == "/api/v1/receipts" or request.path.startswith(push.PREFIX)
    proven = signed or api.holds_token(request)
    if request.method not in SAFE_METHODS and not proven and not origin_allowed(request):
        request[WHY] = "error_403_origin"
        raise web.HTTPForbidden
    return await handler(request)


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as a clear page or a problem document; a bug is logged and told without its insides."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _failure(request, error.status, error.text or "")
    except OSError as error:  # the disk is full or gone: nothing was done, and that is said
        _log.warning("not_available", path=_route(request), error=type(error).__name__)
        return _failure(request, 503, "")
    except Exception:
        _log.exception("request_failed", method=request.method, path=_route(request))
        return _failure(request, 500, "")


def _failure(request: web.Request, status: int, said: str) -> web.Response:
    wording = wording_of(request)
    try:
        words = wording.t(request.get(WHY) or f"error_{status}")
    except KeyError:
        words = wording.t("error_400")
    if request.path.startswith("/api/"):
        return api.problem(status, f"http_{status}", words)
    if request.path.startswith("/r/"):  # a resident has no business with the board
        return page(request, "message.html", status, title=said if status == 404 else words, home="")
    return page(request, "message.html", status, title=words, home="/")


def _route(request: web.Request) -> str:
    """The route's pattern: paths may hold tokens, and tokens never reach the log (S38)."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"
