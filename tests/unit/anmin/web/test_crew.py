"""The crew's page: its calls and the next step."""

from __future__ import annotations

import re

import pytest

from alerts.incidents.command import Accept, Arrive, Declined
from alerts.incidents.state import Incident, Stage
from anmin.accounts import Role
from anmin.web.crew import next_step
from devices.level import Hazard
from tests.support.web import world
from tests.support.web_view import FIRE, FLOOD, NOW, fire, unreachable_at, with_incident


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, "accept"),
        ({"accepted_at": NOW, "accepted_by": "li"}, "arrive"),
        ({"arrived_at": NOW, "arrived_by": "li"}, "contain"),
        ({"arrived_at": NOW, "stage": Stage.CONTAINED}, ""),
        ({"stage": Stage.CLOSED}, ""),
    ],
)
def test_the_button_becomes_the_next_step(changes: dict[str, object], step: str) -> None:
    incident: Incident = with_incident(fire(), **changes).incident
    assert next_step(incident) == step


async def test_a_call_says_where_what_and_who_needs_help_first() -> None:
    async with world() as w:
        page = await (await w.client.get("/crew", headers=await w.signed_in(Role.CREW, "li"))).text()
        assert f"i-{FIRE}" in page
        assert f"i-{FLOOD}" not in page  # nobody sent this station there
        assert "收到，出动" in page
        assert "3号楼2单元11层1103" in page
        assert "钱多多" not in page


async def test_doors_to_knock_at_are_named() -> None:
    async with world() as w:
        w.view.inventory = unreachable_at(w.view.inventory, "r-1403")
        page = await (await w.client.get("/crew", headers=await w.signed_in(Role.CREW, "li"))).text()
        assert re.search(r"3号楼2单元14层1403.*?上门通知", page)


async def test_gas_comes_with_its_warning() -> None:
    async with world() as w:
        headers = await w.signed_in(Role.CREW, "li")
        assert "不要用对讲机" not in await (await w.client.get("/crew", headers=headers)).text()
        w.view.incidents[FIRE] = with_incident(fire(), hazard=Hazard.GAS)
        assert "不要用对讲机" in await (await w.client.get("/crew", headers=headers)).text()


async def test_steps_are_asked_for_in_the_name_of_the_person() -> None:
    async with world() as w:
        headers = await w.signed_in(Role.CREW, "li")
        for verb in ("accept", "arrive"):
            form = {"verb": verb, "incident_id": FIRE}
            answer = await w.client.post("/crew", data=form, headers=headers, allow_redirects=False)
            assert answer.headers["Location"] == "/crew"
        assert w.asked == [
            Accept(incident_id=FIRE, by="li", via="crew"),
            Arrive(incident_id=FIRE, by="li", via="crew"),
        ]


async def test_verbs_of_the_duty_staff_are_not_the_crews() -> None:
    async with world() as w:
        headers = await w.signed_in(Role.CREW, "li")
        for verb in ("close", "acknowledge", ""):
            form = {"verb": verb, "incident_id": FIRE, "disposition": "real"}
            assert (await w.client.post("/crew", data=form, headers=headers)).status == 403
        assert w.asked == []


async def test_a_refusal_shows_who_is_ahead() -> None:
    async with world() as w:
        w.answers = [Declined("not_in_stage", "x")]
        form = {"verb": "accept", "incident_id": FIRE}
        answer = await w.client.post("/crew", data=form, headers=await w.signed_in(Role.CREW, "li"))
        assert answer.status == 409
        assert "别人已先操作" in await answer.text()


async def test_no_call_is_said_and_an_account_of_nobody_too() -> None:
    async with world() as w:
        crew, nobody = await w.signed_in(Role.CREW, "li"), await w.signed_in(Role.CREW, "nobody")
        w.view.incidents = {}
        assert "待命中" in await (await w.client.get("/crew", headers=crew)).text()
        assert "没有对应的队员" in await (await w.client.get("/crew", headers=nobody)).text()
