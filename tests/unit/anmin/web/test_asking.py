"""From words to commands; what is not understood is no command."""

from __future__ import annotations

import pytest

from alerts.incidents.command import Ask, Close, Declined, Dispute, Respond
from alerts.incidents.events import Disposition, Reply
from anmin.web.asking import REASONS, VERBS, command, declined_words
from anmin.web.wording import Wording
from devices.instant import HOUR
from tests.support.web_view import inventory

HEAD = Ask(incident_id="i", by="wang", via="web")
FULL = {"reason": REASONS[0], "disposition": "real", "reply": "help", "household_id": "h"}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_becomes_its_command(verb: str) -> None:
    asked = command(HEAD, {"verb": verb, **FULL})
    assert asked is not None
    assert asked.verb == verb
    assert (asked.incident_id, asked.by, asked.via) == ("i", "wang", "web")


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
