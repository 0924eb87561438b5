"""Our own broker as a process: it keeps messages, comes back, holds users to their topics, dies with us."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiomqtt
import pytest

from anmin.backends import broker as door
from anmin.backends import broker_mosquitto
from anmin.backends.broker import BrokerFailed, RunningBroker, start_private_broker
from anmin.backends.broker_roles import Credential
from ingest.message import Lane
from ingest.ports import SourceDown
from ingest.sources.mqtt import MqttEndpoint, MqttSource
from tests.support.mosquitto import free_port, mosquitto


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RunningBroker]:
    mosquitto()
    running = await start_private_broker(tmp_path)
    yield running
    await running.stop()


@pytest.fixture
async def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningBroker]:
    pytest.importorskip("amqtt", reason="the embedded broker is an extra")
    monkeypatch.setattr(door, "find_mosquitto", lambda: None)
    running = await start_private_broker(tmp_path)
    yield running
    await running.stop()


def _client(
    broker: RunningBroker, who: Credential, name: str | None = None, *, clean: bool = True
) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=who.username,
        password=who.password,
        identifier=name,
        clean_session=clean,
        timeout=5,
    )


async def _until(true: Callable[[], bool], within_s: float = 6.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 what is waited for is another process
            await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]
    except OSError:
        return False


async def test_proves_once_that_it_keeps_messages(broker: RunningBroker, tmp_path: Path) -> None:
    assert broker.grade == "mosquitto"
    assert (broker.note_zh, broker.note_en) == ("", "")
    proven = tmp_path / "persistence-proven"
    assert proven.read_text().startswith("2.")
    stamp = proven.stat().st_mtime_ns
    port = broker.port
    await broker.stop()
    again = await start_private_broker(tmp_path)
    try:
        assert proven.stat().st_mtime_ns == stamp
        assert again.port == port
    finally:
        await again.stop()


async def test_messages_and_sessions_survive_its_death_and_it_comes_back(broker: RunningBroker) -> None:
    service, pid = broker.roles.service, broker.pid
    assert pid is not None
    async with _client(broker, service, "keeper", clean=False) as client:
        await client.subscribe("anmin/+/+/event", qos=1)
    async with _client(broker, broker.roles.devices) as device:
        for number in range(50):
            await device.publish("anmin/c/d/event", str(number), qos=1)
    await asyncio.sleep(2.5)  # its own store-keeping, not ours: every second, looked at every second
    os.kill(pid, signal.SIGKILL)
    await _until(lambda: broker.pid not in (None, pid))
    await _until(lambda: not _refused(broker.port))
    async with _client(broker, service, "keeper", clean=False) as client:
        got = [(await asyncio.wait_for(anext(client.messages), 5)).payload for _ in range(50)]
    assert got == [str(number).encode() for number in range(50)]
    assert broker.restarts == 1


def _refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


async def test_devices_are_held_to_their_topics(broker: RunningBroker) -> None:
    heard: list[str] = []
    async with (
        _client(broker, broker.roles.service) as service,
        _client(broker, broker.roles.devices) as device,
    ):
        await service.subscribe("anmin/#", qos=1)
        await device.subscribe("anmin/#", qos=1)
        for topic in ("anmin/c/d/command", "anmin/c/d/ack", "anmin/c/d/event"):
            await device.publish(topic, b"", qos=1)
        heard.append(str((await asyncio.wait_for(anext(service.messages), 5)).topic))
        await service.publish("anmin/c/d/command", b"", qos=1)
        heard.append(str((await asyncio.wait_for(anext(device.messages), 5)).topic))
    assert heard == ["anmin/c/d/event", "anmin/c/d/command"]


async def test_nobody_gets_in_without_the_password(broker: RunningBroker) -> None:
    await _nobody_gets_in(broker)


async def test_nobody_gets_into_the_embedded_one_either(embedded: RunningBroker) -> None:
    await _nobody_gets_in(embedded)


async def _nobody_gets_in(running: RunningBroker) -> None:
    for who in (Credential("devices", "wrong"), Credential("mallory", "")):
        with pytest.raises(aiomqtt.MqttError):
            async with _client(running, who):
                pass
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client(running.host, running.port, timeout=5):
            pass


_PARENT = """
    import asyncio, sys
    from pathlib import Path
    from anmin.backends.broker import start_private_broker

    async def main():
        broker = await start_private_broker(Path(sys.argv[1]))
        print(broker.pid, flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
async def test_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    mosquitto()
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(_PARENT),
        str(tmp_path),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 15))
    assert _alive(pid)
    parent.kill()
    await parent.communicate()
    await _until(lambda: not _alive(pid))


async def test_a_stopped_broker_is_gone(broker: RunningBroker) -> None:
    pid = broker.pid
    assert pid is not None
    await broker.stop()
    assert not _alive(pid)
    assert broker.pid is None


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    mosquitto()
    port = free_port()
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    async with server:
        with pytest.raises(BrokerFailed, match=f"does not start on port {port}"):
            await start_private_broker(tmp_path, port=port)


@pytest.mark.parametrize(
    "fault", ['sed -i "s/^persistence true/persistence false/" "$2"', 'rm -f "$(dirname "$2")/mosquitto.db"']
)
async def test_a_broker_that_keeps_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The trap: mosquitto that drops to a user who cannot write its folder, and says so in its log only."""
    monkeypatch.setattr(broker_mosquitto, "_PROOF_WITHIN_S", 1.0)
    forgetful = tmp_path / "mosquitto"
    forgetful.write_text(
        "#!/bin/sh\n"
        'case "$1" in -h) echo "mosquitto version 2.0.0"; exit;; esac\n'
        f'{fault}\nexec {mosquitto()} -c "$2"\n'
    )
    forgetful.chmod(0o755)
    with pytest.raises(BrokerFailed, match="does not keep messages over a crash"):
        await start_private_broker(tmp_path / "data", mosquitto=forgetful)


async def test_the_embedded_one_carries_messages_and_says_what_it_is(embedded: RunningBroker) -> None:
    assert embedded.grade == "embedded"
    assert embedded.note_zh
    assert embedded.note_en
    async with (
        _client(embedded, embedded.roles.service) as service,
        _client(embedded, embedded.roles.devices) as device,
    ):
        await service.subscribe("anmin/+/+/event", qos=1)
        await device.publish("anmin/c/d/command", b"not mine to send", qos=1)
        await device.publish("anmin/c/d/event", b"yes", qos=1)
        assert (await asyncio.wait_for(anext(service.messages), 5)).payload == b"yes"


async def test_a_topic_that_the_broker_refuses_is_named(embedded: RunningBroker) -> None:
    devices = embedded.roles.devices
    endpoint = MqttEndpoint(
        embedded.host,
        embedded.port,
        "x",
        username=devices.username,
        password=devices.password,
        protocol="3.1.1",
    )
    source = MqttSource("x", Lane.ALARM, endpoint, ["other/#"], lambda: 0, jitter=lambda _: 0.05)
    task = asyncio.create_task(source.run(lambda _: None))
    with pytest.raises(SourceDown, match=r"refuses user 'devices' the topic 'other/#'.*extend its ACL"):
        await source.first_connect(0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
