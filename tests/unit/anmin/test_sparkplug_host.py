"""Edge nodes see whether we listen: by a birth, a death that we say, and one that the broker says for us."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from anmin import sideline
from anmin import sparkplug_host as module
from anmin.sparkplug_host import SparkplugHost
from devices.instant import SECOND
from ingest.sources.mqtt_endpoint import MqttEndpoint
from tests.support.mosquitto import HOST, Mosquitto

TOPIC = "spBv1.0/STATE/anmin"
AT_S = 1_790_000_000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(sideline, "AGAIN_S", 0.05)


class Site:
    """A host whose sources are connected or not, on a clock of its own."""

    def __init__(self, broker: Mosquitto) -> None:
        self.listens = True
        self.now = AT_S * SECOND
        endpoint = MqttEndpoint(HOST, broker.port, "anmin-sparkplug")
        self.host = SparkplugHost("anmin", endpoint, lambda: self.listens, lambda: self.now)


@asynccontextmanager
async def at_work(site: Site) -> AsyncIterator[None]:
    task = asyncio.create_task(site.host.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def edge_node(broker: Mosquitto) -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe(TOPIC, qos=1)
        yield client


async def state(client: aiomqtt.Client, *, online: bool) -> dict[str, Any]:
    """The next that says so."""
    async with asyncio.timeout(5):
        async for message in client.messages:
            said: dict[str, Any] = json.loads(bytes(message.payload))
            if said["online"] is online:
                return said
    raise AssertionError


async def test_birth_and_death_bear_the_time_of_the_will(broker: Mosquitto) -> None:
    async with edge_node(broker) as node:
        async with at_work(Site(broker)):
            assert await state(node, online=True) == {"online": True, "timestamp": AT_S * 1000}
        assert await state(node, online=False) == {"online": False, "timestamp": AT_S * 1000}


async def test_it_is_retained_for_a_node_that_comes_later(broker: Mosquitto) -> None:
    async with at_work(Site(broker)):
        async with edge_node(broker) as node:
            await state(node, online=True)
        async with edge_node(broker) as late:
            first = await anext(late.messages)
            assert first.retain
            assert json.loads(bytes(first.payload))["online"]


async def test_while_our_sources_are_away_we_are_not_online(broker: Mosquitto) -> None:
    site = Site(broker)
    async with at_work(site), edge_node(broker) as node:
        await state(node, online=True)
        site.listens = False
        await state(node, online=False)
        site.listens = True
        await state(node, online=True)


async def test_the_broker_says_it_for_us_and_the_next_connection_is_newer(broker: Mosquitto) -> None:
    site = Site(broker)
    async with at_work(site), edge_node(broker) as node:
        await state(node, online=True)
        site.now += SECOND
        async with aiomqtt.Client(HOST, broker.port, identifier="anmin-sparkplug"):
            await state(node, online=False)
        assert (await state(node, online=True))["timestamp"] == (AT_S + 1) * 1000


async def test_who_says_that_we_are_gone_while_we_listen_is_contradicted(broker: Mosquitto) -> None:
    async with at_work(Site(broker)), edge_node(broker) as node:
        await state(node, online=True)
        gone = json.dumps({"online": False, "timestamp": 1})
        await node.publish(TOPIC, gone, qos=1, retain=True)
        await state(node, online=False)
        assert (await state(node, online=True))["timestamp"] == AT_S * 1000
