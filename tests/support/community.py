"""A small community for tests: one building with one stair of six floors, two homes a floor, and a garage."""

from __future__ import annotations

from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.instant import MINUTE
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import Place, PlaceKind
from devices.resident import Contact, Resident
from devices.station import Responder, Role, Station
from rules.verdict import Evidence, Transition

T0 = 1_790_000_000_000_000

SMOKE = Profile("smoke", DeviceKind.SMOKE, frozenset({"smoke_alarm", "smoke_obscuration_db_per_m"}))
HEAT = Profile("heat", DeviceKind.HEAT, frozenset({"temperature_c", "heat_alarm"}), 5 * MINUTE)
GAS = Profile("gas", DeviceKind.GAS, frozenset({"gas_lel_percent", "gas_alarm"}))
LEVEL = Profile("level", DeviceKind.WATER_LEVEL, frozenset({"water_level_mm"}))
SIREN = Profile("siren", DeviceKind.SIREN, frozenset())
SOUNDER = Profile("sounder", DeviceKind.SOUNDER, frozenset())

FLOORS = range(1, 7)


def home(floor: int, door: int = 1) -> str:
    """The place id of a household: `c.b1.u1.f3.301`."""
    return f"c.b1.u1.f{floor}.{floor}0{door}"


def places() -> list[Place]:
    tree = [
        Place("c", PlaceKind.COMMUNITY, None, "幸福里社区", "Xingfuli"),
        Place("c.b1", PlaceKind.BUILDING, "c", "1号楼", "Building 1"),
        Place("c.b1.u1", PlaceKind.UNIT, "c.b1", "1单元", "Unit 1"),
        Place("c.underpass", PlaceKind.UNDERPASS, "c", "下穿通道", "Underpass"),
        Place("c.garage", PlaceKind.GARAGE, "c.b1", "地下车库", "Garage", -1),
    ]
    for floor in FLOORS:
        tree.append(
            Place(f"c.b1.u1.f{floor}", PlaceKind.FLOOR, "c.b1.u1", f"{floor}层", f"Floor {floor}", floor)
        )
        tree.extend(
            Place(
                home(floor, door),
                PlaceKind.HOUSEHOLD,
                f"c.b1.u1.f{floor}",
                f"{floor}0{door}",
                f"{floor}0{door}",
            )
            for door in (1, 2)
        )
    return tree


def _devices() -> list[Device]:
    fixed = [
        Device("siren-1", SIREN, "c.b1", "native", "siren-1", "1号楼警号", "Siren 1"),
        Device("sounder-1", SOUNDER, "c", "native", "sounder-1", "值班室警号", "Duty sounder"),
        Device("level-1", LEVEL, "c.garage", "native", "level-1", "车库水位", "Garage level"),
    ]
    for floor in FLOORS:
        for door in (1, 2):
            at, number = home(floor, door), f"{floor}0{door}"
            for name, profile in (("smoke", SMOKE), ("heat", HEAT), ("gas", GAS)):
                device = f"{name}-{number}"
                fixed.append(Device(device, profile, at, "native", device, f"{number}{name}", device))
    return fixed


def inventory(*, under_test: frozenset[str] = frozenset()) -> Inventory:
    """The community; `under_test` names devices in test mode."""
    from dataclasses import replace

    devices = [
        replace(device, mode=DeviceMode.TEST) if device.id in under_test else device for device in _devices()
    ]
    residents = [
        Resident(
            f"r-{floor}0{door}",
            home(floor, door),
            f"住户{floor}0{door}",
            ("zh", "en"),
            (Contact("webhook", f"r-{floor}0{door}"),),
        )
        for floor in FLOORS
        for door in (1, 2)
    ]
    responders = [
        Responder("duty-1", "王芳", Role.DUTY, (Contact("console", "duty"),)),
        Responder("sup-1", "李强", Role.SUPERVISOR, (Contact("console", "sup"),)),
        Responder("mgr-1", "赵敏", Role.MANAGER, (Contact("console", "mgr"),)),
        Responder("crew-1", "陈勇", Role.MEMBER, (Contact("crew", "crew-1"),), station_id="s1"),
    ]
    stations = [Station("s1", "c", "微型消防站", "Micro fire station", ("c",))]
    return Inventory.of("c", "test", places(), devices, residents, responders, stations)


def larger() -> Inventory:
    """The community with a CO detector, two motion sensors and a door contact in 301."""
    known = inventory()
    co = Profile("co", DeviceKind.CO, frozenset({"co_ppm", "co_alarm"}))
    signs = Profile("signs", DeviceKind.PRESENCE, frozenset({"motion", "door_open"}))
    named = (("co-301", co), ("motion-301", signs), ("motion-301b", signs), ("door-301", signs))
    more = [Device(name, profile, home(3), "native", name, name, name) for name, profile in named]
    devices = [*known.devices.values(), *more]
    return Inventory.of("c", "larger", places(), devices, known.residents, known.responders, known.stations)


def edge(
    device: str,
    after: Level,
    *,
    at: int = T0,
    hazard: Hazard = Hazard.FIRE,
    before: Level = Level.CLEAR,
    rule: str = "fire.smoke",
    quantity: str = "smoke_alarm",
    test: bool = False,
    known: Inventory | None = None,
) -> Transition:
    """A transition as the engine would say it."""
    found = (known or inventory()).devices.get(device)
    place = found.place_id if found else "c"
    fact = Evidence(device, quantity, float(after > Level.CLEAR), 1.0, at, 1)
    return Transition(rule, "v1", hazard, device, place, before, after, at, (fact,), test=test)
