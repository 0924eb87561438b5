"""The pages in a real browser: no console error, no CSP violation, nothing wider than the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.incidents.state import Ack, Stage
from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage as TroubleStage
from alerts.troubles.trouble import Trouble
from anmin.accounts import Role
from anmin.view import Health, TroubleView
from anmin.web import live
from anmin.web.resident import household_token
from devices.instant import SECOND
from devices.level import Level
from devices.liveness import Liveness
from tests.support.browser import CHROMIUM, Browser, Page, chromium
from tests.support.web import PASSWORD, World, world
from tests.support.web_view import FIRE, FLOOD, HOME, fire, flood, with_incident

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

LAN = "anmin.lan"
PATHS = (
    "/",
    f"/incidents/{FIRE}",
    "/devices",
    "/devices/smoke-1203",
    "/troubles",
    "/coverage",
    "/coverage?place=b3",
    "/inbox",
    "/registry/import",
    "/registry/labels",
    "/sign-in/link?token=x",
)
ACK = Ack("wang", Level.CRITICAL, 1, 2)
TOO_WIDE = (
    "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
    " || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'"
    " && !e.matches('.unseen, .skip, input, select, thead, thead *')))"
    ".map(e => e.className || e.id || e.tagName).join()"
)
LISTEN = (
    "globalThis.said = []; for (const id of ['polite', 'assertive'])"
    " new MutationObserver(() => { const text = document.getElementById(id).textContent;"
    " if (text) said.push([id, text]); })"
    ".observe(document.getElementById(id), {childList: true, characterData: true, subtree: true})"
)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with chromium(tmp_path / "profile", f"--host-resolver-rules=MAP {LAN} 127.0.0.1") as found:
        yield found


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(public_url=f"http://{LAN}") as found:
        old = Trouble("t1", TroubleKind.BATTERY, "smoke-1203", HOME, found.clock[0], TroubleStage.STANDING)
        found.view.troubles["t1"] = TroubleView(old, 0)
        ticking = asyncio.create_task(tick(found))
        await found.account("王芳", Role.OPERATOR, "wang")
        await found.account("李强", Role.CREW, "li")
        yield found
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


async def tick(w: World) -> None:
    """The server's clock runs and its data is fresh, unless a test stops it."""
    while True:
        await asyncio.sleep(0.1)
        w.clock[0] += SECOND // 10
        if w.view.demo_grade != "stopped":
            w.view.now = w.clock[0]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what the browser does is announced by nothing
            await asyncio.sleep(0.05)


def base(w: World, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{w.client.port}"


async def sign_in(page: Page, w: World, name: str = "王芳", host: str = "127.0.0.1") -> None:
    await page.open(f"{base(w, host)}/sign-in?lang=zh")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.submit("button.main")


async def test_every_page_is_clean_and_fits_from_320_pixels_up(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    for width in (320, 768, 1366):
        await page.resize(width)
        for path in PATHS:
            for language in ("zh", "en"):
                joint = "&" if "?" in path else "?"
                await page.open(f"{base(w)}{path}{joint}lang={language}")
                await page.run("document.getElementById('sound-bar').hidden = false")
                wide = await page.run(TOO_WIDE)
                assert not wide, (path, width, language, wide)
    gone = [said for said in page.problems if "410" not in said]
    assert gone == []


async def test_the_cookie_is_bound_to_the_host_on_this_machine_and_plain_on_a_lan(
    browser: Browser, w: World
) -> None:
    here = await browser.page()
    await sign_in(here, w)
    cookies = {cookie["name"]: cookie for cookie in await here.cookies()}
    assert cookies["__Host-anmin"]["secure"]
    assert cookies["__Host-anmin"]["httpOnly"]
    assert cookies["__Host-anmin"]["sameSite"] == "Strict"
    there = await browser.page()
    await sign_in(there, w, host=LAN)
    assert "anmin" in {cookie["name"] for cookie in await there.cookies()}
    assert "未加密" in await there.text("header.top")
    assert there.problems == []


async def test_a_new_incident_appears_by_itself_and_is_spoken(browser: Browser, w: World) -> None:
    del w.view.incidents[FIRE]
    page = await browser.page()
    await sign_in(page, w)
    await page.run(LISTEN)
    w.view.incidents[FIRE] = fire(w.clock[0])
    w.view.publish()
    await page.until(f"document.getElementById('i-{FIRE}')")
    await page.until("said.length")
    assert await page.run("said") == [["assertive", "Ⅰ级 红 3号楼2单元12层1203 火警 已告警 未确认"]]
    assert await page.run("document.title") == "警情 (1) · 幸福里社区"
    assert page.problems == []


async def test_what_changes_is_spoken_urgently_when_it_is_worse_and_politely_when_it_is_not(
    browser: Browser, w: World
) -> None:
    w.view.incidents[FIRE] = with_incident(fire(w.clock[0]), peak=Level.ALARM)
    page = await browser.page()
    await sign_in(page, w)
    await page.run(LISTEN)
    said: list[list[str]] = []
    for changes, wanted in (
        ({}, ["assertive", "Ⅰ级 红 3号楼2单元12层1203 火警 已告警 未确认"]),
        ({"ack": ACK}, ["polite", "Ⅰ级 红 3号楼2单元12层1203 火警 已告警 王芳 已确认"]),
        ({"ack": ACK, "stage": Stage.CLOSED}, ["polite", "Ⅰ级 红 3号楼2单元12层1203 火警 已解除"]),
    ):
        w.view.incidents[FIRE] = with_incident(fire(w.clock[0]), **changes)
        w.view.publish()
        said.append(wanted)
        await page.until(f"said.length >= {len(said)}")
    assert await page.run("said") == said
    assert await page.run("document.title") == "警情 · 幸福里社区"


async def test_on_other_pages_too_what_is_new_appears_is_spoken_and_shifts_nothing(
    browser: Browser, w: World
) -> None:
    del w.view.incidents[FIRE]
    page = await browser.page()
    await sign_in(page, w)
    for path in (f"/incidents/{FLOOD}", "/devices"):
        await page.open(base(w) + path)
        await page.run(LISTEN)
        top = await page.run("document.querySelector('h1').getBoundingClientRect().top")
        w.view.incidents[FIRE] = fire(w.clock[0])
        w.view.publish()
        await page.until("said.length")
        assert (await page.run("said"))[0][0] == "assertive"
        assert await page.run(
            f"document.getElementById('w-{FIRE}').getBoundingClientRect().bottom <= innerHeight"
        )
        assert await page.run("document.querySelector('h1').getBoundingClientRect().top") == top
        del w.view.incidents[FIRE]
        w.view.publish()
        await page.until(f"!document.getElementById('w-{FIRE}')")
    assert page.problems == []


async def test_rows_wait_while_the_pointer_is_in_the_list_except_for_level_one(
    browser: Browser, w: World
) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.point_at(f"#i-{FLOOD}")
    w.view.incidents["inc_04"] = with_incident(flood(w.clock[0]), id="inc_04", peak=Level.PREALARM, ack=None)
    w.view.publish()
    await page.until("!document.getElementById('more').hidden")
    assert await page.text("#more") == "+1 新警情"
    assert not await page.run("Boolean(document.getElementById('i-inc_04'))")
    w.view.incidents["inc_05"] = with_incident(fire(w.clock[0]), id="inc_05")
    w.view.publish()
    await page.until("document.getElementById('i-inc_05') && document.getElementById('i-inc_04')")
    assert page.problems == []


async def test_the_row_in_hand_shows_a_level_that_rises_and_keeps_the_focus(
    browser: Browser, w: World
) -> None:
    w.view.incidents[FIRE] = with_incident(fire(w.clock[0]), peak=Level.ALARM)
    page = await browser.page()
    await sign_in(page, w)
    await page.run(f"document.querySelector('#i-{FIRE} button.main').focus()")
    w.view.incidents[FIRE] = fire(w.clock[0])
    w.view.publish()
    await page.until(f"document.querySelector('#i-{FIRE} .pill').textContent === 'Ⅰ 红'")
    assert await page.run("document.activeElement.closest('li').id") == f"i-{FIRE}"
    assert await page.run("document.activeElement.textContent") == "确认收到"


async def test_held_rows_come_when_the_pointer_leaves(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.point_at(f"#i-{FLOOD}")
    w.view.incidents["inc_04"] = with_incident(flood(w.clock[0]), id="inc_04", peak=Level.PREALARM, ack=None)
    w.view.publish()
    await page.until("!document.getElementById('more').hidden")
    await page.point_at("header.top")
    await page.until("document.getElementById('i-inc_04') && document.getElementById('more').hidden")


async def test_one_press_acknowledges_without_leaving_the_board(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.run("globalThis.stayed = true")
    await page.run(f"document.querySelector('#i-{FIRE} button.main').click()")
    await eventually(lambda: bool(w.asked))
    assert w.asked[0].verb == "acknowledge"
    assert await page.run("stayed")
    assert page.problems == []


async def test_whoever_acknowledges_by_keyboard_stays_in_the_row(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.run(f"document.querySelector('#i-{FIRE} a').focus()")
    w.view.incidents[FIRE] = with_incident(fire(w.clock[0]), ack=ACK)  # as the commit will show it
    await page.key("a")
    await eventually(lambda: bool(w.asked))
    await page.until(f"document.querySelector('#i-{FIRE}').dataset.waiting === '0'")
    assert await page.run("document.activeElement.closest('li')?.id") == f"i-{FIRE}"


async def test_an_acknowledgement_that_does_not_arrive_is_said(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.run("globalThis.fetch = () => Promise.reject(new TypeError('gone'))")
    await page.run(f"document.querySelector('#i-{FIRE} button.main').click()")
    await page.until("!document.getElementById('failed').hidden")
    assert "没有发出" in await page.text("#failed")
    assert w.asked == []


async def test_a_list_of_devices_that_is_left_open_stays_true(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.open(f"{base(w)}/devices?q=1403&lang=zh")
    await page.run("document.getElementById('main').dataset.every")
    assert "离线" in await page.text("#list")
    seen = w.view.devices["smoke-1403"]
    w.view.devices["smoke-1403"] = replace(seen, liveness=Liveness.HEARD, heard_at=w.clock[0])
    await page.until("document.getElementById('list').innerText.includes('在线')")
    assert page.problems == []


async def test_old_data_is_said_and_greyed(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    w.view.demo_grade = "stopped"
    w.clock[0] += 12 * SECOND
    await page.until("document.body.classList.contains('late')")
    assert "正在等待更新" in await page.text("#stale")
    w.clock[0] += 20 * SECOND
    await page.until("document.body.classList.contains('stale')")
    assert "数据停止于" in await page.text("#stale")


async def test_a_page_left_open_says_that_the_server_is_gone_and_that_it_is_back(
    browser: Browser, w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.run(LISTEN)
    monkeypatch.setattr(live, "STREAMS", 0)
    application = w.client.app
    assert application is not None
    await live.close_streams(application)
    await page.until("said.length")
    assert "与服务器断开" in await page.text("#stale")
    monkeypatch.setattr(live, "STREAMS", 500)
    await page.until("document.getElementById('stale').hidden && said.length > 1")
    assert await page.run("said.map(each => each[1])") == ["与服务器断开，正在重连", "已重新连接"]


async def test_the_board_works_without_javascript(browser: Browser, w: World) -> None:
    page = await browser.page()
    await page.scripts(on=False)
    await page.open(f"{base(w)}/sign-in")
    await page.scripts(on=True)  # only to press the buttons; the page itself has loaded none
    await page.fill("[name=name]", "王芳")
    await page.fill("[name=password]", PASSWORD)
    await page.submit("button.main")
    await page.scripts(on=False)
    await page.open(f"{base(w)}/")
    await page.scripts(on=True)
    assert "火警" in await page.text("#open")
    await page.submit(f"#i-{FIRE} button.main")
    assert [asked.verb for asked in w.asked] == ["acknowledge"]


async def test_residents_answer_with_one_press_also_on_a_plain_lan(browser: Browser, w: World) -> None:
    for host in ("127.0.0.1", LAN):
        page = await browser.page(320, 640)
        await page.open(f"{base(w, host)}/r/{household_token(w.deps.secret, HOME)}")
        height = await page.run("document.querySelector('button.safe').getBoundingClientRect().height")
        size = await page.run("parseFloat(getComputedStyle(document.body).fontSize)")
        assert height >= 64
        assert size >= 24
        assert await page.run("document.documentElement.scrollWidth") == 320
        await page.submit("button.help")
        assert page.problems == []
    assert [asked.verb for asked in w.asked] == ["respond", "respond"]


async def test_the_crew_is_present_while_its_page_is_open_and_one_press_accepts(
    browser: Browser, w: World
) -> None:
    page = await browser.page(390, 844)
    await sign_in(page, w, "李强")
    await page.until("document.querySelector('button.huge')")
    await eventually(lambda: "li" in w.deps.crew_present)
    assert await page.run("document.querySelector('button.huge').getBoundingClientRect().height") >= 64
    await page.submit("button.huge")
    assert [(asked.verb, asked.by) for asked in w.asked] == [("accept", "li")]
    await page.open("about:blank")
    await eventually(lambda: "li" not in w.deps.crew_present)


async def test_a_station_without_sound_says_so_until_somebody_touches_it(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    await page.open(f"{base(w)}/")
    assert not await page.run("document.getElementById('sound-bar').hidden")
    await page.point_at("#sound-on")
    await page.click("#sound-on")
    await page.until("document.getElementById('sound-bar').hidden")


async def test_the_health_strip_follows(browser: Browser, w: World) -> None:
    page = await browser.page()
    await sign_in(page, w)
    w.view.health = (Health("broker", False, "no answer"),)
    w.view.publish()
    await page.until("document.querySelector('#health .health_bad small')?.textContent === 'no answer'")


async def test_an_empty_board_keeps_saying_when_it_was_last_true(browser: Browser, w: World) -> None:
    w.view.incidents = {}
    page = await browser.page()
    await sign_in(page, w)
    first = await page.text("#open .empty")
    assert "现在没有警情" in first
    await page.until(f"document.querySelector('#open .empty').innerText !== {first!r}")
    assert page.problems == []
