"""What the birth of a Sparkplug node or device told of its metrics, ready to look up by alias and by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from ingest.dialects.sparkplug_names import MARK, Meaning, meaning
from ingest.dialects.sparkplug_wire import Metric

MAX_METRICS: Final = 256
"""Metrics of one birth that are of our concern."""


class Named(NamedTuple):
    """A metric of our concern as its birth told it."""

    name: str
    alias: int | None
    datatype: int


class Birth(NamedTuple):
    """`others`: aliases of no concern; None: too many to keep. `heard`: the last word of metrics that share
    one quantity, by name."""

    generation: int
    metrics: tuple[Named, ...]
    others: frozenset[int] | None
    heard: tuple[tuple[str, float | None], ...] = ()


class Entry(NamedTuple):
    """What an alias or name stands for. `meaning` None: passed over. `shared`: others say the same bit."""

    name: str
    datatype: int
    meaning: Meaning | None
    shared: bool = False


class Table:
    """A birth, ready to look up. Of metrics that say the same number only the first counts (`second`)."""

    def __init__(self, birth: Birth) -> None:
        self.generation = birth.generation
        self.others = birth.others
        self._birth = birth
        self._heard = dict(birth.heard)
        entries, self.second = _entries(birth.metrics)
        self.by_name = {entry.name: entry for entry in entries}
        aliases = zip(birth.metrics, entries, strict=True)
        self.by_alias = {metric.alias: entry for metric, entry in aliases if metric.alias is not None}
        fed = [one.meaning.quantity for one in entries if one.meaning is not None]
        self.quantities = tuple(one for one in dict.fromkeys(fed) if one != MARK)
        self._sharing: dict[str, list[str]] = {}
        for entry in entries:
            if entry.meaning is not None and entry.shared:
                self._sharing.setdefault(entry.meaning.quantity, []).append(entry.name)

    @property
    def birth(self) -> Birth:
        return self._birth._replace(heard=tuple(self._heard.items()))

    def hear(self, entry: Entry, value: float | None) -> bool:
        """Whether that is new."""
        if entry.name in self._heard and self._heard[entry.name] == value:
            return False
        self._heard[entry.name] = value
        return True

    def standing(self, quantity: str) -> float | None:
        """What all metrics of a quantity say together: any alarm is one, unknown beats clear."""
        heard = [self._heard[name] for name in self._sharing[quantity] if name in self._heard]
        return 1.0 if 1.0 in heard else None if None in heard else 0.0


def born(metrics: Sequence[Metric], generation: int) -> tuple[Birth, bool]:
    """What a birth tells, and whether some of it was beyond the bounds."""
    named: dict[str, Named] = {}
    others: set[int] = set()
    cut = False
    for metric in metrics:
        name = metric.name or ""
        known = meaning(name, metric.datatype)
        if known is not None and (len(named) < MAX_METRICS or name in named):
            named[name] = Named(name, metric.alias, metric.datatype)
        else:
            cut = cut or known is not None
            if metric.alias is not None:
                others.add(metric.alias)
    return Birth(generation, tuple(named.values()), frozenset(others)), cut


def _entries(metrics: Sequence[Named]) -> tuple[list[Entry], tuple[str, ...]]:
    meanings = [meaning(metric.name, metric.datatype) for metric in metrics]
    count = Counter(one.quantity for one in meanings if one is not None and one.quantity != MARK)
    told: set[str] = set()
    second: list[str] = []
    entries: list[Entry] = []
    for (name, _, datatype), one in zip(metrics, meanings, strict=True):
        shared = one is not None and count[one.quantity] > 1
        if one is not None and shared and not one.is_bit:
            shared = False
            if one.quantity in told:
                second.append(name)
                one = None
            else:
                told.add(one.quantity)
        entries.append(Entry(name, datatype, one, shared))
    return entries, tuple(second)
