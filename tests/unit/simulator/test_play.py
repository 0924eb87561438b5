"""The play over a real broker and against an API that only writes down who asked for what."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiohttp import web

from devices.instant import SECOND, rfc3339
from simulator import play as stage_play
from simulator.device import BrokerAddress
from simulator.hazards.fire import RoomFire
from simulator.kitchen import KitchenFire
from simulator.people import Member, Resident
from simulator.play import Play, Stage
from simulator.provider import Message, Provider
from simulator.town import Town, home_at, town
from tests.support.mosquitto import Mosquitto, running

HOME = home_at("b1", 5, 1)
FAR = home_at("b2", 9, 2)
NOW = 1_800_000_000 * SECOND
LATER = rfc3339(NOW + SECOND)


class System:
    """Writes down what people do; acknowledges what devices say."""

    def __init__(self) -> None:
        self.actions: list[dict[str, Any]] = []
        self.receipts: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[System]:
        app = web.Application()
        app.router.add_post("/api/v1/incidents/{incident}/actions", self._act)
        app.router.add_post("/api/v1/receipts", self._receipt)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()

    async def _act(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers["authorization"])
        self.actions.append({"incident": request.match_info["incident"], **await request.json()})
        return web.json_response({})

    async def _receipt(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.receipts.append((body["key"], body["state"]))
        return web.json_response({})


class Ears:
    """Hears everything on the broker, and answers events."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def of(self, leaf: str) -> list[tuple[str, dict[str, Any]]]:
        return [(topic, body) for topic, body in self.heard if topic.endswith(leaf)]

    @asynccontextmanager
    async def listening(self, broker: Mosquitto) -> AsyncIterator[aiomqtt.Client]:
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.subscribe("#", qos=1)
            task = asyncio.create_task(self._hear(client))
            yield client
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic, body = str(message.topic), json.loads(bytes(message.payload))
            self.heard.append((topic, body))
            if topic.endswith("/event"):
                ack = json.dumps({"v": 1, "id": body["id"], "ok": True})
                await client.publish(topic.replace("/event", "/ack"), ack, qos=1)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick ones: one who is safe, one who never answers, one who goes."""

    def residents(homes: tuple[str, ...], seed: int) -> dict[str, Resident]:
        return {HOME: Resident(HOME, "safe", 0.02, 0.04), FAR: Resident(FAR, "none", 0.02, 0.04)}

    def crew(names: tuple[str, ...], seed: int) -> dict[str, Member]:
        return {"li-qiang": Member("li-qiang", 0.02, 0.02), "wu-yong": Member("wu-yong", None, 0.02)}

    monkeypatch.setattr(stage_play, "residents", residents)
    monkeypatch.setattr(stage_play, "crew", crew)
    monkeypatch.setattr(stage_play, "PUT_OUT_AFTER_S", 0.02)


def small_town() -> Town:
    """One home that burns, one far away, and everything that sounds."""
    whole = town(7)
    sensors = tuple(one for one in whole.sensors if one.household in (HOME, home_at("b2", 10, 1)))
    return replace(whole, sensors=sensors, homes=(HOME, FAR))


def burning(ignition_s: float) -> KitchenFire:
    return KitchenFire(HOME, ignition_s, {}, RoomFire(alpha=50.0, peak_kw=50_000.0))


@asynccontextmanager
async def playing(
    broker: Mosquitto, system: System, ignition_s: float = 3600.0
) -> AsyncIterator[tuple[Play, Provider]]:
    provider = Provider(b"key", lambda message: play.ring(message))
    stage = Stage(BrokerAddress(broker.host, broker.port), system.url, "token-1", lambda: NOW)
    play = Play(small_town(), burning(ignition_s), stage, provider, 7)
    task = asyncio.create_task(play.run())
    try:
        yield play, provider
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(done: Callable[[], bool], within_s: float = 8.0) -> None:
    async with asyncio.timeout(within_s):
        while not done():  # noqa: ASYNC110 what is heard is no event
            await asyncio.sleep(0.02)


def message(key: str, **data: Any) -> Message:
    return Message(key, {"incident_id": "inc-1", "purpose": "alert"} | data)


async def test_a_fire_makes_its_smoke_detector_insist_and_the_others_report(broker: Mosquitto) -> None:
    ears = Ears()
    async with (
        System().serving() as system,
        ears.listening(broker),
        playing(broker, system, 1.0) as (play, _),
    ):
        await until(lambda: "smoke-b1-501" in play.accepted)
    topic, event = ears.of("/event")[0]
    assert topic == "anmin/xfl/smoke-b1-501/event"
    assert event["values"]["smoke_alarm"] is True
    assert play.published_at["smoke-b1-501"] == NOW
    hot = [body["values"]["temperature_c"] for topic, body in ears.of("/heat-b1-501/reading")]
    assert hot[-1] > 25
    assert play.readings >= len(hot)


async def test_calm_devices_say_that_they_are_there_and_nothing_else(broker: Mosquitto) -> None:
    ears = Ears()
    async with System().serving() as system, ears.listening(broker), playing(broker, system) as (play, _):
        await until(lambda: play.readings >= 2 and len(ears.of("/reading")) >= 1)
    assert ears.of("/event") == []
    assert {topic for topic, body in ears.of("/status") if body["online"]} >= {
        "anmin/xfl/siren-b1/status",
        "anmin/xfl/smoke-b1-501/status",
    }
    assert ("zigbee2mqtt/bridge/state", {"state": "online"}) in ears.heard
    assert ears.of("zigbee2mqtt/home leak-b2-1001")[0][1]["water_leak"] is False


async def test_a_siren_sounds_when_it_is_told_and_refuses_what_it_cannot(broker: Mosquitto) -> None:
    ears = Ears()
    async with (
        System().serving() as system,
        ears.listening(broker) as client,
        playing(broker, system) as (
            play,
            _,
        ),
    ):
        await until(lambda: any(topic == "anmin/xfl/siren-b1/status" for topic, _ in ears.heard))
        for number, action in enumerate(("sound", "speak", "dance")):
            body = json.dumps({"v": 1, "id": f"c{number}", "action": action, "expires_at": LATER})
            await client.publish("anmin/xfl/siren-b1/command", body, qos=1)
        await until(lambda: len(ears.of("/result")) == 3)
    assert play.sounding == ["c0"]
    assert {body["id"]: body["done"] for _, body in ears.of("/result")} == {
        "c0": True,
        "c1": True,
        "c2": False,
    }


@pytest.mark.usefixtures("people")
async def test_a_member_of_the_crew_accepts_once_arrives_and_puts_it_out(broker: Mosquitto) -> None:
    async with System().serving() as system, playing(broker, system) as (play, _):
        await until(lambda: play.readings > 0)
        assert play.story.fire.out_s == math.inf
        await play.ring(message("k1", recipient="li-qiang"))
        assert play.story.fire.out_s < math.inf
        await play.ring(message("k2", recipient="li-qiang", purpose="evacuate"))
    assert [(act["verb"], act["by"], act["via"]) for act in system.actions] == [
        ("accept", "li-qiang", "crew"),
        ("arrive", "li-qiang", "crew"),
    ]
    assert system.receipts == [("k1", "delivered"), ("k2", "delivered")]
    assert system.tokens == {"Bearer token-1"}


@pytest.mark.usefixtures("people")
async def test_who_does_not_go_still_has_the_message(broker: Mosquitto) -> None:
    async with System().serving() as system, playing(broker, system) as (play, _):
        await until(lambda: play.readings > 0)
        await play.ring(message("k1", recipient="wu-yong"))
    assert (system.actions, system.receipts) == ([], [("k1", "delivered")])


@pytest.mark.usefixtures("people")
async def test_a_resident_sees_the_message_and_answers(broker: Mosquitto) -> None:
    async with System().serving() as system, playing(broker, system) as (play, _):
        await until(lambda: play.readings > 0)
        await play.ring(message("k1", recipient=f"{HOME}.p1", address=HOME, household=HOME))
        await play.ring(
            message("k2", recipient=f"{HOME}.p1", address=HOME, household=HOME, purpose="all_clear")
        )
        await play.ring(message("k3", recipient=f"{FAR}.p1", address=FAR, household=FAR))
    assert system.actions == [
        {
            "incident": "inc-1",
            "verb": "respond",
            "by": HOME,
            "via": "resident",
            "household_id": HOME,
            "reply": "safe",
        }
    ]
    told = ["delivered", "seen"]
    assert system.receipts == [*(("k1", s) for s in told), *(("k2", s) for s in told), ("k3", "delivered")]


@pytest.mark.usefixtures("people")
async def test_a_system_that_is_gone_does_not_end_the_play(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_play, "HEARTBEAT_S", 1.0)
    system = System()
    system.url = "http://127.0.0.1:9"
    async with playing(broker, system) as (play, _):
        await until(lambda: play.readings > 0)
        await play.ring(message("k1", recipient="li-qiang"))
        await play.ring(message("k2", recipient=f"{HOME}.p1", address=HOME, household=HOME))
        heard = play.readings
        await until(lambda: play.readings > heard)


async def test_a_detector_that_nobody_answers_does_not_outlive_the_play(broker: Mosquitto) -> None:
    """It would insist for ever; the guard fails when it is left running."""
    async with System().serving() as system, playing(broker, system, 1.0) as (play, _):
        await until(lambda: "smoke-b1-501" in play.published_at)
    assert play.accepted == set()
