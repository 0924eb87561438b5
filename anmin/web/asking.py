"""From a form or a JSON body to a command: unknown words become None, never an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import TypeAlias, TypeVar

from aiohttp import web

from alerts.incidents.command import (
    Accept,
    Acknowledge,
    Arrive,
    Ask,
    Close,
    Command,
    Confirm,
    Contain,
    Declined,
    Dispatch,
    Dispute,
    Reopen,
    Resolve,
    Respond,
)
from alerts.incidents.events import Disposition, Reply
from anmin.web.wording import Wording

REASONS = ("cooking", "steam", "smoking", "works", "seen", "device")
CREW_VERBS = frozenset({"accept", "arrive", "contain"})

BODY_WITHIN_S = 10.0

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
Plain: TypeAlias = Callable[..., Command]

_PLAIN: dict[str, Plain] = {
    "acknowledge": Acknowledge,
    "confirm": Confirm,
    "dispatch": Dispatch,
    "accept": Accept,
    "arrive": Arrive,
    "contain": Contain,
    "resolve": Resolve,
    "reopen": Reopen,
}
VERBS = frozenset({*_PLAIN, "dispute", "close", "respond"})


def command(head: Ask, fields: Mapping[str, str]) -> Command | None:
    """None when the verb is unknown or its pick (reason, outcome, reply) is missing or unknown."""
    verb = fields.get("verb", "")
    if plain := _PLAIN.get(verb):
        return plain(incident_id=head.incident_id, by=head.by, via=head.via)
    match verb:
        case "dispute" if fields.get("reason") in REASONS:
            return Dispute(incident_id=head.incident_id, by=head.by, via=head.via, reason=fields["reason"])
        case "close" if (outcome := _member(Disposition, fields.get("disposition"))) is not None:
            return Close(incident_id=head.incident_id, by=head.by, via=head.via, disposition=outcome)
        case "respond" if (reply := _member(Reply, fields.get("reply"))) is not None:
            home = fields.get("household_id", "")
            return Respond(
                incident_id=head.incident_id, by=head.by, via=head.via, household_id=home, reply=reply
            )
    return None


async def in_time(body: Awaitable[T]) -> T:
    """What somebody sends, unless it takes too long (S9): 408."""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await body
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


async def form_of(request: web.Request) -> dict[str, str]:
    """The text fields of a form. What cannot be read as a form is the sender's fault: 400."""
    try:
        sent = await in_time(request.post())
    except (ValueError, LookupError, AssertionError) as error:
        raise web.HTTPBadRequest from error
    found = {key: value for key, value in sent.items() if isinstance(value, str)}
    if any("\0" in value for value in found.values()):  # no field has a use for it, and PostgreSQL no place
        raise web.HTTPBadRequest
    return found


def _member(kind: type[E], value: str | None) -> E | None:
    return next((member for member in kind if member.value == value), None)


def declined_words(declined: Declined, wording: Wording) -> str:
    try:
        return wording.t(f"declined_{declined.code}")
    except KeyError:
        return wording.t("declined_other", detail=declined.detail)
