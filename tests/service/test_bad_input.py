"""Hostile and broken input to the whole service: refused with a reason, and nothing stops or waits for it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from simulator.device import BrokerAddress, Connection, ReferenceDevice
from tests.support import impatient
from tests.support.harness import Anmin, Died, People, Site
from tests.support.mosquitto import HOST, Mosquitto, free_port
from tests.support.outsiders import cancelled, now
from tests.support.street import COMMUNITY, place, smoke, street

HOMES = 3
EVENT = f"anmin/{COMMUNITY}/{smoke(0)}/event"
READING = f"anmin/{COMMUNITY}/{smoke(0)}/reading"
HEAD = b'{"v":1,"boot":9,"seq":1,"at":"2026-11-23T00:00:00Z",'
PAD = b"x" * (1 << 20)
BAD = (  # topic, payload, why it is refused; "" where nobody listens or nothing was said
    (EVENT, b"{", "malformed"),
    (READING, b"\xff\xfe\x00\x01", "malformed"),
    (READING, b"[1,2,3]", "wrong_type"),
    (EVENT, b"", ""),
    (READING, HEAD + b'"values":"hot"}', "wrong_type"),
    (READING, HEAD + b'"values":{"temperature_c":"hot"}}', "wrong_type"),
    (EVENT, HEAD.replace(b'"seq":1', b'"seq":"one"') + b'"values":{}}', "wrong_type"),
    (READING, HEAD + b'"values":{"temperature_c":20},"pad":"' + PAD + b'"}', "too_large"),
    (EVENT, b"[" * len(PAD), "too_large"),
    (READING, HEAD.replace(b'"v":1', b'"v":7') + b'"values":{}}', "unsupported"),
    (READING, HEAD + b'"values":{"temperature_c":1e999}}', "implausible"),
    (f"{EVENT}/x", b"{}", ""),
)
REFUSED = HEAD + b'"id":"e-1","values":{"smoke_alarm":"perhaps"}}'


def a_site(folder: Path, port: int, **sections: dict[str, Any]) -> Site:
    return Site(folder / "site", street(HOMES), {"mqtt": {"url": f"mqtt://{HOST}:{port}"}, **sections})


@asynccontextmanager
async def around(site: Site) -> AsyncIterator[tuple[Anmin, People]]:
    """A service that is gone at the end, and people who may ask it."""
    service, people = Anmin(site), People(site)
    try:
        yield service, people
    finally:
        await service.kill()
        await people.close()


async def alarm(port: int, number: int) -> float:
    """A neighbour's alarm; the seconds until the device held it acknowledged."""
    device = ReferenceDevice(COMMUNITY, smoke(number), boot=1, now=now)
    link = Connection(BrokerAddress(HOST, port), smoke(number), [device])
    task = asyncio.create_task(link.run())
    try:
        await link.connected.wait()
        began = time.monotonic()
        answer = await asyncio.wait_for(device.event({"smoke_alarm": True}), 10)
        assert answer.ok
        return time.monotonic() - began
    finally:
        await cancelled(task)


async def burning(people: People, places: set[str]) -> bool:
    return {one["place_id"] for one in await people.incidents()} == places


async def rejects(people: People) -> list[dict[str, Any]]:
    _, body = await people.get("/api/v1/rejects?limit=100")
    found: list[dict[str, Any]] = body["items"]
    return found


async def eventually(true: Callable[[], Any], what: str, within_s: float = 10.0) -> Any:
    """The first true answer of a coroutine function."""
    end = time.monotonic() + within_s
    while not (found := await true()):
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)
    return found


async def test_messages_nobody_understands_are_kept_with_their_reason_and_stop_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with around(a_site(tmp_path, broker.port)) as (service, people):
        await service.start()
        async with aiomqtt.Client(HOST, broker.port) as client:
            for topic, payload, _ in BAD:
                await client.publish(topic, payload, qos=1)
        assert await alarm(broker.port, 1) < 2.0
        wanted = sorted(reason for _, _, reason in BAD if reason)

        async def all_there() -> list[dict[str, Any]]:
            found = await rejects(people)
            return found if len(found) >= len(wanted) else []

        found = await eventually(all_there, "the rejects are not listed")
        assert sorted(row["reason"] for row in found) == wanted
        assert all(row["detail"] for row in found)
        await service.kill()
        await service.start()
        assert await alarm(broker.port, 2) < 2.0
        await eventually(partial(burning, people, {place(1), place(2)}), "the incidents are not these two")
        assert await service.stop() == 0
        assert (await service.run("verify"))[0] == 0


async def test_an_event_that_is_refused_is_told_so(tmp_path: Path, broker: Mosquitto) -> None:
    async with around(a_site(tmp_path, broker.port)) as (service, _):
        await service.start()
        async with aiomqtt.Client(HOST, broker.port) as client:
            await client.subscribe(EVENT.removesuffix("event") + "ack", qos=1)
            await client.publish(EVENT, REFUSED, qos=1)
            message = await asyncio.wait_for(anext(client.messages), 5)
            assert isinstance(message.payload, bytes)
            answer = json.loads(message.payload)
        assert (answer["id"], answer["ok"], answer["reason"]) == ("e-1", False, "wrong_type")
        assert answer["detail"]


async def refused(service: Anmin) -> str:
    """What it said when it would not start; it must be exit 3, one clear text and no traceback."""
    with pytest.raises(Died) as died:
        await service.start()
    assert died.value.code == 3, service.said
    assert "Traceback" not in service.said
    return service.said


async def test_every_error_of_every_file_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    site = a_site(tmp_path, 1883, site={"rules": [str(tmp_path / "own.yaml")]})
    (tmp_path / "own.yaml").write_text("rules:\n  - {id: x, hazard: fier, kind: threshold}\n")
    (site.folder / "community.yaml").write_text("county: {id: a\nbuildings:\n\t- id: b1\n")
    said = await refused(Anmin(site))
    assert "community.yaml:3:" in said or "community.yaml:2:" in said
    assert "own.yaml:2:" in said
    site.write(web={"prot": 8080})
    assert "anmin.toml:" in await refused(Anmin(site))
    assert "port" in Anmin(site).said


async def test_a_port_in_use_is_named(tmp_path: Path, broker: Mosquitto) -> None:
    service = Anmin(a_site(tmp_path, broker.port))
    with socket.socket() as taken:
        taken.bind((HOST, service.site.port))
        taken.listen()
        assert str(service.site.port) in await refused(service)
    await service.start()
    assert await service.stop() == 0


async def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path, broker: Mosquitto) -> None:
    async with around(a_site(tmp_path, broker.port)) as (first, _):
        await first.start()
        second = Anmin(first.site)
        assert f"in use by process {first.pid}" in await refused(second)
        assert first.alive


async def test_a_missing_broker_is_said_and_ends_it_after_the_wait(tmp_path: Path) -> None:
    service = Anmin(a_site(tmp_path, port := free_port()), impatient.__name__)
    began = time.monotonic()
    with pytest.raises(Died) as died:
        await service.start()
    assert died.value.code == 4
    assert time.monotonic() - began >= impatient.WITHIN_S
    assert service.said.count("mqtt.down") == 2, "once for each lane, not at each attempt"
    assert str(port) in service.said.splitlines()[-1]
    assert "Traceback" not in service.said


async def test_a_broker_that_comes_late_is_found_and_until_then_it_is_not_ready(
    tmp_path: Path, broker: Mosquitto
) -> None:
    broker.kill()
    async with around(a_site(tmp_path, broker.port)) as (service, people):
        await service.start(ready=False)
        assert await eventually(people.readiness, "no pages") == 503
        broker.start()
        await service.ready(within_s=15)
        assert await people.readiness() == 200
        assert await alarm(broker.port, 1) < 5.0


async def test_a_broker_that_dies_later_is_waited_for(tmp_path: Path, broker: Mosquitto) -> None:
    async with around(a_site(tmp_path, broker.port)) as (service, people):
        await service.start()
        broker.kill()

        async def unready() -> bool:
            return await people.readiness() == 503

        await eventually(unready, "ready without a broker")
        broker.start()
        assert await alarm(broker.port, 1) < 10.0
        assert await service.stop() == 0
