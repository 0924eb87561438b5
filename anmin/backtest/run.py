"""The backtest as one call: readings through one rule set or two, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from anmin.backtest.compare import Compared, Comparison
from anmin.backtest.score import GRACE, Score
from anmin.backtest.side import Outcome, Side
from anmin.backtest.truth import Truth
from anmin.house import House, Terms
from devices.instant import Instant, Micros
from devices.inventory import Inventory
from devices.reading import Reading
from rules.spec import RuleSet
from rules.verdict import Transition

EVERY: Final = 20_000
"""Readings between two calls of `progress`."""


@dataclass(frozen=True, slots=True)
class Report:
    """`first` and `last` are None where nothing was read. `devices`: how many were heard."""

    community: str
    readings: int
    devices: int
    first: Instant | None
    last: Instant | None
    a: Outcome
    b: Outcome | None
    compared: Compared | None
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def missed(self) -> int:
        """Events of the truth that the rules in question did not tell."""
        return self.a.scored.missed if self.a.scored else 0


def backtest(
    community: Inventory,
    rules: RuleSet,
    readings: Iterable[Reading],
    truth: Sequence[Truth] | None = None,
    against: RuleSet | None = None,
    *,
    terms: Terms,
    grace: Micros = GRACE,
    progress: Callable[[int], None] = lambda count: None,
) -> Report:
    """What `rules` say of `readings`, which come in the order of their `at`.

    What `readings` raises (InputInvalid) goes through. It ends with the last reading: nothing is due later.
    """

    def side(chosen: RuleSet) -> Side:
        score = None if truth is None else Score(truth, community.tree, grace)
        return Side(House(community, chosen, terms), score)

    a, b = side(rules), side(against) if against is not None else None
    comparison = Comparison() if b is not None else None
    heard: set[str] = set()
    count, first, last = 0, None, 0
    for reading in readings:
        count += 1
        if first is None:
            first = reading.at
        last = reading.at
        heard.add(reading.device_id)
        rises = a.hear(reading)
        others = b.hear(reading) if b is not None else ()
        if comparison is not None and (rises or others):
            _compare(comparison, rises, others)
        if count % EVERY == 0:
            progress(count)
    begins = last if first is None else first
    outcome = a.outcome(a.scored(begins, last, len(heard)))
    other = None
    if b is not None:
        other = b.outcome(b.scored(begins, last, len(heard)))
    return Report(
        community.community_id,
        count,
        len(heard),
        first,
        last if first is not None else None,
        outcome,
        other,
        comparison.result() if comparison is not None else None,
    )


def _compare(comparison: Comparison, a: Sequence[Transition], b: Sequence[Transition]) -> None:
    for edge in a:
        comparison.rose("a", edge)
    for edge in b:
        comparison.rose("b", edge)
