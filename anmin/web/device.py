"""The page of one device: what it says, its papers, its incidents, and what can be done to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from aiohttp import web

from anmin.addresses import DIALECTS
from anmin.dates import date_of
from anmin.registrar import Outcome
from anmin.registry import Draft, Fault
from anmin.registry_table import CellFault
from anmin.view import DeviceView
from anmin.web import board as boards
from anmin.web.asking import form_of
from anmin.web.deps import deps_of
from anmin.web.operating import actions_of
from anmin.web.pages import by_name, device_view
from anmin.web.registering import done, may_change
from anmin.web.render import page, wording_of
from anmin.web.session import signed_in, staff_only
from anmin.web.troubles import of_device
from anmin.why_text import sentences
from devices.device import SENSING
from devices.level import Level
from devices.liveness import Liveness
from devices.reading import Reading, Trust


@signed_in
async def show(request: web.Request) -> web.Response:
    return _page(request, 200)


@staff_only
async def act(request: web.Request) -> web.Response:
    """A form of the page: what is wrong is said in its place."""
    form = await form_of(request)
    device_id = request.match_info["device_id"]
    if device_id not in deps_of(request).view.inventory.devices:
        raise web.HTTPNotFound
    said = Outcome((Fault("sure", "missing", "请勾选确认", "tick the box to confirm"),))
    if form.get("verb") != "retire" or form.get("sure") == "yes":
        said = await done(request, by_name(request), device_id, form)
    if said.faults:
        return _page(request, 422, said.faults)
    raise web.HTTPSeeOther(f"/devices/{device_id}")


def _page(request: web.Request, status: int, faults: Sequence[Fault] = ()) -> web.Response:
    """Also of a retired one, for as long as its history is asked for."""
    view, wording = deps_of(request).view, wording_of(request)
    known = wording.device(request.match_info["device_id"])
    if known is None:
        raise web.HTTPNotFound
    gone = known.id not in view.inventory.devices
    seen = DeviceView(known, Liveness.UNKNOWN, None) if gone else device_view(request, known)
    related = [
        boards.row(one, wording)
        for one in view.incidents.values()
        if any(
            known.id == standing.subject or known.id in standing.voices for standing in one.incident.standings
        )
    ]
    return page(
        request,
        "device.html",
        status,
        here=f"/devices/{known.id}",
        seen=seen,
        incidents=related,
        faults=[CellFault(0, one.field, one) for one in faults],
        profiles=sorted(Draft(view.inventory).profiles),
        dialects=sorted(DIALECTS),
        may_change=may_change(request) and deps_of(request).registrar is not None and not gone,
        date_of=date_of,
        actions=() if gone else actions_of(known),
        sensing=known.kind in SENSING and not gone,
        troubles=of_device(request, seen.troubles),
        rules=() if gone else _rules(request, seen),
    )


class RuleRow(NamedTuple):
    """One rule on this device: where it stands, and how far it is from something else."""

    name: str
    source: str
    level: Level
    said: tuple[str, ...]


def _rules(request: web.Request, seen: DeviceView) -> tuple[RuleRow, ...]:
    """The worst first; a rule of which nothing was heard comes last."""
    standing = deps_of(request).standing
    if standing is None:
        return ()
    which = 0 if wording_of(request).language == "zh" else 1
    last = {
        name: Reading(seen.device.id, name, value, at, at, Trust.NONE, 0)
        for name, (value, at) in seen.latest.items()
    }
    rows = [
        RuleRow(
            one.rule.id,
            " ".join(one.rule.source.split()),
            one.level,
            tuple(pair[which] for pair in sentences(one, last)),
        )
        for one in standing(seen.device.id, last)
    ]
    return tuple(sorted(rows, key=lambda row: -row.level))
