"""Devices that report over a lossy way for simulated days, under the product's own supervision.

The way is Gilbert and Elliott's: good or bad, and what is sent while it is bad is lost. It is bad for LOSS of
all time however long its bad times are, so that only the bunching differs; loss without memory is the limit
of short ones. Everything is an event on a heap; nothing waits.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from alerts.troubles.events import TroubleBegan, TroubleOver, TroubleTold
from alerts.troubles.kind import SILENT, TroubleKind, begins_for
from alerts.troubles.standing import Upkeep
from alerts.troubles.supervision import GATHER_FOR, NOTICE_EVERY_FOR, Supervision
from devices.device import LOSS, Device, DeviceKind, Profile, misses
from devices.instant import HOUR, SECOND, Instant, Micros
from devices.inventory import Inventory
from devices.liveness import Facts
from devices.place import Place, PlaceKind
from devices.reading import Reading, Trust
from devices.resident import Contact
from devices.station import Responder, Role

T0: Final[Instant] = 1_790_000_000 * SECOND
JITTER: Final = 0.09
"""A report is late by at most so much of its interval; the profile allows a tenth."""
PER_BUILDING: Final = 20
MENDED_AFTER: Final[Micros] = 12 * HOUR
"""Somebody brings a dead device back so long after it must have been told."""

Mix = Mapping[Micros, int]
"""How many devices report how often."""


class Channel(NamedTuple):
    """How long bad times are: `burst_for` a time, or `burst` a number of reports, whatever the interval;
    neither: each report is lost by itself."""

    name: str
    burst_for: Micros = 0
    burst: float = 0.0

    def stays_bad(self, every: Micros) -> float:
        """The chance that the report after a lost one is lost too."""
        if self.burst:
            return 1 - 1 / self.burst
        if not self.burst_for:
            return LOSS
        return LOSS + (1 - LOSS) * math.exp(-every / (self.burst_for * (1 - LOSS)))

    def expected(self, mix: Mix, for_: Micros) -> float:
        """How many living devices are called silent: runs of lost reports, as many as it may miss."""
        total = 0.0
        for every, count in mix.items():
            stays, allowed = self.stays_bad(every), misses(every)
            runs = LOSS * (1 - stays) * max(0, for_ / every - allowed)
            total += count * runs * stays ** (allowed - 1)
        return total


class Death(NamedTuple):
    """`last`: when it was heard last; it is there again from `mended_at` on."""

    name: str
    last: Instant
    at: Instant
    mended_at: Instant


@dataclass(slots=True)
class Span:
    """A trouble of being lost, from when it counts."""

    name: str
    began_at: Instant
    over_at: Instant | None = None
    told_at: Instant | None = None


@dataclass(slots=True)
class Outcome:
    """`waits`: from the end of the silence that its profile allows until a dead device was told. `missed`:
    dead, and nobody was told in time. `false`: alive, and called lost. `others`: any other trouble."""

    reports: int = 0
    lost: int = 0
    notices: int = 0
    deaths: list[Death] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    waits: list[Micros] = field(default_factory=list)
    missed: list[Death] = field(default_factory=list)
    false: list[Span] = field(default_factory=list)
    others: set[TroubleKind] = field(default_factory=set)


@dataclass(slots=True)
class _Life:
    device: Device
    stays: float
    turns: float
    phase: Instant
    dies_at: Instant | None = None
    bad: bool = False
    number: int = 0
    last: Instant = T0


def told_within(device: Device) -> Micros:
    """From its last sign of life: its limit, the moment that any trouble must last, and the next notice."""
    silent_for = device.profile.silent_after_for
    return silent_for + begins_for(TroubleKind.LOST, device, SILENT) + GATHER_FOR + NOTICE_EVERY_FOR


def inventory(mix: Mix, fewer: int = 0) -> Inventory:
    """Every interval spread over all buildings alike. `fewer`: so many reports less may be missing."""
    kinds = [every for every, count in mix.items() for _ in range(count)]
    buildings = max(1, len(kinds) // PER_BUILDING)
    places = [Place("c", PlaceKind.COMMUNITY, None, "社区", "community")]
    places += [
        Place(f"c.b{n}", PlaceKind.BUILDING, "c", f"{n}号楼", f"Building {n}") for n in range(buildings)
    ]
    devices = [
        Device(
            f"d{n}",
            _profile(every, fewer),
            f"c.b{n % buildings}",
            "native",
            f"d{n}",
            f"烟感{n}",
            f"smoke {n}",
        )
        for n, every in enumerate(kinds)
    ]
    officer = Responder("wang", "王芳", Role.DUTY, (Contact("console", "duty"),), ("zh", "en"))
    return Inventory.of("c", "v", places, devices, (), (officer,))


def _profile(every: Micros, fewer: int) -> Profile:
    quantities = frozenset({"smoke_alarm", "temperature_c"})
    return Profile(f"every-{every}", DeviceKind.SMOKE, quantities, every, misses(every) - fewer)


class Month:
    """`deaths`: so many devices stop at random instants and are mended long after."""

    def __init__(
        self, mix: Mix, channel: Channel, *, for_: Micros, deaths: int, seed: int, fewer: int = 0
    ) -> None:
        self._chance = random.Random(seed)
        self._end = T0 + for_
        self._channel = channel
        self._facts: dict[str, Facts] = {}
        known = inventory(mix, fewer)
        self._supervision = Supervision(known, self._facts.get)
        self._stamps = 0
        self._told: dict[str, Span] = {}
        self.outcome = Outcome()
        self._lives = {name: self._life(device) for name, device in known.devices.items()}
        for life in self._chance.sample(list(self._lives.values()), deaths):
            self._doom(life)
        self._events = [(life.phase, name) for name, life in self._lives.items()]
        heapq.heapify(self._events)
        self._take(self._supervision.review(known, T0, self._stamp))

    @property
    def devices(self) -> Mapping[str, Device]:
        return {name: life.device for name, life in self._lives.items()}

    def run(self) -> Outcome:
        while self._events[0][0] < self._end:
            at, name = heapq.heappop(self._events)
            self._until(at)
            heapq.heappush(self._events, (self._turn(self._lives[name], at), name))
        self._until(self._end)
        self._judge()
        return self.outcome

    # The world --------------------------------------------------------------------------------------------

    def _life(self, device: Device) -> _Life:
        every = device.profile.reports_every_for
        stays = self._channel.stays_bad(every)
        return _Life(device, stays, LOSS * (1 - stays) / (1 - LOSS), T0 + self._chance.randrange(every))

    def _doom(self, life: _Life) -> None:
        """After its first reports, and early enough that it must be told before the end."""
        every = life.device.profile.reports_every_for
        latest = self._end - told_within(life.device) - every
        life.dies_at = self._chance.randrange(life.phase + 2 * every, latest)

    def _turn(self, life: _Life, at: Instant) -> Instant:
        """A device's time to report; when the next is."""
        every = life.device.profile.reports_every_for
        if life.dies_at is not None and at >= life.dies_at:
            mended_at = at + told_within(life.device) + MENDED_AFTER
            self.outcome.deaths.append(Death(life.device.id, life.last, life.dies_at, mended_at))
            life.dies_at, life.bad = None, False
            life.number = (mended_at - life.phase) // every + 1
            return life.phase + life.number * every
        life.bad = self._chance.random() < (life.stays if life.bad else life.turns)
        self.outcome.reports += 1
        if life.bad:
            self.outcome.lost += 1
        else:
            self._heard(life, at)
        life.number += 1
        return life.phase + int((life.number + self._chance.random() * JITTER) * every)

    def _heard(self, life: _Life, at: Instant) -> None:
        name = life.device.id
        value = 20.0 + life.number % 7
        life.last = at
        self._facts[name] = Facts(at, True, {"temperature_c": (value, at)})
        reading = Reading(name, "temperature_c", value, at, at, Trust.NONE, 1)
        self._take(self._supervision.heard(name, (reading,), at, test=False, stamp=self._stamp))

    # What supervision says --------------------------------------------------------------------------------

    def _stamp(self) -> str:
        self._stamps += 1
        return f"evt_{self._stamps}"

    def _until(self, at: Instant) -> None:
        while (due := self._supervision.next_deadline()) is not None and due <= at:
            self._take(self._supervision.tick(due, self._stamp))

    def _take(self, said: Upkeep | None) -> None:
        if said is None:
            return
        self.outcome.notices += len(said.broadcasts)
        for event in said.events:
            if isinstance(event, TroubleBegan):
                self._began(event)
            elif (span := self._told.get(event.incident_id)) is not None:
                if isinstance(event, TroubleTold) and span.told_at is None:
                    span.told_at = event.at
                elif isinstance(event, TroubleOver):
                    span.over_at = event.at

    def _began(self, event: TroubleBegan) -> None:
        if event.trouble is TroubleKind.LOST:
            self._told[event.incident_id] = Span(event.subject, event.at)
            self.outcome.spans.append(self._told[event.incident_id])
        else:
            self.outcome.others.add(event.trouble)

    def _judge(self) -> None:
        spans: dict[str, list[Span]] = {}
        for span in self.outcome.spans:
            spans.setdefault(span.name, []).append(span)
        died: dict[str, list[Death]] = {}
        for death in self.outcome.deaths:
            died.setdefault(death.name, []).append(death)
            device = self._lives[death.name].device
            standing = [s for s in spans.get(death.name, ()) if _covers(s, death)]
            told = [s.told_at for s in standing if s.told_at is not None]
            if not told or min(told) > death.last + told_within(device):
                self.outcome.missed.append(death)
            else:
                self.outcome.waits.append(min(told) - death.last - device.profile.silent_after_for)
        self.outcome.false = [
            span
            for span in self.outcome.spans
            if not any(d.at <= span.began_at < d.mended_at for d in died.get(span.name, ()))
        ]


def _covers(span: Span, death: Death) -> bool:
    """It stood at some time while the device was dead."""
    return span.began_at < death.mended_at and (span.over_at is None or span.over_at > death.at)
