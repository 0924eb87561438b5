"""Every event in words, people apart from the system."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from alerts.incidents import events as e
from anmin.web.timeline import entries
from anmin.web.wording import Wording
from devices.instant import HOUR
from devices.level import Hazard, Level
from tests.support.web_view import HOME, NOW, fire, inventory

ZH = Wording("zh", inventory(), 8 * HOUR)
EN = Wording("en", inventory(), 8 * HOUR)

SAMPLE: dict[str, Any] = {
    "id": "e",
    "incident_id": "i",
    "at": NOW,
    "hazard": Hazard.FIRE,
    "place_id": HOME,
    "source_place_id": HOME,
    "level": Level.ALARM,
    "subject": "smoke-1203",
    "rule_id": "fire-smoke",
    "rule_version": "3",
    "evidence": (),
    "independent": True,
    "until": NOW,
    "by": "wang",
    "reason": "cooking",
    "tier": 1,
    "station_id": "station-1",
    "clock": "accept",
    "disposition": e.Disposition.REAL,
    "version": 1,
    "purpose": "alert",
    "recipients": 3,
    "households": 2,
    "key": "k",
    "recipient": "r",
    "channel": "webhook",
    "state": "delivered",
    "household_id": HOME,
    "reply": e.Reply.HELP,
}


def sample(kind: type[Any]) -> Any:
    wanted = {name: SAMPLE[name] for name in kind.__dataclass_fields__ if name in SAMPLE}
    if kind is e.Activated:
        wanted["because"] = e.Because.TIMEOUT
    if kind is e.Lapsed:
        wanted["because"] = "time"
    return kind(**wanted)


@pytest.mark.parametrize("kind", get_args(e.Event))
@pytest.mark.parametrize("wording", [ZH, EN])
def test_every_event_has_a_sentence_without_raw_names(kind: type[Any], wording: Wording) -> None:
    (entry,) = entries((sample(kind),), wording)
    assert entry.text
    assert "{" not in entry.text
    for raw in ("smoke-1203", "station-1", HOME, "Level.", "Because."):
        assert raw not in entry.text


def test_the_newest_comes_first_and_deliveries_are_folded() -> None:
    found = entries(fire().timeline, ZH)
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    assert "消息网关：已送达 2、失败 1" in {entry.text for entry in found}


def test_each_message_has_one_entry_of_what_became_of_it_and_counts_a_send_once() -> None:
    def sent(key: str, state: str, after: int) -> e.Delivered:
        return e.Delivered(**{**told, "key": key, "state": state, "at": NOW + after})

    told = {name: SAMPLE[name] for name in ("id", "incident_id", "recipient", "channel")}
    reply = sample(e.Replied)
    timeline = (
        sample(e.Announced),
        sent("a", "handed_off", 1),
        sent("b", "handed_off", 2),
        reply,
        sent("a", "seen", 3),
        sample(e.Announced),
        sent("c", "delivered", 4),
    )
    said = [entry.text for entry in entries(timeline, EN)]
    assert [text for text in said if text.startswith("Message gateway")] == [
        "Message gateway: delivered 1",
        "Message gateway: seen 1, handed off 1",
    ]


def test_a_device_is_named_with_its_place_for_there_are_many_of_its_kind() -> None:
    assert "3号楼2单元12层1203厨房烟感" in entries((sample(e.Joined),), ZH)[0].text


def test_a_persons_deed_carries_the_name_and_the_systems_does_not() -> None:
    by_wang, by_itself = entries((sample(e.Cleared), sample(e.Acknowledged)), ZH)
    assert by_wang.who == "王芳"
    assert by_itself.who == ""


def test_a_reason_nobody_knows_is_shown_as_it_was_given() -> None:
    event = e.Disputed(id="e", incident_id="i", at=NOW, by="wang", reason="<b>other</b>")
    assert entries((event,), EN)[0].text == "Believed false: <b>other</b>"
