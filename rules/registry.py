"""Rule kinds by name, filled explicitly: the shipped ones and any other come through the same door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from rules.form import Form
from rules.judge import Judge, PlaceJudge
from rules.kinds import (
    absence,
    aggregate,
    alarm_bit,
    anomaly,
    corroborate,
    dose,
    logic,
    repeated,
    rise,
    sequence,
    threshold,
    water_level,
)

Parse: TypeAlias = Callable[[Form], Judge | PlaceJudge | None]
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
    registry.register("all", logic.parse_all)
    registry.register("any", logic.parse_any)
    registry.register("repeated", repeated.parse)
    registry.register("aggregate", aggregate.parse)
    registry.register("dose", dose.parse)
    registry.register("water_level", water_level.parse)
    registry.register("anomaly", anomaly.parse)
    registry.register("absence", absence.parse)
    registry.register("corroborate", corroborate.parse)
    registry.register("sequence", sequence.parse)
    return registry
