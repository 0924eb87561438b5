"""The fire pack on recorded room fires: 106 experiments, four ceiling thermocouples of one room, 1 Hz.

Data: FSRI compartments 2018 (doi 10.5281/zenodo.5703474); times are seconds from ignition.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from devices.device import Device
from devices.inventory import Inventory
from devices.level import Level
from devices.place import Place, PlaceKind
from devices.reading import Reading, Trust
from rules.engine import Engine
from tests.support.community import HEAT, T0
from tests.support.rulebook import SECOND, pack

SHARED = Path(os.environ.get("ANMIN_SHARED", Path(__file__).parents[5] / "shared"))
FILE = SHARED / "data" / "sets" / "fsri_fires" / "compact_dev.csv.gz"
CORNERS = ("ceil_A", "ceil_B", "ceil_C", "ceil_D")
DAY = 86_400 * SECOND

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"no recorded fires at {FILE}")


class Fire(NamedTuple):
    """Seconds from ignition to each; None when it never came."""

    experiment: str
    prealarm: float | None
    alarm: float | None
    rise: float | None
    fixed: float | None


def room() -> Inventory:
    places = [
        Place("c", PlaceKind.COMMUNITY, None, "社区", "Community"),
        Place("room", PlaceKind.HOUSEHOLD, "c", "房间", "Room", 1),
    ]
    devices = [Device(corner, HEAT, "room", "native", corner, corner, corner) for corner in CORNERS]
    return Inventory.of("c", "room", places, devices)


def experiments() -> Iterator[tuple[str, list[tuple[int, dict[str, float]]]]]:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as text:
        for name, rows in groupby(csv.DictReader(text), key=lambda row: row["experiment"]):
            yield (
                name,
                [(int(row["t_s"]), {corner: float(row[corner]) for corner in CORNERS}) for row in rows],
            )


def burn(name: str, rows: list[tuple[int, dict[str, float]]]) -> Fire:
    """Run the shipped fire pack beside the two plain baselines."""
    engine = Engine(pack("fire"), room())
    first: dict[str, float] = {}
    seen: dict[int, dict[str, float]] = {}
    for t, corners in rows:
        at = T0 + DAY + t * SECOND
        seen[t] = corners
        before = seen.get(t - 60)
        edges = list(engine.tick(at))
        for corner, value in corners.items():
            edges += engine.handle(Reading(corner, "temperature_c", value, at, at, Trust.NONE, t + 1000))
            if value >= 57:
                first.setdefault("fixed", t)
            if before is not None and value - before[corner] >= 8.3:
                first.setdefault("rise", t)
        worst = max((edge.after for edge in edges), default=Level.UNKNOWN)
        if worst >= Level.PREALARM:
            first.setdefault("prealarm", t)
        if worst >= Level.ALARM:
            first.setdefault("alarm", t)
    return Fire(name, *(first.get(key) for key in ("prealarm", "alarm", "rise", "fixed")))


@pytest.fixture(scope="module")
def fires() -> list[Fire]:
    return [burn(name, rows) for name, rows in experiments()]


def times(fires: list[Fire], field: str, contains: str) -> list[float]:
    return [getattr(fire, field) for fire in fires if contains in fire.experiment]


def test_no_recorded_fire_is_missed_and_none_is_raised_before_ignition(fires: list[Fire]) -> None:
    assert len(fires) == 106
    assert [fire.experiment for fire in fires if fire.prealarm is None or fire.alarm is None] == []
    assert [fire for fire in fires if (fire.prealarm or 0) < 0 or (fire.alarm or 0) < 0] == []


def test_the_pre_alarm_is_in_no_fire_later_than_a_plain_rise_over_a_minute(fires: list[Fire]) -> None:
    assert [fire for fire in fires if (fire.prealarm or 0) > (fire.rise or 0)] == []


@pytest.mark.parametrize("door", ["RedAccent", "RedAccent_Closed", "RedAccent_Open"])
def test_chair_fires_are_pre_alarmed_with_the_rise_and_alarmed_within_ten_seconds(
    fires: list[Fire], door: str
) -> None:
    found = {field: median(times(fires, field, door)) for field in ("prealarm", "alarm", "rise", "fixed")}
    print(f"\n{door}: {len(times(fires, 'alarm', door))} fires, median seconds from ignition: {found}")
    assert found["prealarm"] <= found["rise"]
    assert found["alarm"] <= found["rise"] + 10
    assert found["alarm"] < found["fixed"]
