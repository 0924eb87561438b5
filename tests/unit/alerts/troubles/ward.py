"""A ward for supervision's tests: devices that speak when told to, and what people were told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alerts.broadcasts.broadcast import Broadcast
from alerts.troubles.events import TroubleEvent
from alerts.troubles.kind import TroubleKind
from alerts.troubles.standing import Upkeep
from alerts.troubles.supervision import Supervision
from alerts.troubles.trouble import Trouble
from devices.device import Device, DeviceKind, Profile
from devices.instant import DAY, HOUR, MINUTE, SECOND, Instant
from devices.inventory import Inventory
from devices.liveness import Facts
from devices.place import Place, PlaceKind
from devices.reading import Reading, Trust
from devices.resident import Contact
from devices.station import Responder, Role

T0 = 1_700_000_000 * SECOND
SMOKE = Profile(
    "smoke",
    DeviceKind.SMOKE,
    frozenset({"smoke_alarm", "temperature_c", "battery_low", "fault", "tamper"}),
    HOUR,
    4,
    test_every_for=365 * DAY,
    lasts_for=3650 * DAY,
)
GATEWAY = Profile("gateway", DeviceKind.GATEWAY, frozenset({"fault"}), MINUTE, 5)
OFFICER = Responder("wang", "王芳", Role.DUTY, (Contact("console", "duty"),), ("zh", "en"))


def device(name: str, profile: Profile = SMOKE, place: str = "c.b1", **fields: object) -> Device:
    made = Device(name, profile, place, "native", name, f"烟感{name}", f"smoke {name}")
    return replace(made, **fields)  # type: ignore[arg-type] # the test's own keywords


def inventory(devices: Iterable[Device], staff: Iterable[Responder] = (OFFICER,)) -> Inventory:
    places = [Place("c", PlaceKind.COMMUNITY, None, "社区", "community")]
    places += [Place(f"c.b{n}", PlaceKind.BUILDING, "c", f"{n}号楼", f"Building {n}") for n in (1, 2, 3)]
    return Inventory.of("c", "v", places, devices, (), staff)


class Ward:
    """Time only goes on; `says` is a live message after admission."""

    def __init__(self, *devices: Device) -> None:
        self.now: Instant = T0
        self.facts: dict[str, Facts] = {}
        self.inventory = inventory(devices)
        self.supervision = Supervision(self.inventory, self.facts.get)
        self.events: list[TroubleEvent] = []
        self.notices: list[Broadcast] = []
        self.released: list[Reading] = []
        self._stamps = 0
        self.take(self.supervision.review(self.inventory, T0, self.stamp))

    def stamp(self) -> str:
        self._stamps += 1
        return f"evt_{self._stamps}"

    def take(self, said: Upkeep | None) -> Upkeep | None:
        if said is not None:
            self.events += said.events
            self.notices += said.broadcasts
            self.released += said.released
        return said

    def wait(self, for_: int) -> None:
        """Let time pass; everything due happens."""
        self.now += for_
        self.take(self.supervision.tick(self.now, self.stamp))

    def says(
        self,
        name: str,
        *,
        test: bool = False,
        trust: Trust = Trust.NONE,
        every_for: int | None = None,
        **values: float,
    ) -> None:
        """`every_for`: the interval that it says of itself, which admission remembers."""
        self.take(self.supervision.tick(self.now, self.stamp))
        known = self.facts.get(name, Facts(0, None, {}))
        heard = {**known.values, **{quantity: (value, self.now) for quantity, value in values.items()}}
        self.facts[name] = Facts(self.now, True, heard, every_for or known.reports_every_for)
        readings = [Reading(name, q, v, self.now, self.now, trust, 1) for q, v in values.items()]
        self.take(self.supervision.heard(name, readings, self.now, test=test, stamp=self.stamp))

    def keeps_saying(self, name: str, *, for_: int, every: int) -> None:
        for _ in range(for_ // every):
            self.wait(every)
            self.says(name)

    def is_said_offline(self, name: str) -> None:
        """By a last will or a bridge; the device itself says nothing."""
        known = self.facts.get(name, Facts(0, None, {}))
        self.facts[name] = known._replace(online=False)
        self.take(self.supervision.heard(name, (), self.now, test=False, stamp=self.stamp))

    def trouble(self, subject: str, kind: TroubleKind) -> Trouble | None:
        found = [t for t in self.supervision.troubles.values() if (t.subject, t.kind) == (subject, kind)]
        return found[0] if found else None

    def kinds(self, subject: str) -> set[TroubleKind]:
        return {one.kind for one in self.supervision.counting(subject)}

    def happened(self) -> list[str]:
        return [event.kind for event in self.events]
