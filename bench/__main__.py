"""`make bench`: publish to hand-off at several rates beside mosquitto_sub, and where the time goes."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.latency import Plan, Run, ours, peer
from bench.machine import describe
from bench.store import NOWHERE, STORES
from bench.traced import STAGES

Row = dict[str, float | int | str]


def main() -> None:
    parse = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parse.add_argument("--rates", default="1000,5000,10000", help="telemetry messages per second")
    parse.add_argument("--repetitions", type=int, default=5)
    parse.add_argument("--seconds", type=int, default=10, help="length of each run, 20 alarms a second")
    parse.add_argument("--quick", action="store_true", help="one short run at the lowest rate")
    parse.add_argument("--history", choices=STORES, default=NOWHERE, help="where every reading is kept")
    parse.add_argument("--json", action="store_true", help="one line of JSON instead of the tables")
    asked = parse.parse_args()
    rates = [int(rate) for rate in asked.rates.split(",")]
    if asked.quick:
        rates, asked.repetitions, asked.seconds = rates[:1], 1, 5
    plans = [Plan(rate, asked.seconds, store=asked.history) for rate in rates]
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as folder:
        machine = describe(Path(folder))
    rows = [asyncio.run(measured(plan, asked.repetitions)) for plan in plans]
    if asked.json:
        stages = [asyncio.run(stage_times(plan)) for plan in plans]
        print(json.dumps({"machine": machine, "latency": rows, "stages": stages}))
        return
    print("\n".join(f"{name}: {value}" for name, value in machine.items()))
    print("\nFrom an alarm's planned publish to its first hand-off; medians of the runs' figures")
    _table(rows)
    print("\nWhere the time of an alarm goes: ms from the stage before, p50 / p99, one traced run per rate")
    _table([asyncio.run(stage_times(plan)) for plan in plans])


async def measured(plan: Plan, repetitions: int) -> Row:
    """Ours and the peer in turn; each figure is the median over the repetitions, the worst is the worst."""
    mine: list[Run] = []
    limit: list[Run] = []
    for number in range(repetitions):
        mine.append(await ours(plan))
        limit.append(await peer(plan))
        shown = ", ".join(f"{quantile(mine[-1].latency_ms, share):.1f}" for share in (0.5, 0.99))
        print(f"{plan.rate}/s run {number + 1}/{repetitions}: p50, p99 = {shown} ms", file=sys.stderr)
    return {
        "msg/s": plan.rate,
        "alarms": sum(len(run.latency_ms) for run in mine),
        "missing": sum(run.missing for run in mine),
        **_pair("p50 ms", mine, limit, lambda run: quantile(run.latency_ms, 0.5)),
        **_pair("p99 ms", mine, limit, lambda run: quantile(run.latency_ms, 0.99)),
        "worst ms": round(max(quantile(run.latency_ms, 1.0) for run in mine), 1),
        "load late p99 ms": round(median(run.late_p99_ms for run in mine), 1),
        "drained s": round(median(run.drained_s for run in mine), 2),
        "deepest": max(run.deepest for run in mine),
        "cpu s/100k": round(median(run.cpu_s / run.messages * 1e5 for run in mine), 1),
        "peak MiB": round(median(run.peak_mib for run in mine)),
    }


def _pair(name: str, mine: Sequence[Run], limit: Sequence[Run], figure: Callable[[Run], float]) -> Row:
    """A figure of ours, the same of the peer, and the median of the ratios within each repetition."""
    pairs = [(figure(run), figure(beside)) for run, beside in zip(mine, limit, strict=True)]
    return {
        name: round(median(ours for ours, _ in pairs), 1),
        f"peer {name}": round(median(peers for _, peers in pairs), 2),
        f"ratio {name.split()[0]}": round(median(ours / peers for ours, peers in pairs), 1),
    }


async def stage_times(plan: Plan) -> Row:
    """One more run, with stamps where an alarm passes: what each stage took."""
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as folder:
        trace = Path(folder) / "stamps.json"
        run = await ours(plan, trace)
        stamps: dict[str, dict[str, int]] = json.loads(trace.read_text("utf-8"))
    times = [run.planned, *(stamps.get(stage, {}) for stage in STAGES), run.first]
    names = (*STAGES, "received")
    row: Row = {"msg/s": plan.rate}
    for name, before, after in zip(names, times, times[1:], strict=False):
        took = _between(before, after)
        row[name] = f"{quantile(took, 0.5):.1f} / {quantile(took, 0.99):.1f}"
    whole = _between(run.planned, run.first)
    row["in all"] = f"{quantile(whole, 0.5):.1f} / {quantile(whole, 0.99):.1f}"
    return row


def _between(before: Mapping[str, int], after: Mapping[str, int]) -> list[float]:
    return sorted((after[name] - at) / 1e6 for name, at in before.items() if name in after)


def quantile(known: Sequence[float], share: float) -> float:
    """Of sorted values; the nearest one that is there."""
    return known[min(len(known) - 1, int(len(known) * share))] if known else math.nan


def _table(rows: Iterable[Row]) -> None:
    rows = list(rows)
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    for line in cells:
        print(" | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


if __name__ == "__main__":
    main()
