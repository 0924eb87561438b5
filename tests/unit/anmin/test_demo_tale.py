"""Each thing that happens is told once, in words, to whoever watches the terminal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from alerts.incidents.events import Joined, Replied, Reply
from anmin.demo_tale import Tale
from anmin.web.wording import Wording
from devices.instant import HOUR
from devices.level import Level
from simulator.provider import Message
from tests.support.web_view import FIRE, FLOOD, HOME, NOW, fire, inventory, view

REPLIED = Replied(id="r", incident_id=FIRE, at=NOW, household_id=HOME, by=HOME, reply=Reply.SAFE)
JOINED = Joined(
    id="j",
    incident_id=FIRE,
    at=NOW,
    subject="smoke-1403",
    place_id="b3-u2-f14-1403",
    rule_id="fire.smoke",
    rule_version="9f3",
    level=Level.ALARM,
    evidence=(),
    independent=True,
)


def tale(language: str = "zh") -> tuple[Tale, list[str]]:
    said: list[str] = []
    return Tale(Wording(language, inventory(), 8 * HOUR), said.append), said


def letter(**changes: Any) -> Message:
    data = {
        "audience": "resident",
        "purpose": "alert",
        "household": HOME,
        "text": "火警\nFire alarm",
        "reply_url": "http://127.0.0.1/r/x",
    }
    return Message("k", data | changes)


def test_an_event_is_a_line_of_words_with_the_local_time_and_no_ids() -> None:
    teller, said = tale()
    for event in (REPLIED, JOINED):
        teller.event(fire().incident, event)
    assert said == [
        "14:02:11 3号楼2单元12层1203 · 3号楼2单元12层1203 · 答复：安全",
        "14:02:11 3号楼2单元12层1203 · 又有 3号楼2单元14层1403客厅烟感 报警（Ⅱ级 橙）",
    ]


def test_nothing_is_told_twice_and_noise_never() -> None:
    teller, said = tale("en")
    for _ in range(2):
        for event in fire().timeline:
            teller.event(fire().incident, event)
    assert len(said) == len(set(said)) == 6
    assert not any("delivered" in line for line in said)
    teller.event(fire().incident, replace(JOINED, independent=False))
    assert len(said) == 6


def test_the_first_message_of_each_kind_is_shown_as_a_household_reads_it() -> None:
    teller, said = tale()
    for message in (letter(), letter(), letter(purpose="evacuate"), letter(audience="duty", purpose="x")):
        teller.letter(message)
    assert said[0] == "短信到 3号楼2单元12层1203：\n    火警\n    Fire alarm\n    http://127.0.0.1/r/x"
    assert len(said) == 2


async def test_it_follows_what_is_published() -> None:
    teller, said = tale("en")
    shown = view()
    following = asyncio.create_task(teller.follow(shown))
    shown.publish()
    async with asyncio.timeout(5):
        while not said:  # noqa: ASYNC110  # the list tells nobody
            await asyncio.sleep(0.01)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert FLOOD in shown.incidents
    assert any("Garage" in line for line in said)
