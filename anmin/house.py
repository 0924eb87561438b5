"""What is in force at one moment: the community, its rules, its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from alerts.operations.action import Automatic, automatic
from alerts.response.plan import Plan, plans
from devices.instant import Micros
from devices.inventory import Inventory
from devices.level import Hazard
from devices.resident import Contact
from rules.spec import RuleSet


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of a community that are neither inventory nor rules. `partners` are webhook addresses,
    `automatic` is what runs by itself (`gas valve close`)."""

    verify_for: Micros
    tiers: tuple[Micros, ...]
    acknowledged_for: Micros
    partners: tuple[str, ...]
    utc_offset_for: Micros
    automatic: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """What a monitor is built from. A new version of any of it takes effect by a record of the log."""

    inventory: Inventory
    rules: RuleSet
    terms: Terms

    @property
    def plans(self) -> Mapping[Hazard, Plan]:
        terms = self.terms
        return plans(verify_for=terms.verify_for, tiers=terms.tiers, acknowledged_for=terms.acknowledged_for)

    @property
    def automatic(self) -> tuple[Automatic, ...]:
        return _orders(self.terms.automatic)

    @property
    def partners(self) -> tuple[Contact, ...]:
        return tuple(Contact("webhook", url) for url in self.terms.partners)


@cache
def _orders(texts: tuple[str, ...]) -> tuple[Automatic, ...]:
    """Asked for with every event, so read once."""
    return tuple(automatic(text) for text in texts)
