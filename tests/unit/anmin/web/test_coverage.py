"""The coverage page and its interface."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from anmin.accounts import Role
from devices.liveness import Liveness
from tests.support.web import World, world

TOKEN = {"Authorization": "Bearer the-token"}


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(api_token="the-token", channels=frozenset({"webhook"})) as made:
        seen = made.view.devices["smoke-1203"]
        made.view.devices["smoke-1203"] = replace(seen, proved_at=made.clock[0], liveness=Liveness.HEARD)
        yield made


async def test_a_place_is_told_with_what_is_below_it_and_every_gap(w: World) -> None:
    body = await (await w.client.get("/api/v1/coverage", headers=TOKEN)).json()
    assert (body["place"]["place_id"], body["place"]["points"], body["place"]["good"]) == ("xfl", 4, 1)
    assert {row["place_id"] for row in body["below"]} == {"b3", "garage"}
    assert {"subject": "smoke-test", "gap": "under_test"} in body["gaps"]
    body = await (await w.client.get("/api/v1/coverage?place=b3-u2-f12-1203", headers=TOKEN)).json()
    assert body["place"]["hazards"] == ["fire"]
    assert body["below"] == []
    assert (await w.client.get("/api/v1/coverage?place=x", headers=TOKEN)).status == 404
    assert (await w.client.get("/api/v1/coverage")).status == 401


async def test_floors_are_passed_over(w: World) -> None:
    stair = w.view.inventory.tree.get("b3-u2-f12-1203")
    below = "b3"
    seen = []
    while True:
        body = await (await w.client.get(f"/api/v1/coverage?place={below}", headers=TOKEN)).json()
        ids = [row["place_id"] for row in body["below"]]
        seen += ids
        if not ids or stair.id in ids:
            break
        below = ids[0]
    assert stair.id in seen
    assert stair.parent_id not in seen


async def test_every_gap_is_a_row_of_the_csv(w: World) -> None:
    body = await (await w.client.get("/api/v1/coverage", headers=TOKEN)).json()
    content = await (await w.client.get("/api/v1/coverage?format=csv&lang=zh", headers=TOKEN)).read()
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head[0] == "subject"
    assert [(row[0], row[2]) for row in rows] == [(one["subject"], one["gap"]) for one in body["gaps"]]


async def test_the_page_shows_shares_and_gaps_by_name(w: World) -> None:
    headers = await w.signed_in()
    text = await (await w.client.get("/coverage", headers=headers)).text()
    for said in ("1/4", "从未报到", "/devices/water-garage", "/coverage?place=b3", "<meter"):
        assert said in text, said
    text = await (await w.client.get("/coverage?place=garage&lang=en", headers=headers)).text()
    assert "never proved" in text
    assert (await w.client.get("/coverage?place=x", headers=headers)).status == 404
    crew = await w.signed_in(Role.CREW, "zhou")
    assert (await w.client.get("/coverage", headers=crew)).status == 403
