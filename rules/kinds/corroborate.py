"""Several voices of one place that say so independently: devices, kinds of device or evidence, floors."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from devices.device import Device
from devices.level import Level
from devices.place import PlaceKind, PlaceTree
from rules.form import Form
from rules.judge import SCOPE, PlaceJudge

DEVICE, KIND, RULE = "device", "kind", "rule"
_BY: Final = (DEVICE, KIND, RULE, *(kind.value for kind in PlaceKind))


@dataclass(frozen=True, slots=True)
class Corroborate(PlaceJudge):
    """`count` voices of one place where any rule of `of` stands at `at_least` or worse.

    `by` says what makes two voices different: devices, kinds of device, rules (kinds of evidence), or places
    of one kind: two floors of a building is what spreads.
    """

    of: tuple[str, ...]
    at_least: Level
    count: int
    within: str
    level: Level
    by: str = DEVICE

    @property
    def counted(self) -> tuple[str, ...]:
        return self.of

    @property
    def where(self) -> str:
        return self.within

    def voice(self, rule_id: str, device: Device, tree: PlaceTree) -> str:
        if self.by == DEVICE:
            return device.id
        if self.by == KIND:
            return device.kind.value
        if self.by == RULE:
            return rule_id
        place = tree.enclosing(device.place_id, PlaceKind(self.by))
        return device.place_id if place is None else place.id

    def possible(self, voices: Collection[str]) -> bool:
        return len(voices) >= self.count

    def verdict(self, alarming: int, unknown: int) -> Level:
        """Unknown while those of whom nothing is known could make up the count."""
        if alarming >= self.count:
            return self.level
        return Level.UNKNOWN if alarming + unknown >= self.count else Level.CLEAR


def parse(form: Form) -> Corroborate | None:
    of = form.words("of", required=True)
    at_least, level = form.level("at_least"), form.level("level")
    count = form.count("count", least=2)
    within = parse_within(form)
    by = form.choice("by", _BY) if form.has("by") else DEVICE
    if not of or at_least is None or level is None or count is None or within is None or by is None:
        return None
    return Corroborate(of, at_least, count, within, level, by)


def parse_within(form: Form) -> str | None:
    return form.choice("within", [SCOPE, *(kind.value for kind in PlaceKind)])
