"""`make bench`: publish to hand-off at several rates, alternated with mosquitto_sub, a table at the end."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from statistics import median

from bench.latency import ALARMS_PER_S, Run, ours, peer


def main() -> None:
    parse = argparse.ArgumentParser(prog="make bench ARGS=...")
    parse.add_argument("--rates", default="1000,5000,10000", help="telemetry messages per second")
    parse.add_argument("--repetitions", type=int, default=5)
    parse.add_argument("--seconds", type=int, default=10, help="length of each run")
    parse.add_argument("--quick", action="store_true", help="one short run at the lowest rate")
    parse.add_argument("--json", action="store_true")
    asked = parse.parse_args()
    rates = [int(rate) for rate in asked.rates.split(",")]
    if asked.quick:
        rates, asked.repetitions, asked.seconds = rates[:1], 1, 5
    rows = [asyncio.run(measure(rate, asked.repetitions, asked.seconds)) for rate in rates]
    if asked.json:
        print(json.dumps(rows))
        return
    print(f"publish to first hand-off, {ALARMS_PER_S} alarms/s each in a fresh household; medians of runs")
    names = list(rows[0])
    print(" | ".join(names))
    for row in rows:
        print(" | ".join(str(row[name]) for name in names))


async def measure(rate: int, repetitions: int, seconds: int) -> dict[str, float]:
    """Ours and the peer in turn; figures are medians over the repetitions, the worst is the worst."""
    mine: list[Run] = []
    limit: list[Run] = []
    for number in range(repetitions):
        mine.append(await ours(rate, seconds))
        limit.append(await peer(rate, seconds))
        shown = ", ".join(f"{mine[-1].quantile(share):.1f}" for share in (0.5, 0.99))
        print(f"{rate}/s run {number + 1}/{repetitions}: p50, p99 = {shown} ms", file=sys.stderr)
    p50, p99 = (median(run.quantile(share) for run in mine) for share in (0.5, 0.99))
    peer50, peer99 = (median(run.quantile(share) for run in limit) for share in (0.5, 0.99))
    return {
        "msg/s": rate,
        "alarms": sum(len(run.latency_ms) for run in mine),
        "missing": sum(run.missing for run in mine),
        "p50 ms": round(p50, 2),
        "p99 ms": round(p99, 2),
        "worst ms": round(max(max(run.latency_ms) for run in mine), 1),
        "peer p50 ms": round(peer50, 2),
        "peer p99 ms": round(peer99, 2),
        "p50 ratio": round(p50 / peer50, 1),
        "p99 ratio": round(p99 / peer99, 1),
        "cpu s/100k": round(median(run.cpu_per_100k for run in mine), 2),
        "rss MiB": round(median(run.rss_mib for run in mine)),
    }


if __name__ == "__main__":
    main()
