"""`python -m bench.engine`: readings a second through decoding, admission and all shipped rules, one core.

Beside the same messages through a core without rules, and from a thousand devices to a hundred thousand: what
a reading costs more there is what memory costs, since every device has its state somewhere else.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any, Final, NamedTuple

from anmin.house import House
from anmin.monitor import Monitor
from anmin.profiles import BUILT_IN
from devices.device import Device
from devices.instant import SECOND, Instant, rfc3339
from devices.inventory import Inventory
from devices.place import Place, PlaceKind
from ingest.message import Record, RecordKind
from rules.spec import RuleSet
from tests.support.monitor import TERMS, dialects
from tests.support.rulebook import pack

LEAST: Final = 30_000
"""Readings a second over 10,000 devices, full packs."""
GROWTH: Final = 2.5
"""What a reading may cost more with 100,000 devices than with 1,000; caches alone make 1.8 of it."""
SIZES: Final = (1_000, 10_000, 100_000)
MESSAGES: Final = 10_000
"""Of one round: as many for each size, so that what is measured is the same work."""
T0: Final[Instant] = 1_790_000_000 * SECOND
_EVERY_FOR: Final = 60 * SECOND

KINDS: Final[Sequence[tuple[str, dict[str, float | bool]]]] = (
    ("native-smoke", {"smoke_alarm": False, "smoke_obscuration_db_per_m": 0.01, "temperature_c": 22.0}),
    ("native-heat", {"heat_alarm": False, "temperature_c": 22.0, "battery_percent": 90}),
    ("native-gas", {"gas_alarm": False, "gas_lel_percent": 0.4, "link_quality": 120}),
    ("native-co", {"co_alarm": False, "co_ppm": 1.5, "battery_percent": 80}),
    (
        "native-electrical",
        {"electrical_alarm": False, "residual_current_ma": 80, "cable_temperature_c": 31.0},
    ),
    ("native-water-level", {"water_level_alarm": False, "water_level_mm": 4.0, "battery_percent": 70}),
)
PER_MESSAGE: Final = 3


class Row(NamedTuple):
    """Microseconds per reading with all rules and without any; `ratio` of the same rounds."""

    devices: int
    ours_us: float
    empty_us: float
    ratio: float

    @property
    def per_s(self) -> float:
        return 1e6 / self.ours_us


def main() -> int:
    parse = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parse.add_argument("--rounds", type=int, default=12, help=f"of {MESSAGES:,} messages")
    parse.add_argument("--sizes", default=",".join(map(str, SIZES)), help="devices, e.g. 1000,10000")
    asked = parse.parse_args()
    rows = measured([int(size) for size in asked.sizes.split(",")], asked.rounds)
    print(f"{'devices':>9} | {'readings/s':>10} | {'us each':>8} | {'no rules':>8} | {'ratio':>5}")
    for row in rows:
        costs = f"{row.ours_us:>8.2f} | {row.empty_us:>8.2f} | {row.ratio:>5.2f}"
        print(f"{row.devices:>9,} | {row.per_s:>10,.0f} | {costs}")
    growth = rows[-1].ours_us / rows[0].ours_us
    print(
        f"with {rows[-1].devices:,} devices a reading costs {growth:.2f} times that with {rows[0].devices:,}"
    )
    slow = any(row.per_s < LEAST for row in rows if row.devices == SIZES[1])
    return int(slow or growth > GROWTH)


def measured(sizes: Sequence[int], rounds: int) -> list[Row]:
    """The sizes take turns round by round, so that what else the machine does hits all of them."""
    pairs = {size: Pair(size) for size in sizes}
    took: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    gc.collect()
    gc.freeze()
    gc.disable()
    for number in range(rounds):
        for size, pair in pairs.items():
            took[size].append(pair.round(number))
    gc.enable()
    found = []
    for size in sizes:
        kept = took[size][len(took[size]) // 3 :]
        found.append(
            Row(
                size,
                median(ours for ours, _ in kept) * 1e6,
                median(empty for _, empty in kept) * 1e6,
                median(ours / empty for ours, empty in kept),
            )
        )
    return found


class Pair:
    """A core with all shipped rules and one with none, over the same devices."""

    def __init__(self, devices: int) -> None:
        self._devices = devices
        known = community(devices)
        self._ours = Monitor(House(known, pack(), TERMS), dialects())
        self._empty = Monitor(House(known, RuleSet.of(()), TERMS), dialects())
        self._order = random.Random(7)
        self._sequence = 1
        for monitor in (self._ours, self._empty):
            monitor.handle(Record(1, T0, RecordKind.VERSION, "bench", "version", b""), monitor.house)

    def round(self, number: int) -> tuple[float, float]:
        """Seconds per reading of either, the same records for both; who is first changes."""
        records = self._records(number)
        order = (self._ours, self._empty) if number % 2 else (self._empty, self._ours)
        took = {id(monitor): _timed(monitor, records) for monitor in order}
        count = len(records) * PER_MESSAGE
        return took[id(self._ours)] / count, took[id(self._empty)] / count

    def _records(self, number: int) -> list[Record]:
        """From devices drawn at random, as a community speaks: not one after another in memory."""
        speaking = self._order.choices(range(self._devices), k=MESSAGES)
        began = T0 + (number + 1) * _EVERY_FOR
        found = []
        for n, device in enumerate(speaking):
            self._sequence += 1
            at = began + n * _EVERY_FOR // MESSAGES
            topic = f"anmin/bench/d-{device}/reading"
            body = _said(device, self._sequence, at)
            found.append(Record(self._sequence, at, RecordKind.MESSAGE, "bench", topic, body))
        return found


def _said(device: int, number: int, at: Instant) -> bytes:
    values = dict(KINDS[device % len(KINDS)][1])
    name = next(reversed(values))
    values[name] = round(float(values[name]) + number % 7 / 10, 2)
    body: dict[str, Any] = {"v": 1, "boot": 1, "seq": number, "at": rfc3339(at), "values": values}
    return json.dumps(body, separators=(",", ":")).encode()


def _timed(monitor: Monitor, records: Sequence[Record]) -> float:
    began = perf_counter()
    for record in records:
        monitor.handle(record)
        monitor.next_deadline()
    return perf_counter() - began


def community(devices: int) -> Inventory:
    """Homes of six devices each, four to a floor, sixteen floors to a stair."""
    places = [Place("bench", PlaceKind.COMMUNITY, None, "基准", "bench")]
    known = []
    for number in range(devices):
        home, kind = divmod(number, len(KINDS))
        floor, door = divmod(home, 4)
        stair, level = divmod(floor, 16)
        unit, story, flat = f"u{stair}", f"u{stair}.f{level}", f"u{stair}.f{level}.{door}"
        if kind == 0:
            if door == 0 and level == 0:
                places.append(Place(unit, PlaceKind.UNIT, "bench", unit, unit))
            if door == 0:
                places.append(Place(story, PlaceKind.FLOOR, unit, story, story, level + 1))
            places.append(Place(flat, PlaceKind.HOUSEHOLD, story, flat, flat))
        name = f"d-{number}"
        known.append(Device(name, BUILT_IN[KINDS[kind][0]], flat, "native", name, name, name))
    return Inventory.of("bench", "bench", places, known)


if __name__ == "__main__":
    sys.exit(main())
