"""Plays a story over a real broker and the real HTTP API: devices, gateways, telephones, crew.

Knows an address, a token and the town; nothing of the system it plays to.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import aiomqtt

from devices.instant import SECOND, Instant
from simulator.device import BrokerAddress, Command, CommandFailed, Connection, ReferenceDevice
from simulator.dialects.registry import DIALECTS
from simulator.kitchen import KitchenFire, Values, calm
from simulator.people import Member, Resident, crew, residents
from simulator.provider import Message, Provider
from simulator.town import COMMUNITY, Sensor, Town
from simulator.voice import Identity

PUT_OUT_AFTER_S = 30.0
"""From the arrival of the crew until there is water on the fire."""
HEARTBEAT_S = 20.0
"""How often a calm device speaks here; real ones take minutes, but nobody waits so long for a demo."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the play is: the broker for devices, the HTTP address and token for people."""

    broker: BrokerAddress
    api: str
    token: str
    now: Callable[[], Instant]


class Play:
    """One run of the story; `run` lasts until cancelled.

    `readings` and `published_at` (the first alarm of each sensor) are what was said, `accepted` are the
    sensors whose alarm the system took, `sounding` the commands that a siren followed.
    """

    def __init__(self, town: Town, story: KitchenFire, stage: Stage, provider: Provider, seed: int) -> None:
        self._town = town
        self.story = story
        self._stage = stage
        self._provider = provider
        self._residents = residents(town.homes, seed)
        self._crew = crew(town.crew, seed)
        self._going: set[str] = set()
        self._chance = random.Random(seed)  # noqa: S311 how well a radio is heard guards nothing
        boot = stage.now() // SECOND  # grows with every start
        self._devices = {
            name: ReferenceDevice(COMMUNITY, name, boot=boot, now=stage.now, act=self._act)
            for name in self._native()
        }
        self._alarms: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._second = 0
        self._http: aiohttp.ClientSession | None = None
        self.sounding: list[str] = []
        self.readings = 0
        self.published_at: dict[str, Instant] = {}
        self.accepted: set[str] = set()

    def _native(self) -> Iterator[str]:
        yield from (sensor.id for sensor in self._town.sensors if sensor.dialect == "native")
        yield from self._town.sounders

    async def run(self) -> None:
        """Connect the gateways and play, a second at a time."""
        gateway = Connection(self._stage.broker, "gateway-1", list(self._devices.values()))
        try:
            async with aiohttp.ClientSession() as self._http, asyncio.TaskGroup() as group:
                group.create_task(gateway.run(), name="gateway")
                group.create_task(self._zigbee(), name="zigbee gateway")
                await gateway.connected.wait()
                group.create_task(self._seconds(), name="story")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ring(self, message: Message) -> None:
        """A telephone rings: residents look and answer, crew members accept and go."""
        who = message.data["recipient"]
        if (member := self._crew.get(who)) is not None:
            await self._crew_called(member, message)
        elif (resident := self._residents.get(message.data.get("address", ""))) is not None:
            await self._resident_told(resident, message)

    # Devices ----------------------------------------------------------------------------------------------

    async def _seconds(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for second in itertools.count():
            await asyncio.sleep(max(0.0, began + second - loop.time()))
            self._second = second
            for number, sensor in enumerate(self._town.sensors):
                if sensor.dialect != "native":
                    continue
                burning = second >= self.story.ignition_s and self.story.near(sensor)
                if burning:
                    self._spawn(self._feels(sensor, self.story.feel(sensor, second)))
                elif (second + number) % int(HEARTBEAT_S) == 0:
                    self._spawn(self._says(sensor, calm(sensor)))

    async def _says(self, sensor: Sensor, values: Values) -> None:
        if await self._devices[sensor.id].reading(values):
            self.readings += 1

    async def _feels(self, sensor: Sensor, values: Values) -> None:
        """A reading each second; the first second of an alarm is an event that insists on its answer."""
        alarmed = any(name.endswith("_alarm") and value for name, value in values.items())
        if alarmed and sensor.id not in self._alarms:
            self._alarms.add(sensor.id)
            self.published_at[sensor.id] = self._stage.now()
            if (await self._devices[sensor.id].event(values)).ok:
                self.accepted.add(sensor.id)
        else:
            await self._says(sensor, values)

    async def _act(self, command: Command) -> str:
        if command.action == "sound":
            self.sounding.append(command.id)
            return "sounding"
        if command.action in ("stop", "speak"):
            return "done"
        raise CommandFailed(f"unknown action {command.action!r}")

    async def _zigbee(self) -> None:
        """A Zigbee2MQTT beside the native gateway: its own connection, its own dialect."""
        broker = self._stage.broker
        dialect = DIALECTS["zigbee2mqtt"]
        sensors = [sensor for sensor in self._town.sensors if sensor.dialect == dialect.name]
        voices = {
            one.id: dialect.voice(Identity(COMMUNITY, one.id, one.address, one.kind), self._chance)
            for one in sensors
        }
        while True:
            try:
                async with aiomqtt.Client(
                    broker.host, broker.port, username=broker.username, password=broker.password
                ) as client:
                    await client.publish("zigbee2mqtt/bridge/state", '{"state":"online"}', qos=1)
                    while True:
                        for sensor in sensors:
                            for said in voices[sensor.id].reading(calm(sensor), self._stage.now()):
                                await client.publish(said.topic, said.payload)
                            self.readings += 1
                        await asyncio.sleep(HEARTBEAT_S)
            except aiomqtt.MqttError:
                await asyncio.sleep(1.0)

    # People -----------------------------------------------------------------------------------------------

    async def _crew_called(self, member: Member, message: Message) -> None:
        await self._report(message.key, "delivered")
        incident = message.data["incident_id"]
        if member.accepts_after_s is None or message.data["purpose"] not in ("alert", "evacuate"):
            return
        await asyncio.sleep(member.accepts_after_s)
        if incident in self._going:
            return
        self._going.add(incident)
        await self._acts(incident, "accept", member.id)
        await asyncio.sleep(member.arrives_after_s)
        await self._acts(incident, "arrive", member.id)
        await asyncio.sleep(PUT_OUT_AFTER_S)
        self.story.put_out(self._second)

    async def _resident_told(self, resident: Resident, message: Message) -> None:
        await asyncio.sleep(resident.sees_after_s / 2)
        await self._report(message.key, "delivered")
        if resident.answer == "none":
            return
        await asyncio.sleep(resident.sees_after_s / 2)
        await self._report(message.key, "seen")
        if message.data["purpose"] in ("all_clear", "retract"):
            return
        await asyncio.sleep(resident.answers_after_s - resident.sees_after_s)
        await self._acts(
            message.data["incident_id"],
            "respond",
            resident.home,
            household_id=message.data["household"],
            reply=resident.answer,
        )

    async def _acts(self, incident: str, verb: str, by: str, **more: str) -> None:
        assert self._http is not None
        via = "resident" if verb == "respond" else "crew"
        url = f"{self._stage.api}/api/v1/incidents/{incident}/actions"
        headers = {"authorization": f"Bearer {self._stage.token}"}
        body = {"verb": verb, "by": by, "via": via, **more}
        with contextlib.suppress(aiohttp.ClientError):  # a phone without a network stays silent
            async with self._http.post(url, json=body, headers=headers):
                return

    async def _report(self, key: str, state: str) -> None:
        assert self._http is not None
        headers, body = self._provider.receipt(key, state)
        with contextlib.suppress(aiohttp.ClientError):
            async with self._http.post(f"{self._stage.api}/api/v1/receipts", data=body, headers=headers):
                return

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
