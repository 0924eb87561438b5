"""A town with two stairs, a second building and a garage, and incidents in it as the desk would hold them."""

from __future__ import annotations

from dataclasses import replace

from alerts.broadcasts.broadcast import Audience, DrillSend, LiveSend, Purpose, Recipient
from alerts.incidents.state import Incident, Stage, Standing
from devices.device import Device, DeviceKind, Profile
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import Place, PlaceKind
from devices.resident import Contact, Resident
from devices.station import Responder, Role, Station
from rules.verdict import Evidence

T0 = 1_790_000_000_000_000  # 2026-09-21T14:13:20Z, 22:13 in China
FLOORS = range(1, 9)

SPEAKS = {
    Hazard.FIRE: (DeviceKind.SMOKE, "smoke_alarm"),
    Hazard.GAS: (DeviceKind.GAS, "gas_lel_percent"),
    Hazard.CO: (DeviceKind.CO, "co_ppm"),
    Hazard.FLOOD: (DeviceKind.WATER_LEVEL, "water_level_mm"),
    Hazard.WATER_LEAK: (DeviceKind.WATER_LEAK, "water_leak_alarm"),
    Hazard.ELECTRICAL: (DeviceKind.ELECTRICAL, "residual_current_ma"),
    Hazard.SOS: (DeviceKind.SOS, "sos_alarm"),
}


def home(floor: int, door: int = 1, stair: str = "b1.u1") -> str:
    """`b1.u1.f3.301`; doors are numbered within the stair."""
    return f"{stair}.f{floor}.{floor}0{door}"


def places() -> list[Place]:
    tree = [
        Place("c", PlaceKind.COMMUNITY, None, "幸福里社区", "Xingfuli"),
        Place("garage", PlaceKind.GARAGE, "c", "地下车库", "Garage", -1),
    ]
    for building, stairs in (("b1", ("u1", "u2")), ("b2", ("u1",))):
        number = building[1]
        tree.append(Place(building, PlaceKind.BUILDING, "c", f"{number}号楼", f"Building {number}"))
        for unit in stairs:
            stair = f"{building}.{unit}"
            tree.append(Place(stair, PlaceKind.UNIT, building, f"{unit[1]}单元", f"Unit {unit[1]}"))
            tree.extend(_floors(stair))
    tree.append(Place("b2.shop", PlaceKind.CROWDED, "b2", "底商", "Shops"))
    return tree


def _floors(stair: str) -> list[Place]:
    tree = []
    for floor in FLOORS:
        tree.append(Place(f"{stair}.f{floor}", PlaceKind.FLOOR, stair, f"{floor}层", f"Floor {floor}", floor))
        for door in (1, 2):
            name = f"{floor}0{door}"
            tree.append(Place(home(floor, door, stair), PlaceKind.HOUSEHOLD, f"{stair}.f{floor}", name, name))
    return tree


def device(name: str, kind: DeviceKind, place: str, zh: str = "", en: str = "") -> Device:
    profile = Profile(kind.value, kind, frozenset())
    return Device(name, profile, place, "native", name, zh or name, en or name)


def devices() -> list[Device]:
    found = [
        device("speaker-b1", DeviceKind.LOUDSPEAKER, "b1"),
        device("siren-b1", DeviceKind.SIREN, "b1"),
        device("siren-b2", DeviceKind.SIREN, "b2"),
        device("siren-garage", DeviceKind.SIREN, "garage"),
        device("sounder", DeviceKind.SOUNDER, "b2"),
        device("level-garage", DeviceKind.WATER_LEVEL, "garage"),
    ]
    for place in places():
        if place.kind in (PlaceKind.HOUSEHOLD, PlaceKind.FLOOR):
            for kind in dict.fromkeys(kind for kind, _ in SPEAKS.values()):
                zh = f"王奶奶家{kind.value}"
                found.append(
                    device(f"{kind.value}-{place.id}", kind, place.id, zh, f"Granny Wang's {kind.value}")
                )
    return found


def town() -> Inventory:
    """Every household has one resident with one contact, but 502 of the first stair has none."""
    residents = [
        Resident(
            f"r-{place.id}",
            place.id,
            "王桂英",
            ("zh", "en"),
            () if place.id == home(5, 2) else (Contact("sms", f"+86{number}"),),
        )
        for number, place in enumerate(places())
        if place.kind is PlaceKind.HOUSEHOLD
    ]
    responders = [
        Responder("duty", "孙丽", Role.DUTY, (Contact("console", "duty"),)),
        Responder("sup", "周伟", Role.SUPERVISOR, (Contact("console", "sup"),)),
        Responder("mgr", "吴敏", Role.MANAGER, (Contact("console", "mgr"),)),
        Responder(
            "lead", "李强", Role.LEADER, (Contact("crew", "lead"), Contact("sms", "+861")), ("zh",), "s1"
        ),
        Responder("far", "陈杰", Role.MEMBER, (Contact("crew", "far"),), ("zh",), "s2"),
    ]
    stations = [
        Station("s1", "b1", "微型消防站", "Micro fire station", ("c",)),
        Station("s2", "b2", "二站", "Second station", ("b2",)),
    ]
    return Inventory.of("c", "test", places(), devices(), residents, responders, stations)


def standing(hazard: Hazard, place: str, level: Level = Level.ALARM, value: float = 1.0) -> Standing:
    """A device of the hazard's usual kind at that place says so."""
    kind, quantity = SPEAKS[hazard]
    name = "level-garage" if place == "garage" else f"{kind.value}-{place}"
    fact = Evidence(name, quantity, value, 1.0, T0, 1)
    return Standing("rule", "v1", name, place, level, level, T0, (fact,))


def incident(
    hazard: Hazard = Hazard.FIRE,
    *at: str,
    level: Level = Level.ALARM,
    stage: Stage = Stage.VERIFYING,
    drill: bool = False,
    confirmed_by: str | None = None,
) -> Incident:
    """Something at each of these places, the first of which is where it began (301 when none is given)."""
    spots = at or (home(3),)
    return Incident(
        id="inc_1",
        hazard=hazard,
        place_id=spots[0],
        opened_at=T0,
        drill=drill,
        stage=stage,
        level=level,
        peak=level,
        confirmed_by=confirmed_by,
        standings=tuple(standing(hazard, spot, level) for spot in spots),
    )


def send(channel: str = "console", *, audience: Audience = Audience.DUTY, data: str = "{}") -> LiveSend:
    """One live send to one recipient."""
    who = Recipient("duty", audience, channel, "address-1", ("zh",))
    text = "有烟感报警，正在核实。"
    return LiveSend("key-1", "inc_1", 1, Purpose.ALERT, who, "告警", text, data, T0, T0 + 600_000_000)


def drill_send(channel: str = "console") -> DrillSend:
    live = send(channel)
    fields = {name: getattr(live, name) for name in live.__dataclass_fields__}
    return DrillSend(**fields | {"title": "【演练】告警【演练】", "text": "【演练】有烟感报警【演练】"})


def to(sent: LiveSend, **changes: object) -> LiveSend:
    """The same send to a changed recipient."""
    return replace(sent, recipient=replace(sent.recipient, **changes))  # type: ignore[arg-type] # any field
