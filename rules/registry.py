"""Rule kinds by name, filled explicitly: the shipped ones and any other come through the same door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from devices.level import Level
from devices.reading import Reading
from rules.form import Form
from rules.kinds import alarm_bit, corroborate, every, rise, threshold
from rules.kinds.corroborate import Corroborate
from rules.verdict import Evidence
from rules.window import Memory


class Judge(Protocol):
    """The parameters of one rule on one device, and what they say of its readings. Frozen.

    A rule watches one quantity per part and remembers one Memory per part. `any_of`: the parts are
    alternatives, so a device that has one of the quantities is enough. `remembers`: each reading changes
    what is remembered (a threshold remembers nothing).
    """

    @property
    def watches(self) -> tuple[str, ...]: ...

    @property
    def any_of(self) -> bool: ...

    @property
    def remembers(self) -> bool: ...

    @property
    def lasts_for(self) -> int:
        """For how long an event counts; 0 when the rule tells of a state."""

    def remember(self) -> list[Memory]:
        """A fresh memory per part."""

    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        """The level after one reading of one part; None when the reading says nothing about it.

        `value` is None when unknown or implausible; `standing` is the level that stands (for hysteresis).
        """

    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """What the level just judged rests on."""


Parse: TypeAlias = Callable[[Form], Judge | Corroborate | None]
"""Reads the fields of one kind; None when something was wrong, which the form has noted."""


class DuplicateKind(ValueError):
    """Two kinds of the same name: a mistake in the wiring."""


class KindRegistry:
    def __init__(self) -> None:
        self._kinds: dict[str, Parse] = {}

    def register(self, name: str, parse: Parse) -> None:
        if name in self._kinds:
            raise DuplicateKind(f"there is a rule kind {name!r} already")
        self._kinds[name] = parse

    @property
    def kinds(self) -> Mapping[str, Parse]:
        return self._kinds


def built_in() -> KindRegistry:
    """The kinds that Anmin ships."""
    registry = KindRegistry()
    registry.register("threshold", threshold.parse)
    registry.register("alarm_bit", alarm_bit.parse)
    registry.register("rise", rise.parse)
    registry.register("all", every.parse)
    registry.register("corroborate", corroborate.parse)
    return registry
