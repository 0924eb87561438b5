"""The numbers of the shipped packs, as a person would read them off."""

from __future__ import annotations

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import Place, PlaceKind
from devices.quantity import QUANTITIES
from rules.engine import Engine, check
from rules.verdict import Transition
from tests.support.rulebook import at, pack, reading

EVERYTHING = frozenset(QUANTITIES)


def engine() -> Engine:
    places = [
        Place("c", PlaceKind.COMMUNITY, None, "社区", "Community"),
        Place("g", PlaceKind.GARAGE, "c", "车库", "Garage"),
        Place("u", PlaceKind.UNIT, "c", "1单元", "Unit 1"),
        *(Place(f"f{n}", PlaceKind.FLOOR, "u", f"{n}层", f"Floor {n}", n) for n in (1, 2)),
        *(Place(f"h{n}", PlaceKind.HOUSEHOLD, f"f{n}", f"{n}01", f"{n}01") for n in (1, 2)),
    ]
    where = (("heat", "g"), ("smoke", "g"), ("first", "h1"), ("second", "h2"))
    kinds = {"heat": DeviceKind.HEAT}
    devices = [
        Device(
            name, Profile(name, kinds.get(name, DeviceKind.SMOKE), EVERYTHING), place, "native", name, "", ""
        )
        for name, place in where
    ]
    known = Inventory.of("c", "all", places, devices)
    assert check(pack(), known) == ()
    return Engine(pack(), known)


def worst(edges: list[Transition]) -> Level:
    return max((edge.after for edge in edges), default=Level.CLEAR)


@pytest.mark.parametrize(
    ("quantity", "value", "level"),
    [
        ("smoke_alarm", 1, Level.ALARM),
        ("heat_alarm", 1, Level.ALARM),
        ("manual_alarm", 1, Level.ALARM),
        ("gas_alarm", 1, Level.ALARM),
        ("co_alarm", 1, Level.ALARM),
        ("water_level_alarm", 1, Level.ALARM),
        ("water_leak_alarm", 1, Level.ALARM),
        ("electrical_alarm", 1, Level.ALARM),
        ("sos_alarm", 1, Level.ALARM),
        ("temperature_c", 47.9, Level.CLEAR),
        ("temperature_c", 48, Level.PREALARM),
        ("temperature_c", 57, Level.ALARM),
        ("smoke_obscuration_db_per_m", 1, Level.CLEAR),  # held
        ("gas_lel_percent", 4.9, Level.CLEAR),
        ("gas_lel_percent", 5, Level.PREALARM),
        ("gas_lel_percent", 10, Level.ALARM),
        ("gas_lel_percent", 20, Level.CRITICAL),
        ("co_ppm", 299, Level.CLEAR),  # held
        ("co_ppm", 300, Level.CRITICAL),
        ("water_level_mm", 29, Level.CLEAR),
        ("water_level_mm", 30, Level.NOTICE),
        ("water_level_mm", 100, Level.PREALARM),
        ("water_level_mm", 150, Level.ALARM),
        ("water_level_mm", 270, Level.CRITICAL),
        ("residual_current_ma", 5000, Level.CLEAR),  # held
        ("cable_temperature_c", 60, Level.PREALARM),
        ("cable_temperature_c", 80, Level.ALARM),
    ],
)
def test_a_single_reading_raises_what_the_pack_says(quantity: str, value: float, level: Level) -> None:
    assert worst(list(engine().handle(reading("heat", quantity, value)))) is level


@pytest.mark.parametrize(
    ("quantity", "value", "after", "level"),
    [
        ("smoke_obscuration_db_per_m", 0.10, 10, Level.PREALARM),
        ("smoke_obscuration_db_per_m", 0.15, 10, Level.ALARM),
        ("residual_current_ma", 300, 30, Level.PREALARM),
        ("residual_current_ma", 500, 30, Level.ALARM),
    ],
)
def test_what_is_held_comes_when_its_time_is_over_and_no_sooner(
    quantity: str, value: float, after: float, level: Level
) -> None:
    running = engine()
    running.handle(reading("heat", quantity, value))
    assert worst(list(running.tick(at(after - 1)))) is Level.CLEAR
    edges = list(running.tick(at(after)))
    assert (worst(edges), edges[0].at) == (level, at(after))


@pytest.mark.parametrize(
    ("depth", "rise", "level"),
    [
        (29, 30, Level.CLEAR),
        (30, 30, Level.PREALARM),
        (99, 30, Level.PREALARM),
        (100, 29, Level.PREALARM),
        (100, 30, Level.ALARM),
        (149, 30, Level.ALARM),
        (150, 29, Level.ALARM),
        (150, 30, Level.CRITICAL),
        (99, 100, Level.ALARM),
        (100, 99, Level.ALARM),
        (100, 100, Level.CRITICAL),
    ],
)
def test_water_that_rises_in_five_minutes_counts_one_or_two_levels_more_than_its_depth(
    depth: float, rise: float, level: Level
) -> None:
    running = engine()
    edges: list[Transition] = []
    for seconds in range(0, 301, 60):
        value = depth - rise if seconds < 300 else depth
        edges += running.handle(reading("heat", "water_level_mm", value, seconds))
    assert worst(edges) is level


@pytest.mark.parametrize(("ppm", "earliest", "latest"), [(30, 120, 240), (50, 60, 90), (100, 10, 40)])
def test_carbon_monoxide_alarms_when_the_standard_wants_it(ppm: float, earliest: int, latest: int) -> None:
    """EN 50291-1, minutes; at 300 ppm at once, see above."""
    running = engine()
    for minute in range(300):
        running.handle(reading("heat", "co_ppm", ppm, minute * 60))
        if running.levels("heat")["co.dose"] is Level.ALARM:
            break
    assert earliest <= minute <= latest


def test_a_home_without_a_sign_for_fourteen_hours_is_told() -> None:
    running = engine()
    running.handle(reading("first", "motion", 1, 0))
    assert running.tick(at(14 * 3600 - 1)) == ()
    edges = running.tick(at(14 * 3600))
    assert [(one.rule_id, one.after, one.subject) for one in edges] == [
        ("care.inactivity", Level.NOTICE, "h1")
    ]


def test_two_weak_signs_of_different_devices_at_one_place_are_an_alarm() -> None:
    running = engine()
    assert worst(list(running.handle(reading("heat", "temperature_c", 50, 0)))) is Level.PREALARM
    edges = running.handle(reading("smoke", "temperature_c", 50, 1))
    assert [(edge.rule_id, edge.after, edge.subject) for edge in edges][-1] == (
        "fire.two-signs",
        Level.ALARM,
        "g",
    )


def test_every_number_says_where_it_comes_from_and_every_hazard_has_rules() -> None:
    rules = pack().rules
    assert all(len(rule.source) > 15 for rule in rules)
    assert {rule.hazard for rule in rules} == set(Hazard)
