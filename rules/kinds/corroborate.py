"""Several devices of one place that say so independently."""

from __future__ import annotations

from dataclasses import dataclass

from devices.level import Level
from devices.place import Place, PlaceKind, PlaceTree
from rules.form import Form

SCOPE = "scope"
"""Where one emergency happens: the household, else the zone, else the place itself."""


@dataclass(frozen=True, slots=True)
class Corroborate:
    """`count` devices of one place where any rule of `of` stands at `at_least` or worse.

    `within` is a PlaceKind's value or `scope`.
    """

    of: tuple[str, ...]
    at_least: Level
    count: int
    within: str
    level: Level

    def place(self, tree: PlaceTree, place_id: str) -> Place | None:
        """The place whose devices count together with one that is there; None when it has none."""
        if self.within == SCOPE:
            return tree.scope(place_id)
        return tree.enclosing(place_id, PlaceKind(self.within))

    def verdict(self, alarming: int, unknown: int) -> Level:
        """Unknown while those of whom nothing is known could make up the count."""
        if alarming >= self.count:
            return self.level
        return Level.UNKNOWN if alarming + unknown >= self.count else Level.CLEAR


def parse(form: Form) -> Corroborate | None:
    of = form.words("of", required=True)
    at_least, level = form.level("at_least"), form.level("level")
    count = form.count("count", least=2)
    within = form.choice("within", [SCOPE, *(kind.value for kind in PlaceKind)])
    if not of or at_least is None or level is None or count is None or within is None:
        return None
    return Corroborate(of, at_least, count, within, level)
