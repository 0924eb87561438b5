"""Board, incident and devices: what they say and what they ask for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from alerts.incidents.command import Acknowledge, Close, Declined, Dispute
from alerts.incidents.events import Disposition
from anmin.accounts import Role
from anmin.view import StrangerView
from anmin.web.asking import REASONS
from devices.instant import SECOND
from tests.support.web import world
from tests.support.web_view import CLOSED, FIRE, FLOOD, fire, unreachable_at, with_incident


async def test_the_board_shows_level_by_glyph_roman_and_word() -> None:
    async with world() as w:
        page = await (await w.client.get("/", headers=await w.signed_in())).text()
        assert page.index(f"i-{FIRE}") < page.index(f"i-{FLOOD}") < page.index(f"i-{CLOSED}")
        row = page[page.index(f"i-{FIRE}") : page.index(f"i-{FLOOD}")]
        assert "/static/level-4.svg" in row
        assert "Ⅰ 红" in row
        assert "确认收到" in row
        assert "4 户" in row
        assert "确认收到" not in page[page.index(f"i-{FLOOD}") :]


async def test_health_is_three_ways() -> None:
    async with world() as w:
        page = await (await w.client.get("/", headers=await w.signed_in())).text()
        for mark in ("health_ok", "health_unknown", "health_bad"):
            assert f'class="{mark}"' in page
        w.view.health = ()
        assert (
            "系统状态未知"
            in await (await w.client.get("/", headers=await w.signed_in(Role.OPERATOR, "b"))).text()
        )


async def test_an_empty_board_says_what_is_true_and_when() -> None:
    async with world() as w:
        headers = await w.signed_in()
        w.view.incidents = {}
        page = await (await w.client.get("/", headers=headers)).text()
        assert "现在没有警情。最后一次检查 14:02:11，有信号的设备 2/4" in page
        w.view.devices = {}
        assert "不能说平安" in await (await w.client.get("/", headers=headers)).text()
        w.view.now -= 31 * SECOND
        stale = await (await w.client.get("/", headers=headers)).text()
        assert "现在的情况不知道" in stale
        assert "数据停止于 14:01:40" in stale
        assert "现在没有警情" not in stale


async def test_demo_grade_and_drill_are_said_on_every_page() -> None:
    async with world() as w:
        headers = await w.signed_in()
        w.view.demo_grade = "the built-in broker"
        w.view.incidents[FIRE] = with_incident(fire(), drill=True)
        for path in ("/", f"/incidents/{FIRE}", "/devices", "/devices/smoke-1203", "/nope", "/sign-in"):
            page = await (await w.client.get(path, headers=headers)).text()
            if path != "/sign-in":
                assert "演练中" in page, path
            assert "演示级：内置消息代理" in page, path
            assert "the built-in broker" not in page, path


async def test_the_fragment_is_the_board_without_its_frame() -> None:
    async with world() as w:
        text = await (await w.client.get("/board/fragment", headers=await w.signed_in())).text()
        assert f"i-{FIRE}" in text
        assert "<html" not in text


async def test_the_incident_page_answers_why_who_and_who_was_not_reached() -> None:
    async with world() as w:
        page = await (await w.client.get(f"/incidents/{FIRE}", headers=await w.signed_in())).text()
        for said in (
            "规则 fire-smoke，版本 3",
            "0.15 dB/m",
            "4711",
            "安全 1 · 需帮助 1 · 未答复 2 / 共 4 户",
            "独居、轮椅",
            "1 人没有收到任何通知",
            "钱多多",
            "超时：响应",
            "派出 幸福里微型消防站",
            "通知楼内：第二个独立来源",
        ):
            assert said in page, said


async def test_the_incident_page_names_who_has_no_contact_at_all() -> None:
    async with world() as w:
        w.view.inventory = unreachable_at(w.view.inventory, "r-1403")
        seen = fire()
        told = tuple(one for one in seen.deliveries if one.recipient.id != "r-1403")
        w.view.incidents[FIRE] = replace(seen, deliveries=told)
        page = await (await w.client.get(f"/incidents/{FIRE}", headers=await w.signed_in())).text()
        assert re.search(r"<b>钱多多</b>.{,200}?没有联系方式，请上门通知", page, re.DOTALL)
        assert "共 4 户" in page
        assert "已通知 3 户" in page


async def test_no_page_of_the_duty_staff_is_deaf_to_what_nobody_has_taken() -> None:
    async with world() as w:
        headers = await w.signed_in()
        for path in ("/devices", "/devices/smoke-1203", f"/incidents/{FLOOD}", "/nope"):
            page = await (await w.client.get(path, headers=headers)).text()
            assert f'id="w-{FIRE}"' in page, path
            assert "/static/sound.js" in page
        own = await (await w.client.get(f"/incidents/{FIRE}", headers=headers)).text()
        assert f'id="w-{FIRE}"' not in own
        assert f'data-incident="{FIRE}" data-level="4" data-waiting="1"' in own
        assert f'id="w-{FIRE}"' in await (await w.client.get("/board/fragment", headers=headers)).text()
        crew = await w.signed_in(Role.CREW, "li")
        assert f'id="w-{FIRE}"' not in await (await w.client.get("/devices", headers=crew)).text()


async def test_what_is_heard_of_a_row_changes_with_level_stage_and_owner() -> None:
    async with world() as w:
        page = await (await w.client.get("/?lang=en", headers=await w.signed_in())).text()
        said = re.findall(r'data-say="([^"]*)"', page)
        assert (
            said[0]
            == "Level Ⅰ red Building 3, Stair 2, floor 12, flat 1203 Fire alarm alarm given unacknowledged"
        )
        assert said[1].endswith("crew on the way acknowledged by 王芳")
        assert said[2].endswith("Gas leak closed")


async def test_a_refused_form_leads_on_to_pages_that_exist() -> None:
    """Refresh without a script and the other language are GETs: never of the form's own address."""
    async with world() as w:
        w.answers = [Declined("still_abnormal", "gas")]
        headers = await w.signed_in()
        form = {"verb": "close", "disposition": "real"}
        page = await (await w.client.post(f"/incidents/{FIRE}/actions", data=form, headers=headers)).text()
        assert f'content="30; url=/incidents/{FIRE}?auto=1"' in page
        assert f'href="/incidents/{FIRE}?lang=en"' in page
        assert "/actions?" not in page


async def test_the_other_language_keeps_the_search() -> None:
    async with world() as w:
        headers = await w.signed_in()
        page = await (await w.client.get("/devices?q=smoke&auto=1&after=a", headers=headers)).text()
        assert 'href="/devices?q=smoke&amp;after=a&amp;lang=en"' in page


async def test_the_list_of_devices_does_not_stand_still_while_its_clock_runs() -> None:
    async with world() as w:
        headers = await w.signed_in()
        page = await (await w.client.get("/devices?q=smoke", headers=headers)).text()
        assert 'data-fetch="/devices?q=smoke&amp;auto=1" data-every="10"' in page
        one = await (await w.client.get("/devices/smoke-1203", headers=headers)).text()
        assert 'data-fetch="/devices/smoke-1203?auto=1" data-every="10"' in one


async def test_where_nobody_was_told_it_is_not_said_that_everybody_was_reached() -> None:
    async with world() as w:
        page = await (await w.client.get(f"/incidents/{CLOSED}", headers=await w.signed_in())).text()
        assert "还没有通知任何人" in page
        assert "没有人列为未送达" not in page
        assert '<span class="tag">未确认</span>' not in page


async def test_a_verb_is_asked_for_and_leads_back() -> None:
    async with world() as w:
        headers = await w.signed_in()
        path = f"/incidents/{FIRE}/actions"
        form = {"verb": "acknowledge", "back": "/"}
        answer = await w.client.post(path, data=form, headers=headers, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        form = {"verb": "close", "disposition": "false_cooking"}
        answer = await w.client.post(path, data=form, headers=headers, allow_redirects=False)
        assert answer.headers["Location"] == f"/incidents/{FIRE}"
        await w.client.post(path, data={"verb": "dispute", "reason": REASONS[0]}, headers=headers)
        assert w.asked == [
            Acknowledge(incident_id=FIRE, by="wang"),
            Close(incident_id=FIRE, by="wang", disposition=Disposition.FALSE_COOKING),
            Dispute(incident_id=FIRE, by="wang", reason=REASONS[0]),
        ]


async def test_a_refusal_is_told_in_words_on_the_incidents_page() -> None:
    async with world() as w:
        w.answers = [Declined("still_abnormal", "gas")]
        answer = await w.client.post(
            f"/incidents/{FIRE}/actions",
            data={"verb": "close", "disposition": "real"},
            headers=await w.signed_in(),
        )
        assert answer.status == 409
        assert "探测器仍测到异常" in await answer.text()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"verb": "x"},
        {"verb": "close"},
        {"verb": "dispute", "reason": "x"},
        {"verb": "respond", "reply": "safe"},
    ],
)
async def test_an_incomplete_form_gives_a_clear_page_and_asks_for_nothing(form: dict[str, str]) -> None:
    async with world() as w:
        answer = await w.client.post(f"/incidents/{FIRE}/actions", data=form, headers=await w.signed_in())
        assert answer.status == 400
        assert "请先选择" in await answer.text()
        assert w.asked == []


async def test_an_unknown_incident_or_device_is_a_clear_page() -> None:
    async with world() as w:
        headers = await w.signed_in()
        for path in ("/incidents/nope", "/devices/nope", "/incidents/%00", "/devices/a%2Fb%2Fc"):
            answer = await w.client.get(path, headers=headers)
            assert answer.status == 404, path
            assert "没有这一页" in await answer.text()


async def test_texts_from_outside_are_escaped() -> None:
    async with world() as w:
        bad = "<script>alert(1)</script>"
        w.view.inbox = {bad: StrangerView(bad, bad, w.clock[0], {})}
        headers = await w.signed_in()
        for path in ("/devices", "/inbox", "/devices?q=%3Cscript%3Ealert(1)"):
            assert "<script>alert" not in await (await w.client.get(path, headers=headers)).text()


async def test_a_device_that_was_never_heard_is_unknown_and_one_that_fell_silent_is_offline() -> None:
    async with world() as w:
        page = await (await w.client.get("/devices", headers=await w.signed_in())).text()
        rows = {
            key: page[page.index(f"/devices/{key}") :] for key in ("smoke-test", "smoke-1403", "water-garage")
        }
        assert re.search(r"未知</span>.*?从未报到", rows["smoke-test"], re.DOTALL)
        assert "测试" in rows["smoke-test"][:900]
        assert "5 小时" in rows["smoke-1403"][:900]
        assert "182 mm" in rows["water-garage"]
        assert '电量 <b class="num">未知' in page


async def test_devices_are_found_by_name_place_and_kind() -> None:
    async with world() as w:
        headers = await w.signed_in()

        async def found(wanted: str) -> list[str]:
            text = await (await w.client.get("/devices", params={"q": wanted}, headers=headers)).text()
            return re.findall(r'href="/devices/([\w-]+)"', text)

        assert await found("车库") == ["water-garage"]
        assert await found("KITCHEN") == ["smoke-1203"]
        assert await found("烟感 1403") == ["smoke-1403"]
        assert await found("nothing like it") == []


async def test_a_long_list_is_paged_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anmin.web.pages.PAGE_OF_DEVICES", 3)
    async with world() as w:
        headers = await w.signed_in()
        first = await (await w.client.get("/devices", headers=headers)).text()
        assert "下一页" in first
        second = await (await w.client.get("/devices?after=smoke-test", headers=headers)).text()
        assert re.findall(r'href="/devices/([\w-]+)"', second) == ["water-garage"]
        assert "下一页" not in second


async def test_a_device_page_leads_to_its_incidents() -> None:
    async with world() as w:
        page = await (await w.client.get("/devices/smoke-1203", headers=await w.signed_in())).text()
        assert f"/incidents/{FIRE}" in page
        assert f"/incidents/{FLOOD}" not in page


async def test_the_counts_of_the_board_lead_to_the_devices_they_count() -> None:
    async with world() as w:
        headers = await w.signed_in()
        board = await (await w.client.get("/?lang=en", headers=headers)).text()
        (path,) = re.findall(r'href="(/devices\?q=[^"]*)"><b class="num">\d+</b> Offline', board)
        page = await (await w.client.get(f"{path}&lang=en", headers=headers)).text()
        assert re.findall(r'href="/devices/([^"?]+)"', page) == ["smoke-1403"]
