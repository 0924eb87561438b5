"""What differs between two rule sets, and whether lives depend on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from anmin.export import to_yaml
from devices.level import Hazard
from rules.spec import RuleSet, RuleSpec

COMFORT: Final = frozenset({Hazard.WATER_LEAK})
"""Hazards that damage things; every other one can kill, and its rules are changed by two people."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """Ids of rules, in the order of their sets. `grave`: those of them that guard lives."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    grave: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def as_json(self) -> dict[str, Any]:
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "guarding_lives": list(self.grave),
        }


def change(old: RuleSet, new: RuleSet) -> RuleChange:
    """From one to the other. Where a rule stands in its file and what its source says changes nothing."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    added = tuple(name for name in after if name not in before)
    removed = tuple(name for name in before if name not in after)
    changed = tuple(name for name in after if name in before and _said(after[name]) != _said(before[name]))
    return RuleChange(added, removed, changed, tuple(_grave((*added, *removed, *changed), before, after)))


def written(body: str, names: Iterable[str]) -> dict[str, str]:
    """How those rules stand in a stored body, as YAML; "" where they do not. The last of an id counts."""
    rules = [rule for document in json.loads(body) for rule in document.get("rules", ())]
    known = {rule["id"]: rule for rule in rules if isinstance(rule, dict) and "id" in rule}
    return {name: to_yaml(known[name]) if name in known else "" for name in names}


def _said(rule: RuleSpec) -> RuleSpec:
    return replace(rule, origin=(), replaces=False, source="", version="")


def _grave(names: tuple[str, ...], before: dict[str, RuleSpec], after: dict[str, RuleSpec]) -> Iterator[str]:
    for name in names:
        if any(name in rules and rules[name].hazard not in COMFORT for rules in (before, after)):
            yield name
