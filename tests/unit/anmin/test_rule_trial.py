"""Changed rules on the readings that a store holds, judged by a child process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from anmin.history.sample import Sample
from anmin.history.sqlite_store import SqliteHistory
from anmin.house import House
from anmin.houses import rules_of
from anmin.rule_trial import try_out
from devices.instant import DAY, HOUR, SECOND, Instant
from tests.support.community import inventory
from tests.support.monitor import TERMS

NOW: Instant = 1_790_000_000 * SECOND


def body(degrees: int) -> str:
    rule = {"id": "heat", "hazard": "fire", "kind": "threshold", "quantity": "temperature_c", "source": "a"}
    return json.dumps([{"rules": [rule | {"levels": {"alarm": {"above": degrees}}}]}])


async def kept(folder: Path, *values: tuple[Instant, float]) -> SqliteHistory:
    store = SqliteHistory(folder)
    samples = [Sample("heat-301", "temperature_c", at, value, 0, n) for n, (at, value) in enumerate(values)]
    await store.write(samples)
    return store


async def test_both_versions_judge_the_same_thirty_days(tmp_path: Path) -> None:
    store = await kept(
        tmp_path, (NOW - 31 * DAY, 70.0), (NOW - 2 * HOUR, 20.0), (NOW - HOUR, 52.0), (NOW - HOUR // 2, 20.0)
    )
    house = House(inventory(), rules_of(body(57)), TERMS)
    shares: list[float] = []
    try:
        found = await asyncio.to_thread(try_out, house, body(57), body(50), store, NOW, shares.append)
    finally:
        await store.close()
    assert (found["readings"], found["alerts"]) == (3, {"heat": [0, 1]})
    assert found["silenced"] == []
    assert (found["incidents"], found["only_after"], found["only_before"]) == ([0, 1], 1, 0)
    assert shares[-1] == pytest.approx(1.0)


async def test_a_history_without_readings_is_told_as_that(tmp_path: Path) -> None:
    store = await kept(tmp_path)
    house = House(inventory(), rules_of(body(57)), TERMS)
    try:
        found = await asyncio.to_thread(try_out, house, body(57), body(50), store, NOW, lambda share: None)
    finally:
        await store.close()
    assert (found["readings"], found["from"]) == (0, None)


async def test_an_alarm_that_would_fall_silent_is_named(tmp_path: Path) -> None:
    store = await kept(tmp_path, (NOW - HOUR, 20.0), (NOW - HOUR // 2, 52.0))
    house = House(inventory(), rules_of(body(50)), TERMS)
    try:
        found = await asyncio.to_thread(try_out, house, body(50), body(57), store, NOW, lambda share: None)
    finally:
        await store.close()
    ((rule, device),) = [(one["rule"], one["of"]) for one in found["silenced"]]
    assert (rule, device) == ("heat", "heat-301")
