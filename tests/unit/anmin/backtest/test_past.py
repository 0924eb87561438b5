"""The history in the order of time, and which rules envelopes are enough for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anmin.backtest.past import Past, enveloped, judgeable, readings, watched
from anmin.history.sample import Sample
from anmin.history.sqlite_store import SqliteHistory
from devices.instant import DAY, HOUR, MINUTE, SECOND
from devices.reading import Reading, Trust
from rules.spec import RuleSet
from tests.support.community import T0, inventory
from tests.support.rulebook import pack, ruleset
from tests.unit.anmin.backtest.test_run import rule

START = T0 - T0 % DAY
LOW = """
rules:
  - id: low
    hazard: flood
    kind: threshold
    source: ours
    quantity: water_level_mm
    levels: {notice: {below: 5, clear_above: 10}}
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteHistory]:
    made = SqliteHistory(tmp_path)
    yield made
    await made.close()


def level(seconds: float, value: float | None, trust: Trust = Trust.NONE, device: str = "level-1") -> Sample:
    at = START + round(seconds * SECOND)
    return Sample(device, "water_level_mm", at, value, int(trust), round(seconds) + 1)


async def heard(store: SqliteHistory, past: Past, hours: int = 48) -> list[Reading]:
    found = readings(store, inventory(), past, START, START + hours * HOUR, [0])
    return [one async for one in found]


async def test_devices_are_mixed_in_the_order_of_time_across_hours_and_days(store: SqliteHistory) -> None:
    smoke = [
        Sample("smoke-101", "smoke_alarm", START + at * SECOND, 0.0, 0, at + 1) for at in (5, 4000, 90_000)
    ]
    await store.write([level(3, 1.0), level(3700, 2.0), level(90_001, 3.0), *smoke])
    found = await heard(store, watched(pack()))
    assert [(one.at - START) // SECOND for one in found] == [3, 5, 3700, 4000, 90_000, 90_001]
    assert {one.device_id for one in found} == {"level-1", "smoke-101"}


async def test_what_weakens_a_sample_comes_along_and_unknown_stays_unknown(store: SqliteHistory) -> None:
    await store.write([level(1, None, Trust.BACKFILL)])
    (found,) = await heard(store, watched(pack()))
    assert (found.value, found.trust) == (None, Trust.BACKFILL)


async def test_what_no_rule_watches_is_not_read(store: SqliteHistory) -> None:
    await store.write([level(1, 1.0)])
    assert await heard(store, watched(pack("gas"))) == []


async def test_a_minute_is_its_highest_value_at_its_end(store: SqliteHistory) -> None:
    await store.write([level(at, value) for at, value in ((0, 10.0), (20, 80.0), (59, 5.0), (61, 7.0))])
    found = await heard(store, enveloped(MINUTE, rule(50)))
    assert [(one.value, one.at - START) for one in found] == [(80.0, MINUTE), (7.0, 2 * MINUTE)]


async def test_where_low_values_count_a_minute_is_its_lowest(store: SqliteHistory) -> None:
    await store.write([level(at, value) for at, value in ((0, 10.0), (20, 80.0), (59, 5.0))])
    found = await heard(store, enveloped(MINUTE, ruleset(LOW)))
    assert [one.value for one in found] == [5.0]


def refused(rules: RuleSet, step: int, *others: RuleSet) -> set[str]:
    found = judgeable(rules, step, *others)
    assert {one.id for one in found.rules.rules} == {one.id for one in rules.rules} - {
        name for name, *_ in found.refused
    }
    assert all(zh and en for _, zh, en in found.refused)
    return {name for name, *_ in found.refused}


def test_rules_that_need_every_reading_are_refused_by_name() -> None:
    names = {one.id for one in pack().rules if one.kind not in {"threshold", "alarm_bit", "corroborate"}}
    assert len(names) >= 5
    assert names <= refused(pack(), MINUTE)


def test_a_hold_shorter_than_the_step_is_refused_and_a_longer_one_is_not() -> None:
    held = ruleset(LOW.replace("source:", "hold_for: 5m\n    source:").replace("below: 5", "below: 6"))
    assert refused(held, MINUTE) == set()
    assert refused(held, HOUR) == {"low"}


def test_a_quantity_is_not_low_for_one_rule_and_high_for_another() -> None:
    assert refused(ruleset(LOW), MINUTE) == set()
    assert refused(ruleset(LOW), MINUTE, rule(50)) == {"low"}
    assert refused(rule(50), MINUTE, ruleset(LOW)) == set()


def test_a_rule_by_place_goes_with_the_last_rule_that_it_counts() -> None:
    counted = ruleset(
        LOW.replace("source: ours", "hold_for: 1m\n    source: ours")
        + """
  - id: two
    hazard: flood
    kind: corroborate
    source: ours
    of: [low]
    at_least: notice
    count: 2
    within: building
    level: alarm
"""
    )
    assert refused(counted, MINUTE) == set()
    assert refused(counted, HOUR) == {"low", "two"}
