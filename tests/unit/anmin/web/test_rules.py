"""The page of the rules and its interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anmin.accounts import Role
from anmin.rule_keeper import RuleKeeper
from tests.support.ledger import opened, url_in
from tests.support.web import PASSWORD, World, world
from tests.unit.anmin.test_rule_keeper import NEW, OLD, Office, version

TOKEN = {"Authorization": "Bearer the-token"}
REPORT = {
    "readings": 43_200,
    "devices": 3,
    "from": "2026-10-24T00:00:00.000Z",
    "to": "2026-11-23T00:00:00.000Z",
    "alerts": {"heat": [2, 5]},
    "incidents": [2, 4],
    "only_after": 3,
    "only_before": 0,
    "silenced": [],
}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(url_in(tmp_path)) as ledger:
        made = Office(ledger)
        made.trial = dict(REPORT)
        await made.keeper.begin(OLD)
        await made.keeper.begin(NEW)
        yield made
        await made.keeper.close()


@pytest.fixture
async def w(office: Office) -> AsyncIterator[World]:
    async with world(api_token="the-token", rules=office.keeper) as made:
        yield made


async def read(w: World, headers: dict[str, str]) -> str:
    return await (await w.client.get("/rules", headers=headers)).text()


async def post(w: World, headers: dict[str, str], **form: str) -> int:
    answer = await w.client.post("/rules", headers=headers, data=form, allow_redirects=False)
    return answer.status


async def test_two_people_change_a_rule_on_the_page(w: World, office: Office) -> None:
    first = await w.signed_in()
    text = await read(w, first)
    assert "heat" in text
    assert "涉及生命安全" in text
    assert "above: 57" in text
    assert "above: 50" in text
    assert await post(w, first, verb="propose", reason="蒸汽误报") == 303
    await office.tested()
    text = await read(w, first)
    assert "蒸汽误报" in text
    assert "要由提出者以外的人同意" in text
    assert 'value="approve"' not in text
    assert await post(w, first, verb="approve") == 409
    second = await w.signed_in(responder_id="zhou")
    text = await read(w, second)
    assert 'value="approve"' in text
    assert ">2</td>" in text
    assert ">5</td>" in text
    assert await post(w, second, verb="approve") == 303
    assert office.put[0][1] == version(NEW)
    assert "退回上一版本" in await read(w, first)
    assert await post(w, first, verb="back") == 303
    assert office.put[1][1] == version(OLD)


async def test_only_duty_staff_look_and_unknown_verbs_are_refused(w: World) -> None:
    crew = await w.signed_in(Role.CREW)
    assert (await w.client.get("/rules", headers=crew, allow_redirects=False)).status in (303, 403)
    assert (await w.client.post("/api/v1/rules", headers=crew, json={"verb": "back"})).status == 403
    assert (await w.client.get("/api/v1/rules")).status == 401
    staff = await w.signed_in(responder_id="li")
    assert await post(w, staff, verb="dance") == 400


async def test_a_program_speaks_for_a_person_who_gives_the_password(w: World, office: Office) -> None:
    await w.account("sun", Role.OPERATOR)
    await w.account("zhou", Role.OPERATOR)

    async def asks(**body: str) -> tuple[int, dict[str, object]]:
        answer = await w.client.post("/api/v1/rules", headers=TOKEN, json=body)
        return answer.status, await answer.json()

    assert (await asks(verb="propose"))[1]["code"] == "no_name"
    assert (await asks(verb="propose", by="sun", password="guess"))[1]["code"] == "password"
    status, body = await asks(verb="propose", by="sun", password=PASSWORD, reason="steam")
    assert (status, body["difference"]) == (
        200,
        {"added": [], "removed": [], "changed": ["heat"], "guarding_lives": ["heat"]},
    )
    await office.tested()
    assert (await asks(verb="approve", by="sun", password=PASSWORD))[1]["code"] == "same_person"
    office.full = True
    assert (await asks(verb="approve", by="zhou", password=PASSWORD))[0] == 507
    office.full = False
    assert (await asks(verb="approve", by="zhou", password=PASSWORD))[1]["active"] == version(NEW)
    assert (await asks(verb="fly"))[0] == 400
    body = await (await w.client.get("/api/v1/rules", headers=TOKEN)).json()
    assert (body["former"], body["proposal"]) == (version(OLD), None)


async def test_alarms_that_would_fall_silent_are_listed_and_have_to_be_meant(
    w: World, office: Office
) -> None:
    lost = {
        "at": "2026-11-01T00:00:00.000Z",
        "rule": "heat",
        "of": "smoke-1203",
        "place": "xfl",
        "level": "alarm",
    }
    office.trial = {**REPORT, "silenced": [lost]}
    await office.keeper.propose("sun", "")
    await office.tested()
    staff = await w.signed_in()
    text = await read(w, staff)
    assert "2026-11-01T00:00:00.000Z" in text
    assert 'name="silences"' in text
    assert await post(w, staff, verb="approve") == 409
    assert office.put == []
    assert await post(w, staff, verb="approve", silences="yes") == 303
    assert office.put[0][1] == version(NEW)


async def test_every_state_of_a_proposal_is_shown(w: World, office: Office) -> None:
    staff = await w.signed_in()
    office.trial = RuntimeError("the store is away")
    await office.keeper.propose("sun", "")
    await office.tested()
    assert "the store is away" in await read(w, staff)
    office.trial = {**REPORT, "from": None, "to": None}
    await office.keeper.propose("sun", "")
    await office.tested()
    assert "最近三十天没有读数" in await read(w, staff)
    assert await post(w, staff, verb="withdraw") == 303
    office.keeper.connect(None, office._put)
    await office.keeper.propose("sun", "")
    await office.tested()
    assert "没有历史数据可供回测" in await read(w, staff)


async def test_a_service_without_versions_has_no_such_page() -> None:
    async with world() as made:
        staff = await made.signed_in()
        assert (await made.client.get("/rules", headers=staff)).status == 404
        assert isinstance(made.deps.rules, RuleKeeper) is False
        await asyncio.sleep(0)
