"""A community from a seed: its file as a person would write it, and nothing that the system knows.

From a stair with a dozen detectors to a hundred thousand of them in forty towers, each with the people who
live beside them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.dialects.registry import DIALECTS

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = ("伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "桂英", "建国", "秀兰", "志明")
COMMUNITY = "xfl"
FLOORS = 15
NEEDS = ("wheelchair", "lives_alone", "deaf", "child")
_SHORT: Final = {"water_leak": "leak", "water_level": "level", "call_point": "call", "electrical": "meter"}
_NATIVE: Final = ("native",)


@dataclass(frozen=True, slots=True)
class Sensor:
    """One device as the outsider knows it: its name on the wire and where it hangs.

    `place` is the household, floor, building or zone as messages name it; `floor` counts from 1, -1 below
    ground; `via` is the gateway that carries it, "" for none.
    """

    id: str
    kind: str
    household: str | None
    floor: int
    dialect: str = "native"
    address: str = ""
    place: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, and what hangs where.

    `homes`: every so manieth household has one of this kind. `landings`: one of this kind on each landing.
    `buildings_have`: one of this kind at each entrance. `zones`: kinds in the garage and the underpass.
    `dialects`: what devices of a kind speak, one drawn for each; native where it does not say.
    `gateways`: each building has one of its own and Zigbee2MQTT one bridge, and devices hang on them.
    `unreachable` and `needing`: shares of households without a telephone, and of those that need help.
    """

    buildings: int = 2
    floors: int = FLOORS
    doors: int = 2
    homes: Mapping[str, int] = field(default_factory=dict)
    landings: tuple[str, ...] = ()
    buildings_have: tuple[str, ...] = ()
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dialects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gateways: bool = False
    unreachable: float = 0.05
    needing: float = 0.15


DEMO: Final = Plan(
    homes={"smoke": 1, "heat": 1, "gas": 1, "co": 2, "water_leak": 3, "sos": 5},
    zones={"garage": ("water_level", "water_level")},
    dialects={"water_leak": ("zigbee2mqtt",), "sos": ("zigbee2mqtt",)},
)


@dataclass(frozen=True, slots=True)
class Town:
    """`document` is the community file as plain data; the rest is the outsider's own knowledge."""

    document: dict[str, Any]
    sensors: tuple[Sensor, ...]
    homes: tuple[str, ...]
    crew: tuple[str, ...]
    sounders: tuple[str, ...] = field(default=())


_ZONES: Final = {
    "garage": {"id": "garage", "kind": "garage", "zh": "地下车库", "en": "Underground garage", "floor": -1},
    "underpass": {"id": "underpass", "kind": "underpass", "zh": "下穿通道", "en": "Underpass", "floor": -1},
}
_CREW: Final = {
    "li-qiang": "李强",
    "chen-jie": "陈杰",
    "yang-lei": "杨磊",
    "wu-yong": "吴勇",
    "zhu-hao": "朱浩",
    "gao-feng": "高峰",
}
_STAFF: Final = (
    ("sun-li", "孙丽", "duty"),
    ("zhou-wei", "周伟", "supervisor"),
    ("wu-min", "吴敏", "manager"),
)


def town(seed: int, plan: Plan = DEMO, *, inbox: str = "webhook") -> Town:
    """A community of this size. `inbox` is the channel by which residents get their messages."""
    chance = random.Random(seed)  # noqa: S311 a town's names guard nothing
    names = [f"b{n}" for n in range(1, plan.buildings + 1)]
    homes = tuple(
        home_at(building, floor, door)
        for building in names
        for floor in range(1, plan.floors + 1)
        for door in range(1, plan.doors + 1)
    )
    sensors = tuple(_sensors(names, homes, plan, chance))
    sirens = [_siren(name, building) for building in names for name in ("siren", "speaker")]
    sounders = (*(one["id"] for one in sirens), "sounder-duty")
    document = {
        **_places(names, plan),
        "devices": [_device(sensor) for sensor in sensors] + sirens,
        "residents": [person for home in homes for person in _family(home, plan, chance, inbox)],
        "stations": [_station()],
        "staff": [
            {"id": who, "name": name, "role": role, "contacts": [{"console": name}]}
            for who, name, role in _STAFF
        ],
    }
    return Town(document, sensors, homes, tuple(_CREW), sounders)


def home_at(building: str, floor: int, door: int) -> str:
    """A household as messages name it: the whole way, from the community on."""
    return f"{floor_at(building, floor)}.{floor}{door:02d}"


def floor_at(building: str, floor: int) -> str:
    """A landing as messages name it."""
    return f"{COMMUNITY}.{building}.u1.f{floor}"


def _places(names: list[str], plan: Plan) -> dict[str, Any]:
    units = [{"id": "u1", "floors": f"1-{plan.floors}", "per_floor": list(range(1, plan.doors + 1))}]
    return {
        "county": {"id": "qinghe", "zh": "清河县", "en": "Qinghe County"},
        "street": {"id": "heping", "zh": "和平街道", "en": "Heping Sub-district"},
        "community": {"id": COMMUNITY, "zh": "幸福里社区", "en": "Xingfuli Community"},
        "buildings": [{"id": name, "units": units} for name in names],
        "zones": [_ZONES[zone] for zone in plan.zones],
    }


class _Hung:
    """Hands out names and addresses, and draws what each device speaks."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self._plan, self._chance, self._count = plan, chance, 0

    def sensor(self, kind: str, where: str, place: str, household: str | None, floor: int) -> Sensor:
        self._count += 1
        speaks = self._plan.dialects.get(kind, _NATIVE)
        dialect = speaks[0] if len(speaks) == 1 else self._chance.choice(speaks)
        name = f"{_SHORT.get(kind, kind)}-{where}"
        address = "" if dialect == "native" else DIALECTS[dialect].address(name, self._count)
        via = self._via(dialect, where.split("-")[0]) if self._plan.gateways else ""
        return Sensor(name, kind, household, floor, dialect, address, place, via)

    def _via(self, dialect: str, building: str) -> str:
        if dialect == "zigbee2mqtt":
            return "zigbee-bridge"
        return f"gateway-{building}" if dialect == "native" and building.startswith("b") else ""


def _sensors(names: list[str], homes: tuple[str, ...], plan: Plan, chance: random.Random) -> Iterator[Sensor]:
    hung = _Hung(plan, chance)
    if plan.gateways:
        yield from (Sensor(f"gateway-{name}", "gateway", None, 1, place=_entrance(name)) for name in names)
        yield Sensor("zigbee-bridge", "gateway", None, 1, "zigbee2mqtt", "bridge", COMMUNITY)
    for number, home in enumerate(homes):
        _, building, _, floor, door = home.split(".")
        for kind, every in plan.homes.items():
            if number % every == 0:
                yield hung.sensor(kind, f"{building}-{door}", home, home, int(floor[1:]))
    for name in names:
        for level in range(1, plan.floors + 1):
            for kind in plan.landings:
                yield hung.sensor(kind, f"{name}-f{level}", floor_at(name, level), None, level)
        for kind in plan.buildings_have:
            yield hung.sensor(kind, name, _entrance(name), None, 1)
    for zone, kinds in plan.zones.items():
        for number, kind in enumerate(kinds, 1):
            yield hung.sensor(kind, f"{zone}-{number}", f"{COMMUNITY}.{zone}", None, -1)


def _entrance(building: str) -> str:
    return f"{COMMUNITY}.{building}"


def _device(sensor: Sensor) -> dict[str, Any]:
    device: dict[str, Any] = {
        "id": sensor.id,
        "profile": DIALECTS[sensor.dialect].models[sensor.kind].profile,
        "place": sensor.place,
    }
    if sensor.dialect != "native":
        device |= {"dialect": sensor.dialect, "address": sensor.address}
    return device | ({"via": sensor.via} if sensor.via else {})


def _siren(name: str, building: str) -> dict[str, Any]:
    kind = {"siren": "siren", "speaker": "loudspeaker"}[name]
    return {"id": f"{name}-{building}", "profile": f"native-{kind}", "place": building}


def _family(home: str, plan: Plan, chance: random.Random, inbox: str) -> Iterator[dict[str, Any]]:
    """One contact per household; some need help, some read English, a few have no phone at all."""
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    person: dict[str, Any] = {"household": home, "name": name, "languages": ["zh", "en"]}
    if chance.random() >= plan.unreachable:
        person["contacts"] = [{inbox: home}]
    if chance.random() < plan.needing:
        person["needs"] = [chance.choice(NEEDS)]
    yield person


def _station() -> dict[str, Any]:
    return {
        "id": "station-1",
        "zh": "幸福里微型消防站",
        "en": "Xingfuli micro fire station",
        "place": "b1",
        "serves": [COMMUNITY],
        "crew": [
            {
                "id": who,
                "name": name,
                "role": "leader" if n == 0 else "member",
                "contacts": [{"crew": who}, {"webhook": who}],
            }
            for n, (who, name) in enumerate(_CREW.items())
        ],
        "devices": [
            {
                "id": "sounder-duty",
                "profile": "native-sounder",
                "zh": "值班室蜂鸣器",
                "en": "Duty-room sounder",
            }
        ],
    }
