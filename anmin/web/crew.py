"""The micro fire station's page: its calls, one big button that becomes the next step, the 1-3-5 clocks."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from alerts.incidents.command import Ask, Declined
from alerts.incidents.state import Incident, Stage
from anmin.view import IncidentView
from anmin.web import board as boards
from anmin.web import dossier
from anmin.web.asking import CREW_VERBS, command, declined_words, form_of
from anmin.web.deps import deps_of
from anmin.web.render import page, wording_of
from anmin.web.session import crew_only, session_of
from devices.instant import Instant
from devices.level import Hazard
from devices.station import Responder


class Call(NamedTuple):
    """One incident as the crew sees it; `verb` is empty when there is nothing left to report."""

    row: boards.Row
    verb: str
    since_at: Instant
    clocks: tuple[dossier.Clock, ...]
    going: tuple[str, ...]
    first: tuple[dossier.Household, ...]
    beware_gas: bool


def next_step(incident: Incident) -> str:
    """收到 → 到场 → 控制; the same for everybody who goes, so that the second one sees what is left."""
    if incident.stage in (Stage.CONTAINED, Stage.RESOLVED, Stage.CLOSED):
        return ""
    if incident.accepted_at is None and incident.arrived_at is None:
        return "accept"
    return "arrive" if incident.arrived_at is None else "contain"


@crew_only
async def show(request: web.Request) -> web.Response:
    return _crew_page(request, 200, "")


@crew_only
async def act(request: web.Request) -> web.Response:
    responder = _responder(request)
    form = await form_of(request)
    if responder is None or form.get("verb") not in CREW_VERBS:
        raise web.HTTPForbidden
    asked = command(Ask(incident_id=form.get("incident_id", ""), by=responder.id, via="crew"), form)
    assert asked is not None  # every verb of the crew is a plain one
    answer = await deps_of(request).ask(asked)
    if isinstance(answer, Declined):
        return _crew_page(request, 409, declined_words(answer, wording_of(request)))
    raise web.HTTPSeeOther("/crew")


def _responder(request: web.Request) -> Responder | None:
    session = session_of(request)
    assert session is not None  # crew_only
    for responder in deps_of(request).view.inventory.responders:
        if responder.id == session.account.id:
            return responder
    return None


def _crew_page(request: web.Request, status: int, refused: str) -> web.Response:
    responder = _responder(request)
    found = [_call(request, seen, responder) for seen in _calls(request, responder)] if responder else []
    return page(request, "crew.html", status, here="/crew", refused=refused, responder=responder, calls=found)


def _calls(request: web.Request, responder: Responder) -> list[IncidentView]:
    """Open incidents that this station was sent to, the most urgent first."""
    found = [
        seen
        for seen in deps_of(request).view.incidents.values()
        if seen.incident.is_open
        and seen.incident.dispatched_at is not None
        and seen.incident.station_id == responder.station_id
    ]
    return sorted(found, key=lambda seen: (bool(not next_step(seen.incident)), -int(seen.incident.peak)))


def _call(request: web.Request, seen: IncidentView, reader: Responder) -> Call:
    deps, wording = deps_of(request), wording_of(request)
    incident = seen.incident
    homes = dossier.households(seen, wording)
    going = dict.fromkeys(filter(None, (incident.accepted_by, incident.arrived_by)))
    return Call(
        row=boards.row(seen, wording),
        verb=next_step(incident),
        since_at=incident.alarm_at or incident.opened_at,
        clocks=dossier.clocks(incident, deps.view.inventory, deps.now()),
        going=tuple(wording.person(who) for who in going if who != reader.id),
        first=tuple(
            home
            for home in homes
            if home.reply == "help" or (home.reply == "none" and (home.needs or home.knock))
        ),
        beware_gas=incident.hazard in (Hazard.GAS, Hazard.CO),
    )
