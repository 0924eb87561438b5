"""What every source promises, over every broker we ship with; and what it needs of its libraries' insides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import aiomqtt
import pytest
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion

from anmin.backends.broker_roles import RunningBroker, keep_roles
from ingest.message import Lane
from ingest.ports import Incoming, Source, SourceDown
from ingest.sources.mqtt import MqttEndpoint, MqttSource
from tests.support.mosquitto import mosquitto

Protocol = Literal["5", "3.1.1"]


class Rig:
    """A broker, one source on it, and what that source delivered."""

    def __init__(self, broker: RunningBroker, protocol: Protocol) -> None:
        self.broker = broker
        self.protocol = protocol
        self.delivered: asyncio.Queue[Incoming] = asyncio.Queue()
        self.tasks: list[asyncio.Task[None]] = []

    def source(self) -> MqttSource:
        service = self.broker.roles.service
        endpoint = MqttEndpoint(
            self.broker.host,
            self.broker.port,
            "contract",
            username=service.username,
            password=service.password,
            protocol=self.protocol,
        )
        return MqttSource("contract", Lane.TELEMETRY, endpoint, ["anmin/+/+/reading"], lambda: 7)

    async def run(self, source: MqttSource) -> MqttSource:
        self.tasks.append(asyncio.create_task(source.run(self.delivered.put_nowait)))
        await source.first_connect(5)
        return source

    async def halt(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    def device(self) -> aiomqtt.Client:
        devices = self.broker.roles.devices
        return aiomqtt.Client(
            self.broker.host, self.broker.port, username=devices.username, password=devices.password
        )

    async def next(self) -> Incoming:
        return await asyncio.wait_for(self.delivered.get(), 5)


@pytest.fixture(params=["mosquitto 5", "mosquitto 3.1.1", "embedded 3.1.1"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    grade, protocol = request.param.split()
    roles = keep_roles(tmp_path, ())
    broker: RunningBroker
    if grade == "mosquitto":
        from anmin.backends.broker_mosquitto import PrivateMosquitto

        broker = await PrivateMosquitto.start(Path(mosquitto()), tmp_path, roles, 0)
    else:
        pytest.importorskip("amqtt", reason="the embedded broker is an extra")
        from anmin.backends.broker_embedded import EmbeddedBroker

        broker = await EmbeddedBroker.start(tmp_path, roles, 0)
    rig = Rig(broker, protocol)
    yield rig
    await rig.halt()
    await broker.stop()


async def test_hands_on_topic_payload_and_flags(rig: Rig) -> None:
    source: Source = await rig.run(rig.source())
    async with rig.device() as device:
        await device.publish("anmin/c/d/reading", b'{"v":1}', qos=1)
        await device.publish("anmin/c/e/status", b"{}", qos=1)
        await device.publish("anmin/c/e/reading", b"two", qos=1)
    first, second = await rig.next(), await rig.next()
    assert first.message == ("contract", "anmin/c/d/reading", b'{"v":1}', 7, False, False, 1, False)
    assert second.message.payload == b"two"
    assert (source.name, source.lane) == ("contract", Lane.TELEMETRY)


async def test_caught_up_is_done_when_the_kept_messages_have_arrived(rig: Rig) -> None:
    await rig.run(rig.source())
    await rig.halt()
    async with rig.device() as device:
        for number in range(10):
            await device.publish("anmin/c/d/reading", str(number).encode(), qos=1)
    acknowledged: list[bytes] = []

    def deliver(incoming: Incoming) -> None:
        assert incoming.acknowledge is not None
        incoming.acknowledge()
        acknowledged.append(incoming.message.payload)

    source = rig.source()
    rig.tasks.append(asyncio.create_task(source.run(deliver)))
    await source.first_connect(5)
    async with asyncio.timeout(2):
        await source.caught_up()
    assert sorted(acknowledged) == [str(number).encode() for number in range(10)]


async def test_a_retained_message_says_so(rig: Rig) -> None:
    async with rig.device() as device:
        await device.publish("anmin/c/d/reading", b"kept", qos=1, retain=True)
    await rig.run(rig.source())
    incoming = await rig.next()
    assert (incoming.message.payload, incoming.message.retain) == (b"kept", True)


async def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(rig: Rig) -> None:
    if rig.broker.grade == "embedded":
        pytest.skip("by design: amqtt forgets what was in flight when a connection ends; its note says demo")
    source = await rig.run(rig.source())
    async with rig.device() as device:
        for number in range(3):
            await device.publish("anmin/c/d/reading", str(number).encode(), qos=1)
    for _ in range(3):
        incoming = await rig.next()
        if incoming.message.payload == b"0":
            assert incoming.acknowledge is not None
            incoming.acknowledge()
    await asyncio.sleep(0.1)
    assert source.unacknowledged == 2
    await rig.halt()
    again = await rig.run(rig.source())
    payloads = [(await rig.next()).message.payload for _ in range(2)]
    assert sorted(payloads) == [b"1", b"2"]
    assert rig.delivered.empty()
    assert again.unacknowledged == 2


async def test_publishes_to_devices_and_waits_for_the_broker(rig: Rig) -> None:
    source = await rig.run(rig.source())
    async with rig.device() as device:
        await device.subscribe("anmin/c/d/command", qos=1)
        await source.publish("anmin/c/d/command", b'{"id":"1"}')
        message = await asyncio.wait_for(anext(device.messages), 5)
    assert message.payload == b'{"id":"1"}'


async def test_publishing_when_not_connected_is_source_down(rig: Rig) -> None:
    source = rig.source()
    with pytest.raises(SourceDown):
        await source.publish("anmin/c/d/command", b"")
    await rig.run(source)
    await rig.halt()
    with pytest.raises(SourceDown):
        await source.publish("anmin/c/d/command", b"")


async def test_stopping_leaves_no_task_behind(rig: Rig) -> None:
    before = asyncio.all_tasks()
    await rig.run(rig.source())
    await rig.halt()
    await asyncio.sleep(0)
    left = [task.get_coro().cr_code.co_filename for task in asyncio.all_tasks() - before]  # type: ignore[union-attr] # tasks hold coroutines here
    assert [name for name in left if "amqtt" not in name] == []


def test_the_libraries_are_the_ones_whose_insides_we_know() -> None:
    assert (version("aiomqtt"), version("paho-mqtt")) == ("2.5.1", "2.2.0")


async def test_the_insides_that_the_link_uses_are_there() -> None:
    client = aiomqtt.Client("h")
    for name in ("_client", "_connected", "_disconnected", "_misc_task"):
        assert hasattr(client, name), name
    paho = Paho(CallbackAPIVersion.VERSION2)
    for name in ("_sock", "_sock_close", "_in_packet", "_handle_publish", "_packet_queue"):
        assert hasattr(paho, name), name
    assert set(paho._in_packet) >= {"command", "packet"}
    assert paho.on_socket_open is None
    assert client._client.on_socket_open == client._on_socket_open
    assert client._client.on_connect == client._on_connect
