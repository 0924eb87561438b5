"""The household's own page: whose link, which message, what is answered."""

from __future__ import annotations

import re
from dataclasses import replace

from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.message import render
from alerts.incidents.command import Declined, Respond
from alerts.incidents.events import Reply
from alerts.incidents.state import Stage
from anmin.web.render import STATIC
from anmin.web.resident import OVER_FOR, household_token, verify
from devices.instant import SECOND
from tests.support.web import World, world
from tests.support.web_view import CLOSED, FIRE, HOME, closed, fire, unreachable_at, with_incident

SECRET = b"s" * 32
NEIGHBOUR, HELPLESS = "b3-u2-f12-1201", "b3-u2-f11-1103"


def door(household_id: str) -> str:
    return f"/r/{household_token(SECRET, household_id)}"


async def read(w: World, household_id: str, **headers: str) -> str:
    answer = await w.client.get(door(household_id), headers=headers)
    assert answer.status == 200
    return await answer.text()


def test_a_token_is_short_and_belongs_to_one_household_and_one_secret() -> None:
    token = household_token(SECRET, HOME)
    assert re.fullmatch(r"[\w-]{22}", token)
    homes = (HOME, NEIGHBOUR)
    assert verify(SECRET, token, homes) == HOME
    assert verify(SECRET, token, (NEIGHBOUR,)) is None
    assert verify(b"t" * 32, token, homes) is None
    assert verify(SECRET, "ü" + token, homes) is None


async def test_a_household_reads_what_happens_and_what_to_do() -> None:
    async with world() as w:
        page = await read(w, HOME)
        for said in (
            "3号楼2单元12层1203",
            "火警",
            "Ⅰ 红",
            "马上走楼梯离开，不乘电梯",
            "我安全",
            "我需要帮助",
            "tel:119",
        ):
            assert said in page, said
        english = await read(w, NEIGHBOUR)
        assert "Leave now by the stairs" in english
        assert "Received: you are safe" in english


async def test_a_neighbour_learns_the_floor_and_not_whose_flat_it_is() -> None:
    async with world() as w:
        english = await read(w, NEIGHBOUR)
        assert "<h1>Building 3, Stair 2, floor 12<br>" in english
        assert "1203" not in english


async def test_the_page_advises_what_the_message_of_the_moment_says() -> None:
    """Two truths about one fire cost lives: look while it is checked, leave once it is verified."""
    async with world() as w:
        inventory = w.view.inventory
        checked = with_incident(fire(), stage=Stage.VERIFYING, standings=fire().incident.standings)
        alone = checked.__class__(checked.incident, checked.timeline[:2], checked.deliveries[:1])
        for seen, purpose in ((alone, Purpose.ALERT), (fire(), Purpose.EVACUATE)):
            w.view.incidents[FIRE] = seen
            message = render(
                seen.incident, purpose, Audience.RESIDENT, "zh", inventory, w.clock[0], household_id=HOME
            )
            page = await read(w, HOME)
            steps = re.findall(r"<li>(.*?)</li>", page)
            assert steps
            assert "；".join(steps) in message.text


async def test_a_household_without_any_contact_still_reads_what_its_neighbours_were_told() -> None:
    async with world() as w:
        w.view.inventory = unreachable_at(w.view.inventory, "r-1403")
        seen = fire()
        others = tuple(one for one in seen.deliveries if one.recipient.id != "r-1403")
        w.view.incidents[FIRE] = replace(seen, deliveries=others)
        page = await read(w, "b3-u2-f14-1403")
        assert "<h1>3号楼2单元12层<br>火警</h1>" in page


async def test_the_page_is_light_and_needs_no_script() -> None:
    async with world() as w:
        page = await read(w, HOME)
        assert "<script" not in page
        linked = re.findall(r'(?:href|src)="/static/([\w.-]+)"', page)
        weight = len(page.encode()) + sum((STATIC / name).stat().st_size for name in set(linked))
        assert len(set(linked)) >= 3
        assert weight <= 30_000


async def test_while_it_is_verified_only_its_own_household_is_asked_to_look() -> None:
    async with world() as w:
        seen = with_incident(fire(), stage=Stage.VERIFYING)
        w.view.incidents[FIRE] = seen.__class__(seen.incident, seen.timeline[:2], seen.deliveries[:1])
        assert "正在核实" in await read(w, HOME)
        assert "目前没有紧急情况" in await read(w, "b3-u2-f14-1403")


async def test_an_answer_is_asked_for_in_the_households_name() -> None:
    async with world() as w:
        answer = await w.client.post(
            door(HOME), data={"reply": "help"}, headers=w.origin, allow_redirects=False
        )
        assert (answer.status, answer.headers["Location"]) == (303, door(HOME))
        assert w.asked == [
            Respond(incident_id=FIRE, by=HOME, via="resident", household_id=HOME, reply=Reply.HELP)
        ]


async def test_only_a_page_of_ours_can_answer() -> None:
    async with world() as w:
        for headers in ({}, {"Origin": "https://evil.example"}):
            answer = await w.client.post(door(HOME), data={"reply": "safe"}, headers=headers)
            assert answer.status == 403
        assert w.asked == []


async def test_what_was_not_sent_is_said() -> None:
    async with world() as w:
        w.answers = [Declined("closed", "x")]
        answer = await w.client.post(door(HOME), data={"reply": "safe"}, headers=w.origin)
        assert answer.status == 409
        assert "没发出去" in await answer.text()
        nonsense = await w.client.post(door(HOME), data={"reply": "later"}, headers=w.origin)
        assert nonsense.status == 400
        assert len(w.asked) == 1


async def test_a_flood_of_answers_is_slowed_down_and_time_heals_it() -> None:
    async with world() as w:
        codes = [
            (await w.client.post(door(HOME), data={"reply": "safe"}, headers=w.origin)).status
            for _ in range(30)
        ]
        assert codes[0] == 200
        assert codes[-1] == 429
        w.clock[0] += 60 * SECOND
        assert (await w.client.post(door(HOME), data={"reply": "safe"}, headers=w.origin)).status == 200


async def test_an_unknown_link_says_what_to_do_in_danger() -> None:
    async with world() as w:
        for path in ("/r/invented", f"/r/{household_token(b't' * 32, HOME)}"):
            answer = await w.client.get(path)
            assert answer.status == 404
            page = await answer.text()
            assert 'href="tel:119"' in page
            assert "警情板" not in page


async def test_nothing_going_on_is_said_but_never_from_old_data() -> None:
    async with world() as w:
        w.view.incidents = {}
        assert "目前没有紧急情况" in await read(w, HOME)
        w.view.now -= 31 * SECOND
        old = await read(w, HOME)
        assert "目前没有紧急情况" not in old
        assert "现在的情况不知道" in old


async def test_the_end_is_told_for_a_while_with_a_correction_when_it_was_false() -> None:
    async with world() as w:
        del w.view.incidents[FIRE]
        assert "已更正" in await read(w, HELPLESS)
        stages = ((Stage.CLOSED, w.clock[0] - OVER_FOR),)
        w.view.incidents[CLOSED] = with_incident(closed(), stages=stages)
        assert "已更正" not in await read(w, HELPLESS)


async def test_needs_and_names_of_others_are_never_shown() -> None:
    async with world() as w:
        page = await read(w, HOME)
        for private in ("轮椅", "孙爷爷", "钱多多", "Anna"):
            assert private not in page


async def test_a_drill_is_called_a_drill() -> None:
    async with world() as w:
        w.view.incidents[FIRE] = with_incident(fire(), drill=True)
        page = await read(w, HOME)
        assert "演练，不是真的" in page
        assert "正式通知" not in page
