"""The whole service started and stopped: what is up, what a restart finds, who is refused, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import stat
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import aiomqtt
import pytest

from alerts.incidents.command import Acknowledge, Done
from anmin.backends.disk import Reserve
from anmin.backends.log import SqliteLog
from anmin.books import Books
from anmin.folder import FolderInUse
from anmin.pipeline import Pipeline
from anmin.prepare import prepare
from anmin.snapshot import SnapshotStore
from anmin.wiring import PortTaken, Running, _origin, service
from devices.liveness import Liveness
from ingest.message import Record, RecordKind
from tests.support.harness import Anmin, Site, until
from tests.support.services import need
from tests.support.shell import COMMUNITY, process_as_before, site
from tests.support.street import street

ON_FILE = COMMUNITY.replace("console", "file")
OWN = """rules:
  - id: own.hot
    hazard: fire
    kind: threshold
    quantity: temperature_c
    levels: {alarm: {above: 90}}
    source: ours
"""


@pytest.fixture(autouse=True)
def mosquitto() -> Path:
    return need("mosquitto")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    with process_as_before():
        yield


@asynccontextmanager
async def serving(folder: Path, community: str = ON_FILE, **flags: Any) -> AsyncIterator[Running]:
    given = {"web.port": 0, "logging.level": "error", "log.reserve_mib": 1, "web.api_token": "the-token"}
    given |= {name.replace("__", "."): value for name, value in flags.items()}
    ready = prepare(site(folder, community=community), {}, given)
    async with service(ready.settings, ready.inventory_body, ready.rules_body) as running:
        yield running


@asynccontextmanager
async def gateway(running: Running) -> AsyncIterator[aiomqtt.Client]:
    """A client with the devices' credentials."""
    broker = running.broker
    assert broker is not None
    user = broker.roles.devices
    async with aiomqtt.Client(
        broker.host, broker.port, username=user.username, password=user.password
    ) as client:
        yield client


async def rings(running: Running, event: str = "e1") -> bytes:
    """The smoke detector of 101 says so, and hears that it was heard."""
    body = {"v": 1, "boot": 1, "seq": 1, "values": {"smoke_alarm": True}, "id": event}
    async with asyncio.timeout(5), gateway(running) as client:
        await client.subscribe("anmin/c/smoke-101/ack")
        await client.publish("anmin/c/smoke-101/event", json.dumps(body), qos=1)
        answer = await anext(client.messages)
        return bytes(answer.payload)


async def logged(data: Path) -> list[Record]:
    """The log of a stopped service."""
    log = SqliteLog(
        data / "log", clock=lambda: 0, reserve=Reserve(data / "reserve", 1 << 20), broken=lambda error: None
    )
    found = [record async for record in log.read(0)]
    await log.close()
    return found


# Up and down ------------------------------------------------------------------------------------------------


async def test_it_comes_up_and_leaves_a_clean_folder_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with serving(tmp_path) as running:
        door = data / "running.json"
        assert json.loads(door.read_text())["url"] == running.url
        assert stat.S_IMODE(door.stat().st_mode) == stat.S_IMODE((data / "secret").stat().st_mode) == 0o600
        assert running.broker is not None
        assert running.broker.grade == "mosquitto"
        assert running.sign_in is not None
        async with aiohttp.ClientSession() as http:
            for path in ("/healthz", "/readyz", "/metrics"):
                async with http.get(running.url + path) as answer:
                    assert (path, answer.status) == (path, 200)
        assert {seen.liveness for seen in running.view.devices.values()} == {Liveness.UNKNOWN}
    assert not door.exists()
    records = await logged(data)
    assert [(record.kind, record.topic) for record in records[:3]] == [
        (RecordKind.EPOCH, "start"),
        (RecordKind.VERSION, "version"),
        (RecordKind.EPOCH, "caught_up"),
    ]
    store = SnapshotStore(data / "snapshot.db")
    found = store.load()
    await store.close()
    assert found is not None
    assert (found.sequence, found.clean) == (records[-1].sequence, True)


async def test_an_alarm_goes_the_whole_way_and_outlives_a_restart_without_being_said_twice(
    tmp_path: Path,
) -> None:
    sent = tmp_path / "data" / "outbox" / "sent.jsonl"
    async with serving(tmp_path) as running:
        assert json.loads(await rings(running)) == {"v": 1, "id": "e1", "ok": True}
        await until(lambda: sent.exists() and bool(sent.read_text()))
        (name,) = running.view.incidents
        asked = await running.pipeline.ask(Acknowledge(incident_id=name, by="duty"))
        assert asked == Done(name, "verifying")
        seen = running.view.incidents[name]
        assert {event.kind for event in seen.timeline} >= {"opened", "announced", "acknowledged"}
        await until(lambda: any(e.kind == "delivered" for e in running.view.incidents[name].timeline))
    said = sent.read_text().splitlines()
    async with serving(tmp_path) as running:
        again = running.view.incidents[name]
        assert again.timeline[: len(seen.timeline)] == seen.timeline
        assert again.incident.ack is not None
        assert json.loads(await rings(running))["ok"]  # it says it once more, and is answered once more
        await asyncio.sleep(0.1)
        assert list(running.view.incidents) == [name]
    assert sent.read_text().splitlines() == said


async def test_what_was_not_understood_is_to_be_had_from_the_running_service(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        async with gateway(running) as client:
            await client.publish("anmin/c/smoke-101/event", b"{", qos=1)
        headers = {"authorization": "Bearer the-token"}
        async with aiohttp.ClientSession(running.url, headers=headers) as http, asyncio.timeout(5):
            items: list[Any] = []
            while not items:
                async with http.get("/api/v1/rejects") as answer:
                    items = (await answer.json())["items"]
            async with http.post(f"/api/v1/rejects/{items[0]['sequence']}/replay") as answer:
                assert answer.status == 202
        assert items[0]["reason"] == "malformed"


async def test_a_version_record_is_written_only_when_something_else_is_to_be_in_force(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    own = {"site__rules": str(tmp_path / "own.yaml")}
    for flags in ({}, {}, own, own | {"site__second_person": False}):
        async with serving(tmp_path, **flags) as running:
            rules = {rule.id for rule in running.house.rules.rules}
            assert ("own.hot" in rules) is (len(flags) == 2)  # with one of them it waits for somebody
    versions = [one for one in await logged(tmp_path / "data") if one.kind is RecordKind.VERSION]
    assert len(versions) == 2


async def test_the_ledgers_community_wins_over_a_changed_file(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        before = running.house.inventory.version
    changed = ON_FILE.replace("- {id: siren-b1, profile: native-siren, place: b1}", "")
    async with serving(tmp_path, community=changed) as running:
        assert running.house.inventory.version == before
        assert "siren-b1" in running.house.inventory.devices


# Refusals and failures --------------------------------------------------------------------------------------


async def test_a_second_start_on_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        with pytest.raises(FolderInUse, match="in use by process"):
            async with serving(tmp_path):
                pass
        assert json.loads(await rings(running))["ok"]
        assert (tmp_path / "data" / "running.json").exists()


async def test_a_taken_port_is_told_and_the_folder_is_free_again(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BaseExceptionGroup) as raised:
            async with serving(tmp_path, web__port=port):
                pass
        assert raised.group_contains(PortTaken, match=f"127.0.0.1:{port}", depth=None)
    async with serving(tmp_path) as running:
        assert json.loads(await rings(running))["ok"]


async def test_at_a_stop_the_pages_go_first_so_that_no_command_comes_after_the_last_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[bool] = []
    finish = Pipeline.finish

    async def looked_at(pipeline: Pipeline) -> None:
        with contextlib.suppress(OSError):
            await asyncio.open_connection("127.0.0.1", port)
            reached.append(True)
        await finish(pipeline)

    monkeypatch.setattr(Pipeline, "finish", looked_at)
    async with serving(tmp_path) as running:
        port = int(running.url.rsplit(":", 1)[1])
    assert reached == []


async def test_somebody_who_sends_slowly_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        port = int(running.url.rsplit(":", 1)[1])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        writer.write(f"{head}{kind}Content-Length: 1000\r\n\r\nname=x".encode())
        await writer.drain()
        await asyncio.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 5.0
    writer.close()


async def test_a_failure_of_the_pipeline_ends_the_service_instead_of_hanging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Crash-only: the supervisor starts it anew, and the log still has what was not handled."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def life() -> None:
        async with serving(tmp_path) as running:
            monkeypatch.setattr(Books, "write", broken)
            with contextlib.suppress(TimeoutError):
                await rings(running)
            await asyncio.sleep(30)

    began = time.monotonic()
    with pytest.raises(BaseExceptionGroup) as raised:
        await life()
    assert time.monotonic() - began < 15
    assert raised.group_contains(ZeroDivisionError, depth=None)
    monkeypatch.undo()
    async with serving(tmp_path) as running:
        await until(lambda: len(running.view.incidents) == 1)


async def test_sigterm_ends_the_process_with_0_in_time_and_a_second_one_is_refused_with_3(
    tmp_path: Path,
) -> None:
    anmin = Anmin(Site(tmp_path / "site", street(2)))
    await anmin.start()
    try:
        code, said = await anmin.run("run")
        assert code == 3
        assert f"in use by process {anmin.pid}" in said
        assert "Traceback" not in said
        began = time.monotonic()
        assert await anmin.stop() == 0
        assert time.monotonic() - began < 5
        assert not (tmp_path / "site" / "data" / "running.json").exists()
    finally:
        await anmin.kill()


@pytest.mark.parametrize(
    ("host", "origin"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("localhost", "http://localhost:80"), ("::1", "http://[::1]:80")],
)
def test_the_origin_is_an_address_that_a_browser_takes(host: str, origin: str) -> None:
    assert _origin(host, 80) == origin
