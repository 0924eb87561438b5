"""The pages in a real browser: no console error, no CSP violation, nothing wider than the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from anmin.accounts import Role
from anmin.view import Health
from anmin.web.resident import household_token
from devices.instant import SECOND
from devices.level import Level
from tests.support.browser import CHROMIUM, Browser, Page, chromium
from tests.support.web import PASSWORD, World, world
from tests.support.web_view import FIRE, FLOOD, HOME, fire, flood, with_incident

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

LAN = "anmin.lan"
TOO_WIDE = (
    "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    ".map(e => e.className || e.tagName).join()"
)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with chromium(tmp_path / "profile", f"--host-resolver-rules=MAP {LAN} 127.0.0.1") as found:
        yield found


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(public_url=f"http://{LAN}") as found:
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
        for path in ("/", f"/incidents/{FIRE}", "/devices", "/devices/smoke-1203", "/sign-in/link?token=x"):
            for language in ("zh", "en"):
                joint = "&" if "?" in path else "?"
                await page.open(f"{base(w)}{path}{joint}lang={language}")
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
    await page.run(
        "globalThis.said = []; new MutationObserver(() => said.push(document.getElementById('assertive')"
        ".textContent)).observe(document.getElementById('assertive'), {childList: true, characterData: true,"
        " subtree: true})"
    )
    w.view.incidents[FIRE] = fire(w.clock[0])
    w.view.publish()
    await page.until(f"document.getElementById('i-{FIRE}')")
    await page.until("said.some(text => text)")
    spoken = await page.run("said.filter(text => text)")
    assert spoken == ["Ⅰ级 红 3号楼2单元12层1203 火警 未确认"]
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
