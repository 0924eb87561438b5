"""The resident's page: one link per household, no sign-in, two buttons, little enough for an old phone.

The link's token is an HMAC of the household's id: nothing is stored, no two communities share one, and a new
secret revokes them all.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from aiohttp import web

from alerts.broadcasts.audience import is_confirmed
from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.message import floor_of, is_insider
from alerts.incidents.command import Declined, Respond
from alerts.incidents.events import Announced, Disposition, Reply
from alerts.incidents.state import Incident, Stage
from anmin.view import IncidentView, View
from anmin.web.advice import say, steps
from anmin.web.asking import form_of
from anmin.web.board import ended_at
from anmin.web.deps import WebDeps, deps_of
from anmin.web.dossier import without_contact
from anmin.web.render import page, wording_of
from anmin.web.security import Allowance
from anmin.web.session import LANGUAGE_COOKIE, language_of
from anmin.web.wording import Wording
from anmin.web.words import LANGUAGES
from devices.instant import HOUR, SECOND, Instant
from devices.level import Level
from devices.place import PlaceKind, UnknownPlace

TOKEN_BYTES = 16
OVER_FOR = 2 * HOUR
"""How long the end of an incident stays on the page."""


def household_token(secret: bytes, household_id: str) -> str:
    """22 characters, 128 bits, safe in an address and a text message."""
    mac = hmac.digest(hmac.digest(secret, b"household page", "sha256"), household_id.encode(), "sha256")
    return base64.urlsafe_b64encode(mac[:TOKEN_BYTES]).rstrip(b"=").decode()


def verify(secret: bytes, token: str, household_ids: Iterable[str]) -> str | None:
    """Whose token it is, or None. One MAC per household: callers keep the answer (Doors)."""
    found = None
    for household_id in household_ids:
        if hmac.compare_digest(household_token(secret, household_id).encode(), token.encode()):
            found = household_id
    return found


class Doors:
    """Tokens of every household that is known, worked out once per version of the inventory."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._version: str | None = None
        self._homes: dict[str, str] = {}
        self.replies = Allowance(20, 2 * SECOND)

    def household(self, token: str) -> str | None:
        inventory = self._deps.view.inventory
        if inventory.version != self._version:
            self._version = inventory.version
            homes = (p.id for p in inventory.tree.places.values() if p.kind is PlaceKind.HOUSEHOLD)
            self._homes = {household_token(self._deps.secret, home): home for home in homes}
        return self._homes.get(token)


DOORS = web.AppKey("doors", Doors)


class Notice(NamedTuple):
    """What one incident means for one household: its place, to neighbours only the floor (S16)."""

    incident: Incident
    level: Level
    place: str
    steps: tuple[str, ...]
    checking: bool
    over: str
    reply: str


def concerning(view: View, household_id: str, now: Instant) -> tuple[IncidentView, ...]:
    """Incidents in the household or told to it: open ones, and for two hours those that ended."""
    found = [
        seen
        for seen in view.incidents.values()
        if _concerns(view, seen, household_id)
        and (seen.incident.is_open or now - (ended_at(seen.incident) or 0) < OVER_FOR)
    ]
    return tuple(sorted(found, key=lambda seen: (not seen.incident.is_open, -int(seen.incident.peak))))


def _concerns(view: View, seen: IncidentView, household_id: str) -> bool:
    told = {delivery.recipient.household_id for delivery in seen.deliveries}
    if household_id in told | {person.household_id for person in without_contact(seen, view.inventory)}:
        return True
    incident = seen.incident
    return any(_home_of(view, place_id) == household_id for place_id in (incident.place_id, *incident.places))


def _home_of(view: View, place_id: str) -> str | None:
    try:
        home = view.inventory.tree.enclosing(place_id, PlaceKind.HOUSEHOLD)
    except UnknownPlace:
        return None
    return home.id if home else None


def notice(seen: IncidentView, household_id: str, wording: Wording) -> Notice:
    incident = seen.incident
    purposes = {event.purpose for event in seen.timeline if isinstance(event, Announced)}
    moves = bool(purposes & {Purpose.EVACUATE.value, Purpose.GROWN.value})
    return Notice(
        incident=incident,
        level=incident.peak,
        place=_place(incident, household_id, wording),
        steps=steps(incident.hazard, wording.language, act=moves or is_confirmed(incident)),
        checking=not moves and incident.stage is Stage.VERIFYING,
        over=_ending(incident),
        reply=next((reply.value for home, reply in incident.replies if home == household_id), ""),
    )


def _place(incident: Incident, household_id: str, wording: Wording) -> str:
    known = wording.inventory.tree.places.get(incident.place_id)
    own = household_id == incident.place_id or is_insider(incident, Audience.RESIDENT, household_id)
    if known is None or own:
        return wording.place(incident.place_id)
    return wording.place(floor_of(known, wording.inventory).id)


def _ending(incident: Incident) -> str:
    if incident.is_open:
        return ""
    false = (Disposition.FALSE_COOKING, Disposition.FALSE_DEVICE, Disposition.DUPLICATE)
    return "over_false" if incident.disposition in false else "over"


async def show(request: web.Request) -> web.Response:
    return _resident_page(request, 200, refused=False)


async def reply(request: web.Request) -> web.Response:
    """One answer for all that concerns the household; it can be changed at any time."""
    deps, home = deps_of(request), _household(request)
    form = await form_of(request)
    wanted = next((each for each in Reply if each.value == form.get("reply")), None)
    doors = request.app[DOORS]
    if doors.replies.wait_for(home, deps.now()):
        raise web.HTTPTooManyRequests
    doors.replies.take(home, deps.now())
    if wanted is None:
        return _resident_page(request, 400, refused=True)
    open_ones = [seen for seen in concerning(deps.view, home, deps.now()) if seen.incident.is_open]
    for seen in open_ones:
        answer = await deps.ask(
            Respond(incident_id=seen.incident.id, by=home, via="resident", household_id=home, reply=wanted)
        )
        if isinstance(answer, Declined):
            return _resident_page(request, 409, refused=True)
    raise web.HTTPSeeOther(f"/r/{request.match_info['token']}")


def _household(request: web.Request) -> str:
    home = request.app[DOORS].household(request.match_info["token"])
    if home is None:
        raise web.HTTPNotFound(text=say("no_page", language_of(request)))
    return home


def home_language(request: web.Request, household_id: str) -> str:
    """What was picked on this phone, else the first language of those who live there."""
    picked = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    if picked in LANGUAGES:
        return picked
    for resident in deps_of(request).view.inventory.living_in(household_id):
        for language in resident.languages:
            if language in LANGUAGES:
                return language
    return deps_of(request).language


def _resident_page(request: web.Request, status: int, *, refused: bool) -> web.Response:
    deps, home = deps_of(request), _household(request)
    language = home_language(request, home)
    wording = replace(wording_of(request), language=language)
    notices = [notice(seen, home, wording) for seen in concerning(deps.view, home, deps.now())]
    return page(
        request,
        "resident.html",
        status,
        w=wording,
        t=wording.t,
        language=language,
        say=lambda key, **fields: say(key, language, **fields),
        home=home,
        notices=notices,
        any_open=any(not each.over for each in notices),
        refused=refused,
    )
