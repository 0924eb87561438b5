"""The reference device, over a connection that the test plays and over a real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from devices.instant import SECOND, rfc3339
from simulator.device import (
    BrokerAddress,
    Command,
    CommandFailed,
    Connection,
    ReferenceDevice,
    full_jitter,
    next_boot,
)
from tests.support.mosquitto import Mosquitto, running

NOW = 1_800_000_000 * SECOND


class PlayedConnection(Connection):
    """Keeps what was sent instead of sending it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, bool]] = []
        self.up = True

    async def send(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        if self.up:
            self.sent.append((topic, payload, retain))
        return self.up

    def bodies(self, leaf: str) -> list[dict[str, Any]]:
        return [json.loads(payload) for topic, payload, _ in self.sent if topic.endswith("/" + leaf)]


class Siren:
    """Sounds; counts how often."""

    def __init__(self) -> None:
        self.sounded: list[str] = []
        self.broken = False

    async def act(self, command: Command) -> str:
        await asyncio.sleep(0)
        if self.broken:
            raise CommandFailed("no power")
        self.sounded.append(command.action)
        return f"sounded {len(self.sounded)}"


def _device(**options: Any) -> tuple[ReferenceDevice, PlayedConnection]:
    settings: dict[str, Any] = {"boot": 7, "now": lambda: NOW, "jitter": lambda _: 0.0, "patience_s": 0.01}
    device = ReferenceDevice("c1", "kitchen", **{**settings, **options})
    link = PlayedConnection()
    device.carried_by(link)
    return device, link


async def _ack(device: ReferenceDevice, **body: Any) -> None:
    await device.hear("anmin/c1/kitchen/ack", json.dumps({"v": 1, **body}).encode())


async def _order(device: ReferenceDevice, **body: Any) -> None:
    """A command in time unless told otherwise."""
    whole = {"v": 1, "expires_at": rfc3339(NOW + SECOND), **body}
    await device.hear("anmin/c1/kitchen/command", json.dumps(whole).encode())


def test_every_start_has_a_higher_boot_number(tmp_path: Path) -> None:
    assert [next_boot(tmp_path, "a"), next_boot(tmp_path, "a"), next_boot(tmp_path, "b")] == [1, 2, 1]


async def test_a_reading_is_in_the_native_form() -> None:
    device, link = _device()
    assert await device.reading({"temperature_c": 21.4, "smoke_alarm": False})
    topic, payload, retain = link.sent[0]
    assert (topic, retain) == ("anmin/c1/kitchen/reading", False)
    assert json.loads(payload) == {
        "v": 1,
        "boot": 7,
        "seq": 1,
        "at": "2027-01-15T08:00:00.000Z",
        "values": {"temperature_c": 21.4, "smoke_alarm": False},
    }


async def test_a_reading_that_nobody_takes_is_said_and_keeps_its_number() -> None:
    device, link = _device()
    link.up = False
    assert not await device.reading({})
    link.up = True
    await device.reading({})
    assert [body["seq"] for body in link.bodies("reading")] == [2]


async def test_an_event_is_sent_again_word_for_word_until_it_is_acknowledged() -> None:
    device, link = _device()
    waiting = asyncio.create_task(device.event({"smoke_alarm": True}))
    await asyncio.sleep(0.05)
    assert len(link.sent) >= 3
    assert len({payload for _, payload, _ in link.sent}) == 1
    await _ack(device, id=link.bodies("event")[0]["id"], ok=True)
    answer = await asyncio.wait_for(waiting, 1)
    sent = len(link.sent)
    assert answer == (True, "", sent)
    await asyncio.sleep(0.03)
    assert len(link.sent) == sent


async def test_a_refused_event_is_not_sent_again_and_says_why() -> None:
    device, link = _device(patience_s=10.0)
    waiting = asyncio.create_task(device.event({"smoke_alarm": True}))
    await asyncio.sleep(0)
    await _ack(device, id=link.bodies("event")[0]["id"], ok=False, reason="malformed")
    assert await asyncio.wait_for(waiting, 1) == (False, "malformed", 1)


async def test_another_event_s_acknowledgement_is_not_ours() -> None:
    device, _ = _device()
    waiting = asyncio.create_task(device.event({}))
    await asyncio.sleep(0)
    await _ack(device, id="kitchen-6-1", ok=True)
    await device.hear("anmin/c1/kitchen/ack", b"not json")
    await device.hear("anmin/c1/kitchen/ack", b'{"ok":true}')
    await asyncio.sleep(0.03)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_an_event_waits_out_a_lost_connection() -> None:
    device, link = _device()
    link.up = False
    waiting = asyncio.create_task(device.event({}))
    await asyncio.sleep(0.03)
    link.up = True
    await asyncio.sleep(0.03)
    await _ack(device, id=link.bodies("event")[0]["id"], ok=True)
    assert (await asyncio.wait_for(waiting, 1)).ok


async def test_the_wait_between_attempts_grows_to_its_bound() -> None:
    asked: list[float] = []

    def jitter(longest_s: float) -> float:
        asked.append(longest_s)
        return 0.0

    device, _ = _device(jitter=jitter, patience_s=0.0, longest_s=5.0)
    waiting = asyncio.create_task(device.event({}))
    while len(asked) < 5:  # noqa: ASYNC110 the device has no event for it
        await asyncio.sleep(0.001)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert asked[:5] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_full_jitter_stays_within_its_bound() -> None:
    assert all(0 <= full_jitter(0.5) <= 0.5 for _ in range(100))


async def test_a_repeated_command_is_done_once_and_answered_the_same_each_time() -> None:
    siren = Siren()
    device, link = _device(act=siren.act)
    await asyncio.gather(*(_order(device, id="k1", action="sound") for _ in range(3)))
    await _order(device, id="k1", action="sound")
    await _order(device, id="k2", action="stop")
    assert siren.sounded == ["sound", "stop"]
    assert link.bodies("result") == [{"v": 1, "id": "k1", "done": True, "detail": "sounded 1"}] * 4 + [
        {"v": 1, "id": "k2", "done": True, "detail": "sounded 2"}
    ]


@pytest.mark.parametrize("expires_at", [rfc3339(NOW), rfc3339(NOW - SECOND), "soon", 5, None])
async def test_an_expired_command_is_refused(expires_at: object) -> None:
    siren = Siren()
    device, link = _device(act=siren.act)
    await _order(device, id="k1", action="sound", expires_at=expires_at)
    assert siren.sounded == []
    assert link.bodies("result") == [{"v": 1, "id": "k1", "done": False, "detail": "expired"}]


async def test_a_command_in_time_is_done_and_a_failure_is_reported() -> None:
    siren = Siren()
    device, link = _device(act=siren.act)
    await _order(device, id="k1", action="sound", expires_at=rfc3339(NOW + SECOND))
    siren.broken = True
    await _order(device, id="k2", action="sound")
    assert [(body["done"], body["detail"]) for body in link.bodies("result")] == [
        (True, "sounded 1"),
        (False, "no power"),
    ]


async def test_a_device_that_can_do_nothing_says_so() -> None:
    device, link = _device()
    await _order(device, id="k1", action="fly")
    assert link.bodies("result")[0]["detail"] == "unknown action 'fly'"


async def test_what_is_no_command_is_passed_over() -> None:
    device, link = _device()
    for payload in (b"", b"[]", b"{", b'{"id":1}', b"\xff", b"[" * 100_000):
        await device.hear("anmin/c1/kitchen/command", payload)
    assert link.sent == []


def test_the_last_will_says_offline_with_our_boot() -> None:
    will = _device()[0].last_will()
    assert (will.topic, will.qos, will.retain) == ("anmin/c1/kitchen/status", 1, True)
    assert json.loads(str(will.payload, "utf-8")) == {"v": 1, "boot": 7, "online": False}  # type: ignore[arg-type] # our will is bytes


def test_a_connection_without_devices_is_refused() -> None:
    with pytest.raises(ValueError, match="carries no device"):
        Connection(BrokerAddress("h", 1), "gateway", [])


# --- over a real broker ---


@asynccontextmanager
async def _connected(broker: Mosquitto, *devices: ReferenceDevice) -> AsyncIterator[asyncio.Task[None]]:
    connection = Connection(
        BrokerAddress(broker.host, broker.port), "gateway", devices, jitter=lambda most: most / 4
    )
    task = asyncio.create_task(connection.run())
    try:
        async with asyncio.timeout(5):
            await connection.connected.wait()
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _real(device_id: str, **options: Any) -> ReferenceDevice:
    return ReferenceDevice("c1", device_id, boot=1, now=lambda: NOW, patience_s=0.2, **options)


async def test_a_gateway_carries_many_devices_over_one_connection(tmp_path: Path) -> None:
    siren = Siren()
    devices = [_real("gateway"), _real("smoke"), _real("siren", act=siren.act)]
    with running(tmp_path) as broker:
        async with aiomqtt.Client(broker.host, broker.port) as service:
            await service.subscribe("anmin/c1/+/event", qos=1)
            await service.subscribe("anmin/c1/+/result", qos=1)
            async with _connected(broker, *devices):
                waiting = asyncio.create_task(devices[1].event({"smoke_alarm": True}))
                event = await asyncio.wait_for(anext(service.messages), 5)
                assert str(event.topic) == "anmin/c1/smoke/event"
                event_id = json.loads(bytes(event.payload))["id"]
                await service.publish("anmin/c1/smoke/ack", json.dumps({"v": 1, "id": event_id, "ok": True}))
                assert (await asyncio.wait_for(waiting, 5)).ok
                order = {"v": 1, "id": "k", "action": "sound", "expires_at": "2999-01-01T00:00:00Z"}
                await service.publish("anmin/c1/siren/command", json.dumps(order), qos=1)
                async with asyncio.timeout(5):
                    async for message in service.messages:
                        if str(message.topic) == "anmin/c1/siren/result":
                            break
                assert siren.sounded == ["sound"]


async def test_says_online_and_offline_and_the_broker_remembers(tmp_path: Path) -> None:
    with running(tmp_path) as broker:
        async with _connected(broker, _real("gateway"), _real("smoke")):
            await _until_status(broker, online=True)
        await _until_status(broker, online=False)


async def _until_status(broker: Mosquitto, *, online: bool) -> None:
    said: dict[str, bool] = {}
    async with asyncio.timeout(5), aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe("anmin/c1/+/status", qos=1)
        async for message in client.messages:
            said[str(message.topic)] = json.loads(bytes(message.payload))["online"]
            if list(said.values()) == [online, online]:
                return


async def test_finds_a_broker_that_was_killed_again_and_delivers_its_event(tmp_path: Path) -> None:
    device = _real("smoke")
    with running(tmp_path) as broker:
        async with _connected(broker, device):
            broker.kill()
            waiting = asyncio.create_task(device.event({"smoke_alarm": True}))
            await asyncio.sleep(0.1)
            await asyncio.to_thread(broker.start)
            async with asyncio.timeout(8), aiomqtt.Client(broker.host, broker.port) as service:
                await service.subscribe("anmin/c1/smoke/event", qos=1)
                event = await anext(service.messages)
                event_id = json.loads(bytes(event.payload))["id"]
                await service.publish("anmin/c1/smoke/ack", json.dumps({"v": 1, "id": event_id, "ok": True}))
                assert (await waiting).ok
