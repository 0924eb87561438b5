"""Accounts over HTTP: for holders of the API token; a crew account belongs to somebody of a station."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from anmin.accounts import Role
from tests.support.web import PASSWORD, World, world

TOKEN = {"Authorization": "Bearer the-token"}


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(api_token="the-token") as made:
        yield made


async def add(w: World, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await w.client.post("/api/v1/users", json=body, headers=TOKEN)
    return answer.status, await answer.json()


def crew_member(w: World) -> str:
    return next(each.id for each in w.view.inventory.responders if each.station_id is not None)


def staff_member(w: World) -> str:
    return next(each.id for each in w.view.inventory.responders if each.station_id is None)


async def come_in(w: World, link: str) -> str:
    """Set a password by the link; where that leads."""
    token = urlsplit(link).query.removeprefix("token=")
    form = {"token": token, "password": PASSWORD}
    answer = await w.client.post("/welcome", data=form, headers=w.origin, allow_redirects=False)
    return answer.headers.get("Location", str(answer.status))


async def test_the_link_of_a_crew_account_opens_the_page_of_its_station_once(w: World) -> None:
    member = crew_member(w)
    status, made = await add(w, name="陈杰", role="crew", responder=member)
    assert (status, made["id"], made["role"], made["has_password"]) == (201, member, "crew", False)
    assert made["link"].startswith(f"{w.origin['Origin']}/sign-in/link?token=")
    assert [await come_in(w, made["link"]) for _ in range(2)] == ["/crew", "410"]
    session = await w.accounts.check("陈杰", PASSWORD)
    assert session is not None
    token = await w.accounts.open_session(session, w.clock[0])
    page = await w.client.get("/crew", headers={"Cookie": f"__Host-anmin={token}"})
    assert "没有对应的队员" not in await page.text()


async def test_the_link_begins_with_what_people_type() -> None:
    async with world(api_token="the-token", public_url="https://anmin.example/") as w:
        _, made = await add(w, name="a", role="operator")
        assert made["link"].startswith("https://anmin.example/sign-in/link?token=")


async def test_an_account_of_nobody_on_a_station_is_no_crew(w: World) -> None:
    for more in ({}, {"responder": staff_member(w)}):
        status, said = await add(w, name="陈杰", role="crew", **more)
        assert (status, said["code"]) == (400, "no_crew_member")
        assert crew_member(w) in said["detail"]
    assert (await add(w, name="陈杰", role="crew", responder="nobody"))[1]["code"] == "no_such_responder"
    assert await w.accounts.list() == ()


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "crew"},
        {"name": "  ", "role": "operator"},
        {"name": "a\u202eb", "role": "operator"},
        {"name": "x" * 101, "role": "operator"},
        {"name": "a", "role": "admin"},
        {"name": "a", "role": "operator", "password": "secret"},
        {"name": "a", "role": "operator", "language": "fr"},
    ],
)
async def test_what_makes_no_account_is_refused(w: World, body: dict[str, Any]) -> None:
    status, said = await add(w, **body)
    assert (status, said["code"]) == (400, "invalid")
    assert "secret" not in said["detail"]


async def test_a_name_or_a_person_has_one_account(w: World) -> None:
    person = staff_member(w)
    assert (await add(w, name="王芳", role="operator", responder=person))[0] == 201
    assert (await add(w, name="王芳", role="operator"))[1]["code"] == "name_taken"
    assert (await add(w, name="王 芳", role="operator", responder=person))[1]["code"] == "name_taken"


async def test_who_forgot_the_password_gets_a_new_link(w: World) -> None:
    await w.account("a/b", Role.OPERATOR)
    answer = await w.client.post("/api/v1/users/a%2Fb/link", headers=TOKEN)
    assert answer.status == 201
    assert await come_in(w, (await answer.json())["link"]) == "/"


async def test_a_disabled_account_is_out_at_once(w: World) -> None:
    inside = await w.signed_in(Role.OPERATOR, "wang")
    assert (await w.client.get("/", headers=inside)).status == 200
    name = (await w.accounts.list())[0].name
    assert (await w.client.post(f"/api/v1/users/{name}/disable", headers=TOKEN)).status == 200
    assert (await w.client.get("/", headers=inside, allow_redirects=False)).status == 303
    listed = await (await w.client.get("/api/v1/users", headers=TOKEN)).json()
    assert listed == {"items": []}


async def test_only_holders_of_the_token_may(w: World) -> None:
    signed_in = await w.signed_in()
    for ask, path in (
        (w.client.get, "/api/v1/users"),
        (w.client.post, "/api/v1/users"),
        (w.client.post, "/api/v1/users/operator-wang/link"),
        (w.client.post, "/api/v1/users/operator-wang/disable"),
    ):
        for headers in (w.origin, {**w.origin, "Authorization": "Bearer guessed"}, signed_in):
            assert (await ask(path, headers=headers)).status == 401
    assert [account.name for account in await w.accounts.list()] == ["operator-wang"]


async def test_an_account_that_is_not_there_is_not_found(w: World) -> None:
    for verb in ("link", "disable"):
        answer = await w.client.post(f"/api/v1/users/nobody/{verb}", headers=TOKEN)
        assert (answer.status, (await answer.json())["code"]) == (404, "no_such_user")
