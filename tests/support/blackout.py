"""A community of ten thousand devices whose power is cut and comes back, told through the whole core."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Final

from alerts.broadcasts.broadcast import Purpose
from alerts.troubles.events import TroubleOver
from anmin.monitor import Effects
from devices.device import Device, DeviceKind, Profile, misses
from devices.instant import MINUTE, SECOND
from devices.inventory import Inventory
from devices.place import Place, PlaceKind
from devices.resident import Contact, Resident
from devices.station import Responder, Role
from ingest.message import RecordKind
from tests.support.community import T0
from tests.support.monitor import Story

EVERY: Final = 5 * MINUTE
SMOKE: Final = Profile(
    "smoke", DeviceKind.SMOKE, frozenset({"smoke_alarm", "temperature_c"}), EVERY, misses(EVERY)
)


class Blackout(Story):
    """`buildings` of `each` homes with a smoke detector; times are seconds after T0."""

    def __init__(self, buildings: int, each: int, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.names = [f"s-{b}-{n}" for b in range(buildings) for n in range(each)]
        super().__init__(_town(buildings, each))
        self.boot = 1
        self.record(0, RecordKind.VERSION, "version", b"", self.monitor.house)

    def says(
        self, seconds: float, device: str, *, event: str | None = None, **values: float | bool
    ) -> Effects:
        body = {"v": 1, "boot": self.boot, "seq": self.sequence + 1, "values": values}
        leaf = "event" if event else "reading"
        return self.message(
            seconds, f"anmin/c/{device}/{leaf}", json.dumps(body | ({"id": event} if event else {}))
        )

    def lives(self, until: float) -> None:
        """Every device reports at a phase of its own; those after `until` never come."""
        period = EVERY / SECOND
        turns = [
            (phase + period * n, name)
            for name, phase in self._phases()
            for n in range(1 + int(until / period))
        ]
        for at, name in sorted(turn for turn in turns if turn[0] < until):
            self.says(at, name, temperature_c=20.0)

    def _phases(self) -> Iterable[tuple[str, float]]:
        return [(name, self.chance.random() * EVERY / SECOND) for name in self.names]

    def goes_dark(self, at: float, within: float) -> None:
        """The broker tells all last wills."""
        for name in self._shuffled():
            at += within / len(self.names)
            self.message(at, f"anmin/c/{name}/status", '{"v":1,"boot":1,"online":false}')

    def returns(self, at: float, within: float, burning: Iterable[str]) -> dict[str, Effects]:
        """Every device says that it is there and what it measures, in any order; those that burn say so
        between the two. What came of each alarm."""
        burns, alarms = frozenset(burning), {}
        self.boot += 1
        for name in self._shuffled():
            at += within / len(self.names)
            self.message(at, f"anmin/c/{name}/status", f'{{"v":1,"boot":{self.boot},"online":true}}')
            if name in burns:
                alarms[name] = self.says(at, name, event=f"{name}-1", smoke_alarm=True)
            self.says(at, name, temperature_c=20.0)
        return alarms

    def _shuffled(self) -> list[str]:
        return self.chance.sample(self.names, len(self.names))

    def notices(self) -> list[float]:
        """When people were told of troubles, in seconds."""
        told = (
            one for effects in self.effects for one in effects.broadcasts if one.purpose is Purpose.TROUBLE
        )
        return [(one.sends[0].created_at - T0) / SECOND for one in told]

    def over(self) -> list[TroubleOver]:
        events = (event for one in self.effects for _, _, event in one.events)
        return [event for event in events if isinstance(event, TroubleOver)]


def _town(buildings: int, each: int) -> Inventory:
    places = [Place("c", PlaceKind.COMMUNITY, None, "幸福里社区", "Xingfuli")]
    devices, residents = [], []
    for b in range(buildings):
        building, unit = f"c.b{b}", f"c.b{b}.u1"
        places.append(Place(building, PlaceKind.BUILDING, "c", f"{b}号楼", f"Building {b}"))
        places.append(Place(unit, PlaceKind.UNIT, building, "1单元", "Unit 1"))
        for n in range(each):
            home = f"{unit}.{n}"
            places.append(Place(home, PlaceKind.HOUSEHOLD, unit, str(n), str(n)))
            devices.append(Device(f"s-{b}-{n}", SMOKE, home, "native", f"s-{b}-{n}", "烟感", "smoke"))
            residents.append(Resident(f"r-{b}-{n}", home, "住户", ("zh",), (Contact("webhook", home),)))
    officer = Responder("wang", "王芳", Role.DUTY, (Contact("console", "duty"),))
    return Inventory.of("c", "town", places, devices, residents, (officer,))
