"""A world played to a real service: devices over MQTT, people over its HTTP API, on the clock of the wall.

Knows an address, a token and the town. What the service did is read from the API that everybody has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import aiomqtt

from devices.instant import Instant, parse_rfc3339
from simulator.device import BrokerAddress
from simulator.provider import report
from simulator.score import Notice, Raised
from simulator.script import LEVELS
from simulator.town import COMMUNITY
from simulator.voice import Said
from simulator.world import World

LOOKS_EVERY_S: Final = 0.5
"""How often the service is asked what it did."""
_STEP_S: Final = 0.05
_AGAIN_S: Final = 1.0
_CALLS_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service is. `api` empty: nobody answers and nothing is scored. `secret`: of the provider of
    messages, for receipts; empty: none are sent. `now` is the wall clock."""

    broker: BrokerAddress
    now: Callable[[], Instant]
    api: str = ""
    token: str = ""
    secret: bytes = b""
    connections: int = 4
    speed: float = 1.0


class OnAir:
    """One run. Make it, make the world with it as its outside, then `run` until it is over."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._queues: list[asyncio.Queue[Said]] = []
        self._calls: asyncio.Queue[tuple[str, Mapping[str, str], bytes]] = asyncio.Queue()
        self._incidents: dict[str, tuple[str, bool]] = {}
        self._sends: set[tuple[str, int, str, str]] = set()
        self.began_at = service.now()
        self.published = 0
        self.refused = 0
        self.broken = 0

    def clock(self, now: Instant) -> Instant:
        """The wall's time of a world's time; a device stamps what it says with it."""
        return self.began_at + round((now - self.began_at) / self._service.speed)

    def _world_now(self, wall: Instant) -> Instant:
        return self.began_at + round((wall - self.began_at) * self._service.speed)

    async def run(self, world: World, until: Instant, stop: asyncio.Event) -> None:
        """Play until the world's time or until stopped. Raises aiomqtt.MqttError when there is no broker."""
        self._queues = [asyncio.Queue() for _ in range(self._service.connections)]
        for unit in world.units.values():
            unit.tells = self.clock
        await self._reachable()
        async with aiohttp.ClientSession() as http:
            beside = [
                *(
                    asyncio.create_task(self._says(number, queue, world))
                    for number, queue in self._numbered()
                ),
                *(
                    (asyncio.create_task(self._asks(http)), asyncio.create_task(self._looks(http, world)))
                    if self._service.api
                    else ()
                ),
            ]
            try:
                world.start()
                while not stop.is_set() and world.now < until:
                    world.step(min(until, self._world_now(self._service.now())))
                    await asyncio.sleep(_STEP_S)
                if self._service.api:
                    await self._look(http, world)
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    def _numbered(self) -> Iterable[tuple[int, asyncio.Queue[Said]]]:
        return enumerate(self._queues)

    # What the town does to the system -----------------------------------------------------------------------

    def hear(self, said: Said, *, kept: bool) -> None:
        """In order, for all of one topic ride on one connection."""
        number = zlib.crc32(said.topic.encode()) % len(self._queues)
        self._queues[number].put_nowait(said._replace(retained=said.retained or kept))

    def act(self, incident: str, verb: str, by: str, **more: str) -> None:
        via = "resident" if verb == "respond" else "api"
        body = json.dumps({"verb": verb, "by": by, "via": via, **more}, ensure_ascii=False)
        path = f"/api/v1/incidents/{incident}/actions"
        headers = {"authorization": f"Bearer {self._service.token}", "content-type": "application/json"}
        self._calls.put_nowait((path, headers, body.encode()))

    def receipt(self, notice: Notice, state: str) -> None:
        told = self._service.secret and notice.key and notice.channel == "webhook"
        if told and state in ("delivered", "seen"):
            headers, body = report(self._service.secret, notice.key, state)
            self._calls.put_nowait(("/api/v1/receipts", headers, body))

    # The wires --------------------------------------------------------------------------------------------

    def _client(self, number: int) -> aiomqtt.Client:
        broker = self._service.broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=f"anmin-sim-{number}-{self.began_at % 1_000_000}",
        )

    async def _reachable(self) -> None:
        async with self._client(len(self._queues)):
            return

    async def _says(self, number: int, queue: asyncio.Queue[Said], world: World) -> None:
        """One connection; the first also hears what devices are told. It comes back by itself."""
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with self._client(number) as client:
                    listening = asyncio.create_task(self._hears(client, world)) if number == 0 else None
                    try:
                        while True:
                            said = await queue.get()
                            await client.publish(said.topic, said.payload, qos=1, retain=said.retained)
                            self.published += 1
                    finally:
                        if listening is not None:
                            listening.cancel()
            await asyncio.sleep(_AGAIN_S)

    async def _hears(self, client: aiomqtt.Client, world: World) -> None:
        for leaf in ("ack", "command"):
            await client.subscribe(f"anmin/{COMMUNITY}/+/{leaf}", qos=1)
        async for message in client.messages:
            if isinstance(message.payload, bytes):
                world.heard(str(message.topic), message.payload)

    async def _asks(self, http: aiohttp.ClientSession) -> None:
        """People press buttons one after the other; a network that fails loses what they pressed."""
        while True:
            path, headers, body = await self._calls.get()
            timeout = aiohttp.ClientTimeout(total=_CALLS_S)
            try:
                url = self._service.api + path
                async with http.post(url, data=body, headers=dict(headers), timeout=timeout) as answer:
                    self.refused += answer.status >= 400
            except (aiohttp.ClientError, TimeoutError):
                self.broken += 1

    # What the system does ---------------------------------------------------------------------------------

    async def _looks(self, http: aiohttp.ClientSession, world: World) -> None:
        while True:
            await self._look(http, world)
            await asyncio.sleep(LOOKS_EVERY_S)

    async def _look(self, http: aiohttp.ClientSession, world: World) -> None:
        """What is new since the last time, to the world."""
        try:
            listed = await self._get(http, "/api/v1/incidents")
            for item in sorted(listed["items"], key=lambda item: str(item["opened_at"])):
                known = (item["level"], item["is_open"])
                if self._incidents.get(item["id"]) == known and not item["is_open"]:
                    continue
                seen = await self._get(http, f"/api/v1/incidents/{item['id']}")
                if self._incidents.get(item["id"]) != known:
                    self._incidents[item["id"]] = known
                    world.raised(_raised(seen, world.now))
                for notice in self._new(seen):
                    world.told(notice)
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
            self.broken += 1

    def _new(self, seen: Mapping[str, Any]) -> Iterator[Notice]:
        """The API tells the newest version of each recipient; keys and purposes stand in the timeline."""
        timeline = seen["timeline"]
        purposes = {one["version"]: one["purpose"] for one in timeline if one["kind"] == "announced"}
        keys = {
            (one["recipient"], one["channel"]): one["key"] for one in timeline if one["kind"] == "delivered"
        }
        for delivery in seen["deliveries"]:
            who, version = delivery["recipient"], delivery["version"]
            slot = (seen["id"], version, who["id"], who["channel"])
            if slot not in self._sends:
                self._sends.add(slot)
                yield Notice(
                    self._world_now(parse_rfc3339(delivery["at"])),
                    keys.get(slot[2:], ""),
                    seen["id"],
                    version,
                    purposes.get(version, ""),
                    who["audience"],
                    who["id"],
                    who["channel"],
                    who["household_id"] or "",
                    seen["drill"],
                )

    async def _get(self, http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._service.token}"}
        timeout = aiohttp.ClientTimeout(total=_CALLS_S)
        async with http.get(self._service.api + path, headers=headers, timeout=timeout) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found


def _raised(seen: Mapping[str, Any], now: Instant) -> Raised:
    return Raised(
        now,
        seen["id"],
        seen["hazard"],
        seen["place_id"],
        max(0, LEVELS.get(seen["level"], 0)),
        seen["drill"],
        seen["is_open"],
    )
