"""What every rule on one device says right now, and how far it is from saying something else."""

from __future__ import annotations

from typing import NamedTuple

from devices.level import Level
from rules.gauge import Gauge
from rules.hold import Standing
from rules.spec import RuleSpec


class Account(NamedTuple):
    """One rule on one subject: the device, or the place that it counts in. `watches` are the quantities that
    it needs from the device; empty for a rule by place."""

    rule: RuleSpec
    subject: str
    standing: Standing
    gauges: tuple[Gauge, ...]
    watches: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        return self.standing.level
