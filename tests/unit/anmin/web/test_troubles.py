"""What is wrong with the devices: the list, who sees to what, tests on foot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from alerts.incidents.command import Declined
from alerts.troubles.command import OwnTroubles, StartWalk
from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage, Trouble
from anmin.accounts import Role
from anmin.view import TroubleView, WalkView
from devices.instant import HOUR, SECOND
from tests.support.web import World, world

TOKEN = {"Authorization": "Bearer the-token"}


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(api_token="the-token") as made:
        yield made


def put(w: World, kind: TroubleKind, subject: str, place: str, *, folded: int = 0, **more: Any) -> str:
    name = f"trb_{len(w.view.troubles)}"
    made = Trouble(name, kind, subject, place, w.clock[0] - HOUR, Stage.STANDING, **more)
    w.view.troubles[name] = TroubleView(made, folded)
    return name


def some(w: World) -> tuple[str, str, str]:
    return (
        put(w, TroubleKind.BATTERY, "smoke-1203", "b3-u2-f12-1203"),
        put(w, TroubleKind.AREA, "b3", "b3", folded=17),
        put(w, TroubleKind.BATTERY, "water-garage", "garage"),
    )


async def items(w: World, query: str = "") -> list[dict[str, Any]]:
    answer = await w.client.get(f"/api/v1/troubles{query}", headers=TOKEN)
    found: list[dict[str, Any]] = (await answer.json())["items"]
    return found


async def test_they_are_listed_worst_first_and_by_kind_and_place(w: World) -> None:
    first, area, last = some(w)
    folded = put(w, TroubleKind.LOST, "smoke-1403", "b3-u2-f14-1403")
    w.view.troubles[folded] = TroubleView(replace(w.view.troubles[folded].trouble, stage=Stage.FOLDED), 0)
    assert [one["id"] for one in await items(w)] == [area, first, last]
    assert [one["id"] for one in await items(w, "?kind=battery&place=b3")] == [first]
    assert await items(w, "?place=nowhere") == []
    (told,) = await items(w, "?kind=area")
    assert (told["kind"], told["devices"], told["since"]) == ("area", 17, "2026-11-23T05:02:11.000Z")


async def test_the_page_says_what_where_since_when_and_what_to_do(w: World) -> None:
    some(w)
    put(w, TroubleKind.TAMPER, "smoke-test", "b3", acknowledged_by="wang", due_at=w.clock[0] + HOUR)
    headers = await w.signed_in()
    text = await (await w.client.get("/troubles", headers=headers)).text()
    for said in ("电量低", "换电池", "共 17 台", "大面积失联", "我来处理", "在处理", "/devices/smoke-1203"):
        assert said in text, said
    assert text.index("大面积失联") < text.index("电量低")
    text = await (await w.client.get("/troubles?kind=battery&lang=en", headers=headers)).text()
    assert "Change the battery" in text
    assert "many devices" not in text


async def test_nothing_known_is_not_all_well(w: World) -> None:
    headers = await w.signed_in()
    text = await (await w.client.get("/troubles", headers=headers)).text()
    assert "没有已知的设备故障" in text
    assert "从未报到" in text


async def test_somebody_sees_to_one_or_to_all_of_a_kind(w: World) -> None:
    first, area, last = some(w)
    headers = await w.signed_in()
    for form, wanted in (({"id": area}, (area,)), ({"kind": "battery"}, (first, last))):
        answer = await w.client.post("/troubles", data=form, headers=headers, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/troubles")
        assert w.asked[-1] == OwnTroubles(trouble_ids=wanted, by="wang")
    w.answers.append(Declined("no_such_trouble", ""))
    answer = await w.client.post("/troubles", data={"id": "gone"}, headers=headers)
    assert answer.status == 409
    assert "已经恢复" in await answer.text()
    body = {"kind": "battery", "by": "li"}
    answer = await w.client.post("/api/v1/troubles/own", json=body, headers=TOKEN)
    assert (answer.status, await answer.json()) == (200, {"owned": 2})
    assert w.asked[-1] == OwnTroubles(trouble_ids=(first, last), by="li", via="api")
    assert (await w.client.post("/api/v1/troubles/own", json={"kind": "x"}, headers=TOKEN)).status == 400


async def test_the_board_counts_them_in_a_place_of_their_own(w: World) -> None:
    some(w)
    headers = await w.signed_in()
    text = await (await w.client.get("/", headers=headers)).text()
    assert 'class="is-fault"><a href="/troubles"><b class="num">3</b>' in text


async def test_a_test_on_foot_is_started_and_shown_until_it_ends(w: World) -> None:
    headers = await w.signed_in()
    page = "/devices/smoke-1203"
    assert "开始测试" in await (await w.client.get(page, headers=headers)).text()
    answer = await w.client.post(f"{page}/walk", headers=headers, allow_redirects=False)
    assert answer.headers["Location"] == f"{page}#walk"
    assert w.asked[-1] == StartWalk(device_id="smoke-1203", by="wang")
    known = w.view.devices["smoke-1203"]
    now = w.clock[0]
    for walk, said in (
        (WalkView(now + 42 * SECOND, None, False), "请按测试键"),
        (WalkView(now + 42 * SECOND, None, True), "收到了"),
        (WalkView(now, now, True), "测试通过"),
        (WalkView(now, now, False), "不通过"),
    ):
        w.view.devices["smoke-1203"] = replace(known, walk=walk)
        assert said in await (await w.client.get(page, headers=headers)).text()
    answer = await w.client.get("/api/v1/devices/smoke-1203", headers=TOKEN)
    assert (await answer.json())["walk"] == {
        "until": "2026-11-23T06:02:11.000Z",
        "ended_at": "2026-11-23T06:02:11.000Z",
        "passed": False,
    }


async def test_a_test_that_cannot_be_is_declined_in_words(w: World) -> None:
    headers = await w.signed_in()
    w.answers.append(Declined("under_way", ""))
    answer = await w.client.post("/devices/smoke-1203/walk", headers=headers)
    assert (answer.status, "正在测试" in await answer.text()) == (409, True)
    w.answers.append(Declined("no_such_device", "no device x"))
    answer = await w.client.post("/api/v1/devices/x/walk", json={"by": "li"}, headers=TOKEN)
    assert (answer.status, (await answer.json())["code"]) == (404, "no_such_device")
    assert (await w.client.post("/devices/nobody/walk", headers=headers)).status == 404
    assert (await w.client.get("/api/v1/devices/nobody", headers=TOKEN)).status == 404
    answer = await w.client.post("/api/v1/devices/smoke-1203/walk", headers=TOKEN)
    assert answer.status == 202


async def test_crew_neither_own_nor_test(w: World) -> None:
    some(w)
    crew = await w.signed_in(Role.CREW, "zhou")
    assert (await w.client.get("/troubles", headers=crew)).status == 403
    assert (await w.client.post("/api/v1/troubles/own", json={}, headers=crew)).status == 403
    assert (await w.client.post("/api/v1/devices/smoke-1203/walk", json={}, headers=crew)).status == 403
    assert (await w.client.get("/api/v1/troubles", headers=w.origin)).status == 401
    text = await (await w.client.get("/devices/smoke-1203", headers=crew)).text()
    assert "开始测试" not in text


async def test_a_devices_page_names_its_troubles(w: World) -> None:
    first, *_ = some(w)
    w.view.devices["smoke-1203"] = replace(w.view.devices["smoke-1203"], troubles=(first,))
    text = await (await w.client.get("/devices/smoke-1203", headers=await w.signed_in())).text()
    assert "电量低" in text
