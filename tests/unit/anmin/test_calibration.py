"""What the models made is found again; the presets are what the recordings say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anmin.calibration import DEEP_MM, HOT_C, ROOM, Rain, Report, calibrate, fit_fires, fit_floods, stands
from anmin.fires import Fire
from anmin.floods import Flood
from simulator.hazards.fire import CHAIR_CLOSED, CHAIR_OPEN, RoomFire
from simulator.hazards.flood import Shower, Street
from tests.support.services import need

BEFORE_S = 60


def recorded(name: str, fire: RoomFire, spread: float = 0.0, last_s: int = 400) -> Fire:
    """What four thermocouples would say of that fire; `spread` the farther ones from the nearest."""
    ceiling = tuple(
        tuple(
            fire.ambient_c + (fire.air_with(second, 0.0).temperature_c - fire.ambient_c) * (1 + spread * n)
            for second in range(-BEFORE_S, last_s)
        )
        for n in (-1, 0, 0, 1)
    )
    return Fire(name, -BEFORE_S, ceiling)


BURNER = replace(ROOM, alpha=0.3, peak_kw=250.0, radial_m=0.22, ambient_c=19.0)
CHAIR = replace(ROOM, alpha=0.02, peak_kw=600.0, radial_m=0.22, ambient_c=24.0, lights_s=70.0)


def test_burner_and_chair_are_found_again() -> None:
    burner, chair = fit_fires(
        [recorded("RedAccent_Open_Back_1", CHAIR, 0.1), recorded("250kW_Open_Back_1", BURNER, 0.1)]
    )
    assert (burner.group, chair.group) == ("250kW, open", "RedAccent, open")
    assert burner.model.ambient_c == pytest.approx(19.0)
    assert burner.model.alpha == pytest.approx(0.3, rel=0.05)
    assert burner.model.radial_m == pytest.approx(0.22, rel=0.02)
    assert chair.model.alpha == pytest.approx(0.02, rel=0.1)
    assert chair.model.lights_s == pytest.approx(70.0, abs=3.0)
    assert chair.rms < 5.0 < chair.spread
    assert chair.late == pytest.approx(0, abs=2)


def test_a_closed_doors_chair_takes_the_radius_of_the_open_burners() -> None:
    shut = replace(BURNER, radial_m=0.1)
    fits = fit_fires(
        [
            recorded("250kW_Closed_Back_1", shut),
            recorded("250kW_Open_Back_1", BURNER),
            recorded("RedAccent_Closed_Back_1", CHAIR),
        ]
    )
    assert [fit.group for fit in fits] == ["250kW, closed", "250kW, open", "RedAccent, closed"]
    assert fits[0].model.radial_m == pytest.approx(0.1, rel=0.02)
    assert fits[2].model.radial_m == fits[1].model.radial_m


def test_what_comes_after_the_hottest_second_is_not_fitted() -> None:
    put_out = replace(BURNER, out_s=120.0)
    (fit,) = fit_fires([recorded("250kW_Open_Back_1", put_out)])
    assert len(fit.bands) <= 121
    assert fit.rms < 3.0


def test_a_silent_quadrant_is_no_detector() -> None:
    fire = recorded("250kW_Open_Back_1", BURNER)
    silent = tuple(None for _ in fire.ceiling[0])
    (fit,) = fit_fires([replace(fire, ceiling=(*fire.ceiling[:3], silent))])
    assert fit.curves == 3


RAIN = Rain(Street(wedge_m=3_000.0), Shower(60.0, 3_000.0, 10_000.0))


def flooded(rain: Rain, sensor: str, dry_s: int = 180) -> Flood:
    depths = stands(rain)
    seconds = (0, *(dry_s + 60 * minute for minute in range(len(depths))))
    return Flood(sensor, 0, seconds, (0.0, *depths))


def test_the_street_is_found_again_by_the_time_from_the_first_water() -> None:
    fit, *thirds = fit_floods([flooded(RAIN, "a")])
    assert fit.group == "all"
    assert thirds == []
    assert fit.model.street.wedge_m == pytest.approx(3_000.0, rel=0.1)
    assert fit.rms < 6.0
    assert fit.late == pytest.approx(0, abs=2)


def test_floods_are_told_apart_by_how_fast_they_come() -> None:
    narrow, wide = (replace(RAIN, street=Street(wedge_m=wedge)) for wedge in (1_500.0, 6_000.0))
    fits = fit_floods([flooded(wide, "c"), flooded(RAIN, "b", dry_s=900), flooded(narrow, "a")])
    assert [fit.group for fit in fits] == ["all", "fastest third", "middle third", "slowest third"]
    wedges = [fit.model.street.wedge_m for fit in fits[1:]]
    assert wedges == sorted(wedges)
    assert wedges[0] < 2_000 < 5_000 < wedges[2]


def test_shallow_floods_are_left_out() -> None:
    assert fit_floods([Flood("a", 0, (0, 60), (0.0, DEEP_MM - 1))]) == ()


def test_water_is_there_from_the_first_depth_that_a_sensor_sees() -> None:
    line = stands(RAIN)
    assert len(line) == 181
    assert 12 <= line[0] < 20
    assert max(line) > DEEP_MM


@pytest.fixture(scope="module")
def report() -> Report:
    return calibrate(need("shared data"))


def test_presets_are_what_the_recordings_say(report: Report) -> None:
    fitted = {fit.group: fit for fit in report.fires}
    for door, preset in (("closed", CHAIR_CLOSED), ("open", CHAIR_OPEN)):
        fit = fitted[f"RedAccent, {door}"]
        for name in ("alpha", "peak_kw", "radial_m", "lights_s"):
            assert getattr(preset, name) == pytest.approx(getattr(fit.model, name), rel=0.01)
        assert fit.rms < 20
        assert fit.late is not None
        assert abs(fit.late) <= 5
        reached = next(t for t in range(300) if preset.air_with(t, 0.0).temperature_c >= HOT_C)
        assert fit.recorded is not None
        assert fit.recorded.low <= reached <= fit.recorded.high


def test_every_recorded_fire_and_deep_flood_is_in_a_group(report: Report) -> None:
    assert sum(fit.curves for fit in report.fires) == 4 * 106
    everything, *thirds = (fit.curves for fit in report.floods)
    assert everything == sum(thirds) == 803
