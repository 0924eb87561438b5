"""A street for tests: each home a building of its own, so that every alarm is an incident of its own."""

from __future__ import annotations

from typing import Any

COMMUNITY = "street"
DUTY, MEMBER = "sun-li", "chen-jie"


def home(number: int) -> str:
    """The household's place id within the community file."""
    return f"b{number:04d}.u1.f1.101"


def place(number: int) -> str:
    """The household's place id as incidents have it."""
    return f"{COMMUNITY}.{home(number)}"


def smoke(number: int) -> str:
    return f"smoke-{number:04d}"


def heat(number: int) -> str:
    return f"heat-{number:04d}"


def street(homes: int) -> dict[str, Any]:
    """The community file as plain data: a smoke and a heat detector and one resident in each home."""
    unit = {"id": "u1", "floors": "1", "per_floor": [1]}
    return {
        "county": {"id": "county", "zh": "县", "en": "County"},
        "street": {"id": "heping", "zh": "街道", "en": "Street"},
        "community": {"id": COMMUNITY, "zh": "长街社区", "en": "Long Street"},
        "buildings": [{"id": f"b{n:04d}", "units": [unit]} for n in range(homes)],
        "devices": [
            {"id": name(n), "profile": f"native-{kind}", "place": home(n)}
            for n in range(homes)
            for kind, name in (("smoke", smoke), ("heat", heat))
        ],
        "residents": [
            {"household": home(n), "name": f"住户{n}", "contacts": [{"webhook": home(n)}]}
            for n in range(homes)
        ],
        "stations": [
            {
                "id": "station-1",
                "zh": "微型消防站",
                "en": "Micro fire station",
                "place": "b0000",
                "serves": [COMMUNITY],
                "crew": [{"id": MEMBER, "name": "陈杰", "role": "member", "contacts": [{"webhook": MEMBER}]}],
                "devices": [
                    {
                        "id": "sounder-duty",
                        "profile": "native-sounder",
                        "zh": "值班室蜂鸣器",
                        "en": "Duty-room sounder",
                    }
                ],
            }
        ],
        "staff": [
            {"id": DUTY, "name": "孙丽", "role": "duty", "contacts": [{"webhook": DUTY}]},
            {"id": "zhou-wei", "name": "周伟", "role": "supervisor", "contacts": [{"webhook": "zhou-wei"}]},
            {"id": "wu-min", "name": "吴敏", "role": "manager", "contacts": [{"webhook": "wu-min"}]},
        ],
    }
