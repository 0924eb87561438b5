"""What the duty staff look at: the board, an incident, the devices. Reads the view, asks for commands."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from alerts.incidents.command import Ask, Declined
from alerts.incidents.events import Disposition
from anmin.view import DeviceView, IncidentView
from anmin.web import board as boards
from anmin.web import dossier
from anmin.web.asking import REASONS, command, declined_words, form_of
from anmin.web.deps import deps_of
from anmin.web.render import page, text, wording_of
from anmin.web.session import next_path, session_of, signed_in, staff_only
from anmin.web.timeline import entries
from anmin.web.wording import Wording
from devices.device import Device
from devices.instant import Instant
from devices.liveness import Liveness
from devices.quantity import QUANTITIES

PAGE_OF_DEVICES = 200


@staff_only
async def board(request: web.Request) -> web.Response:
    deps = deps_of(request)
    return page(
        request, "board.html", board=boards.board(deps.view, wording_of(request)), health=deps.view.health
    )


@staff_only
async def fragment(request: web.Request) -> web.Response:
    """The part of the board that changes, for the script to put in place; other pages take what waits."""
    deps = deps_of(request)
    shown = boards.board(deps.view, wording_of(request))
    body = text(request, "_fragment.html", board=shown, health=deps.view.health)
    return web.Response(text=body, content_type="text/html", charset="utf-8")


@staff_only
async def incident(request: web.Request) -> web.Response:
    return _incident_page(request, _seen(request), 200, "")


@staff_only
async def act(request: web.Request) -> web.Response:
    """A verb of the incident page or of a row of the board; the answer comes after the commit."""
    session = session_of(request)
    assert session is not None  # staff_only
    form = await form_of(request)
    incident_id = request.match_info["incident_id"]
    asked = command(Ask(incident_id=incident_id, by=by_name(request)), form)
    if form.get("verb") == "respond":
        asked = None  # only the household itself answers for the household
    if asked is None:
        words = wording_of(request).t("declined_incomplete")
        return _incident_page(request, _seen(request), 400, words)
    answer = await deps_of(request).ask(asked)
    if isinstance(answer, Declined):
        return _incident_page(request, _seen(request), 409, declined_words(answer, wording_of(request)))
    raise web.HTTPSeeOther(next_path(request, form.get("back") or f"/incidents/{incident_id}"))


def by_name(request: web.Request) -> str:
    """The responder's id where the account belongs to one, else the account's name."""
    session = session_of(request)
    assert session is not None  # only behind the sign-in
    account = session.account
    known = {responder.id for responder in deps_of(request).view.inventory.responders}
    return account.id if account.id in known else account.name


def _seen(request: web.Request) -> IncidentView:
    seen = deps_of(request).view.incidents.get(request.match_info["incident_id"])
    if seen is None:
        raise web.HTTPNotFound
    return seen


def _incident_page(request: web.Request, seen: IncidentView, status: int, refused: str) -> web.Response:
    deps, wording = deps_of(request), wording_of(request)
    homes = dossier.households(seen, wording)
    return page(
        request,
        "incident.html",
        status,
        here=f"/incidents/{seen.incident.id}",
        refused=refused,
        incident=seen.incident,
        row=boards.row(seen, wording),
        entries=entries(seen.timeline, wording),
        clocks=dossier.clocks(seen.incident, deps.view.inventory, deps.now()),
        homes=homes,
        home_counts={reply: sum(home.reply == reply for home in homes) for reply in ("safe", "help", "none")},
        reach=dossier.reach(seen, wording),
        verbs=dossier.verbs(seen.incident),
        reasons=REASONS,
        dispositions=[each.value for each in Disposition],
    )


@signed_in
async def devices(request: web.Request) -> web.Response:
    view, wording = deps_of(request).view, wording_of(request)
    wanted = request.query.get("q", "").strip()[:100]
    after = request.query.get("after", "")
    found = [each for each in _all_devices(request) if _matches(each, wanted, wording)]
    left = [each for each in found if each.device.id > after]
    shown = left[:PAGE_OF_DEVICES]
    return page(
        request,
        "devices.html",
        devices=shown,
        here=_address(wanted, after),
        found=len(found),
        all=len(view.inventory.devices),
        wanted=wanted,
        after=shown[-1].device.id if len(left) > len(shown) else "",
        inbox=len(view.inbox),
        quantities=QUANTITIES,
    )


def _address(wanted: str, after: str) -> str:
    asked = {"q": wanted, "after": after}
    return str(URL("/devices").with_query({key: value for key, value in asked.items() if value}))


def _all_devices(request: web.Request) -> list[DeviceView]:
    inventory = deps_of(request).view.inventory
    return [device_view(request, each) for _, each in sorted(inventory.devices.items())]


def device_view(request: web.Request, known: Device) -> DeviceView:
    """What was never published of a device is unknown, not normal (R22)."""
    nothing_heard: Instant | None = None
    blank = DeviceView(known, Liveness.UNKNOWN, nothing_heard)
    return deps_of(request).view.devices.get(known.id, blank)


def _matches(seen: DeviceView, wanted: str, wording: Wording) -> bool:
    device = seen.device
    place = wording.place(device.place_id)
    said = (wording.t(f"kind.{device.kind.value}"), wording.t(f"liveness.{seen.liveness.value}"))
    hay = (device.id, device.zh, device.en, device.address, place, *said)
    return all(word in " ".join(hay).casefold() for word in wanted.casefold().split())
