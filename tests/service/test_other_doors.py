"""Doors beside the devices' own: a fire panel by TCP, and the history by HTTP, through the whole service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt

from ingest.dialects.gb26875_frame import Command, Head, write
from tests.support.harness import Anmin, People, Site
from tests.support.mosquitto import HOST, Mosquitto, free_port
from tests.support.street import COMMUNITY, smoke, street

PANEL, CENTRE = bytes.fromhex("790300000000"), bytes.fromhex("385b01000000")
TIME = bytes((0, 0, 3, 23, 11, 26))
SMOKE_IN_FIRE = bytes((2, 1, 1, 1, 40, 10, 0, 2, 0, 0x03, 0)) + bytes(31) + TIME
"""One component: system 1.1, smoke detector zone 10 number 2, in normal service and on fire."""


@asynccontextmanager
async def service(folder: Path, broker: Mosquitto, **sections: dict[str, Any]) -> AsyncIterator[People]:
    site = Site(folder / "site", street(3), {"mqtt": {"url": f"mqtt://{HOST}:{broker.port}"}, **sections})
    running, people = Anmin(site), People(site)
    try:
        await running.start()
        yield people
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


async def test_a_fire_panel_is_confirmed_after_the_commit_and_its_fire_is_an_incident(
    tmp_path: Path, broker: Mosquitto
) -> None:
    port = free_port()
    dialects = {"use": ["gb26875"], "gb26875_listen": f"{HOST}:{port}"}
    async with service(tmp_path, broker, dialects=dialects) as people:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(write(Head(7, (1, 1), TIME, PANEL, CENTRE, Command.DATA), SMOKE_IN_FIRE))
        async with asyncio.timeout(10):
            answer = await reader.readexactly(30)
        assert answer[26] == Command.CONFIRM
        assert answer[2:4] == (7).to_bytes(2, "little")

        async def on_fire() -> list[dict[str, Any]]:
            return [one for one in await people.incidents() if one["hazard"] == "fire"]

        (incident,) = await eventually(on_fire)
        assert incident["place_id"] == COMMUNITY  # the panel is in no file: its fire is one all the same
        writer.close()


async def test_a_reading_is_in_the_history_soon_after(tmp_path: Path, broker: Mosquitto) -> None:
    async with service(tmp_path, broker) as people:
        async with aiomqtt.Client(HOST, broker.port) as client:
            for seq, value in enumerate((20.5, 21.5, 22.5), 1):
                body = f'{{"v":1,"boot":1,"seq":{seq},"values":{{"temperature_c":{value}}}}}'
                await client.publish(f"anmin/{COMMUNITY}/{smoke(0)}/reading", body, qos=1)

        async def kept() -> list[dict[str, Any]]:
            where = f"device={smoke(0)}&quantity=temperature_c&step=3600"
            status, body = await people.get(f"/api/v1/history?{where}")
            assert status == 200, body
            return [item for item in body["items"] if item["count"] == 3]

        (bucket,) = await eventually(kept)
        assert (bucket["min"], bucket["mean"], bucket["max"]) == (20.5, 21.5, 22.5)
