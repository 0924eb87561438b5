"""The real service with its ledger on a PostgreSQL server, which is stopped, started and cut off under it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator.device import BrokerAddress, Connection, ReferenceDevice
from simulator.provider import Message
from tests.support.harness import Anmin, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.outsiders import Book, Company, cancelled, now
from tests.support.postgres import PASSWORD, Postgres, running
from tests.support.street import COMMUNITY, DUTY, place, smoke, street

HOMES = 3


@pytest.fixture
def server() -> Iterator[Postgres]:
    with running() as server:
        yield server


class Town:
    """A broker, a message gateway, a detector in each home, and the service on a database of the server."""

    def __init__(self, folder: Path, server: Postgres) -> None:
        self.folder = folder
        self.database = server.database()
        self.server = server
        self.stack = AsyncExitStack()

    async def build(self) -> None:
        (self.folder / "broker").mkdir()
        broker = Mosquitto(self.folder / "broker")
        broker.start()
        self.stack.callback(broker.stop)
        self.book = Book(self.folder / "provider.jsonl")
        self.stack.callback(self.book.close)
        company = Company(self.book, _nobody, seed=1)
        await company.start()
        self.stack.push_async_callback(company.stop)
        settings = {
            "mqtt": {"url": f"mqtt://{HOST}:{broker.port}"},
            "webhook": {"gateway": company.url},
            "ledger": {"url": self.server.url(self.database)},
        }
        self.site = Site(self.folder / "site", street(HOMES), settings)
        self.service = Anmin(self.site)
        self.stack.push_async_callback(self.service.kill)
        self.people = People(self.site)
        self.stack.push_async_callback(self.people.close)
        await self._connect(BrokerAddress(HOST, broker.port))

    async def _connect(self, broker: BrokerAddress) -> None:
        self.devices = [
            ReferenceDevice(COMMUNITY, smoke(n), boot=1, now=now, patience_s=0.5, longest_s=1.0)
            for n in range(HOMES)
        ]
        link = Connection(broker, "homes", self.devices)
        carrying = asyncio.create_task(link.run())
        self.stack.push_async_callback(cancelled, carrying)
        await link.connected.wait()

    async def rings(self, number: int) -> None:
        """The detector of a home goes off and is told that we have it."""
        async with asyncio.timeout(15):
            assert (await self.devices[number].event({"smoke_alarm": True})).ok

    async def incident(self, number: int) -> str:
        """The name of the home's one incident, as soon as it is there."""
        async with asyncio.timeout(20):
            while True:
                found = [
                    one["id"] for one in await self.people.incidents() if one["place_id"] == place(number)
                ]
                if found:
                    (name,) = found
                    return str(name)
                await asyncio.sleep(0.02)

    async def _incidents(self, number: int) -> list[dict[str, Any]]:
        return [one for one in await self.people.incidents() if one["place_id"] == place(number)]

    def told(self, incident: str) -> Counter[tuple[str, str]]:
        """How many messages of each purpose each one got of an incident, from the gateway's own book."""
        slots = {(line["key"], line["slot"][2], line["purpose"]) for line in self.book.lines
                 if line["slot"][0] == incident}  # fmt: skip
        return Counter((who, purpose) for _, who, purpose in slots)

    async def duty_is_told(self, incident: str) -> None:
        async with asyncio.timeout(20):
            while not self.told(incident)[DUTY, "alert"]:  # noqa: ASYNC110 the book is another's
                await asyncio.sleep(0.02)

    async def readiness_is(self, status: int) -> None:
        async with asyncio.timeout(20):
            while await self.people.readiness() != status:  # noqa: ASYNC110 it is asked over HTTP
                await asyncio.sleep(0.05)

    async def is_still(self) -> None:
        """Until nothing is being written: a commit without an answer would end the service, as it should."""
        async with asyncio.timeout(20):
            before: list[Any] = []
            while (seen := self.rows("SELECT key, state, changed_at FROM outbox ORDER BY key")) != before:
                before = seen
                await asyncio.sleep(1.5)

    def rows(self, query: str) -> list[Any]:
        return self.server.admin(query, database=self.database)

    async def ends_well(self) -> None:
        """A clean stop, a replay of the whole log that leads to the same, and no password anywhere."""
        assert await self.service.stop() == 0, self.service.said
        code, said = await self.service.run("verify")
        assert code == 0, said
        assert PASSWORD not in said
        assert not (self.site.data / "ledger.db").exists()
        for path in (path for path in self.site.folder.rglob("*") if path.is_file()):
            if path != self.site.config:
                assert PASSWORD.encode() not in path.read_bytes(), path


@pytest.fixture
async def town(tmp_path: Path, server: Postgres) -> AsyncIterator[Town]:
    town = Town(tmp_path, server)
    async with town.stack:
        await town.build()
        yield town


async def _nobody(message: Message) -> None:
    return


async def test_an_alarm_becomes_an_incident_and_a_message_and_both_outlive_a_kill(town: Town) -> None:
    await town.service.start()
    await town.rings(0)
    first = await town.incident(0)
    await town.duty_is_told(first)
    assert town.rows("SELECT place_id FROM incident") == [(place(0),)]
    await town.service.kill()
    await town.service.start()
    assert await town.incident(0) == first
    assert await town.people.act(first, "acknowledge") == 200
    await town.rings(1)
    second = await town.incident(1)
    await town.duty_is_told(second)
    assert town.told(first)[DUTY, "alert"] == town.told(second)[DUTY, "alert"] == 1
    assert town.rows("SELECT count(*) FROM incident") == [(2,)]
    await town.ends_well()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_the_service_outlives_its_server_and_goes_on_where_it_was(town: Town, how: str) -> None:
    await town.service.start()
    await town.rings(0)
    await town.duty_is_told(await town.incident(0))
    await town.readiness_is(200)
    await town.is_still()
    getattr(town.server, how)()
    await town.readiness_is(503)
    ringing = asyncio.create_task(town.rings(1))
    await asyncio.sleep(0.5)
    assert len(await town.people.incidents()) == 1
    town.server.start()
    await ringing
    second = await town.incident(1)
    await town.duty_is_told(second)
    await town.readiness_is(200)
    assert town.service.lives == 1
    assert town.service.alive
    assert town.told(second)[DUTY, "alert"] == 1
    await town.ends_well()


async def test_a_stop_does_not_wait_for_a_server_that_is_away_and_the_next_start_goes_on(town: Town) -> None:
    await town.service.start()
    await town.rings(0)
    first = await town.incident(0)
    await town.duty_is_told(first)
    await town.is_still()
    town.server.stop()
    ringing = asyncio.create_task(town.rings(1))
    await town.readiness_is(503)
    began = time.monotonic()
    assert await town.service.stop() == 4
    assert time.monotonic() - began < 6
    town.server.start()
    await town.service.start()
    await ringing
    await town.duty_is_told(await town.incident(1))
    assert town.told(first)[DUTY, "alert"] == 1
    await town.ends_well()


DIES_AT_COMMIT = """
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON incident DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION die()"""


async def test_a_commit_that_was_not_answered_ends_the_process_and_the_next_one_knows(town: Town) -> None:
    await town.service.start()
    town.rows(DIES_AT_COMMIT)
    await town.rings(0)
    assert await town.service.ended() == 4
    assert "ledger.broken" in town.service.said
    assert town.book.lines == []  # nothing had left
    town.rows("DROP FUNCTION die CASCADE")
    await town.service.start()
    incident = await town.incident(0)
    await town.duty_is_told(incident)
    assert town.told(incident)[DUTY, "alert"] == 1
    await town.ends_well()


async def test_a_start_waits_for_the_server_and_a_second_service_is_refused(
    town: Town, tmp_path: Path
) -> None:
    town.server.stop()
    await town.service.start(ready=False)
    async with asyncio.timeout(20):
        while "ledger.waiting" not in town.service.said:  # noqa: ASYNC110 it is another process
            await asyncio.sleep(0.05)
    town.server.start()
    await town.service.ready()
    other = Anmin(Site(tmp_path / "other", street(1), {"ledger": town.site.settings["ledger"]}))
    code, said = await other.run("verify")
    assert code == 3
    assert "no such data directory" in said
    other.site.data.mkdir()
    code, said = await other.run("verify")
    assert code == 3
    assert said.count("\n") == 1
    assert f"/{town.database}: another Anmin holds this ledger" in said
    await town.ends_well()
