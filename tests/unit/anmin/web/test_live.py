"""The stream: beats, news, presence, and its end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from anmin.accounts import Role
from anmin.view import Health
from anmin.web import live
from tests.support.web import world


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(live, "GATHER_SECONDS", 0.01)


async def heard(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """The next state on the stream."""
    async with asyncio.timeout(5):
        while True:
            line = (await answer.content.readline()).decode()
            if not line:
                raise EOFError
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found


async def to_the_end(answer: aiohttp.ClientResponse) -> None:
    while True:
        await heard(answer)


async def test_a_beat_carries_clock_age_and_digest_and_nothing_about_anybody() -> None:
    async with world() as w, w.client.get("/events", headers=await w.signed_in()) as answer:
        assert answer.content_type == "text/event-stream"
        first = await heard(answer)
        assert first.keys() == {"revision", "digest", "now_ms", "as_of_ms"}
        w.clock[0] += 5_000_000
        second = await heard(answer)
        assert second["now_ms"] - first["now_ms"] == 5000
        assert second["as_of_ms"] == first["as_of_ms"]
        assert second["digest"] == first["digest"]


async def test_what_is_published_is_told_at_once() -> None:
    async with world() as w, w.client.get("/events", headers=await w.signed_in()) as answer:
        before = await heard(answer)
        w.view.health = (Health("broker", False, "gone"),)
        w.view.publish()
        while (after := await heard(answer))["revision"] == before["revision"]:
            pass
        assert after["digest"] != before["digest"]


async def test_the_stream_ends_when_the_session_does() -> None:
    async with world() as w:
        headers = await w.signed_in()
        async with w.client.get("/events", headers=headers) as answer:
            await heard(answer)
            await w.accounts.disable("wang", w.clock[0])
            with pytest.raises(EOFError):
                await to_the_end(answer)


async def test_the_crew_counts_as_present_while_its_page_is_open() -> None:
    async with world() as w:
        headers = await w.signed_in(Role.CREW, "li")
        async with w.client.get("/crew/events", headers=headers) as answer:
            await heard(answer)
            assert "li" in w.deps.crew_present
        async with asyncio.timeout(5):
            while "li" in w.deps.crew_present:  # noqa: ASYNC110  # the book tells nobody
                await asyncio.sleep(0.02)


async def test_only_people_on_the_list_can_be_present() -> None:
    async with world(api_token="t") as w:
        stranger = await w.signed_in(Role.CREW, "stranger")
        assert (await w.client.get("/crew/events", headers=stranger)).status == 403
        assert (await w.client.get("/crew/events")).status == 401
        token = {"Authorization": "Bearer t"}
        assert (await w.client.get("/crew/events?responder_id=x", headers=token)).status == 403
        async with w.client.get("/crew/events?responder_id=li", headers=token) as answer:
            await heard(answer)
            assert "li" in w.deps.crew_present


async def test_a_viewer_who_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STALLED_SECONDS", 0.2)
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.001)
    monkeypatch.setattr(live, "_frame", lambda deps, shown: b": much\n\n" + b"x" * 100_000)
    async with world() as w:
        headers = await w.signed_in()
        pulse = w.client.app[live.PULSE]
        reader, writer = await asyncio.open_connection("127.0.0.1", w.client.port, limit=1024)
        writer.write(
            f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {headers['Cookie']}\r\n\r\n".encode()
        )
        await reader.readline()
        assert len(pulse.streams) == 1
        async with asyncio.timeout(5):
            while pulse.streams:  # noqa: ASYNC110  # the set tells nobody
                await asyncio.sleep(0.02)
        writer.close()


async def test_there_is_a_bound_on_open_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STREAMS", 1)
    async with world() as w:
        headers = await w.signed_in()
        async with w.client.get("/events", headers=headers) as answer:
            await heard(answer)
            assert (await w.client.get("/events", headers=headers)).status == 503


async def test_a_stream_has_no_head() -> None:
    async with world() as w:
        assert (await w.client.head("/events", headers=await w.signed_in())).status == 405


async def test_the_digest_is_worked_out_once_per_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    async with world() as w:
        calls: list[int] = []

        def counted(view: object) -> str:
            calls.append(1)
            return str(len(calls))

        monkeypatch.setattr(live, "digest", counted)
        pulse = live.Pulse()
        assert [pulse.digest(w.view), pulse.digest(w.view)] == ["1", "1"]
        w.view.publish()
        assert pulse.digest(w.view) == "2"
