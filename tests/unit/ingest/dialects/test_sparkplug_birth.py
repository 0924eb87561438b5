"""ingest.dialects.sparkplug_birth: what is kept of a birth, and metrics that share a quantity."""

from __future__ import annotations

import pytest

from ingest.dialects import sparkplug_birth
from ingest.dialects.sparkplug_birth import Birth, Named, Table, born
from ingest.dialects.sparkplug_wire import Metric

FLOAT, BOOLEAN = 9, 11
ZONES = (
    Named("Zone 1/Leak", 1, BOOLEAN),
    Named("Zone 2/Leak", 2, BOOLEAN),
    Named("Inlet/Temperature", 3, FLOAT),
    Named("Outlet/Temperature", 4, FLOAT),
    Named("Test", None, BOOLEAN),
    Named("Testing", None, BOOLEAN),
)


def test_metrics_of_concern_are_kept_by_name_and_the_others_by_alias() -> None:
    metrics = (
        Metric("Smoke", 1, None, BOOLEAN),
        Metric("Speed", 2, None, FLOAT),
        Metric("Tamper", None),
        Metric("x"),
    )
    birth, cut = born(metrics, 7)
    assert birth == Birth(7, (Named("Smoke", 1, BOOLEAN), Named("Tamper", None, 0)), frozenset({2}))
    assert not cut


def test_birth_of_too_many_metrics_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparkplug_birth, "MAX_METRICS", 1)
    birth, cut = born((Metric("Smoke", 1), Metric("Tamper", 2), Metric("Smoke", 3)), 0)
    assert (birth.metrics, birth.others, cut) == ((Named("Smoke", 3, 0),), frozenset({2}), True)


def test_table_finds_by_alias_and_by_name() -> None:
    table = Table(Birth(1, ZONES, frozenset()))
    assert table.by_alias[1] is table.by_name["Zone 1/Leak"]
    assert table.quantities == ("water_leak_alarm", "temperature_c")


def test_of_numbers_that_say_the_same_the_first_is_read() -> None:
    table = Table(Birth(1, ZONES, frozenset()))
    assert table.second == ("Outlet/Temperature",)
    assert [table.by_alias[alias].meaning is None for alias in (3, 4)] == [False, True]
    assert [one.shared for one in table.by_name.values()] == [True, True, False, False, False, False]


def test_metrics_that_share_a_bit_stand_together() -> None:
    table = Table(Birth(1, ZONES, frozenset()))
    one, two = table.by_alias[1], table.by_alias[2]
    assert table.hear(one, 0.0)
    assert not table.hear(one, 0.0)
    assert table.standing("water_leak_alarm") == 0.0
    assert table.hear(two, None)
    assert table.standing("water_leak_alarm") is None
    table.hear(two, 1.0)
    assert table.standing("water_leak_alarm") == 1.0


def test_what_was_heard_is_part_of_the_birth() -> None:
    table = Table(Birth(1, ZONES, frozenset()))
    table.hear(table.by_alias[2], 1.0)
    assert table.birth.heard == (("Zone 2/Leak", 1.0),)
    assert Table(table.birth).standing("water_leak_alarm") == 1.0
