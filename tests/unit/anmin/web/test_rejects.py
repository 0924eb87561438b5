"""What was not understood, over HTTP: for holders of the API token, whole, and put through again."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from anmin.backends.projection import RejectRow
from devices.instant import SECOND, rfc3339
from tests.support.web import World, world
from tests.support.web_view import NOW

TOKEN = {"Authorization": "Bearer the-token"}
PATHS = ("/api/v1/rejects", "/api/v1/rejects/7", "/api/v1/rejects/7/replay")


def row(sequence: int, payload: bytes = b"\xff{") -> RejectRow:
    at = NOW + sequence * SECOND
    return RejectRow(sequence, at, "mqtt-alarm", "anmin/c/d/event", "malformed", "why", "d", payload, 2)


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(api_token="the-token") as made:
        made.rejects.rows = {number: row(number) for number in (3, 7, 9)}
        yield made


async def test_only_holders_of_the_token_see_them(w: World) -> None:
    signed_in = await w.signed_in()
    for path in PATHS:
        ask = w.client.post if path.endswith("replay") else w.client.get
        for headers in (w.origin, {**w.origin, "Authorization": "Bearer guessed"}, signed_in):
            assert (await ask(path, headers=headers)).status == 401
    assert w.rejects.replayed == []


async def test_they_are_listed_newest_first_by_pages(w: World) -> None:
    first = await (await w.client.get("/api/v1/rejects?limit=2", headers=TOKEN)).json()
    assert [item["sequence"] for item in first["items"]] == [9, 7]
    assert first["items"][0] == {
        "sequence": 9,
        "at": rfc3339(NOW + 9 * SECOND),
        "source": "mqtt-alarm",
        "topic": "anmin/c/d/event",
        "reason": "malformed",
        "detail": "why",
        "size": 2,
        "replayed_at": None,
    }
    rest = await (await w.client.get("/api/v1/rejects?before=7", headers=TOKEN)).json()
    assert [item["sequence"] for item in rest["items"]] == [3]


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=-1", "limit=", "before=²", "before=", "before=" + "9" * 30]
)
async def test_what_is_no_number_is_refused_with_a_word(w: World, query: str) -> None:
    answer = await w.client.get(f"/api/v1/rejects?{query}", headers=TOKEN)
    assert answer.status == 400
    assert (await answer.json())["detail"] == "limit and before are numbers"


async def test_one_is_shown_with_the_bytes_as_they_came(w: World) -> None:
    body = await (await w.client.get("/api/v1/rejects/7", headers=TOKEN)).json()
    assert base64.b64decode(body["payload"]) == b"\xff{"
    assert body["sequence"] == 7


async def test_one_is_put_through_again_and_the_new_record_is_named(w: World) -> None:
    answer = await w.client.post("/api/v1/rejects/7/replay", headers=TOKEN)
    assert (answer.status, await answer.json()) == (202, {"sequence": 107})
    assert w.rejects.replayed == [7]


async def test_one_that_is_not_there_is_not_found(w: World) -> None:
    for ask, path in ((w.client.get, PATHS[1]), (w.client.post, PATHS[2])):
        answer = await ask(path.replace("7", "8"), headers=TOKEN)
        assert (answer.status, (await answer.json())["code"]) == (404, "no_such_reject")
    for odd in ("x", "-1", "9" * 30):
        assert (await w.client.get(f"/api/v1/rejects/{odd}", headers=TOKEN)).status == 404
