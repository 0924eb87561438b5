"""Signing in, the link that works once, and signing out."""

from __future__ import annotations

import re

from anmin.accounts import LINK_FOR, Role
from devices.instant import MINUTE
from tests.support.web import PASSWORD, World, world
from tests.support.web_view import NOW


async def post(w: World, path: str, cookie: str = "", **form: str) -> tuple[int, str, str]:
    """Status, where it leads, and the session cookie it gives."""
    headers = {**w.origin, **({"Cookie": cookie} if cookie else {})}
    answer = await w.client.post(path, data=form, headers=headers, allow_redirects=False)
    given = " ".join(answer.headers.getall("Set-Cookie", []))
    found = re.search(r"__Host-anmin=([^;]*)", given)
    return answer.status, answer.headers.get("Location", ""), found.group(1) if found else ""


async def test_the_right_password_leads_to_the_board_or_where_one_wanted_to_go() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR, "wang")
        status, where, token = await post(w, "/sign-in", name=" 王芳 ", password=PASSWORD)
        assert (status, where) == (303, "/")
        assert (await w.client.get("/", headers={"Cookie": f"__Host-anmin={token}"})).status == 200
        wanted = await post(w, "/sign-in", name="王芳", password=PASSWORD, next="/devices")
        assert wanted[1] == "/devices"


async def test_a_member_of_the_crew_comes_to_the_crew_page() -> None:
    async with world() as w:
        await w.account("李强", Role.CREW, "li")
        assert (await post(w, "/sign-in", name="李强", password=PASSWORD, next="/"))[1] == "/crew"


async def test_a_wrong_password_is_refused_and_says_the_same_for_unknown_names() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        assert await post(w, "/sign-in", name="王芳", password="wrong-wrong") == (401, "", "")
        assert await post(w, "/sign-in", name="nobody", password="wrong-wrong") == (401, "", "")
        assert await post(w, "/sign-in") == (401, "", "")


async def test_guessing_is_slowed_down_and_a_known_browser_still_gets_in() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        answer = await w.client.post(
            "/sign-in", data={"name": "王芳", "password": PASSWORD}, headers=w.origin, allow_redirects=False
        )
        device = re.search(r"anmin-device=([^;]*)", " ".join(answer.headers.getall("Set-Cookie")))
        assert device is not None
        codes = [(await post(w, "/sign-in", name="王芳", password=f"guess-{n}"))[0] for n in range(30)]
        assert codes.count(401) < 12
        assert codes[-1] == 429
        assert (await post(w, "/sign-in", name="王芳", password=PASSWORD))[0] == 429
        cookie = f"anmin-device={device.group(1)}"
        assert (await post(w, "/sign-in", cookie, name="王芳", password=PASSWORD))[0] == 303
        w.clock[0] += 5 * MINUTE
        assert (await post(w, "/sign-in", name="王芳", password=PASSWORD))[0] == 303


async def test_signing_in_again_gives_a_new_token_and_ends_the_old_one() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        first = (await post(w, "/sign-in", name="王芳", password=PASSWORD))[2]
        second = (await post(w, "/sign-in", f"__Host-anmin={first}", name="王芳", password=PASSWORD))[2]
        assert second
        assert second != first
        assert await w.accounts.session(first, NOW) is None


async def test_a_token_that_somebody_planted_is_worth_nothing() -> None:
    async with world() as w:
        await w.account("王芳", Role.OPERATOR)
        given = (await post(w, "/sign-in", "__Host-anmin=planted", name="王芳", password=PASSWORD))[2]
        assert given != "planted"
        assert await w.accounts.session("planted", NOW) is None


async def test_the_first_link_sets_a_password_and_signs_in_once() -> None:
    async with world() as w:
        token = await w.accounts.first_link("operator", "zh", NOW)
        assert token is not None
        for _ in range(2):  # looking does not use it up
            page = await (await w.client.get("/sign-in/link", params={"token": token})).text()
            assert 'action="/welcome"' in page
        assert (await post(w, "/welcome", token=token, password="short"))[0] == 400
        assert (await post(w, "/welcome", token=token))[0] == 400
        status, where, session = await post(w, "/welcome", token=token, password=PASSWORD)
        assert (status, where) == (303, "/")
        assert await w.accounts.session(session, NOW) is not None
        assert (await post(w, "/welcome", token=token, password=PASSWORD))[0] == 410
        assert (await post(w, "/sign-in", name="operator", password=PASSWORD))[0] == 303


async def test_the_link_survives_a_change_of_language() -> None:
    async with world() as w:
        token = await w.accounts.first_link("operator", "zh", NOW)
        assert token is not None
        page = await (await w.client.get("/sign-in/link", params={"token": token})).text()
        (turned,) = re.findall(r'<a href="([^"]*)" lang="en">English', page)
        english = await w.client.get(turned.replace("&amp;", "&"))
        assert english.status == 200
        assert "Welcome, operator" in await english.text()
        weak = await w.client.post("/welcome", data={"token": token, "password": "short"}, headers=w.origin)
        assert f'href="/sign-in/link?token={token}&amp;lang=en"' in await weak.text()


async def test_a_refused_sign_in_still_knows_where_one_wanted_to_go() -> None:
    async with world() as w:
        form = {"name": "x", "password": "y", "next": "/devices"}
        page = await (await w.client.post("/sign-in", data=form, headers=w.origin)).text()
        assert 'href="/sign-in?next=/devices&amp;lang=en"' in page


async def test_a_link_for_somebody_with_a_password_goes_in_directly() -> None:
    async with world() as w:
        account = await w.account("李强", Role.CREW, "li")
        token = await w.accounts.link(account.id, NOW)
        assert (await post(w, "/welcome", token=token))[:2] == (303, "/crew")
        assert await w.accounts.check("李强", PASSWORD) is not None


async def test_a_link_that_is_over_or_invented_says_so() -> None:
    async with world() as w:
        token = await w.accounts.first_link("operator", "zh", NOW)
        assert token is not None
        w.clock[0] += LINK_FOR
        for each in (token, "invented", ""):
            assert (await w.client.get("/sign-in/link", params={"token": each})).status == 410
            assert (await post(w, "/welcome", token=each, password=PASSWORD))[0] == 410


async def test_signing_out_ends_the_session_here() -> None:
    async with world() as w:
        headers = await w.signed_in()
        answer = await w.client.post("/sign-out", headers=headers, allow_redirects=False)
        assert answer.headers["Location"] == "/sign-in"
        assert 'anmin=""' in answer.headers["Set-Cookie"]
        assert (await w.client.get("/", headers=headers, allow_redirects=False)).status == 303


async def test_who_is_signed_in_needs_no_form() -> None:
    async with world() as w:
        headers = await w.signed_in()
        answer = await w.client.get("/sign-in", headers=headers, allow_redirects=False)
        assert answer.headers["Location"] == "/"
