"""Thresholds of the community file that no rule answers to: told with line and column, before a start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from anmin.document import Document, Where
from anmin.finding import Finding
from devices.inventory import Inventory, Tuning
from rules.spec import RuleSet
from rules.tuning import check


def findings(document: Document, ruleset: RuleSet, inventory: Inventory) -> Iterator[Finding]:
    """An error for each; none of them is ever applied in part."""
    for tuning, zh, en in check(ruleset, inventory):
        where = _where(document, tuning)
        yield document.finding(where, "bad-threshold", f"这条限值不起作用：{zh}", f"without effect: {en}")


def _where(document: Document, tuning: Tuning) -> Where:
    rows = document.data.get("thresholds") if isinstance(document.data, Mapping) else None
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, Mapping) and _is(row, tuning):
            return ("thresholds", number)
    return ("thresholds",)


def _is(row: Mapping[str, Any], tuning: Tuning) -> bool:
    said = str(row.get(tuning.scope.value, ""))
    same = (row.get("rule"), row.get("level")) == (tuning.rule_id, tuning.level.word)
    return same and (tuning.of == said or tuning.of.endswith(f".{said}"))
