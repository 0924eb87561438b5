"""The whole service beside a Home Assistant: a fire is seen without a name, and switched off it is gone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiomqtt

from tests.support.harness import Anmin, Overlay, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.street import COMMUNITY, smoke, street

STATE = f"anmin/-/homeassistant/anmin_{COMMUNITY}/state"


async def retained(broker: Mosquitto) -> dict[str, bytes]:
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe("#", qos=1)
        await client.publish("fence", b"")
        found: dict[str, bytes] = {}
        async for message in client.messages:
            if str(message.topic) == "fence":
                return found
            found[str(message.topic)] = bytes(message.payload)
    return found


async def rings(broker: Mosquitto) -> None:
    async with aiomqtt.Client(HOST, broker.port) as client:
        body = {"v": 1, "boot": 1, "seq": 1, "values": {"smoke_alarm": True}, "id": "e1"}
        await client.publish(f"anmin/{COMMUNITY}/{smoke(1)}/event", json.dumps(body), qos=1)


async def until_open(broker: Mosquitto) -> None:
    async with asyncio.timeout(15), aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe(STATE, qos=1)
        async for message in client.messages:
            if message.payload and json.loads(bytes(message.payload))["open"]:
                return


async def test_a_fire_is_seen_without_a_name_and_nothing_stays_once_it_is_switched_off(
    tmp_path: Path, broker: Mosquitto
) -> None:
    settings: Overlay = {
        "mqtt": {"url": f"mqtt://{HOST}:{broker.port}"},
        "dialects": {"use": ["home_assistant"], "home_assistant_topics": ["anmin/-/homeassistant/#"]},
        "homeassistant": {"publish": True},
    }
    site = Site(tmp_path / "site", street(3), settings)
    running, people = Anmin(site), People(site)
    try:
        await running.start()
        await rings(broker)
        await until_open(broker)
        said = await retained(broker)
        state = json.loads(said[STATE])
        assert (state["open"], state["hazard"], state["building"]) == (1, "fire", "Building 0001, Unit 1")
        everything = b"\n".join((*said.values(), *(topic.encode() for topic in said))).decode()
        for private in ("住户", "101", smoke(1), "f1"):
            assert private not in everything
        assert len(await people.incidents()) == 1  # no stranger came of what we said ourselves
        assert await running.stop() == 0
        assert (await retained(broker))[f"anmin/-/homeassistant/anmin_{COMMUNITY}/status"] == b"offline"

        site.write(homeassistant={"publish": False})
        await running.start()
        for _ in range(100):
            if not await retained(broker):
                break
            await asyncio.sleep(0.1)
        assert await retained(broker) == {}
        assert await running.stop() == 0
    finally:
        await running.kill()
        await people.close()
