"""`python -m bench.upkeep`: what supervision costs per message in the pure core, beside a core without it.

The limit is for devices that are well; the third row, where every device has a trouble, shows the worst case.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final, NamedTuple, cast

from alerts.troubles.supervision import Supervision
from anmin.house import House
from anmin.monitor import Monitor
from anmin.prepare import prepare
from bench import site
from bench.load import VALUES
from devices.instant import SECOND, Instant, rfc3339
from ingest.message import Record, RecordKind
from tests.support.monitor import TERMS, dialects
from tests.support.rulebook import pack

LIMIT: Final = 1.5
T0: Final[Instant] = 1_790_000_000 * SECOND
DEVICES: Final = 1_000
ROUND_FOR: Final = 60 * SECOND
"""Every device speaks once a round."""

Body = dict[str, float | bool]


class Without:
    """Stands where supervision does, and does nothing."""

    def heard(self, *_: object, **__: object) -> None: ...
    def walk_of(self, _: str) -> None: ...
    def next_deadline(self) -> None: ...


class Row(NamedTuple):
    what: str
    ours_us: float
    bare_us: float
    ratio: float


def main() -> int:
    parse = argparse.ArgumentParser(prog="python -m bench.upkeep", description=__doc__)
    parse.add_argument("--rounds", type=int, default=90, help="of a message from each of 1,000 devices")
    asked = parse.parse_args()
    known = house()
    rows = [
        measured(known, "nine values", full, asked.rounds),
        measured(known, "temperature alone", one, asked.rounds),
        measured(known, "nine values, each with a trouble", troubled, asked.rounds),
    ]
    for row in rows:
        print(f"{row.what:<34} | {row.ours_us:6.1f} us | {row.bare_us:6.1f} us | {row.ratio:5.2f}")
    return int(any(row.ratio > LIMIT for row in rows[:2]))


def house() -> House:
    with tempfile.TemporaryDirectory(prefix="anmin-bench-") as folder:
        made = site.write(
            Path(folder), broker=1, gateway=1, homes=1, devices=DEVICES, history="enabled = false"
        )
        return House(prepare(made, {}).inventory, pack(), TERMS)


def full(number: int) -> Body:
    return VALUES | {"temperature_c": 21.0 + number % 7 / 10}


def one(number: int) -> Body:
    return {"temperature_c": 21.0 + number % 7 / 10}


def troubled(number: int) -> Body:
    return full(number) | {"battery_low": True}


def measured(known: House, what: str, body: Callable[[int], Body], rounds: int) -> Row:
    """Both monitors get each round, in turns as to who is first; the first rounds are no figures."""
    ours, bare = Monitor(known, dialects()), Monitor(known, dialects())
    bare.supervision = cast(Supervision, Without())
    for monitor in (ours, bare):
        if monitor is ours:
            monitor.handle(Record(1, T0, RecordKind.VERSION, "bench", "version", b""), known)
    pairs: list[tuple[float, float]] = []
    gc.disable()
    for number in range(rounds):
        said = round_of(number, body)
        took = {monitor: timed(monitor, said) for monitor in ((ours, bare) if number % 2 else (bare, ours))}
        pairs.append((took[ours], took[bare]))
        gc.collect()
    gc.enable()
    pairs = pairs[len(pairs) // 3 :]
    return Row(
        what,
        median(mine for mine, _ in pairs) * 1e6,
        median(other for _, other in pairs) * 1e6,
        median(mine / other for mine, other in pairs),
    )


def round_of(number: int, body: Callable[[int], Body]) -> Sequence[Record]:
    began = T0 + (number + 1) * ROUND_FOR
    return [
        Record(
            2 + number * DEVICES + n,
            at := began + n * ROUND_FOR // DEVICES,
            RecordKind.MESSAGE,
            "bench",
            f"anmin/bench/heat-{n}/reading",
            _message(number, at, body(number)),
        )
        for n in range(DEVICES)
    ]


def _message(number: int, at: Instant, values: Body) -> bytes:
    body: dict[str, Any] = {"v": 1, "boot": 1, "seq": number + 1, "at": rfc3339(at), "values": values}
    return json.dumps(body, separators=(",", ":")).encode()


def timed(monitor: Monitor, said: Sequence[Record]) -> float:
    began = perf_counter()
    for record in said:
        monitor.handle(record)
        monitor.next_deadline()
    return (perf_counter() - began) / len(said)


if __name__ == "__main__":
    sys.exit(main())
