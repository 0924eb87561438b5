"""The whole service: an unknown device is registered while it runs, and a valve obeys or is a trouble."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt

from simulator.actuator import Actuator
from simulator.device import BrokerAddress, Connection, ReferenceDevice
from tests.support.harness import Anmin, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.shell import anmin
from tests.support.street import COMMUNITY, street


def now() -> int:
    return time.time_ns() // 1000


@asynccontextmanager
async def valve(broker: Mosquitto, name: str, actuator: Actuator) -> AsyncIterator[ReferenceDevice]:
    device = ReferenceDevice(COMMUNITY, name, boot=1, now=now, act=actuator.act)
    connection = Connection(BrokerAddress(HOST, broker.port), f"sim-{name}", [device])
    running = asyncio.create_task(connection.run())
    try:
        yield device
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def says(broker: Mosquitto, device: str, leaf: str, **body: object) -> None:
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.publish(f"anmin/{COMMUNITY}/{device}/{leaf}", json.dumps({"v": 1, **body}), qos=1)


async def cli(site: Site, *words: str) -> tuple[int, str]:
    said = await asyncio.to_thread(anmin, *words, "--config", site.config)
    return said.code, said.out + said.err


async def test_registered_while_it_runs_its_next_alarm_names_the_place(
    tmp_path: Path, broker: Mosquitto
) -> None:
    site = Site(tmp_path / "site", street(3), {"mqtt": {"url": f"mqtt://{HOST}:{broker.port}"}})
    running, people = Anmin(site), People(site)
    try:
        await running.start()
        await says(broker, "new-smoke", "reading", boot=1, seq=1, values={"smoke_alarm": False})
        for _ in range(50):
            code, said = await cli(site, "device", "inbox", "--json")
            if "new-smoke" in said:
                break
            await asyncio.sleep(0.2)
        assert json.loads(said.splitlines()[-1])["suggested"] == "native-smoke"
        home = "b0001.u1.f1.101"
        code, said = await cli(site, "device", "claim", "new-smoke", "--place", home, "--id", "new-smoke")
        assert code == 0, said
        await says(broker, "new-smoke", "event", boot=1, seq=2, id="e1", values={"smoke_alarm": True})
        found = []
        for _ in range(100):
            if found := await people.incidents():
                break
            await asyncio.sleep(0.1)
        assert found[0]["place_id"].endswith(home)
        assert await running.stop() == 0
        await running.start()
        code, said = await cli(site, "device", "list")
        assert "new-smoke" in said
    finally:
        await running.kill()
        await people.close()


async def test_a_valve_obeys_or_is_a_trouble_and_a_forged_result_is_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    site = Site(tmp_path / "site", street(3), {"mqtt": {"url": f"mqtt://{HOST}:{broker.port}"}})
    running, people = Anmin(site), People(site)
    good, stuck, slow = Actuator("valve"), Actuator("valve", stuck=True), Actuator("valve", takes_s=3.0)
    rows = tmp_path / "valves.csv"
    home = "b0001.u1.f1.101"
    rows.write_text("id,profile,place\n" + "".join(f"v{n},native-valve,{home}\n" for n in range(3)), "utf-8")
    try:
        await running.start()
        code, said = await cli(site, "device", "import", str(rows), "--apply")
        assert code == 0, said
        async with valve(broker, "v0", good), valve(broker, "v1", stuck), valve(broker, "v2", slow):
            await asyncio.sleep(0.5)
            code, said = await cli(site, "device", "operate", "v0", "close")
            assert (code, good.position) == (0, "closed"), said
            code, said = await cli(site, "device", "operate", "v1", "close")
            assert code == 1, said
            assert "does not move" in said
            code, said = await cli(site, "troubles", "--kind", "command")
            assert "v1" in said
            ordering = asyncio.create_task(cli(site, "device", "operate", "v2", "close"))
            await asyncio.sleep(1.5)
            status, body = await people.get("/api/v1/devices/v2/operations")
            assert status == 200
            forged = {"id": body["items"][0]["id"], "done": True, "detail": "forged"}
            await says(broker, "v0", "result", **forged)
            await says(broker, "v2", "result", id="f" * 32, done=True, detail="forged")
            await asyncio.sleep(0.5)
            status, body = await people.get("/api/v1/devices/v2/operations")
            assert body["items"][0]["progress"] == "asked"
            code, said = await ordering
            assert (code, "closed" in said, "forged" in said) == (0, True, False)
            assert len(slow.moved) == 1
    finally:
        await running.kill()
        await people.close()
