"""Recorded fires through the real service: a broker, the log, the shipped rules, the outbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anmin.fires import table
from anmin.replay import replay_fires
from tests.support.services import need
from tests.unit.anmin.test_fires import written


@pytest.fixture(autouse=True)
def mosquitto() -> Path:
    return need("mosquitto")


@pytest.fixture
def recordings() -> Path:
    return need("shared data") / "sets" / "fsri_fires"


def made_up(folder: Path, **temperature_at: Callable[[int], float]) -> Path:
    """Rooms whose four quadrants follow a function of the seconds from ignition."""
    rows = [
        f"{name},{t},{','.join([f'{at(t):.2f}'] * 4)},"
        for name, at in temperature_at.items()
        for t in range(-70, 61)
    ]
    return written(folder, *rows)


async def test_fires_of_a_chair_are_found_as_early_as_they_must_be(recordings: Path) -> None:
    progress: list[str] = []
    report = await replay_fires(recordings, only="RedAccent", out=progress.append)
    assert list(table(report))[-1] == "missed 0, before ignition 0"
    assert len(report.lines) == 14
    for line in report.lines:
        assert line.alarm_s is not None
        assert line.handed_s is not None
        assert line.fixed_s is not None
        assert line.alarm_s <= line.handed_s < line.alarm_s + 5
        assert line.alarm_s < line.fixed_s
    medians = report.as_json()["medians"]
    for group in ("chair, door closed", "chair, door open", "all chairs"):
        assert medians[group]["prealarm_s"] <= medians[group]["rise_s"]
        assert medians[group]["alarm_s"] <= medians[group]["rise_s"] + 10
    assert progress


async def test_fires_of_a_gas_burner_are_found_at_once_and_never_before_they_burn(recordings: Path) -> None:
    report = await replay_fires(recordings, only="Back_1", limit=4, out=print)
    assert list(table(report))[-1] == "missed 0, before ignition 0"
    assert [line.alarm_s is not None and line.alarm_s <= 10 for line in report.lines] == [True] * 4


async def test_the_speed_decides_nothing(recordings: Path) -> None:
    """Rates rest on the detectors' own time, so a faster replay finds the same at the same second."""
    found = []
    for speed in (40.0, 20.0):
        report = await replay_fires(recordings, only="RedAccent_Open_C", limit=2, speed=speed, out=print)
        found.append([(line.experiment, line.prealarm_s, line.alarm_s) for line in report.lines])
        assert 0 < report.speed <= speed
    assert found[0] == found[1]
    assert len(found[0]) == 2


async def test_a_fire_that_is_missed_and_one_that_is_told_too_early_are_counted(tmp_path: Path) -> None:
    """The control: rooms in which the verdict must not be clean."""
    data = made_up(
        tmp_path,
        cold=lambda t: 20.0,
        early=lambda t: 20.0 if t < -20 else 70.0,
        burns=lambda t: 20.0 + max(0, t) ** 2 / 10,
    )
    report = await replay_fires(data, out=print)
    by_name = {line.experiment: line for line in report.lines}
    assert by_name["cold"].prealarm_s is None
    assert by_name["early"].alarm_s == -20
    assert by_name["burns"].prealarm_s == by_name["burns"].rise_s == 10
    assert by_name["burns"].fixed_s == 20
    assert list(table(report))[-1] == "missed 1, before ignition 1"


async def test_a_whole_recording_is_played_to_its_end(tmp_path: Path) -> None:
    data = made_up(tmp_path, burns=lambda t: 20.0 + max(0, t) ** 2 / 10)
    short = await replay_fires(data, out=print)
    whole = await replay_fires(data, whole=True, out=print)
    assert short.messages < whole.messages == 4 * 131
    assert short.lines[0].alarm_s == whole.lines[0].alarm_s
