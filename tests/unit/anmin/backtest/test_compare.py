"""Two rule sets: what one alone raises, and who is sooner."""

from __future__ import annotations

from anmin.backtest.compare import Compared, Comparison, Which
from anmin.shadow import APART_FOR
from devices.instant import MINUTE, SECOND
from devices.level import Level
from rules.verdict import Transition
from tests.support.community import T0
from tests.unit.anmin.backtest.test_score import edge


def compared(*rises: tuple[Which, Transition]) -> Compared:
    comparison = Comparison()
    for which, rise in rises:
        comparison.rose(which, rise)
    return comparison.result()


def test_the_same_alert_of_both_is_no_difference() -> None:
    found = compared(("a", edge(1, Level.ALARM)), ("b", edge(1, Level.ALARM)))
    assert (found.both, found.apart, found.only_a, found.only_b) == (1, (), (), ())


def test_the_later_one_is_told_with_how_much() -> None:
    found = compared(
        ("a", edge(1, Level.ALARM)),
        ("b", edge(3, Level.ALARM)),
        ("b", edge(30, Level.ALARM, of="x")),
        ("a", edge(31, Level.ALARM, of="x")),
    )
    assert [one.b_later for one in found.apart] == [2 * MINUTE, -MINUTE]
    assert (found.a_sooner, found.b_sooner) == (1, 1)
    assert found.apart[0].a.at == T0 + MINUTE


def test_another_level_or_another_place_or_much_later_is_another_alert() -> None:
    late = 1 + (APART_FOR + SECOND) / MINUTE
    found = compared(
        ("a", edge(1, Level.ALARM)),
        ("b", edge(1, Level.NOTICE)),
        ("b", edge(1, Level.ALARM, place="c.underpass")),
        ("b", edge(late, Level.ALARM)),
    )
    assert (found.both, found.only_a_in_all, found.only_b_in_all) == (0, 1, 3)
    assert [one.place_id for one in found.only_b] == ["c.garage", "c.underpass", "c.garage"]


def test_one_that_flutters_is_alone_once() -> None:
    found = compared(*(("a", edge(minute, Level.ALARM)) for minute in (1, 2, 3)))
    assert found.only_a_in_all == 1
