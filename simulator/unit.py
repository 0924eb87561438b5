"""One device at work: feels, decides by itself when to speak, speaks its dialect, and has its faults."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from devices.instant import SECOND, Instant
from simulator.dialects.registry import DIALECTS
from simulator.faults.line import Line
from simulator.faults.measuring import Measuring
from simulator.felt import Felt, alarming, detector, moved
from simulator.town import COMMUNITY, Sensor
from simulator.voice import Identity, Said, Values

WELL: Final[Values] = {"battery_percent": 97.0, "battery_low": False, "tamper": False, "fault": False}
PAUSE_S: Final = 5.0
"""Between two things that a device says because a number moved; an alarm bit waits for nothing."""


@dataclass(slots=True)
class Fault:
    """Something wrong since then. One of the two is set."""

    began_at: Instant
    measuring: Measuring | None = None
    line: Line | None = None


@dataclass(eq=False)
class Unit:
    """`skew_s`: how far its clock is ahead; None: it was never set and counts from 1970.

    `tells`: the clock that it is set by. `dead`: it says nothing at all any more; `cut`: it knows that nobody
    hears it. `looks_every_s`, `watched_until` and `round` are the world's: how often it is looked at.
    """

    sensor: Sensor
    chance: random.Random
    born_at: Instant
    skew_s: float | None = 0.0
    dead: bool = False
    cut: bool = False
    looks_every_s: float = math.inf
    watched_until: Instant = 0
    round: int = 0
    faults: list[Fault] = field(default_factory=list)
    obeyed: int = 0
    tells: Callable[[Instant], Instant] = lambda now: now

    def __post_init__(self) -> None:
        sensor = self.sensor
        dialect = DIALECTS[sensor.dialect]
        self.model = dialect.models[sensor.kind]
        self.voice = dialect.voice(
            Identity(COMMUNITY, sensor.id, sensor.address or sensor.id, sensor.kind), self.chance
        )
        self._feel = detector(sensor.kind, self.chance)
        self._felt_at = self.born_at
        self._said: Values = {}
        self._said_at = self.born_at
        self._alarming = False
        self.own_alarm = False

    def clock(self, now: Instant) -> Instant:
        """What its own clock says."""
        if self.skew_s is None:
            return now - self.born_at
        return self.tells(now) + round(self.skew_s * SECOND)

    def look(self, felt: Felt, now: Instant, *, regular: bool) -> tuple[Said, ...]:
        """Feel what there is; say it when it is time to, or when an alarm or a number asks for it."""
        values = self._measured(felt, now)
        alarm = alarming(values)
        before, self._alarming = self._alarming, alarm
        if alarm and not before:
            return self._says(self.voice.event, values, now)
        changed = moved(self._said, values) and (before != alarm or now - self._said_at >= PAUSE_S * SECOND)
        return self._says(self.voice.reading, values, now) if regular or changed else ()

    def _measured(self, felt: Felt, now: Instant) -> Values:
        values: Values = self._feel(felt, max(0.0, (now - self._felt_at) / SECOND))
        self._felt_at = now
        self.own_alarm = alarming(values)
        values = {**WELL, **values}
        for fault in self.faults:
            if fault.measuring is not None:
                values = fault.measuring(values, (now - fault.began_at) / SECOND)
        wanted = self.model.quantities
        return {name: value for name, value in values.items() if name in wanted or name == "sos_alarm"}

    def _says(
        self, how: Callable[[Values, Instant], tuple[Said, ...]], values: Values, now: Instant
    ) -> tuple[Said, ...]:
        self._said, self._said_at = values, now
        return how(values, self.clock(now))

    def carry(self, said: Iterable[Said], now: Instant) -> list[tuple[float, Said]]:
        """What arrives of it, and how many seconds later."""
        if self.dead:
            return []
        arriving = [(0.0, one) for one in said]
        for fault in self.faults:
            if fault.line is not None:
                t = (now - fault.began_at) / SECOND
                arriving = [
                    (late + more, arrived)
                    for late, one in arriving
                    for more, arrived in fault.line.carry(one, t)
                ]
        return arriving
