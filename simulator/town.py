"""A community from a seed: its file as a person would write it, and nothing that the system knows.

Two buildings of fifteen floors, sixty households, their detectors, a garage, a micro fire station.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = ("伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "桂英", "建国", "秀兰", "志明")
COMMUNITY = "xfl"
FLOORS = 15


@dataclass(frozen=True, slots=True)
class Sensor:
    """One device as the outsider knows it: its name on the wire and where it hangs."""

    id: str
    kind: str
    household: str | None
    floor: int
    dialect: str = "native"
    address: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """`document` is the community file as plain data; the rest is the outsider's own knowledge."""

    document: dict[str, Any]
    sensors: tuple[Sensor, ...]
    homes: tuple[str, ...]
    crew: tuple[str, ...]
    sounders: tuple[str, ...] = field(default=())


def town(seed: int, *, inbox: str = "webhook") -> Town:
    """The demonstration community. `inbox` is the channel by which residents get their messages."""
    chance = random.Random(seed)  # noqa: S311 a town's names guard nothing
    sensors: list[Sensor] = []
    homes: list[str] = []
    for building in ("b1", "b2"):
        for floor in range(1, FLOORS + 1):
            for door in (1, 2):
                home = home_at(building, floor, door)
                homes.append(home)
                sensors += _home_sensors(building, floor, door, home)
    sensors += [Sensor(f"level-garage-{n}", "water-level", None, -1) for n in (1, 2)]
    crew = ("li-qiang", "chen-jie", "yang-lei", "wu-yong", "zhu-hao", "gao-feng")
    sounders = ("siren-b1", "siren-b2", "speaker-b1", "speaker-b2", "sounder-duty")
    document = {
        **_names(),
        "devices": [_device(sensor) for sensor in sensors] + _sirens(),
        "residents": [person for home in homes for person in _family(home, chance, inbox)],
        "stations": [_station(crew)],
        "staff": _staff(),
    }
    return Town(document, tuple(sensors), tuple(homes), crew, sounders)


def home_at(building: str, floor: int, door: int) -> str:
    """A household as messages name it: the whole way, from the community on."""
    return f"{COMMUNITY}.{building}.u1.f{floor}.{floor}{door:02d}"


def _names() -> dict[str, Any]:
    units = [{"id": "u1", "floors": f"1-{FLOORS}", "per_floor": [1, 2]}]
    return {
        "county": {"id": "qinghe", "zh": "清河县", "en": "Qinghe County"},
        "street": {"id": "heping", "zh": "和平街道", "en": "Heping Sub-district"},
        "community": {"id": COMMUNITY, "zh": "幸福里社区", "en": "Xingfuli Community"},
        "buildings": [{"id": "b1", "units": units}, {"id": "b2", "units": units}],
        "zones": [
            {"id": "garage", "kind": "garage", "zh": "地下车库", "en": "Underground garage", "floor": -1}
        ],
    }


def _home_sensors(building: str, floor: int, door: int, home: str) -> list[Sensor]:
    """Smoke, heat and gas in every home; CO, water and a call button in some."""
    number = f"{building}-{floor}{door:02d}"
    found = [Sensor(f"{kind}-{number}", kind, home, floor) for kind in ("smoke", "heat", "gas")]
    if door == 1:
        found.append(Sensor(f"co-{number}", "co", home, floor))
    if floor % 3 == 0:
        found.append(Sensor(f"leak-{number}", "leak", home, floor, "zigbee2mqtt", f"{number} bathroom"))
    if floor % 5 == 0:
        found.append(Sensor(f"sos-{number}", "sos", home, floor, "zigbee2mqtt", f"{number} button"))
    return found


_PROFILES = {"leak": "aqara-sjcgq11lm", "sos": "tuya-ts0215a-sos"}


def _device(sensor: Sensor) -> dict[str, Any]:
    device: dict[str, Any] = {
        "id": sensor.id,
        "profile": _PROFILES.get(sensor.kind, f"native-{sensor.kind}"),
        "place": sensor.household or "garage",
    }
    if sensor.dialect != "native":
        device |= {"dialect": sensor.dialect, "address": sensor.address}
    return device


def _sirens() -> list[dict[str, Any]]:
    return [
        {"id": f"{name}-{building}", "profile": f"native-{kind}", "place": building}
        for building in ("b1", "b2")
        for name, kind in (("siren", "siren"), ("speaker", "loudspeaker"))
    ]


def _family(home: str, chance: random.Random, inbox: str) -> list[dict[str, Any]]:
    """One contact per household; some need help, some read English, a few have no phone at all."""
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    person: dict[str, Any] = {"household": home, "name": name, "languages": ["zh", "en"]}
    if chance.random() > 0.05:
        person["contacts"] = [{inbox: home}]
    if chance.random() < 0.15:
        person["needs"] = [chance.choice(["wheelchair", "lives_alone", "deaf", "child"])]
    return [person]


def _station(crew: tuple[str, ...]) -> dict[str, Any]:
    names = ("李强", "陈杰", "杨磊", "吴勇", "朱浩", "高峰")
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
            for n, (who, name) in enumerate(zip(crew, names, strict=True))
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


def _staff() -> list[dict[str, Any]]:
    people = (("sun-li", "孙丽", "duty"), ("zhou-wei", "周伟", "supervisor"), ("wu-min", "吴敏", "manager"))
    return [
        {"id": who, "name": name, "role": role, "contacts": [{"console": name}]} for who, name, role in people
    ]
