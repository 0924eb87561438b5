"""`python -m bench.history`: what a history store costs an alarm, and what its death costs the history.

First 20,000 points a second go into VictoriaMetrics, in turn with the same messages and no history: the
alarms' p99 with it may be 1.5 times what it is without. Then the same load while the store is killed, is away
for a minute and comes back: every reading is there, once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from bench import child, service, site
from bench.__main__ import quantile
from bench.far_end import Gateway
from bench.latency import Plan, load, ours
from bench.load import VALUES
from bench.store import NOWHERE, VICTORIA, Victoria

LIMIT: Final = 1.5
RATE: Final = 2_250
POINTS: Final = RATE * len(VALUES)
_ALARM_VALUES: Final = 3
_BEFORE_S, _AFTER_S = 10, 20
_COMPLETE_WITHIN_S: Final = 180.0


class Outage(NamedTuple):
    """`expected` readings were published; `waited` were the most that the store had not; `complete_s`: from
    its return until it had all."""

    expected: int
    samples: int
    repeated: int
    waited: int
    complete_s: float
    missing_alarms: int
    p99_ms: float

    @property
    def well(self) -> bool:
        return self.samples == self.expected and not self.repeated and not self.missing_alarms


def main() -> int:
    parse = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parse.add_argument("--repetitions", type=int, default=5, help="pairs of runs; 0 leaves them out")
    parse.add_argument("--seconds", type=int, default=20, help="length of each run")
    parse.add_argument("--away", type=int, default=60, help="seconds without the store; 0 leaves it out")
    asked = parse.parse_args()
    good = True
    if asked.repetitions:
        good = asyncio.run(cost(asked.repetitions, asked.seconds)) <= LIMIT
    if asked.away:
        found = asyncio.run(outage(asked.away))
        print(f"away for {asked.away} s: {found._asdict()}")
        good = good and found.well
    return int(not good)


async def cost(repetitions: int, seconds: int) -> float:
    """The median of the pairs' ratios of p99; the order of a pair changes with each."""
    ratios: list[float] = []
    for number in range(repetitions):
        stores = (NOWHERE, VICTORIA) if number % 2 else (VICTORIA, NOWHERE)
        p99: dict[str, float] = {}
        for store in stores:
            run = await ours(Plan(RATE, seconds, store=store))
            if run.missing:
                raise SystemExit(f"bench: {run.missing} alarms never arrived (history {store})")
            p99[store] = quantile(run.latency_ms, 0.99)
            print(
                f"{POINTS} points/s into {store}: p50 {quantile(run.latency_ms, 0.5):.1f}, "
                f"p99 {p99[store]:.1f} ms, drained after {run.drained_s:.2f} s, cpu {run.cpu_s:.1f} s",
                file=sys.stderr,
            )
        ratios.append(p99[VICTORIA] / p99[NOWHERE])
    found = median(ratios)
    print(f"p99 with it / without, of {_shown(ratios)}: median {found:.2f}, at most {LIMIT}")
    return found


def _shown(ratios: Sequence[float]) -> str:
    return ", ".join(f"{ratio:.2f}" for ratio in ratios)


async def outage(away_s: int, rate: int = RATE) -> Outage:
    """The load goes on throughout."""
    seconds = _BEFORE_S + away_s + _AFTER_S
    plan = Plan(rate, seconds, alarms=10)
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as name:
        folder = Path(name)
        async with (
            child.broker(folder / "broker") as port,
            Gateway() as gateway,
            Victoria(folder / "store") as victoria,
        ):
            settings = site.write(
                folder,
                broker=port,
                gateway=gateway.port,
                homes=seconds * plan.alarms,
                devices=plan.devices,
                history=victoria.settings,
            )
            async with service.running(settings) as served:
                publishing = asyncio.create_task(load(port, plan))
                await asyncio.sleep(_BEFORE_S)
                await victoria.kill()
                await asyncio.sleep(away_s)
                waited = await served.waiting("history")
                await victoria.start()
                back_at = asyncio.get_running_loop().time()
                said = await publishing
                alarms = len(said["alarms"])
                expected = (said["published"] - alarms) * len(VALUES) + alarms * _ALARM_VALUES
                complete_s = await _complete(served, said, back_at)
            kept = await victoria.kept()
    late = sorted((gateway.first[n] - at) / 1e6 for n, at in said["alarms"].items() if n in gateway.first)
    return Outage(expected, *kept, waited, complete_s, alarms - len(late), quantile(late, 0.99))


async def _complete(served: service.Service, said: dict[str, Any], back_at: float) -> float:
    clock = asyncio.get_running_loop()
    end = clock.time() + _COMPLETE_WITHIN_S
    while clock.time() < end:
        if await served.handled() >= said["published"] and not await served.waiting("history"):
            return clock.time() - back_at
        await asyncio.sleep(0.5)
    return float("inf")


if __name__ == "__main__":
    sys.exit(main())
