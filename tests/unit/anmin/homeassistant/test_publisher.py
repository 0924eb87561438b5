"""Over a real broker: announced, told on change, said to be gone, taken away; a bug ends nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from anmin import sideline
from anmin.homeassistant import publisher as module
from anmin.homeassistant.announcements import Terms
from anmin.homeassistant.naming import opaque
from anmin.homeassistant.publisher import Publisher, publisher
from anmin.settings import Settings
from anmin.view import View
from devices.inventory import Inventory
from ingest.sources.mqtt_endpoint import MqttEndpoint
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.web_view import FIRE, NOW, view, with_incident

SECRET = b"s" * 32
BASE = "anmin/-/homeassistant"
TERMS = Terms("homeassistant", BASE, "en", SECRET)
STATUS, COMMUNITY = f"{BASE}/anmin_xfl/status", f"{BASE}/anmin_xfl/state"
CONFIG = "homeassistant/device/anmin_xfl/config"
SIGN = opaque("smoke-1203", SECRET)
DEVICE, DEVICE_CONFIG = f"{BASE}/anmin_xfl/{SIGN}", f"homeassistant/device/anmin_xfl_{SIGN}/config"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    (tmp_path / "broker").mkdir()
    running = Mosquitto(tmp_path / "broker")
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.05)
    monkeypatch.setattr(sideline, "AGAIN_S", 0.05)


def made(broker: Mosquitto, shown: View, folder: Path, *, wanted: bool = True) -> Publisher:
    endpoint = MqttEndpoint(HOST, broker.port, "anmin-homeassistant")
    return Publisher(shown, TERMS, endpoint, folder / "homeassistant.json", wanted=wanted)


@asynccontextmanager
async def at_work(one: Publisher) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(one.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Heard:
    """What somebody who subscribes to everything has heard, message by message."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.messages: list[tuple[str, bytes]] = []
        self.newest: dict[str, bytes] = {}

    async def until(self, topic: str, wanted: object, within_s: float = 5.0) -> None:
        """`wanted`: the payload, or part of its JSON."""
        async with asyncio.timeout(within_s):
            while not _fits(self.newest.get(topic), wanted):
                message = await anext(self._client.messages)
                self.messages.append((str(message.topic), bytes(message.payload)))
                self.newest[str(message.topic)] = bytes(message.payload)

    def of(self, topic: str) -> list[bytes]:
        return [payload for name, payload in self.messages if name == topic]


def _fits(payload: bytes | None, wanted: object) -> bool:
    if payload is None or not isinstance(wanted, dict):
        return payload == wanted
    return bool(payload) and wanted.items() <= json.loads(payload).items()


@asynccontextmanager
async def listening(broker: Mosquitto) -> AsyncIterator[Heard]:
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe("#", qos=1)
        yield Heard(client)


async def retained(broker: Mosquitto) -> dict[str, bytes]:
    """What somebody who comes later is told."""
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe("#", qos=1)
        await client.publish("fence", b"")
        found: dict[str, bytes] = {}
        async for message in client.messages:
            if str(message.topic) == "fence":
                break
            found[str(message.topic)] = bytes(message.payload)
        return found


def without(shown: View, device_id: str) -> Inventory:
    devices = {name: device for name, device in shown.inventory.devices.items() if name != device_id}
    return replace(shown.inventory, version="v9", devices=devices)


async def test_everything_is_announced_and_told_and_stays_for_who_comes_later(
    broker: Mosquitto, tmp_path: Path
) -> None:
    shown = view()
    async with at_work(made(broker, shown, tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
        kept = await retained(broker)
    assert {CONFIG, DEVICE_CONFIG, COMMUNITY, DEVICE, STATUS} <= set(kept)
    assert len(kept) == 1 + 2 * (1 + len(shown.inventory.devices))
    assert json.loads(kept[COMMUNITY])["open"] == 2
    assert json.loads(kept[DEVICE])["connected"] == "ON"


async def test_a_change_is_told_once_and_nothing_else_again(broker: Mosquitto, tmp_path: Path) -> None:
    shown = view()
    async with at_work(made(broker, shown, tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
        before = len(heard.messages)
        shown.incidents[FIRE] = with_incident(shown.incidents[FIRE], drill=True)
        shown.publish()
        await heard.until(COMMUNITY, {"open": 1})
        for _ in range(3):
            shown.publish()
            await asyncio.sleep(0.06)
        with pytest.raises(TimeoutError):
            await heard.until("nothing", b"more", within_s=0.2)
    assert [topic for topic, _ in heard.messages[before:]] == [COMMUNITY]


async def test_a_hundred_changes_within_the_time_are_one_message(
    broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.5)
    shown = view()
    async with at_work(made(broker, shown, tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
        said = len(heard.of(DEVICE))
        for number in range(100):
            seen = shown.devices["smoke-1203"]
            shown.devices["smoke-1203"] = replace(seen, latest={"battery_percent": (float(number), NOW)})
            shown.publish()
            await asyncio.sleep(0.001)
        await heard.until(DEVICE, {"battery": 99.0})
    assert len(heard.of(DEVICE)) - said <= 2


async def test_a_device_that_leaves_the_inventory_is_taken_away(broker: Mosquitto, tmp_path: Path) -> None:
    shown = view()
    async with at_work(made(broker, shown, tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
        shown.inventory = without(shown, "smoke-1203")
        shown.publish()
        await heard.until(DEVICE_CONFIG, b"")
        await heard.until(DEVICE, b"")
        kept = await retained(broker)
    assert DEVICE not in kept
    assert DEVICE_CONFIG not in kept
    assert CONFIG in kept


async def test_a_device_that_left_while_we_were_away_is_taken_away_at_the_start(
    broker: Mosquitto, tmp_path: Path
) -> None:
    shown = view()
    async with listening(broker) as heard:
        async with at_work(made(broker, shown, tmp_path)):
            await heard.until(STATUS, b"online")
        shown.inventory = without(shown, "smoke-1203")
        async with at_work(made(broker, shown, tmp_path)):
            await heard.until(DEVICE_CONFIG, b"")


async def test_switched_off_everything_is_taken_away_and_then_it_is_quiet(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with at_work(made(broker, view(), tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
    off = made(broker, view(), tmp_path, wanted=False)
    async with asyncio.timeout(5):
        await off.run()
    assert await retained(broker) == {}
    assert not (tmp_path / "homeassistant.json").exists()


async def test_never_switched_on_it_does_not_even_connect(tmp_path: Path) -> None:
    endpoint = MqttEndpoint(HOST, 1, "anmin-homeassistant")
    async with asyncio.timeout(1):
        await Publisher(view(), TERMS, endpoint, tmp_path / "none.json", wanted=False).run()


async def test_a_stop_and_a_lost_connection_both_say_that_we_are_gone(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with listening(broker) as heard:
        async with at_work(made(broker, view(), tmp_path)):
            await heard.until(STATUS, b"online")
        await heard.until(STATUS, b"offline")
        async with at_work(made(broker, view(), tmp_path)):
            await heard.until(STATUS, b"online")
            async with aiomqtt.Client(HOST, broker.port, identifier="anmin-homeassistant"):
                await heard.until(STATUS, b"offline")  # thrown off the line: the broker says it for us


async def test_home_assistant_that_starts_is_told_everything_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with at_work(made(broker, view(), tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
        shown = len(heard.of(CONFIG))
        async with aiomqtt.Client(HOST, broker.port) as assistant:
            await assistant.publish("homeassistant/status", b"online", qos=1)
        heard.newest.pop(COMMUNITY)
        heard.newest.pop(CONFIG)
        await heard.until(COMMUNITY, {"open": 2})
    assert len(heard.of(CONFIG)) == shown + 1


async def test_a_broker_that_comes_back_is_told_everything_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with at_work(made(broker, view(), tmp_path)) as task:
        async with listening(broker) as heard:
            await heard.until(STATUS, b"online")
        broker.kill()
        await asyncio.sleep(0.2)
        broker.start()
        async with listening(broker) as heard:
            await heard.until(STATUS, b"online")
            await heard.until(COMMUNITY, {"open": 2})
        assert not task.done()


async def test_a_bug_in_what_is_for_show_ends_nothing(
    broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "community_state", broken)
    async with at_work(made(broker, view(), tmp_path)) as task:
        await asyncio.sleep(0.3)
        assert not task.done()
        monkeypatch.undo()


async def test_a_note_that_cannot_be_read_is_as_none(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "homeassistant.json").write_text("{")
    async with at_work(made(broker, view(), tmp_path)), listening(broker) as heard:
        await heard.until(STATUS, b"online")
    assert CONFIG in json.loads((tmp_path / "homeassistant.json").read_text())


def test_it_is_off_unless_the_settings_want_it(tmp_path: Path) -> None:
    endpoint = MqttEndpoint(HOST, 1, "x")
    assert not publisher(Settings(), view(), SECRET, endpoint, tmp_path)._wanted
