"""Rules from YAML text and readings in a few words, for the tests of the engine."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

import rules
from devices.inventory import Inventory
from devices.level import Level
from devices.reading import Reading, Trust
from rules.engine import Engine
from rules.spec import RuleSet, merge, parse
from rules.verdict import Transition
from tests.support.community import T0, inventory

SECOND = 1_000_000
PACKS = Path(rules.__file__).parent / "packs"


def load(text: str) -> object:
    """Plain data of a YAML text."""
    data: object = YAML(typ="safe").load(text)
    return data


def ruleset(text: str) -> RuleSet:
    """The rules of a document without mistakes."""
    found, problems = parse(load(text))
    assert problems == ()
    return found


def pack(*names: str) -> RuleSet:
    """Shipped packs by name, all of them when none is named."""
    files = [PACKS / f"{name}.yaml" for name in names] or sorted(PACKS.glob("*.yaml"))
    merged, problems = merge(ruleset(file.read_text(encoding="utf-8")) for file in files)
    assert problems == ()
    return merged


def engine(text: str, known: Inventory | None = None) -> Engine:
    return Engine(ruleset(text), known or inventory())


def reading(
    device: str,
    quantity: str,
    value: float | None,
    seconds: float = 0,
    trust: Trust = Trust.NONE,
    *,
    measured: float | None = None,
) -> Reading:
    """A reading `seconds` after T0, measured then too unless said otherwise."""
    at = T0 + round(seconds * SECOND)
    measured_at = at if measured is None else T0 + round(measured * SECOND)
    return Reading(device, quantity, value, at, measured_at, trust, round(seconds * 1000) + 1)


def moves(edges: tuple[Transition, ...]) -> list[tuple[str, Level, Level]]:
    """Rule, before, after of each edge."""
    return [(edge.rule_id, edge.before, edge.after) for edge in edges]


def at(seconds: float) -> int:
    return T0 + round(seconds * SECOND)
