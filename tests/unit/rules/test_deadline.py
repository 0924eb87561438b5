"""What is due next."""

from __future__ import annotations

from dataclasses import dataclass

from rules.deadline import Deadlines


@dataclass
class Item:
    key: str
    order: int
    due: int | None
    scheduled: int | None = None


def board(*items: Item) -> tuple[Deadlines, dict[str, Item]]:
    known = {item.key: item for item in items}
    deadlines = Deadlines(known)
    for item in items:
        deadlines.put(item)
    return deadlines, known


def test_the_earliest_is_first_and_equal_ones_go_by_rule_then_subject() -> None:
    deadlines, known = board(Item("z", 1, 5), Item("b", 0, 7), Item("a", 1, 5), Item("y", 0, 5))
    order = []
    while (first := deadlines.first()) is not None:
        order.append(first[1])
        known[first[1]].due = None
    assert order == ["y", "a", "z", "b"]


def test_what_moved_later_comes_later_and_what_moved_earlier_comes_earlier() -> None:
    deadlines, known = board(Item("a", 0, 5), Item("b", 0, 6))
    known["a"].due = 9
    deadlines.put(known["a"])
    assert deadlines.first() == (6, "b")
    known["a"].due = 2
    deadlines.put(known["a"])
    assert deadlines.first() == (2, "a")
    known["a"].due = 9
    assert deadlines.first() == (6, "b")
    known["b"].due = None
    assert deadlines.first() == (9, "a")


def test_what_is_gone_or_no_longer_due_is_skipped() -> None:
    deadlines, known = board(Item("a", 0, 5), Item("b", 0, 6))
    del known["a"]
    known["b"].due = None
    assert deadlines.first() is None


def test_a_deadline_that_moves_with_every_reading_adds_nothing() -> None:
    deadlines, known = board(Item("a", 0, 100))
    for due in range(101, 10_000):
        known["a"].due = due
        deadlines.put(known["a"])
    assert len(deadlines._heap) == 1
