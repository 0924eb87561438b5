"""The parameters of a rule by place."""

from __future__ import annotations

import pytest

from devices.level import Level
from rules.kinds.corroborate import Corroborate
from rules.spec import parse
from tests.support.community import home, inventory
from tests.support.rulebook import load

TWO = """
rules:
  - {id: two, hazard: fire, kind: corroborate, of: [a, b], at_least: prealarm, count: 2, within: household,
     level: alarm, source: here}
"""
RULE = Corroborate(("a",), Level.PREALARM, 2, "household", Level.ALARM)


@pytest.mark.parametrize(
    ("alarming", "unknown", "level"),
    [
        (0, 0, Level.CLEAR),
        (1, 0, Level.CLEAR),
        (1, 1, Level.UNKNOWN),
        (0, 2, Level.UNKNOWN),
        (0, 1, Level.CLEAR),
        (2, 5, Level.ALARM),
        (3, 0, Level.ALARM),
    ],
)
def test_what_is_unknown_counts_only_when_it_could_decide(alarming: int, unknown: int, level: Level) -> None:
    assert RULE.verdict(alarming, unknown) is level


@pytest.mark.parametrize(
    ("within", "place", "found"),
    [
        ("household", home(3), home(3)),
        ("unit", home(3), "c.b1.u1"),
        ("scope", "c.garage", "c.garage"),
        ("garage", "c.garage", "c.garage"),
        ("household", "c.garage", None),
    ],
)
def test_the_place_is_of_a_kind_or_where_one_emergency_happens(
    within: str, place: str, found: str | None
) -> None:
    rule = Corroborate(("a",), Level.PREALARM, 2, within, Level.ALARM)
    at = rule.place(inventory().tree, place)
    assert (at.id if at else None) == found


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("count: 2", "count: 1", ("count",)),
        ("of: [a, b]", "of: []", ("of",)),
        ("of: [a, b],", "", ()),
        ("of: [a, b]", "of: [a, 3]", ("of",)),
        ("within: household", "within: home", ("within",)),
        ("at_least: prealarm", "at_least: clear", ("at_least",)),
    ],
)
def test_what_makes_no_sense_is_refused(old: str, new: str, path: tuple[str, ...]) -> None:
    _, problems = parse(load(TWO.replace(old, new)))
    assert ("rules", 0, *path) in {problem.path for problem in problems}
