"""The door for platforms over a real socket: on a real log, and through the whole service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from anmin.backends.disk import Space
from anmin.backends.log import Limits
from anmin.pushes import Pushes
from anmin.section_push import Push
from anmin.web import push
from anmin.web.app import application
from devices.instant import Instant
from ingest.ports import Log
from ingest.push import onenet_signature
from tests.support.harness import Anmin, People, Site
from tests.support.log import Bench, records
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.street import COMMUNITY, street
from tests.support.web import world
from tests.support.web_view import NOW

TOKEN = "token-of-the-platform"
FULL = Space(free=0, total=1 << 30)


def point(value: int, at_ms: int, nonce: str = "n", device: int = 2016617) -> bytes:
    message = f'{{"type":1,"dev_id":{device},"ds_id":"smoke_alarm","at":{at_ms},"value":{value}}}'
    signed = onenet_signature(TOKEN, nonce, message)
    return f'{{"msg":{message},"nonce":"{nonce}","msg_signature":"{signed}"}}'.encode()


# On a real log ----------------------------------------------------------------------------------------------


@asynccontextmanager
async def door(log: Log, now: Instant = NOW) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async with world() as w:
        settings = Push.model_validate({"onenet": TOKEN})
        deps = replace(w.deps, push=Pushes(settings, log), now=lambda: now)
        runner = web.AppRunner(application(deps))
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        try:
            async with aiohttp.ClientSession() as http:
                yield http, f"http://{HOST}:{runner.addresses[0][1]}/push/onenet"
        finally:
            await runner.cleanup()


async def test_every_200_stands_for_a_record_on_disk(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bodies = [point(1, NOW // 1000 + n) for n in range(40)]
    async with bench.opened() as log, door(log) as (http, url):

        async def send(body: bytes) -> bytes:
            async with http.post(url, data=body) as answer:
                assert answer.status == 200
                kept = [record.payload for record in await records(log)]
            assert body in kept
            return body

        await asyncio.gather(*(send(body) for body in bodies))
    async with Bench(tmp_path).opened() as again:
        found = await records(again)
    assert sorted(record.payload for record in found) == sorted(bodies)
    assert {(record.source, record.topic) for record in found} == {("push-onenet", "push/onenet")}


async def test_no_200_while_the_commit_is_held_back_and_the_retry_has_no_second_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telemetry is written only a little ahead of what has been handled, and here nothing is."""
    monkeypatch.setattr(push, "TAKEN_WITHIN_S", 0.2)
    bench = Bench(tmp_path)
    async with bench.opened(Limits(ahead=2)) as log, door(log) as (http, url):
        log.handled(0)
        codes = [(await http.post(url, data=point(1, NOW // 1000 + n))).status for n in range(4)]
        assert codes == [200, 200, 503, 503]
        assert len(await records(log)) == 2
        log.handled(log.last)
        async with asyncio.timeout(10):
            while len(await records(log)) < 4:
                await asyncio.sleep(0.02)
                log.handled(log.last)
        codes = [(await http.post(url, data=point(1, NOW // 1000 + n))).status for n in range(4)]
        assert codes == [200] * 4
        assert len(await records(log)) == 4


async def test_a_full_log_is_503_and_what_is_sent_again_later_is_taken(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with bench.opened() as log, door(log) as (http, url):
        assert (await http.post(url, data=point(1, NOW // 1000))).status == 200
        bench.space = FULL
        bench.at += 3_600_000_000
        async with asyncio.timeout(10):
            number = 1
            while (await http.post(url, data=point(1, NOW // 1000 + number))).status == 200:
                number += 1
                bench.at += 3_600_000_000
        kept = len(await records(log))
        answer = await http.post(url, data=point(1, NOW // 1000 + number))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        assert len(await records(log)) == kept


# Through the whole service ----------------------------------------------------------------------------------


async def test_an_alarm_that_is_pushed_again_and_after_a_restart_is_one_incident(
    tmp_path: Path, broker: Mosquitto
) -> None:
    settings = {"mqtt": {"url": f"mqtt://{HOST}:{broker.port}"}, "push": {"onenet": TOKEN}}
    site = Site(tmp_path / "site", street(2), settings)
    running, people = Anmin(site), People(site)

    async def send(body: bytes) -> int:
        async with aiohttp.ClientSession() as http, http.post(f"{site.url}/push/onenet", data=body) as answer:
            return answer.status

    async def fires(condition: str = "") -> list[dict[str, Any]]:
        found = [one for one in await people.incidents() if one["hazard"] == "fire"]
        return [one for one in found if condition in ("", one["condition"])]

    async def over() -> list[dict[str, Any]]:
        return await fires("normal")

    try:
        await running.start()
        at = await asyncio.to_thread(_now_ms)
        assert await send(point(1, at).replace(b'"value":1', b'"value":0')) == 401
        assert [await send(point(1, at)) for _ in range(3)] == [200] * 3
        (found,) = await eventually(fires)
        assert found["place_id"] == COMMUNITY  # the device is in no file
        assert await send(point(0, at + 1)) == 200
        await eventually(over)
        assert await running.stop() == 0
        await running.start()
        assert await send(point(1, at)) == 200
        assert await send(point(1, at, nonce="another")) == 200
        await asyncio.sleep(0.5)
        assert [(one["id"], one["condition"]) for one in await fires()] == [(found["id"], "normal")]
        assert await send(point(1, at + 2)) == 200
        await eventually(lambda: fires("abnormal"))
        assert await running.stop() == 0
        assert (await running.run("verify"))[0] == 0
    finally:
        await running.kill()
        await people.close()


async def eventually(ask: Any, within_s: float = 10.0) -> Any:
    async with asyncio.timeout(within_s):
        while True:
            if found := await ask():
                return found
            await asyncio.sleep(0.05)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
