"""A town on a clock that is handed to it: things happen, devices feel and say them, people answer.

The world knows the truth and nothing of the system. What it says to it goes through `Outside`; what the
system does comes back by `heard`, `told` and `raised`. The same seed makes the same world, word for word.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from devices.instant import SECOND, Instant
from simulator.felt import NOTHING, Felt, together
from simulator.score import Notice, Raised, Trouble
from simulator.sources import Cause
from simulator.town import Sensor, Town
from simulator.truth import Nature, Truth
from simulator.unit import Unit
from simulator.voice import Said

SETTLES_S: Final = 180.0
"""How long after the last cause a device is still watched: sensors lag, alarms fall."""
INSISTS_S: Final = 30.0


class Outside(Protocol):
    """What the town does to the system, however it gets there."""

    def hear(self, said: Said, *, kept: bool) -> None:
        """A message arrives; `kept`: the broker had it before anybody listened."""

    def act(self, incident: str, verb: str, by: str, **more: str) -> None:
        """A person asks for something, as through the API."""

    def receipt(self, notice: Notice, state: str) -> None:
        """What became of a message: `delivered`, `seen` or `failed`."""


@dataclass(eq=False)
class Going:
    """A cause that goes on, what is true of it, and whom it reaches."""

    cause: Cause
    truth: Truth | None
    began_at: Instant
    reached: tuple[Unit, ...]


class World:
    """`now` only moves by `step`. `wire` counts what was said. `seed` and a name make everybody's luck."""

    def __init__(self, town: Town, seed: str, begins_at: Instant, out: Outside) -> None:
        self.town = town
        self.begins_at = self.now = begins_at
        self.out = out
        self.truths: list[Truth] = []
        self.notices: list[Notice] = []
        self.raisings: list[Raised] = []
        self.levels: dict[str, Raised] = {}
        self.troubles: list[Trouble] = []
        self.going: list[Going] = []
        self.wire = 0
        self._seed = seed
        self._queue: list[tuple[Instant, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._listeners: list[Callable[[Notice], None]] = []
        self.units = {one.id: self._unit(one) for one in town.sensors}
        for name in town.sounders:
            kind = {"siren": "siren", "speaker": "loudspeaker"}.get(name.split("-")[0], "sounder")
            self.units[name] = self._unit(Sensor(name, kind, None, 1))
        self._near: dict[str, list[Going]] = {name: [] for name in self.units}

    def _unit(self, sensor: Sensor) -> Unit:
        return Unit(sensor, self.chance(sensor.id), self.begins_at)

    def chance(self, name: str) -> random.Random:
        """Randomness of its own for whoever has that name: nobody's draws move anybody else's."""
        return random.Random(f"{self._seed}/{name}")  # noqa: S311 a world's luck guards nothing

    # Time -------------------------------------------------------------------------------------------------

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        """Do it so many seconds from now."""
        at = self.now + max(0, round(seconds * SECOND))
        heapq.heappush(self._queue, (at, next(self._order), work))

    def next_at(self) -> Instant | None:
        return self._queue[0][0] if self._queue else None

    def step(self, until: Instant) -> None:
        """Everything that is due until then, and no further."""
        while self._queue and self._queue[0][0] <= until:
            at, _, work = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            work()
        self.now = max(self.now, until)

    def start(self) -> None:
        """Devices are switched on and speak regularly from now on."""
        for unit in self.units.values():
            self.says(unit, unit.voice.online(unit.clock(self.now)))
            self.after(unit.chance.uniform(0.0, unit.model.every_s), self._beat_of(unit))

    # Devices ----------------------------------------------------------------------------------------------

    def says(self, unit: Unit, said: Iterable[Said]) -> None:
        for late, one in unit.carry(said, self.now):
            if late > 0:
                self.after(late, lambda one=one: self._arrives(one))  # type: ignore[misc] # a bound default
            else:
                self._arrives(one)

    def _arrives(self, said: Said, *, kept: bool = False) -> None:
        self.wire += 1
        self.out.hear(said, kept=kept)

    def bring(self, said: Iterable[Said]) -> None:
        """What a broker says for a device, whatever became of it."""
        for one in said:
            self._arrives(one)

    def speak(self, unit: Unit) -> None:
        """It says now what it measures."""
        self._look(unit, regular=True)

    def keeps(self, said: Said) -> None:
        """The broker brings what it has kept since long ago."""
        self._arrives(said, kept=True)

    def _beat_of(self, unit: Unit) -> Callable[[], None]:
        def beat() -> None:
            self._look(unit, regular=True)
            self.after(unit.model.every_s * unit.chance.uniform(0.98, 1.0), beat)

        return beat

    def _look(self, unit: Unit, *, regular: bool) -> None:
        felt = self._felt(unit)
        said = unit.look(felt, self.now, regular=regular)
        if unit.own_alarm:
            self._sensed(unit)
        self.says(unit, said)
        if said and unit.voice.again(self.now):
            self.after(1.0, lambda: self._insist(unit, 1))

    def _insist(self, unit: Unit, attempt: int) -> None:
        """What waits for an answer is said again, less and less often."""
        if again := unit.voice.again(self.now):
            if not unit.cut:
                self.says(unit, again)
            self.after(min(INSISTS_S, 2.0**attempt), lambda: self._insist(unit, attempt + 1))

    def _felt(self, unit: Unit) -> Felt:
        near = self._near[unit.sensor.id]
        if not near:
            return NOTHING
        return together(one.cause.felt(unit.sensor, (self.now - one.began_at) / SECOND) for one in near)

    def _sensed(self, unit: Unit) -> None:
        for going in self._near[unit.sensor.id]:
            if going.truth is not None and going.truth.sensed_at is None:
                going.truth.sensed_at = self.now

    def watch(self, unit: Unit, every_s: float, until: Instant | None = None) -> None:
        """Look often while something is going on around it, and a while longer. What is watched already is
        looked at more often from now on where that is asked for."""
        if until is not None:
            unit.watched_until = max(unit.watched_until, until)
        if unit.looks_every_s <= every_s:
            return
        unit.looks_every_s = every_s
        unit.round += 1
        this = unit.round
        calm = self.now

        def look() -> None:
            nonlocal calm
            if unit.round != this:
                return
            self._look(unit, regular=False)
            near = [one.cause.every_s for one in self._near[unit.sensor.id]]
            if near or self.now < unit.watched_until:
                calm = self.now
            elif self.now - calm > SETTLES_S * SECOND:
                unit.looks_every_s = math.inf
                return
            self.after(min([*near, every_s]), look)

        self.after(unit.chance.uniform(0.0, every_s), look)

    def heard(self, topic: str, payload: bytes) -> None:
        """The system says something to a device."""
        parts = topic.split("/")
        unit = self.units.get(parts[2]) if len(parts) == 4 and parts[0] == "anmin" else None
        if unit is not None and not unit.dead:
            unit.obeyed += parts[3] == "command"
            self.says(unit, unit.voice.hear(topic, payload, unit.clock(self.now)))

    # What happens -----------------------------------------------------------------------------------------

    def begin(self, cause: Cause, truth: Truth | None = None) -> Going:
        """Something begins to go on, now."""
        reached = tuple(unit for unit in self.units.values() if cause.reaches(unit.sensor))
        going = Going(cause, truth, self.now, reached)
        self.going.append(going)
        if truth is not None and truth not in self.truths:
            self.truths.append(truth)
        for unit in reached:
            self._near[unit.sensor.id].append(going)
            self.watch(unit, cause.every_s)
        self.after(60.0, lambda: self._still(going))
        return going

    def _still(self, going: Going) -> None:
        """Whether it can be felt any more is looked at every minute."""
        if going.cause.over((self.now - going.began_at) / SECOND):
            self.going.remove(going)
            for unit in going.reached:
                self._near[unit.sensor.id].remove(going)
            self._over(going)
        else:
            self.after(60.0, lambda: self._still(going))

    def end(self, going: Going) -> None:
        """Somebody ended it: water on the fire, the valve shut."""
        going.cause.end((self.now - going.began_at) / SECOND)
        self._over(going)

    def _over(self, going: Going) -> None:
        if going.truth is not None and going.truth.over_at is None:
            going.truth.over_at = self.now

    def about(self, hazard: str, place: str) -> list[Going]:
        """What really goes on where the system sees that."""
        return [
            going
            for going in self.going
            if going.truth is not None
            and going.truth.nature is Nature.REAL
            and going.truth.is_of(hazard, place)
        ]

    def was_real(self, hazard: str, place: str) -> bool:
        """Whether something real is, or just was, where the system sees that."""
        return any(
            truth.nature is Nature.REAL and truth.is_of(hazard, place) and truth.stands(self.now)
            for truth in self.truths
        )

    # What the system does ---------------------------------------------------------------------------------

    def listen(self, listener: Callable[[Notice], None]) -> None:
        self._listeners.append(listener)

    def told(self, notice: Notice) -> None:
        self.notices.append(notice)
        for listener in self._listeners:
            listener(notice)

    def raised(self, raised: Raised) -> None:
        self.raisings.append(raised)
        self.levels[raised.incident] = raised

    def is_open(self, incident: str) -> bool:
        known = self.levels.get(incident)
        return known is not None and known.open
