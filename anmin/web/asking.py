"""From a form or a JSON body to a command: unknown words become None, never an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

E = TypeVar("E", bound=StrEnum)
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


async def form_of(request: web.Request) -> dict[str, str]:
    """The text fields of a form. What cannot be read as a form is the sender's fault: 400."""
    try:
        sent = await request.post()
    except (ValueError, LookupError, AssertionError) as error:
        raise web.HTTPBadRequest from error
    return {key: value for key, value in sent.items() if isinstance(value, str)}


def _member(kind: type[E], value: str | None) -> E | None:
    return next((member for member in kind if member.value == value), None)


def declined_words(declined: Declined, wording: Wording) -> str:
    try:
        return wording.t(f"declined_{declined.code}")
    except KeyError:
        return wording.t("declined_other", detail=declined.detail)
