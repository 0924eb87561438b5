"""From publish to the first hand-off, under telemetry, beside mosquitto_sub on the same messages."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.far_end import Drain, Gateway
from tests.support.mosquitto import Mosquitto
from tests.support.services import need

ALARMS_PER_S = 20
DEVICES = 1000
STAIRS = 20
SECRET = "whsec_" + "QUJD" * 8


@dataclass
class Run:
    """One measurement: milliseconds per alarm, how many never came, CPU seconds per 100,000 messages."""

    latency_ms: list[float] = field(default_factory=list)
    missing: int = 0
    messages: int = 0
    cpu_s: float = 0.0
    rss_mib: float = 0.0
    behind: int = 0

    def quantile(self, share: float) -> float:
        known = sorted(self.latency_ms)
        return known[min(len(known) - 1, int(len(known) * share))] if known else float("nan")

    @property
    def cpu_per_100k(self) -> float:
        return self.cpu_s / max(1, self.messages) * 100_000


async def ours(rate: int, seconds: int) -> Run:
    """The whole service: a fresh data directory, community and broker."""
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as name:
        folder = Path(name)
        broker, gateway = _broker(folder), Gateway()
        await gateway.start()
        _configure(folder, broker.port, gateway.port, seconds * ALARMS_PER_S)
        command = ("-m", "anmin", "run", "--config", str(folder / "anmin.toml"))
        service = await asyncio.create_subprocess_exec(sys.executable, *command, stderr=PIPE, stdout=PIPE)
        assert service.stderr is not None
        talking = asyncio.create_task(service.stderr.read())
        try:
            await _ready(service, folder / "data" / "running.json", talking)
            before = _cpu_s(service.pid)
            said = await _load(broker.port, rate, seconds)
            run = _paired(said, gateway.first)
            run.cpu_s = _cpu_s(service.pid) - before
            run.rss_mib = _rss_mib(service.pid)
            run.behind = said["published"] - said["acknowledged"]
            return run
        finally:
            if service.returncode is None:
                service.terminate()
            await service.wait()
            await talking
            await gateway.stop()
            broker.stop()


async def peer(rate: int, seconds: int) -> Run:
    """The limit: the same messages through the same broker into mosquitto_sub, which keeps nothing."""
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as name:
        broker = _broker(Path(name))
        drain = Drain(need("mosquitto_sub"), broker.port)
        await drain.start()
        try:
            said = await _load(broker.port, rate, seconds)
        finally:
            await drain.stop()
            broker.stop()
        return _paired(said, drain.first)


def _broker(folder: Path) -> Mosquitto:
    home = folder / "broker"
    home.mkdir()
    broker = Mosquitto(home, ("queue_qos0_messages true",))
    broker.start()
    return broker


async def _load(port: int, rate: int, seconds: int) -> dict[str, Any]:
    words = {
        "port": port,
        "rate": rate,
        "seconds": seconds,
        "devices": DEVICES,
        "alarms": ALARMS_PER_S,
        "first": 0,
    }
    flags = [part for name, value in words.items() for part in (f"--{name}", str(value))]
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.load", *flags, stdout=PIPE)
    out, _ = await child.communicate()
    await asyncio.sleep(2.0)
    said: dict[str, Any] = json.loads(out)
    return said


def _paired(said: dict[str, Any], first: dict[str, int]) -> Run:
    published: dict[str, int] = said["alarms"]
    run = Run(messages=said["published"])
    for device, at in published.items():
        if device in first:
            run.latency_ms.append((first[device] - at) / 1e6)
        else:
            run.missing += 1
    return run


def _configure(folder: Path, broker: int, gateway: int, homes: int) -> None:
    """One stair per household, so that every alarm is an incident of its own; telemetry beside them."""
    buildings = [
        {"id": f"b{n}", "units": [{"id": f"u{u}", "floors": "1", "per_floor": [1]} for u in range(STAIRS)]}
        for n in range(homes // STAIRS + 1)
    ]
    places = [f"b{n // STAIRS}.u{n % STAIRS}.f1.101" for n in range(homes)]
    smoke = [
        {"id": f"smoke-{n}", "profile": "native-smoke", "place": place} for n, place in enumerate(places)
    ]
    heat = [{"id": f"heat-{n}", "profile": "native-heat", "place": "garage"} for n in range(DEVICES)]
    people = [
        {"household": place, "name": "住户", "contacts": [{"webhook": f"smoke-{n}"}]}
        for n, place in enumerate(places)
    ]
    duty = {"id": "duty", "name": "值班", "role": "duty", "contacts": [{"file": "duty"}]}
    named = {"zh": "测试", "en": "Bench"}
    community = {
        "county": {"id": "county", **named},
        "street": {"id": "street", **named},
        "community": {"id": "bench", **named},
        "buildings": buildings,
        "zones": [{"id": "garage", "kind": "garage", **named}],
        "devices": smoke + heat,
        "residents": people,
        "staff": [duty],
    }
    (folder / "community.yaml").write_text(json.dumps(community), "utf-8")
    (folder / "anmin.toml").write_text(
        f'[site]\ndata_dir = "data"\n[mqtt]\nurl = "mqtt://127.0.0.1:{broker}"\n[web]\nport = 0\n'
        f'[webhook]\nsecret = "{SECRET}"\ngateway = "http://127.0.0.1:{gateway}/"\nallow_private = true\n'
        '[logging]\nlevel = "error"\n',
        "utf-8",
    )
    (folder / "anmin.toml").chmod(0o600)


async def _ready(service: Process, door: Path, talking: asyncio.Task[bytes]) -> None:
    """Until it says where it is; a service that ends instead says why."""
    for _ in range(600):
        if service.returncode is not None:
            raise RuntimeError((await talking).decode())
        if await asyncio.to_thread(door.exists):
            await asyncio.sleep(1.0)
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the service did not start within 60 s")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
