"""What is wrong with the devices: the list, who sees to what, tests on foot; pages and interface."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from alerts.incidents.command import Declined
from alerts.troubles.command import OwnTroubles, StartWalk
from alerts.troubles.kind import TroubleKind
from anmin.accounts import Role
from anmin.view import TroubleView
from anmin.web.api import device_row, first_error, holds_token, plain, problem, refuse
from anmin.web.asking import declined_words, form_of, in_time
from anmin.web.deps import deps_of
from anmin.web.pages import by_name, device_view
from anmin.web.render import page, wording_of
from anmin.web.session import next_path, session_of, staff_only
from devices.instant import rfc3339
from devices.liveness import Liveness

STATUS_OF = {"no_such_trouble": 404, "no_such_device": 404}


class Asked(BaseModel):
    """`ids` empty: all that stand, of `kind` where one is named. `by` is for holders of the token."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(default_factory=list, max_length=10_000)
    kind: TroubleKind | None = None
    by: str = Field("", max_length=200)


class Speaker(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: str = Field("", max_length=200)


def standing(request: web.Request, kind: str = "", place: str = "") -> list[TroubleView]:
    """Those that stand, worst kinds first, then the oldest; `place` means there or below."""
    view = deps_of(request).view
    order = list(TroubleKind)
    places = view.inventory.tree.places
    inside = {one.id for one in view.inventory.tree.within(place)} if place in places else None
    found = [
        each
        for each in view.troubles.values()
        if each.trouble.stands
        and (not kind or each.trouble.kind.value == kind)
        and (not place or (inside is not None and each.trouble.place_id in inside))
    ]
    return sorted(found, key=lambda each: (order.index(each.trouble.kind), each.trouble.since))


# The interface ----------------------------------------------------------------------------------------------


async def listed(request: web.Request) -> web.Response:
    """`?kind=battery&place=xfl.b3`."""
    if (refused := refuse(request)) is not None:
        return refused
    found = standing(request, request.query.get("kind", ""), request.query.get("place", ""))
    return web.json_response({"items": [_row(each) for each in found], "next_cursor": None})


def _row(each: TroubleView) -> dict[str, Any]:
    shown: dict[str, Any] = plain(each.trouble)
    shown["since"] = plain(each.trouble.since, "at")
    return shown | {"devices": each.folded}


async def owned(request: web.Request) -> web.Response:
    """Somebody sees to them: they are not told again for a day."""
    by = speaker(request)
    if isinstance(by, web.Response):
        return by
    try:
        asked = Asked.model_validate_json(await in_time(request.read()))
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    ids = asked.ids or [each.trouble.id for each in standing(request, asked.kind or "")]
    if not ids:
        return web.json_response({"owned": 0})
    answer = await deps_of(request).ask(OwnTroubles(trouble_ids=tuple(ids), by=by or asked.by, via="api"))
    if isinstance(answer, Declined):
        return problem(STATUS_OF.get(answer.code, 409), answer.code, answer.detail)
    return web.json_response({"owned": len(ids)})


async def walked(request: web.Request) -> web.Response:
    """Begins a test on foot; `GET /api/v1/devices/{id}` says how it goes."""
    by = speaker(request)
    if isinstance(by, web.Response):
        return by
    try:
        asked = Speaker.model_validate_json(await in_time(request.read()) or b"{}")
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    device_id, begun = request.match_info["device_id"], deps_of(request).now()
    answer = await deps_of(request).ask(StartWalk(device_id=device_id, by=by or asked.by, via="api"))
    if isinstance(answer, Declined):
        return problem(STATUS_OF.get(answer.code, 409), answer.code, answer.detail)
    said = {"device_id": device_id, "stage": str(answer.stage), "at": rfc3339(begun)}
    return web.json_response(said, status=202)


async def device(request: web.Request) -> web.Response:
    """One device, with its test on foot."""
    if (refused := refuse(request)) is not None:
        return refused
    known = deps_of(request).view.inventory.devices.get(request.match_info["device_id"])
    if known is None:
        return problem(404, "no_such_device", "there is no device with that id")
    return web.json_response(device_row(device_view(request, known)))


def speaker(request: web.Request) -> str | web.Response:
    """The session's own name; "" for the holder of the token, who says it."""
    if holds_token(request):
        return ""
    if (refused := refuse(request)) is not None:
        return refused
    session = session_of(request)
    if session is None or session.account.role is not Role.OPERATOR:
        return problem(403, "not_allowed", "only the duty staff do that")
    return by_name(request)


# The pages --------------------------------------------------------------------------------------------------


@staff_only
async def show(request: web.Request) -> web.Response:
    return _page(request, 200, "")


@staff_only
async def act(request: web.Request) -> web.Response:
    """I see to this one, or to all of a kind."""
    form = await form_of(request)
    kind = form.get("kind", "")
    ids = [form["id"]] if form.get("id") else [each.trouble.id for each in standing(request, kind)]
    if ids:
        answer = await deps_of(request).ask(OwnTroubles(trouble_ids=tuple(ids), by=by_name(request)))
        if isinstance(answer, Declined):
            return _page(request, 409, declined_words(answer, wording_of(request)))
    raise web.HTTPSeeOther(next_path(request, form.get("back") or "/troubles"))


@staff_only
async def walk(request: web.Request) -> web.Response:
    device_id = request.match_info["device_id"]
    if device_id not in deps_of(request).view.inventory.devices:
        raise web.HTTPNotFound
    answer = await deps_of(request).ask(StartWalk(device_id=device_id, by=by_name(request)))
    if isinstance(answer, Declined):
        words = declined_words(answer, wording_of(request))
        return page(request, "message.html", 409, title=words, home=f"/devices/{device_id}")
    raise web.HTTPSeeOther(f"/devices/{device_id}#walk")


def _page(request: web.Request, status: int, refused: str) -> web.Response:
    view = deps_of(request).view
    kind, place = request.query.get("kind", ""), request.query.get("place", "")
    known = kind if kind in {each.value for each in TroubleKind} else ""
    found = standing(request, known, place)
    groups: dict[TroubleKind, list[TroubleView]] = defaultdict(list)
    for each in found:
        groups[each.trouble.kind].append(each)
    here = {key: value for key, value in (("kind", known), ("place", place)) if value}
    return page(
        request,
        "troubles.html",
        status,
        here=str(URL("/troubles").with_query(here)),
        refused=refused,
        groups=groups,
        kind=known,
        place=place,
        unheard=_never_heard(request),
        all=len(view.inventory.devices),
    )


def _never_heard(request: web.Request) -> int:
    view = deps_of(request).view
    unknown = sum(seen.liveness is Liveness.UNKNOWN for seen in view.devices.values())
    return unknown + len(view.inventory.devices.keys() - view.devices.keys())


def of_device(request: web.Request, ids: Sequence[str]) -> list[TroubleView]:
    """Those of one device, for its page."""
    troubles = deps_of(request).view.troubles
    return [troubles[name] for name in ids if name in troubles]
