"""From an alarm's planned publish to its first hand-off, under telemetry; beside it mosquitto_sub alone."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bench import child, service, site
from bench.far_end import Drain, Gateway
from bench.machine import usage
from bench.store import NOWHERE, keeping

_TAIL_S = 10.0
_LAST_ALARM_S = 0.5


class Plan(NamedTuple):
    """Messages and alarms per second, for how long, over how many devices; where readings are kept."""

    rate: int
    seconds: int
    alarms: int = 20
    devices: int = 1000
    store: str = NOWHERE


@dataclass
class Run:
    """One measurement. `drained_s`: from the last publish until the last message was dealt with."""

    latency_ms: list[float] = field(default_factory=list)
    planned: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    messages: int = 0
    late_p99_ms: float = 0.0
    drained_s: float = 0.0
    deepest: int = 0
    cpu_s: float = 0.0
    peak_mib: float = 0.0

    def take(self, said: Mapping[str, Any], first: Mapping[str, int]) -> None:
        """Pair what was published with what arrived."""
        self.planned, self.first = dict(said["alarms"]), dict(first)
        self.messages, self.late_p99_ms = said["published"], said["late_p99_ms"]
        arrived = [(first[name] - at) / 1e6 for name, at in self.planned.items() if name in first]
        self.latency_ms = sorted(arrived)
        self.missing = len(self.planned) - len(arrived)


async def ours(plan: Plan, trace: Path | None = None) -> Run:
    """The whole service on a fresh data directory, community and broker; `trace` gets its stamps."""
    run = Run()
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as name:
        folder = Path(name)
        async with (
            child.broker(folder / "broker") as port,
            Gateway() as gateway,
            keeping(plan.store, folder / "store") as kept,
        ):
            homes = max(1, plan.seconds * plan.alarms)
            settings = site.write(
                folder,
                broker=port,
                gateway=gateway.port,
                homes=homes,
                devices=plan.devices,
                history=kept,
            )
            launcher = ("-m", "bench.traced", str(trace)) if trace else ("-m", "anmin")
            async with service.running(settings, launcher) as served:
                before = usage(served.pid)
                watching = asyncio.create_task(served.watch())
                said = await load(port, plan)
                watching.cancel()
                run.drained_s = await served.drained(said["published"], said["ended_at"], _TAIL_S)
                await asyncio.sleep(_LAST_ALARM_S)
                after = usage(served.pid)
            run.cpu_s, run.peak_mib = after.cpu_s - before.cpu_s, after.peak_mib
            run.deepest = served.deepest
            run.take(said, gateway.first)
    return run


async def peer(plan: Plan) -> Run:
    """The limit: the same messages through the same broker into mosquitto_sub, which keeps nothing."""
    run = Run()
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as name:
        folder = Path(name)
        async with child.broker(folder / "broker") as port, Drain(port, folder / "heard") as drain:
            said = await load(port, plan)
            await drain.quiet()
            run.cpu_s, run.peak_mib = usage(drain.pid)
        first, _, last_at = drain.heard()
        run.take(said, first)
        run.drained_s = (last_at - said["ended_at"]) / 1e9
    return run


async def load(port: int, plan: Plan) -> dict[str, Any]:
    words = {
        "port": port,
        "rate": plan.rate,
        "seconds": plan.seconds,
        "devices": plan.devices,
        "alarms": plan.alarms,
    }
    flags = [part for name, value in words.items() for part in (f"--{name}", str(value))]
    publisher = await child.start(sys.executable, "-m", "bench.load", *flags, stdout=PIPE)
    try:
        out, _ = await publisher.communicate()
    finally:
        await child.stop(publisher)
    said: dict[str, Any] = json.loads(out)
    return said
