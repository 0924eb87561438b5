"""The kitchen fire: told by every sensor near it, in the order in which smoke gets there."""

from __future__ import annotations

import pytest

from simulator.kitchen import KitchenFire, calm, kitchen_fire
from simulator.town import Sensor, town

TOWN = town(7)
IGNITION_S = 20.0


@pytest.fixture
def story() -> KitchenFire:
    return kitchen_fire(TOWN.homes, 7, IGNITION_S)


def sensor(kind: str, home: str) -> Sensor:
    return next(one for one in TOWN.sensors if one.kind == kind and one.household == home)


def first(story: KitchenFire, one: Sensor, quantity: str, limit: float) -> int | None:
    """Seconds of the story until the sensor says so much."""
    for second in range(240):
        value = story.feel(one, second)[quantity]
        if value is not None and float(value) >= limit:
            return second
    return None


def test_a_fire_that_is_put_out_lets_its_detectors_clear() -> None:
    story = kitchen_fire(town(7).homes, 7, 0.0)
    smoke = next(one for one in town(7).sensors if one.household == story.home and one.kind == "smoke")
    alarms = []
    for second in range(400):
        if second == 90:
            story.put_out(90)
        alarms.append(story.feel(smoke, second)["smoke_alarm"])
    assert alarms[90]
    assert not any(alarms[-60:])


def test_the_same_seed_is_the_same_fire_and_others_burn_elsewhere() -> None:
    fires = [kitchen_fire(TOWN.homes, seed, IGNITION_S) for seed in range(20)]
    assert fires[7].home == kitchen_fire(TOWN.homes, 7, IGNITION_S).home
    assert len({fire.home for fire in fires}) > 5


@pytest.mark.parametrize("seed", range(20))
def test_it_burns_in_a_home_and_reaches_three_others_of_the_same_building(seed: int) -> None:
    fire = kitchen_fire(TOWN.homes, seed, IGNITION_S)
    building = fire.home.split(".")[1]
    assert len(fire.spread) == 3
    assert fire.home not in fire.spread
    assert {fire.home, *fire.spread} <= set(TOWN.homes)
    assert {home.split(".")[1] for home in fire.spread} == {building}


def test_only_sensors_of_these_homes_are_near(story: KitchenFire) -> None:
    near = {one.household for one in TOWN.sensors if story.near(one)}
    assert near == {story.home, *story.spread}


def test_until_ignition_all_is_calm(story: KitchenFire) -> None:
    for one in TOWN.sensors:
        if story.near(one):
            for second in range(int(IGNITION_S) + 1):
                assert story.feel(one, second) == calm(one)


def test_smoke_is_told_long_before_the_heat_detector_would_answer(story: KitchenFire) -> None:
    smoke = first(story, sensor("smoke", story.home), "smoke_alarm", True)
    heat = first(story, sensor("heat", story.home), "temperature_c", 57.0)
    assert smoke is not None
    assert heat is not None
    assert IGNITION_S < smoke < heat - 10


def test_temperature_rises_fast_enough_for_a_pre_alarm_before_57_degrees(story: KitchenFire) -> None:
    heat = sensor("heat", story.home)
    series = [float(story.feel(heat, second)["temperature_c"] or 0.0) for second in range(120)]
    rose = next(n for n in range(60, 120) if series[n] - series[n - 60] >= 8.3)
    hot = next(n for n, value in enumerate(series) if value >= 57.0)
    assert rose < hot


def test_neighbours_alarm_after_the_home_where_it_burns(story: KitchenFire) -> None:
    at_home = first(story, sensor("smoke", story.home), "smoke_alarm", True)
    assert at_home is not None
    for home in story.spread:
        there = first(story, sensor("smoke", home), "smoke_alarm", True)
        assert there is not None
        assert there > at_home


def test_the_gas_detector_of_a_burning_kitchen_stays_calm(story: KitchenFire) -> None:
    gas = sensor("gas", story.home)
    assert story.feel(gas, 120) == calm(gas)


def test_every_kind_of_the_town_knows_what_calm_is() -> None:
    for one in TOWN.sensors:
        values = calm(one)
        assert values
        assert not any(value for name, value in values.items() if name.endswith("_alarm"))


def test_calm_is_a_new_mapping_each_time() -> None:
    one = TOWN.sensors[0]
    calm(one).clear()
    assert calm(one)


def test_the_truth_names_hazard_home_and_ignition(story: KitchenFire) -> None:
    assert story.truth() == {"hazard": "fire", "home": story.home, "ignition_s": IGNITION_S}
