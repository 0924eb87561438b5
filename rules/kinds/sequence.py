"""One thing after another in one place: gas, then what could ignite it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from devices.device import Device
from devices.instant import Micros
from devices.level import Level
from devices.place import PlaceTree
from rules.form import Form
from rules.judge import PlaceJudge
from rules.kinds.corroborate import parse_within


class Stage(NamedTuple):
    """Reached while any rule of `of` stands at `at_least` or worse on any device of the place."""

    of: tuple[str, ...]
    at_least: Level


@dataclass(frozen=True, slots=True)
class Sequence(PlaceJudge):
    """Each stage begins while the one before it stands, or within `within_for` of its end. Raised while the
    last stage stands."""

    stages: tuple[Stage, ...]
    within_for: Micros
    within: str
    level: Level

    @property
    def counted(self) -> tuple[str, ...]:
        return tuple(name for stage in self.stages for name in stage.of)

    @property
    def where(self) -> str:
        return self.within

    def voice(self, rule_id: str, device: Device, tree: PlaceTree) -> str:
        """The number of the stage that the rule belongs to."""
        return next(str(number) for number, stage in enumerate(self.stages) if rule_id in stage.of)

    def possible(self, voices: Collection[str]) -> bool:
        return len(voices) == len(self.stages)


def parse(form: Form) -> Sequence | None:
    """`stages` of `of` and `at_least`; `gap`: how long after one stage ended the next may begin."""
    before = len(form.problems)
    stages = tuple(_stages(form))
    within_for, level = form.duration("gap"), form.level("level")
    within = parse_within(form)
    if form.has("stages") and len(stages) == 1 and len(form.problems) == before:
        form.wrong("stages", "至少要有两个阶段。", "needs at least two stages.")
    if len(stages) < 2 or within_for is None or level is None or within is None:
        return None
    return Sequence(stages, within_for, within, level)


def _stages(form: Form) -> Iterator[Stage]:
    known: set[str] = set()
    for entry in form.forms("stages"):
        of, at_least = entry.words("of", required=True), entry.level("at_least")
        entry.close()
        twice = sorted(known.intersection(of))
        if twice:
            zh = f"规则 `{twice[0]}` 已在前面的阶段。"
            en = f"rule `{twice[0]}` is in an earlier stage already."
            entry.wrong("of", zh, en)
        known.update(of)
        if of and at_least is not None:
            yield Stage(of, at_least)
