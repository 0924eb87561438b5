"""What every history store owes: a sample written twice is there once, and all stores answer alike."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from anmin.history import reader
from anmin.history.influx_store import InfluxHistory, InfluxTarget
from anmin.history.ports import HistoryStore, Stored
from anmin.history.sample import Range, Sample, Step
from anmin.history.sqlite_store import SqliteHistory
from devices.instant import HOUR, MINUTE, SECOND
from tests.support import influx
from tests.support.history import DEVICE, NOON, QUANTITY, MemoryHistory, around, sample
from tests.support.influx import InfluxStub

Count = Callable[[str], Awaitable[int]]
"""How many samples of a device the store holds, asked by another way than the client under test."""


class Bench:
    """A store and how to look behind its back."""

    def __init__(self, store: HistoryStore, count: Count) -> None:
        self.store = store
        self.count = count


def _fresh_database(url: str, request: pytest.FixtureRequest) -> str:
    name = f"h{abs(hash(request.node.nodeid))}"
    influx.statement(url, f"CREATE DATABASE {name}")
    return name


async def in_sqlite(request: pytest.FixtureRequest) -> Bench:
    store = SqliteHistory(request.getfixturevalue("tmp_path") / "history")

    async def count(device: str) -> int:
        return len([one async for one in store.read(around(48, device))])

    return Bench(store, count)


async def in_memory(request: pytest.FixtureRequest) -> Bench:
    store = MemoryHistory()

    async def count(device: str) -> int:
        return len([one async for one in store.read(around(48, device))])

    return Bench(store, count)


async def in_influx_1(request: pytest.FixtureRequest) -> Bench:
    url: str = request.getfixturevalue("influx_url")
    name = _fresh_database(url, request)

    async def count(device: str) -> int:
        query = f"SELECT count(sequence) FROM anmin_reading WHERE device = '{device}'"
        found = json.loads(influx.ask(f"{url}/query", {"db": name, "q": query}))["results"][0]
        return int(found["series"][0]["values"][0][1]) if "series" in found else 0

    return Bench(InfluxHistory(InfluxTarget(url, name, mode="1"), lambda: NOON), count)


async def in_victoria(request: pytest.FixtureRequest) -> Bench:
    url: str = request.getfixturevalue("victoria_url")

    async def count(device: str) -> int:
        influx.ask(f"{url}/internal/force_flush", {})
        query = {"match[]": f'anmin_reading_sequence{{device="{device}"}}', "reduce_mem_usage": "0"}
        lines = influx.ask(f"{url}/api/v1/export", query).splitlines()
        return sum(len(json.loads(line)["values"]) for line in lines)

    return Bench(InfluxHistory(InfluxTarget(url, "any", org="any"), lambda: NOON), count)


async def in_stub(request: pytest.FixtureRequest) -> Bench:
    server: InfluxStub = request.getfixturevalue("stub")

    async def count(device: str) -> int:
        names = {
            (line.split(" ")[0], line.split(" ")[-1]) for line in server.taken if f"device={device}," in line
        }
        return len(names)  # as a server does: what has the same series and time is one point

    return Bench(InfluxHistory(InfluxTarget(server.url, "any", org="any"), lambda: NOON), count)


WRITERS = {
    "memory": in_memory,
    "sqlite": in_sqlite,
    "influxdb 1": in_influx_1,
    "victoriametrics": in_victoria,
    "influxdb 2 stub": in_stub,
}
READERS = ("memory", "sqlite", "influxdb 1")


@pytest.fixture(params=WRITERS)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    made = await WRITERS[request.param](request)
    yield made
    await made.store.close()


@pytest.fixture(params=READERS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[HistoryStore]:
    made = await WRITERS[request.param](request)
    yield made.store
    await made.store.close()


# Writers ----------------------------------------------------------------------------------------------------


async def test_ready_proves_a_write(bench: Bench) -> None:
    assert await bench.store.ready() == ""


async def test_what_was_written_is_there(bench: Bench) -> None:
    device = f"written-{time.monotonic_ns()}"
    given = [sample(n, NOON + n * SECOND, device=device) for n in range(1, 2001)]
    assert await bench.store.write(given) == Stored()
    assert await bench.count(device) == 2000


async def test_repeated_write_has_one_effect(bench: Bench) -> None:
    device = f"repeated-{time.monotonic_ns()}"
    given = [sample(n, NOON + n * SECOND, device=device) for n in range(1, 101)]
    assert await bench.store.write(given) == Stored()
    assert await bench.store.write([*given[50:], *given[:70]]) == Stored()
    assert await bench.count(device) == 100


async def test_sample_without_a_value_is_taken(bench: Bench) -> None:
    device = f"unknown-{time.monotonic_ns()}"
    assert await bench.store.write([sample(1, value=None, device=device)]) == Stored()
    assert await bench.count(device) == 1


async def test_nothing_is_taken_without_a_word(bench: Bench) -> None:
    assert await bench.store.write([]) == Stored()


# Readers ----------------------------------------------------------------------------------------------------


async def read(store: HistoryStore, asked: Range) -> list[Sample]:
    return [one async for one in store.read(asked)]


async def test_samples_come_back_as_they_were_given(store: HistoryStore) -> None:
    given = [
        sample(1, NOON, 20.5),
        sample(2, NOON + 1, None, trust=16),
        sample(3, NOON + 2, -1e-9, trust=3),
        sample(10**12, NOON + 3, 1e9),
    ]
    assert await store.write(given) == Stored()
    assert await read(store, around()) == given


async def test_two_readings_of_one_instant_are_both_kept(store: HistoryStore) -> None:
    given = [sample(n, NOON, float(n)) for n in (7, 1007, 2007, 999_999, 1_000_000)]
    assert await store.write(given) == Stored()
    assert await read(store, around()) == given


async def test_order_is_that_of_the_instants_then_of_the_sequence(store: HistoryStore) -> None:
    given = [sample(n, NOON + (n * 7919) % 5000, float(n)) for n in range(999_900, 1_000_200)]
    shuffled = list(given)
    random.Random(1).shuffle(shuffled)
    for start in range(0, len(shuffled), 50):
        assert await store.write(shuffled[start : start + 50]) == Stored()
    assert await read(store, around()) == sorted(given, key=lambda one: (one.at, one.sequence))


async def test_range_begins_with_since_and_ends_before_until(store: HistoryStore) -> None:
    await store.write([sample(n, NOON + n) for n in range(10)])
    found = await read(store, Range(DEVICE, QUANTITY, NOON + 3, NOON + 7))
    assert [one.at - NOON for one in found] == [3, 4, 5, 6]
    assert await read(store, Range(DEVICE, QUANTITY, NOON, NOON)) == []


async def test_reading_goes_across_days_and_pages(store: HistoryStore) -> None:
    given = [sample(n, NOON - 24 * HOUR + n * 8_640_000, float(n)) for n in range(20_000)]
    for start in range(0, len(given), 5000):
        assert await store.write(given[start : start + 5000]) == Stored()
    assert await read(store, around(30)) == given
    buckets = await store.summary(around(24), Step(24 * HOUR, 8 * HOUR))
    assert sum(bucket.count for bucket in buckets) == 20_000


async def test_other_devices_and_quantities_are_not_in_it(store: HistoryStore) -> None:
    await store.write([sample(1), sample(2, device="another"), sample(3, quantity="co_ppm")])
    assert [one.sequence for one in await read(store, around())] == [1]
    assert await read(store, around(device="nobody")) == []
    assert {b.count for b in await store.summary(around(device="nobody"), Step(HOUR))} == {0}


@pytest.mark.parametrize("name", ["o'clock", "a\\b", "x' OR '1'='1", 'say "hi"', "烟感 1", "a,b=c d", "\\'"])
async def test_odd_names_find_their_own_samples_and_no_others(store: HistoryStore, name: str) -> None:
    await store.write([sample(1, device=name), sample(2, device="another")])
    assert [one.sequence for one in await read(store, around(device=name))] == [1]
    assert sum(b.count for b in await store.summary(around(device=name), Step(HOUR))) == 1


STEPS = (
    Step(7 * SECOND),
    Step(MINUTE),
    Step(5 * MINUTE),
    Step(HOUR),
    Step(HOUR, 30 * MINUTE),
    Step(6 * HOUR, 2 * HOUR),
)


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_summary_is_what_the_samples_say(store: HistoryStore, step: Step) -> None:
    chance = random.Random(2)
    given = [
        sample(n, NOON + chance.randrange(-HOUR, HOUR), None if n % 10 == 0 else chance.uniform(-5, 90))
        for n in range(1, 800)
    ]
    await store.write(given)
    asked = Range(DEVICE, QUANTITY, NOON - HOUR, NOON + HOUR)
    expected = reader.buckets(given, asked, step)
    found = await store.summary(asked, step)
    assert [(b.at, b.min, b.max, b.count) for b in found] == [(b.at, b.min, b.max, b.count) for b in expected]
    assert [b.mean for b in found] == [pytest.approx(b.mean) for b in expected]
    assert sum(b.count for b in found) == 720


async def test_repeated_write_changes_no_summary(store: HistoryStore) -> None:
    given = [sample(n, NOON + n * SECOND, float(n % 7)) for n in range(1, 301)]
    await store.write(given)
    before = await store.summary(around(1), Step(MINUTE))
    await store.write(given)
    assert await store.summary(around(1), Step(MINUTE)) == before


async def test_gaps_stay_gaps(store: HistoryStore) -> None:
    await store.write(
        [sample(1, NOON + MINUTE, 1.0), sample(2, NOON + 4 * MINUTE, 2.0), sample(3, NOON + 6 * MINUTE, None)]
    )
    found = await store.summary(Range(DEVICE, QUANTITY, NOON, NOON + 8 * MINUTE), Step(MINUTE))
    assert [b.mean for b in found] == [None, 1.0, None, None, 2.0, None, None, None]
    assert reader.gaps(found, Step(MINUTE)) == [
        (NOON, NOON + MINUTE),
        (NOON + 2 * MINUTE, NOON + 4 * MINUTE),
        (NOON + 5 * MINUTE, NOON + 8 * MINUTE),
    ]


async def test_too_many_buckets_are_refused_before_any_work(store: HistoryStore) -> None:
    with pytest.raises(ValueError, match="longer step"):
        await store.summary(around(24 * 365), Step(SECOND))


async def test_20000_samples_are_written_in_a_second(tmp_path: Path) -> None:
    """The target of the default store, with room to spare on a busy machine (measured: 90,000)."""
    store = SqliteHistory(tmp_path / "history")
    given = [sample(n, NOON + n * 50, float(n % 9), device=f"d{n % 1000}") for n in range(20_000)]
    began = time.monotonic()
    for start in range(0, len(given), 5000):
        assert await store.write(given[start : start + 5000]) == Stored()
    took = time.monotonic() - began
    await store.close()
    assert took < 1.0
