"""Load for a broker and whatever listens to it: ten thousand devices on a few connections or on one each.

Native readings of heat detectors, each device in its own turn. What is measured is the way to the broker and
back (PUBACK); what the service makes of it is asked of the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiomqtt

from devices.instant import SECOND, Instant
from simulator.device import BrokerAddress
from simulator.dialects.native import Native
from simulator.score import quantiles
from simulator.voice import Identity

_AT_ONCE: Final = 200
"""Connections that are being opened at one time: brokers have a listen queue."""


@dataclass(frozen=True, slots=True)
class Load:
    """`every_s`: each device speaks so often. `single`: a connection for each, else so many `connections`."""

    devices: int
    every_s: float
    lasts_s: float
    connections: int = 8
    single: bool = False
    community: str = "load"


@dataclass(slots=True)
class Measured:
    """Seconds from publish to PUBACK, and what failed."""

    waits_s: list[float] = field(default_factory=list)
    failed: int = 0
    connected: int = 0
    connecting_s: float = 0.0
    took_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        taken = len(self.waits_s)
        return {
            "connections": self.connected,
            "connecting_s": round(self.connecting_s, 1),
            "published": taken,
            "failed": self.failed,
            "per_s": round(taken / self.took_s, 1) if self.took_s else 0.0,
            "puback_ms": quantiles([1000 * wait for wait in self.waits_s]),
        }


async def press(
    broker: BrokerAddress, load: Load, now: Callable[[], Instant], out: Callable[[str], None]
) -> Measured:
    """Connect, speak for so long, say what it came to. Raises aiomqtt.MqttError when there is no broker."""
    measured = Measured()
    number = load.devices if load.single else min(load.connections, load.devices)
    loop = asyncio.get_running_loop()
    gate, ready, ends = asyncio.Semaphore(_AT_ONCE), asyncio.Event(), [0.0]
    began = loop.time()

    async def connection(index: int) -> None:
        names = range(index, load.devices, number)
        devices = [_Device(load, name, now) for name in names]
        async with contextlib.AsyncExitStack() as stack:
            async with gate:
                client = await stack.enter_async_context(_client(broker, index))
            client.pending_calls_threshold = 65_535  # a gateway has many messages under way
            measured.connected += 1
            await ready.wait()
            await asyncio.gather(*(one.speaks(client, ends[0], measured) for one in devices))

    tasks = [asyncio.create_task(connection(index)) for index in range(number)]
    try:
        while measured.connected < number:
            failed = [task for task in tasks if task.done()]
            for task in failed:
                task.result()
            await asyncio.sleep(0.05)
        measured.connecting_s = loop.time() - began
        out(f"{number} connections in {measured.connecting_s:.1f} s")
        ends[0] = loop.time() + load.lasts_s
        began = loop.time()
        ready.set()
        await asyncio.gather(*tasks)
        measured.took_s = loop.time() - began
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return measured


class _Device:
    """Speaks every so often, in a turn of its own."""

    def __init__(self, load: Load, number: int, now: Callable[[], Instant]) -> None:
        name = f"heat-{number:05d}"
        self._load, self._now = load, now
        self._chance = random.Random(number)  # noqa: S311 guards nothing
        self._voice = Native(Identity(load.community, name, name, "heat", now() // SECOND), self._chance)

    async def speaks(self, client: aiomqtt.Client, until: float, measured: Measured) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._chance.uniform(0.0, self._load.every_s)
        while due < until:
            await asyncio.sleep(max(0.0, due - loop.time()))
            values = {"temperature_c": round(self._chance.gauss(22.0, 0.5), 1)}
            (said,) = self._voice.reading(values, self._now())
            began = loop.time()
            try:
                await client.publish(said.topic, said.payload, qos=1)
                measured.waits_s.append(loop.time() - began)
            except aiomqtt.MqttError:
                measured.failed += 1
            due += self._load.every_s


def _client(broker: BrokerAddress, index: int) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=f"anmin-load-{index}",
    )


def documents(load: Load) -> dict[str, Any]:
    """The community file with these devices, for a service that is to hear them."""
    return {
        "county": {"id": "bench", "zh": "负载", "en": "Load"},
        "street": {"id": "test", "zh": "测试", "en": "Test"},
        "community": {"id": load.community, "zh": "负载测试", "en": "Load test"},
        "zones": [{"id": "hall", "zh": "大厅", "en": "Hall", "kind": "crowded"}],
        "devices": [
            {"id": f"heat-{number:05d}", "profile": "native-heat", "place": "hall"}
            for number in range(load.devices)
        ],
        "staff": [{"id": "duty", "name": "值班员", "role": "duty", "contacts": [{"console": "duty"}]}],
    }
