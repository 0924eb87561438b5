"""A restart in the middle of everything: each thing goes on as if nothing had happened, nothing is invented.

One story for each way to die, told once; the tests look at what it left behind. By name (reliability P12,
P13): Home Assistant #59812 and #28290 (an alarm that is on at the start is missed), #37144 and #68658 (a
restart raises false ones), Grafana #68162 (what is due after a restart is never said).
"""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import time
from collections import Counter
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from devices.instant import SECOND
from simulator.device import BrokerAddress, Connection, ReferenceDevice
from simulator.provider import Message
from tests.support.harness import Anmin, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.outsiders import Book, Company, cancelled, now
from tests.support.street import COMMUNITY, DUTY, home, place, smoke, street

HOLD_S, WINDOW_S, TIERS = 7, 8, (6, 10, 900)
HELD, WATCHED, SENDING, DOWN, RETAINED, CLOSED, COMING = range(7)
"""Homes, by what is under way in them when the service dies; COMING only comes and goes."""
RULES = f"""
rules:
  - {{id: smoke, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: test}}
  - id: haze
    hazard: fire
    kind: threshold
    quantity: smoke_obscuration_db_per_m
    hold_for: {HOLD_S}s
    levels: {{alarm: {{above: 0.15}}}}
    source: test
"""


@dataclass
class Story:
    """What was seen from outside, and what the ledger and the log say at the end."""

    before: dict[str, list[str]] = field(default_factory=dict)
    under_way: set[tuple[str, str]] = field(default_factory=set)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    sends: list[dict[str, Any]] = field(default_factory=list)
    provider: list[dict[str, Any]] = field(default_factory=list)
    held_from: int = 0
    down_for: float = 0.0
    accepted_while_down: bool = False
    verified: tuple[int, str] = (1, "")

    def of(self, number: int, kind: str) -> list[dict[str, Any]]:
        """Events of one kind in one home, in order."""
        return [event for event in self.events.get(place(number), []) if event["kind"] == kind]

    def told(self, number: int, purpose: str) -> Counter[str]:
        """How many different messages of that purpose each one got from the provider for this home."""
        names = {one["id"] for one in self.incidents if one["place_id"] == place(number)}
        messages = {(line["key"], line["slot"][2]) for line in self.provider if line["slot"][0] in names
                    and line["purpose"] == purpose}  # fmt: skip
        return Counter(who for _, who in messages)


class Deaf(Company):
    """Takes messages to one household and does not answer while it is deaf."""

    def __init__(self, book: Book) -> None:
        super().__init__(book, _nobody, seed=1, slow_s=0.0)
        self.reached, self.hears_again = asyncio.Event(), asyncio.Event()

    async def _take(self, request: Any) -> Any:
        body = json.loads(await request.read())
        answer = await super()._take(request)
        if body["data"].get("address") == home(SENDING):
            self.reached.set()
            await self.hears_again.wait()
        return answer


class Teller:
    def __init__(self, folder: Path, how: signal.Signals) -> None:
        self.folder = folder
        self.how = how
        self.story = Story()

    async def tell(self) -> Story:
        async with AsyncExitStack() as stack:
            (self.folder / "broker").mkdir(parents=True)
            self.broker = Mosquitto(self.folder / "broker")
            self.broker.start()
            stack.callback(self.broker.stop)
            self.book = Book(self.folder / "provider.jsonl")
            stack.callback(self.book.close)
            self.company = Deaf(self.book)
            await self.company.start()
            stack.push_async_callback(self.company.stop)
            self.site = Site(self.folder / "site", _community(), self._settings())
            self.service = Anmin(self.site)
            stack.push_async_callback(self.service.kill)
            self.people = People(self.site)
            stack.push_async_callback(self.people.close)
            await self._connect(stack)
            await self._retained()
            await self.service.start()
            await self._begin()
            await self._restart()
            await self._end()
        return self.story

    def _settings(self) -> dict[str, dict[str, Any]]:
        rules = self.folder / "rules.yaml"
        rules.write_text(RULES)
        return {
            "mqtt": {"url": f"mqtt://{HOST}:{self.broker.port}"},
            "site": {"rules": [str(rules)], "packs": False},
            "webhook": {"gateway": self.company.url},
            "alerts": {"verification_seconds": WINDOW_S, "escalation_seconds": TIERS},
        }

    async def _connect(self, stack: AsyncExitStack) -> None:
        def quick(longest_s: float) -> float:
            return min(longest_s, 0.3)

        self.devices = [
            ReferenceDevice(COMMUNITY, smoke(n), boot=1, now=now, patience_s=0.5, longest_s=1.0, jitter=quick)
            for n in range(7)
        ]
        address = BrokerAddress(HOST, self.broker.port)
        self.links = [Connection(address, device.id, [device], jitter=quick) for device in self.devices]
        self.tasks = [asyncio.create_task(link.run()) for link in self.links]
        stack.push_async_callback(cancelled, *self.tasks)
        await asyncio.gather(*(link.connected.wait() for link in self.links))

    async def _retained(self) -> None:
        """A foreign detector that went off before Anmin was ever started; the broker remembers."""
        async with aiomqtt.Client(HOST, self.broker.port) as client:
            await client.publish("zigbee2mqtt/attic", '{"smoke": true}', qos=1, retain=True)

    async def _begin(self) -> None:
        self._began = time.monotonic()
        await asyncio.gather(
            self._haze(),
            *(self.devices[n].event({"smoke_alarm": True}) for n in (WATCHED, SENDING, CLOSED)),
        )
        await asyncio.wait_for(self.company.reached.wait(), 5)
        await self.devices[CLOSED].event({"smoke_alarm": False})
        name = await self._incident(place(CLOSED))
        assert await self.people.act(name, "close", disposition="false_cooking") == 200
        await self._incident(place(RETAINED))
        await asyncio.sleep(0.5)

    async def _haze(self) -> None:
        await self.devices[HELD].reading({"smoke_obscuration_db_per_m": 0.2})

    async def _incident(self, where: str) -> str:
        for _ in range(300):
            for one in await self.people.incidents():
                if one["place_id"] == where:
                    return str(one["id"])
            await asyncio.sleep(0.02)
        raise AssertionError(f"no incident at {where}")

    async def _restart(self) -> None:
        for one in await self.people.incidents():
            whole = await self.people.incident(one["id"])
            self.story.before[one["id"]] = [event["id"] for event in whole["timeline"]]
            self.story.under_way |= {(one["place_id"], event["kind"]) for event in whole["timeline"]}
        began = time.monotonic()
        self.service.signal(self.how)
        await self.service.ended()
        self.company.hears_again.set()
        shout = asyncio.create_task(self.devices[DOWN].event({"smoke_alarm": True}))
        self.tasks[COMING].cancel()
        await self.service.start()
        self.story.down_for = time.monotonic() - began
        self.tasks[COMING] = asyncio.create_task(self.links[COMING].run())
        self.story.accepted_while_down = (await asyncio.wait_for(shout, 10)).ok
        await self._haze()

    async def _end(self) -> None:
        await self.links[COMING].connected.wait()
        await asyncio.sleep(max(0.0, self._began + TIERS[1] + 1.0 - time.monotonic()))
        await cancelled(self.tasks[COMING])
        assert await self.service.stop() == 0, self.service.said
        self._read(self.site.data)
        self.story.provider = self.book.lines
        self.story.verified = await self.service.run("verify")

    def _read(self, data: Path) -> None:
        with closing(sqlite3.connect(data / "ledger.db")) as ledger:
            ledger.row_factory = sqlite3.Row
            story = self.story
            query = "SELECT body FROM incident ORDER BY id"
            story.incidents = [json.loads(row["body"]) for row in ledger.execute(query)]
            places = {one["id"]: one["place_id"] for one in story.incidents}
            for row in ledger.execute("SELECT * FROM event ORDER BY sequence, position"):
                story.events.setdefault(places[row["incident_id"]], []).append(json.loads(row["body"]))
            story.sends = [dict(row) for row in ledger.execute("SELECT * FROM outbox")]
        with closing(sqlite3.connect(data / "log" / "00000001.db")) as log:
            topic = f"anmin/{COMMUNITY}/{smoke(HELD)}/reading"
            (story.held_from,) = log.execute(
                "SELECT min(at) FROM record WHERE topic = ?", (topic,)
            ).fetchone()


async def _nobody(message: Message) -> None:
    return


def _community() -> dict[str, Any]:
    document = street(7)
    attic = {"profile": "heiman-hs1sa", "place": home(RETAINED), "dialect": "zigbee2mqtt", "address": "attic"}
    document["devices"].append({"id": "attic", **attic})
    return document


@pytest.fixture(scope="module", params=[signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return asyncio.run(Teller(tmp_path_factory.mktemp("restart") / "all", request.param).tell())


def test_the_service_died_in_the_middle_of_it_all(story: Story) -> None:
    seen = story.under_way
    assert (place(WATCHED), "verifying") in seen
    assert (place(WATCHED), "activated") not in seen
    assert (place(WATCHED), "escalated") not in seen
    assert (place(HELD), "opened") not in seen
    assert story.down_for < HOLD_S


def test_a_hold_ends_when_it_would_have_ended(story: Story) -> None:
    (opened,) = story.of(HELD, "opened")
    assert opened["at"] == story.held_from + HOLD_S * SECOND


def test_a_verification_window_ends_when_it_would_have_ended(story: Story) -> None:
    (verifying,), (activated,) = story.of(WATCHED, "verifying"), story.of(WATCHED, "activated")
    assert activated["because"] == "timeout"
    assert activated["at"] == verifying["until"] == verifying["at"] + WINDOW_S * SECOND
    assert story.told(WATCHED, "evacuate")[_resident(story, WATCHED)] == 1


def test_the_next_tiers_are_told_when_they_would_have_been(story: Story) -> None:
    (opened,) = story.of(WATCHED, "opened")
    tiers = [(event["tier"], event["at"] - opened["at"]) for event in story.of(WATCHED, "escalated")]
    assert tiers == [(1, TIERS[0] * SECOND), (2, TIERS[1] * SECOND)]
    told = story.told(WATCHED, "escalate")
    assert (told["zhou-wei"], told["wu-min"]) == (1, 1)


def test_a_send_that_was_under_way_is_sent_again_under_its_key(story: Story) -> None:
    (alert,) = [s for s in story.sends if s["address"] == home(SENDING) and s["purpose"] == "alert"]
    requests = [line for line in story.provider if line["key"] == alert["key"]]
    assert len(requests) == 2
    assert alert["state"] == "handed_off"
    assert alert["possible_repeat"] == 1
    assert story.told(SENDING, "alert")[_resident(story, SENDING)] == 1


def test_an_alarm_of_the_time_without_us_is_raised_and_acknowledged(story: Story) -> None:
    assert story.accepted_while_down
    assert len(story.of(DOWN, "opened")) == 1
    assert story.told(DOWN, "alert")[DUTY] == 1


def test_a_sensor_that_was_in_alarm_before_the_first_start_is_raised_once(story: Story) -> None:
    (opened,) = story.of(RETAINED, "opened")
    assert opened["age_unknown"] is True


def test_what_was_closed_stays_closed_and_everybody_told_hears_of_it(story: Story) -> None:
    (one,) = [one for one in story.incidents if one["place_id"] == place(CLOSED)]
    assert one["stage"] == "closed"
    meant = {
        row["recipient"] for row in story.sends if row["incident_id"] == one["id"] and row["version"] == 1
    }
    assert set(story.told(CLOSED, "retract")) == meant - {"sounder-duty"}


def test_nothing_is_invented(story: Story) -> None:
    raised = Counter(one["place_id"] for one in story.incidents)
    assert raised == Counter(place(n) for n in (HELD, WATCHED, SENDING, DOWN, RETAINED, CLOSED))


def test_history_only_grows(story: Story) -> None:
    now_known = {events[0]["incident_id"]: [e["id"] for e in events] for events in story.events.values()}
    assert story.before
    for name, events in story.before.items():
        assert now_known[name][: len(events)] == events


def test_the_replay_leads_to_the_same(story: Story) -> None:
    assert story.verified[0] == 0, story.verified[1]


def _resident(story: Story, number: int) -> str:
    return next(str(send["recipient"]) for send in story.sends if send["address"] == home(number))
