"""A connection beside the alarms: it comes back, complains once, and nothing in it ends the house."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import pytest
from structlog.testing import capture_logs

from anmin import sideline as module
from anmin.sideline import Sideline, ended, together
from ingest.sources.mqtt_endpoint import MqttEndpoint
from tests.support.mosquitto import HOST, Mosquitto, free_port


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.05)


def line(port: int) -> Sideline:
    return Sideline("test", MqttEndpoint(HOST, port, "side"), lambda: aiomqtt.Will("gone", b"1"))


async def test_it_ends_when_there_is_nothing_more_to_do(broker: Mosquitto) -> None:
    async def once(client: aiomqtt.Client) -> bool:
        await client.publish("a", b"b", qos=1)
        return True

    async with asyncio.timeout(5):
        await line(broker.port).run(once)


async def test_a_bug_is_told_once_and_tried_again(broker: Mosquitto) -> None:
    tries = 0

    async def broken(client: aiomqtt.Client) -> bool:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise ZeroDivisionError
        return True

    with capture_logs() as said:
        async with asyncio.timeout(5):
            await line(broker.port).run(broken)
    assert tries == 4
    assert [entry["event"] for entry in said] == ["sideline.down"]


async def test_a_broker_that_is_away_is_told_once_and_waited_for() -> None:
    async def never(client: aiomqtt.Client) -> bool:
        raise AssertionError("connected to nothing")

    with capture_logs() as said, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await line(free_port()).run(never)
    assert [entry["event"] for entry in said] == ["sideline.down"]
    assert "nothing listens" in said[0]["trouble"]


async def test_after_it_was_well_the_next_trouble_is_told_again(broker: Mosquitto) -> None:
    tries = 0
    one = line(broker.port)

    async def mostly(client: aiomqtt.Client) -> bool:
        nonlocal tries
        tries += 1
        one.well()
        if tries < 3:
            raise ZeroDivisionError
        return True

    with capture_logs() as said:
        await one.run(mostly)
    assert len(said) == 2


async def test_a_cancellation_that_gets_lost_is_given_again() -> None:
    lost = asyncio.Event()

    async def swallows_one() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            lost.set()
        await asyncio.sleep(10)

    task = asyncio.create_task(swallows_one())
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await ended([task], 0.05)
    assert lost.is_set()
    assert task.cancelled()


async def test_what_runs_together_ends_together_with_what_went_wrong() -> None:
    over: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            over.append("waits")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await together(waits(), fails())
    assert over == ["waits"]
