"""A real mosquitto on the files of `anmin broker init`: no device reaches what is another's (S25, S26)."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import pytest

from anmin.backends.broker_site import DEVICE_READS, DEVICE_WRITES, SiteBroker, User
from tests.support.harness import until
from tests.support.mosquitto import free_port, mosquitto

DEVICES = [f"smoke-{n}" for n in range(100)]
WRITES = {f"anmin/c/{name}/{leaf}": name for name in DEVICES for leaf in DEVICE_WRITES}
READS = {f"anmin/c/{name}/{leaf}": name for name in DEVICES for leaf in DEVICE_READS}
ELSEWHERE = ("anmin/d/smoke-0/event", "zigbee2mqtt/x", "anmin/c/event", "$SYS/broker/x", "x")
END = "end"


class Place:
    """The files, the broker on them, and everybody's password."""

    def __init__(self, folder: Path) -> None:
        self.port, self.local = free_port(), free_port()
        self.site = SiteBroker.create(folder / "broker", "c", "localhost", self.port)
        conf = self.site.folder / "mosquitto.conf"
        text = conf.read_text().replace("listener 1883 127.0.0.1", f"listener {self.local} 127.0.0.1")
        conf.write_text(text + ("user root\n" if os.geteuid() == 0 else ""))
        self.words = self.site.issue({name: User("device") for name in DEVICES})
        self.words["anmin"] = (self.site.folder / "anmin.password").read_text().strip()
        self.process = subprocess.Popen([mosquitto(), "-c", str(conf)], stderr=subprocess.DEVNULL)

    def service(self, name: str = "watch") -> aiomqtt.Client:
        return aiomqtt.Client(
            "127.0.0.1", self.local, username="anmin", password=self.words["anmin"], identifier=name
        )

    def device(self, name: str, password: str | None = None, identifier: str | None = None) -> aiomqtt.Client:
        trust = ssl.create_default_context(cafile=str(self.site.folder / "ca.crt"))
        word = self.words[name] if password is None else password
        return aiomqtt.Client(
            "localhost", self.port, username=name, password=word, identifier=identifier, tls_context=trust
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    try:
        yield made
    finally:
        made.process.terminate()
        made.process.wait(10)


async def up(place: Place) -> None:
    pid = place.site.folder / "data" / "mosquitto.pid"
    await until(pid.exists)
    await asyncio.sleep(0.2)


async def test_a_hundred_devices_reach_no_topic_but_their_own(place: Place) -> None:
    await up(place)
    arrived: set[tuple[str, str]] = set()

    async def watch(ended: asyncio.Event) -> None:
        async with place.service() as client:
            await client.subscribe("#", qos=1)
            ended.set()
            left = len(DEVICES)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                who = message.payload.decode()
                if who.startswith(END):
                    left -= 1
                    if not left:
                        return
                else:
                    arrived.add((who, str(message.topic)))

    async def speak(name: str) -> None:
        async with place.device(name) as client:
            for topic in (*WRITES, *READS, *ELSEWHERE):
                await client.publish(topic, name, qos=0)
            await client.publish(f"anmin/c/{name}/status", f"{END} {name}", qos=1)

    listening = asyncio.Event()
    watching = asyncio.create_task(watch(listening))
    await listening.wait()
    for start in range(0, len(DEVICES), 20):
        await asyncio.gather(*(speak(name) for name in DEVICES[start : start + 20]))
    async with asyncio.timeout(60):
        await watching
    assert arrived == {(name, topic) for topic, name in WRITES.items()}


async def test_a_hundred_devices_hear_nothing_but_their_own(place: Place) -> None:
    await up(place)
    heard: dict[str, set[str]] = {}

    async def listen(name: str, ready: asyncio.Semaphore) -> None:
        async with place.device(name) as client:
            await client.subscribe([("#", 1), ("anmin/#", 1), ("$SYS/#", 1), (f"anmin/c/{name}/command", 1)])
            ready.release()
            topics: set[str] = set()
            async for message in client.messages:
                topics.add(str(message.topic))
                if message.payload == END.encode():
                    heard[name] = topics
                    return

    ready = asyncio.Semaphore(0)
    listeners = [asyncio.create_task(listen(name, ready)) for name in DEVICES]
    for _ in DEVICES:
        await ready.acquire()
    async with place.service() as client:
        for topic in (*WRITES, *READS, *ELSEWHERE[:3], "x"):
            await client.publish(topic, "word", qos=0)
        for name in DEVICES:
            await client.publish(f"anmin/c/{name}/command", END, qos=1)
        async with asyncio.timeout(60):
            await asyncio.gather(*listeners)
    own = {name: {f"anmin/c/{name}/{leaf}" for leaf in DEVICE_READS} for name in DEVICES}
    assert heard == own


async def test_nobody_comes_in_without_the_right_password_and_none_throws_another_off(place: Place) -> None:
    await up(place)
    for name, word in (("smoke-1", "wrong"), ("smoke-1", ""), ("nobody", "x")):
        with pytest.raises(aiomqtt.MqttError):
            async with place.device(name, word):
                pass
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("localhost", place.local):
            pass
    async with place.device("smoke-1") as one, place.device("smoke-2", identifier="smoke-1") as two:
        await two.publish("anmin/c/smoke-2/status", b"x", qos=1)
        await one.publish("anmin/c/smoke-1/status", b"x", qos=1)


async def test_a_rotated_password_counts_as_soon_as_the_broker_was_told(place: Place) -> None:
    await up(place)
    old = place.words["smoke-1"]
    new = place.site.issue({"smoke-1": User("device")})["smoke-1"]
    place.site.revoke(["smoke-2"])
    assert place.site.reload()
    await asyncio.sleep(0.3)
    async with place.device("smoke-1", new):
        pass
    for name, word in (("smoke-1", old), ("smoke-2", place.words["smoke-2"])):
        with pytest.raises(aiomqtt.MqttError):
            async with place.device(name, word):
                pass
