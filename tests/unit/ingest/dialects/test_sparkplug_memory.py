"""ingest.dialects.sparkplug_memory: which births hold, bounds, and the snapshot."""

from __future__ import annotations

import pytest

from anmin.codec import dump, load
from ingest.dialects import sparkplug_memory
from ingest.dialects.sparkplug_birth import Birth, Named
from ingest.dialects.sparkplug_memory import Kept, Memory
from ingest.dialects.sparkplug_session import Session

SMOKE = (Named("Smoke", 1, 11),)


def add(memory: Memory, node: str, *devices: str, others: int = 0) -> None:
    generation = memory.next_generation()
    memory.keep(node, Session(0, generation))
    for address in (node, *(f"{node}/{one}" for one in devices)):
        memory.put(node, address, Birth(generation, SMOKE, frozenset(range(others))))


def test_birth_holds_until_the_next_of_its_node() -> None:
    memory = Memory()
    add(memory, "g/e", "d")
    assert memory.table("g/e", "g/e/d") is not None
    add(memory, "g/e")
    assert memory.table("g/e", "g/e/d") is None
    assert memory.table("g/e", "g/e") is not None
    assert (memory.devices("g/e"), memory.quantities("g/e/d")) == (["g/e/d"], ("smoke_alarm",))


def test_dead_device_and_dead_node_leave_nothing() -> None:
    memory = Memory()
    add(memory, "g/e", "d", "c")
    memory.leave("g/e", "g/e/d")
    assert memory.devices("g/e") == ["g/e/c"]
    memory.drain()
    memory.forget("g/e")
    assert dict(memory.drain()) == {"birth g/e/c": None, "birth g/e": None, "session g/e": None}
    assert (memory.session("g/e"), memory.devices("g/e")) == (Session(0), [])
    memory.forget("g/e")
    memory.leave("g/e", "g/e/d")
    assert memory.drain() == []


def test_node_not_heard_for_longest_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparkplug_memory, "MAX_NODES", 2)
    memory = Memory()
    for node in ("g/1", "g/2"):
        add(memory, node)
    memory.keep("g/1", memory.session("g/1"))
    memory.keep("g/3", Session(0))
    assert [memory.session(node).turn > 0 for node in ("g/1", "g/2", "g/3")] == [True, False, True]
    assert memory.table("g/2", "g/2") is None


@pytest.mark.parametrize("bound", ["MAX_TOGETHER", "MAX_DEVICES"])
def test_device_too_many_is_kept_only_for_one_that_did_not_come_back(
    monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(sparkplug_memory, bound, 1)
    memory = Memory()
    add(memory, "g/e", "a", "b")
    assert memory.devices("g/e") == ["g/e/a"]
    add(memory, "g/e", "b")
    assert memory.devices("g/e") == ["g/e/b"]


def test_device_that_died_leaves_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparkplug_memory, "MAX_DEVICES", 1)
    memory = Memory()
    add(memory, "g/1", "a")
    memory.forget("g/1")
    add(memory, "g/2", "b")
    assert memory.devices("g/2") == ["g/2/b"]


def test_who_was_not_heard_for_longest_is_known_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparkplug_memory, "MAX_NODES", 2)
    memory, copy = Memory(), Memory()
    for node in ("g/1", "g/2", "g/1"):
        memory.keep(node, memory.session(node))
    copy.restore(memory.drain())
    copy.keep("g/3", Session(0))
    assert [copy.session(node).turn for node in ("g/1", "g/2", "g/3")] == [3, 0, 4]


def test_aliases_of_no_concern_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparkplug_memory, "MAX_ALIASES", 10)
    memory = Memory()
    add(memory, "g/1", others=6)
    add(memory, "g/2", others=6)
    kept = [table.others for node in ("g/1", "g/2") if (table := memory.table(node, node)) is not None]
    assert kept == [frozenset(range(6)), None]
    memory.forget("g/1")
    add(memory, "g/2", others=6)
    again = memory.table("g/2", "g/2")
    assert again is not None
    assert again.others == frozenset(range(6))


def test_snapshot_is_plain_and_brings_everything_back() -> None:
    memory, copy = Memory(), Memory()
    add(memory, "g/a b", "烟感 1", others=3)
    add(memory, "g/2")
    memory.keep("g/a b", memory.session("g/a b"))
    drained = memory.drain()
    assert memory.drain() == []
    copy.restore((key, load(Kept, dump(value))) for key, value in reversed(drained))
    assert copy.drain() == []
    for one in (memory, copy):
        for address in ("g/a b/烟感 1", "g/a b"):
            one.changed(address)
        one.changed("g/nobody")
        one.forget("g/2")
        one.keep("g/3", Session(0))
    assert memory.drain() == copy.drain()
    assert memory.next_generation() == copy.next_generation()
