from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from alerts.broadcasts.broadcast import Audience, LiveSend, Recipient
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent
from alerts.channels.siren import DeviceChannel, Results
from devices.instant import Instant
from tests.support.broadcast import T0, send

DATA = '{"action":"sound","pattern":"evacuate","text":"","incident_id":"inc_1"}'


def command(name: str, action: str, expires_at: Instant, arguments: Mapping[str, object]) -> bytes:
    return json.dumps({"id": name, "action": action, "expires_at": expires_at, **arguments}).encode()


def topic(who: Recipient) -> str | None:
    return f"anmin/c/{who.address}/command" if who.address else None


def sound() -> LiveSend:
    return send("siren", audience=Audience.DEVICE, data=DATA)


class Device:
    """The far end: answers each command as told, or not at all."""

    def __init__(self, answer: tuple[bool, str] | None) -> None:
        self.results = Results()
        self.heard: list[tuple[str, dict[str, object]]] = []
        self.answer = answer
        self.asked = asyncio.Semaphore(0)

    async def publish(self, topic: str, payload: bytes) -> None:
        body = json.loads(payload)
        self.heard.append((topic, body))
        self.asked.release()
        if self.answer is not None:
            whose = body["id"], topic.split("/")[2]
            asyncio.get_running_loop().call_soon(self.results.resolve, *whose, *self.answer)

    def channel(self, within_s: float = 5.0) -> DeviceChannel:
        return DeviceChannel("siren", self.publish, self.results, command, topic, within_s=within_s)


async def test_device_that_says_it_did_it_is_confirmed() -> None:
    device = Device((True, "sounding"))
    assert await device.channel().send(sound()) == Sent("sounding", confirmed=True)
    assert device.heard == [
        (
            "anmin/c/address-1/command",
            {
                "id": "key-1",
                "action": "sound",
                "expires_at": T0 + 600_000_000,
                "pattern": "evacuate",
                "text": "",
                "incident_id": "inc_1",
            },
        )
    ]


async def test_device_that_does_not_answer_is_asked_again_with_the_same_id() -> None:
    device = Device(None)
    channel = device.channel(within_s=0.01)
    assert [await channel.send(sound()) for _ in range(2)] == [Retry("no result in 0.01 s")] * 2
    assert [body["id"] for _, body in device.heard] == ["key-1", "key-1"]


async def test_device_that_refuses_is_not_asked_again() -> None:
    assert await Device((False, "expired\n")).channel().send(sound()) == Refused("expired")
    assert await Device((False, "")).channel().send(sound()) == Refused("refused")


@pytest.mark.parametrize("error", [ConnectionError("no broker"), OSError(9, "bad")])
async def test_broker_that_is_away_is_tried_again(error: OSError) -> None:
    async def publish(topic: str, payload: bytes) -> None:
        raise error

    outcome = await DeviceChannel("siren", publish, Results(), command, topic).send(sound())
    assert isinstance(outcome, Retry)
    assert outcome.why.startswith("not sent: ")


async def test_broker_that_hangs_costs_no_more_than_the_wait_for_a_result() -> None:
    async def publish(topic: str, payload: bytes) -> None:
        await asyncio.sleep(60)

    channel = DeviceChannel("siren", publish, Results(), command, topic, within_s=0.01)
    assert await channel.send(sound()) == Retry("no result in 0.01 s")


async def test_result_that_comes_before_the_broker_has_confirmed_counts() -> None:
    results = Results()

    async def publish(topic: str, payload: bytes) -> None:
        assert results.resolve("key-1", "address-1", True, "")
        await asyncio.sleep(0)

    assert await DeviceChannel("siren", publish, results, command, topic).send(sound()) == Sent("", True)


async def test_device_that_cannot_be_commanded_is_refused() -> None:
    device = Device((True, ""))
    nowhere = replace(sound(), recipient=replace(sound().recipient, address=""))
    assert await device.channel().send(nowhere) == Refused("device 'duty' takes no commands")
    assert device.heard == []


async def test_results_nobody_waits_for_are_no_error() -> None:
    results = Results()
    assert results.resolve("never", "address-1", True, "") is False
    answer = results.expect("key", "address-1")
    assert results.resolve("key", "address-1", True, "first") is True
    assert results.resolve("key", "address-1", False, "second") is False
    assert await answer == (True, "first")
    results.forget("key", "address-1")
    results.forget("key", "address-1")
    assert results.resolve("key", "address-1", True, "late") is False


async def test_another_device_cannot_confirm_it() -> None:
    results = Results()
    answer = results.expect("key", "address-1")
    assert results.resolve("key", "address-2", True, "forged") is False
    assert not answer.done()


async def test_nothing_is_kept_of_what_was_answered() -> None:
    device = Device((True, ""))
    await device.channel().send(sound())
    assert device.results.resolve("key-1", "address-1", True, "") is False


async def together(channel: DeviceChannel, *sends: LiveSend) -> tuple[Outcome, ...]:
    return tuple(await asyncio.gather(*(channel.send(each) for each in sends)))


async def test_two_devices_at_once_get_their_own_results() -> None:
    device = Device(None)
    channel = device.channel()
    one, two = sound(), replace(sound(), key="key-2")
    both = asyncio.create_task(together(channel, one, two))
    for _ in range(2):
        await device.asked.acquire()
    device.results.resolve("key-2", "address-1", False, "jammed")
    device.results.resolve("key-1", "address-1", True, "on")
    assert await both == (Sent("on", confirmed=True), Refused("jammed"))
