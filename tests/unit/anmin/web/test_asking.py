"""From words to commands; what is not understood is no command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from alerts.incidents.command import Ask, Close, Declined, Dispute, Respond
from alerts.incidents.events import Disposition, Reply
from anmin.web import asking
from anmin.web.asking import REASONS, VERBS, command, declined_words
from anmin.web.wording import Wording
from devices.instant import HOUR
from tests.support.web import world
from tests.support.web_view import inventory

HEAD = Ask(incident_id="i", by="wang", via="web")
FULL = {"reason": REASONS[0], "disposition": "real", "reply": "help", "household_id": "h"}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_becomes_its_command(verb: str) -> None:
    asked = command(HEAD, {"verb": verb, **FULL})
    assert asked is not None
    assert asked.verb == verb
    assert (asked.incident_id, asked.by, asked.via) == ("i", "wang", "web")


async def test_a_field_that_no_database_could_hold_is_the_senders_fault() -> None:
    async with world() as w:
        form = {"name": "a\0b", "password": "x"}
        assert (await w.client.post("/sign-in", data=form, headers=w.origin)).status == 400


async def test_who_sends_too_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "BODY_WITHIN_S", 0.1)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"name=x"
        await asyncio.Event().wait()

    async with world(api_token="t") as w:
        proof = {**w.origin, "Authorization": "Bearer t"}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        for path in ("/sign-in", "/api/v1/incidents/i/actions", "/api/v1/receipts", "/api/v1/users"):
            answer = await w.client.post(path, data=slowly(), headers=proof | kind)
            assert answer.status == 408, path


def test_picks_arrive_as_values() -> None:
    assert command(HEAD, {"verb": "dispute", **FULL}) == Dispute(
        incident_id="i", by="wang", reason=REASONS[0]
    )
    closing = command(HEAD, {"verb": "close", **FULL})
    assert isinstance(closing, Close)
    assert closing.disposition is Disposition.REAL
    answer = command(HEAD, {"verb": "respond", **FULL})
    assert isinstance(answer, Respond)
    assert (answer.reply, answer.household_id) == (Reply.HELP, "h")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"verb": "explode"},
        {"verb": "close"},
        {"verb": "close", "disposition": "maybe"},
        {"verb": "dispute", "reason": "free text"},
        {"verb": "respond", "reply": "later"},
    ],
)
def test_what_is_not_understood_is_no_command(fields: dict[str, str]) -> None:
    assert command(HEAD, fields) is None


def test_a_refusal_is_said_in_the_readers_language() -> None:
    english = Wording("en", inventory(), 8 * HOUR)
    assert "closed" in declined_words(Declined("closed", "x"), english)
    assert declined_words(Declined("new_code", "because so"), english) == "because so"
