"""`GET /api/v1/history` over real files: steps with their gaps, exports, and wrong questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anmin.history.ports import HistoryAway
from anmin.history.sample import Sample
from anmin.history.sqlite_store import SqliteHistory
from devices.instant import HOUR, MINUTE, rfc3339
from tests.support.web import World, world

TOKEN = {"Authorization": "Bearer t"}


async def asked(w: World, **query: str) -> tuple[int, str, Any]:
    params = {"device": "heat-1", "quantity": "temperature_c"} | query
    answer = await w.client.get("/api/v1/history", params=params, headers=TOKEN)
    form = answer.content_type
    return (
        answer.status,
        form,
        await answer.json() if "json" in form and "nd" not in form else await answer.text(),
    )


async def filled(folder: Path, now: int) -> SqliteHistory:
    store = SqliteHistory(folder)
    minutes = [n for n in range(60) if not 20 <= n < 40]
    await store.write(
        [Sample("heat-1", "temperature_c", now - HOUR + n * MINUTE, 20.0 + n, 0, n) for n in minutes]
    )
    return store


async def test_steps_come_with_their_gaps_and_exports_line_by_line(tmp_path: Path) -> None:
    async with world(api_token="t") as first:
        now = first.clock[0] // HOUR * HOUR
    store = await filled(tmp_path, now)
    async with world(api_token="t", history=store) as w:
        span = {"since": rfc3339(now - HOUR), "until": rfc3339(now)}
        status, _, body = await asked(w, **span, step="600")
        assert status == 200
        assert [item["count"] for item in body["items"]] == [10, 10, 0, 0, 10, 10]
        assert body["items"][2]["mean"] is None
        assert (body["items"][0]["min"], body["items"][0]["max"]) == (20.0, 29.0)
        status, form, text = await asked(w, **span, step="600", format="csv")
        assert (status, form, text.splitlines()[0]) == (200, "text/csv", "at,min,max,mean,count")
        status, form, text = await asked(w, **span, step="raw", format="ndjson")
        assert (status, form, len(text.splitlines())) == (200, "application/x-ndjson", 40)
        assert len((await asked(w, **span))[2]["items"]) <= 500
    await store.close()


@pytest.mark.parametrize(
    "query",
    [{"since": "yesterday"}, {"step": "0"}, {"format": "xml"}, {"device": ""}, {"since": "2026-01-01"}],
)
async def test_a_question_that_cannot_be_meant_is_told(tmp_path: Path, query: dict[str, str]) -> None:
    store = SqliteHistory(tmp_path)
    async with world(api_token="t", history=store) as w:
        status, _, body = await asked(w, **query)
        assert (status, body["code"]) == (400, "invalid")
        assert body["detail"]
    await store.close()


async def test_strangers_are_turned_away_and_no_history_is_said(tmp_path: Path) -> None:
    async with world(api_token="t") as w:
        assert (await w.client.get("/api/v1/history")).status == 401
        status, _, body = await asked(w)
        assert (status, body["code"]) == (404, "no_history")


async def test_a_store_that_is_away_is_a_503_with_its_reason(tmp_path: Path) -> None:
    class Away(SqliteHistory):
        async def summary(self, *_: object) -> Any:
            raise HistoryAway("influx does not answer; see to it")

    store = Away(tmp_path)
    async with world(api_token="t", history=store) as w:
        status, _, body = await asked(w)
        assert (status, body["detail"]) == (503, "influx does not answer; see to it")
    await store.close()
