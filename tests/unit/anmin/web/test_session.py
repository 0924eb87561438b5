"""The cookie, the language, and what an idle session may still do."""

from __future__ import annotations

import pytest

from anmin.accounts import IDLE_FOR, SESSION_FOR, Role
from anmin.web.session import next_path
from devices.instant import MINUTE
from tests.support.web import PASSWORD, World, world

SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"


async def sign_in(w: World, **headers: str) -> str:
    """The Set-Cookie line of the session."""
    form = {"name": "王芳", "password": PASSWORD}
    answer = await w.client.post(
        "/sign-in", data=form, headers={**w.origin, **headers}, allow_redirects=False
    )
    assert answer.status == 303
    lines = answer.headers.getall("Set-Cookie")
    return next(line for line in lines if "anmin-device" not in line)


async def test_on_this_machine_the_cookie_is_bound_to_the_host() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        cookie = await sign_in(w)
        assert cookie.startswith("__Host-anmin=")
        for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie


async def test_on_a_plain_lan_the_cookie_is_plain_and_the_page_says_so() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        lan = {"Host": "192.168.1.9:8080", "Origin": "http://192.168.1.9:8080"}
        cookie = await sign_in(w, **lan)
        assert cookie.startswith("anmin=")
        assert "Secure" not in cookie
        assert "HttpOnly" in cookie
        page = await (await w.client.get("/sign-in", headers={**lan, "Accept-Language": "en"})).text()
        assert "unencrypted" in page
        at_home = await (await w.client.get("/sign-in", headers={"Accept-Language": "en"})).text()
        assert "unencrypted" not in at_home


async def test_behind_a_tls_proxy_the_cookie_is_secure() -> None:
    async with world(public_url="https://anmin.example") as w:
        await w.account("王芳", Role.OPERATOR)
        cookie = await sign_in(w, Host="anmin.example", Origin="https://anmin.example")
        assert cookie.startswith("__Host-anmin=")


async def test_safari_which_takes_no_secure_cookie_over_http_still_gets_in() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        assert (await sign_in(w, **{"User-Agent": SAFARI})).startswith("anmin=")


async def test_without_a_session_pages_lead_to_the_sign_in_and_back() -> None:
    async with world() as w:
        answer = await w.client.get("/incidents/inc_01FIRE", allow_redirects=False)
        assert answer.status == 303
        assert answer.headers["Location"] == "/sign-in?next=/incidents/inc_01FIRE"
        for path in ("/board/fragment", "/events"):
            assert (await w.client.get(path)).status == 401
        assert (await w.client.post("/incidents/inc_01FIRE/actions", headers=w.origin)).status == 401


async def test_an_idle_session_may_look_at_the_board_and_nothing_else() -> None:
    async with world() as w:
        headers = await w.signed_in()
        w.clock[0] += IDLE_FOR + 1
        board = await w.client.get("/", headers=headers)
        assert board.status == 200
        text = await board.text()
        assert "请重新登录" in text
        assert 'value="acknowledge"' not in text
        assert (await w.client.get("/devices", headers=headers, allow_redirects=False)).status == 303
        form = {"verb": "acknowledge"}
        assert (
            await w.client.post("/incidents/inc_01FIRE/actions", data=form, headers=headers)
        ).status == 401
        assert (await w.client.get("/api/v1/incidents", headers=headers)).status == 401
        assert w.asked == []


async def test_requests_that_a_page_makes_by_itself_do_not_keep_a_session_awake() -> None:
    async with world() as w:
        headers = await w.signed_in()
        for _ in range(4):
            w.clock[0] += 10 * MINUTE
            for path in ("/?auto=1", "/board/fragment"):
                await w.client.get(path, headers=headers)
        assert (await w.client.get("/devices", headers=headers, allow_redirects=False)).status == 303


async def test_a_person_who_works_stays_signed_in_until_the_absolute_end() -> None:
    async with world() as w:
        headers = await w.signed_in()
        for _ in range(SESSION_FOR // (20 * MINUTE) - 1):
            w.clock[0] += 20 * MINUTE
            assert (await w.client.get("/devices", headers=headers, allow_redirects=False)).status == 200
        w.clock[0] += 20 * MINUTE
        assert (await w.client.get("/devices", headers=headers, allow_redirects=False)).status == 303


async def test_roles_keep_to_their_pages() -> None:
    async with world() as w:
        crew, staff = await w.signed_in(Role.CREW, "li"), await w.signed_in(Role.OPERATOR, "wang")
        assert (await w.client.get("/", headers=crew, allow_redirects=False)).headers["Location"] == "/crew"
        assert (await w.client.get("/incidents/inc_01FIRE", headers=crew)).status == 403
        assert (await w.client.get("/board/fragment", headers=crew)).status == 403
        assert (await w.client.get("/crew", headers=staff)).status == 403
        form = {"verb": "acknowledge"}
        assert (await w.client.post("/incidents/inc_01FIRE/actions", data=form, headers=crew)).status == 403
        assert w.asked == []


async def test_a_language_that_was_picked_is_kept_and_wins() -> None:
    async with world() as w:
        headers = await w.signed_in()
        picked = await w.client.get("/?lang=en", headers=headers)
        assert "anmin-language=en" in picked.headers["Set-Cookie"]
        assert '<html lang="en">' in await picked.text()
        plain = await w.client.get("/?lang=xx", headers={**headers, "Accept-Language": "en"})
        assert "Set-Cookie" not in plain.headers


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil", "/a\nb", "", "x"])
def test_after_signing_in_nobody_is_sent_to_another_site(wanted: str) -> None:
    assert next_path(None, wanted) == "/"  # type: ignore[arg-type]  # the request is not looked at
    assert next_path(None, "/incidents/1") == "/incidents/1"  # type: ignore[arg-type]  # the same
