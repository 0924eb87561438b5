"""Each store fits the port as the type checker sees it; what it owes is in tests/contract/test_history.py."""

from __future__ import annotations

import inspect

import pytest

from anmin.history.influx_store import InfluxHistory
from anmin.history.ports import HistoryStore, Later, Stored
from anmin.history.sqlite_store import SqliteHistory
from tests.support.history import MemoryHistory

STORES: tuple[type[HistoryStore], ...] = (SqliteHistory, InfluxHistory, MemoryHistory)
WORDS = [name for name in vars(HistoryStore) if not name.startswith("_")]


def test_nothing_refused_and_no_wait_are_what_is_not_said() -> None:
    assert Stored().refused == ()
    assert Later("away").wait_for is None


@pytest.mark.parametrize("store", STORES, ids=lambda one: str(one.__name__))
@pytest.mark.parametrize("word", WORDS)
def test_every_store_takes_what_the_port_says(store: type[HistoryStore], word: str) -> None:
    def names(of: type) -> list[str]:
        return list(inspect.signature(getattr(of, word)).parameters)

    assert names(store) == names(HistoryStore)
