"""An ordinary day at home."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import pairwise

from devices.instant import instant
from simulator.life import Life, hours_of
from simulator.town import Sensor
from tests.support.town import HOME, OTHER

HALL = Sensor("p", "presence", HOME, 1, place=HOME)


def seen(life: Life, until_s: int) -> list[int]:
    return [t for t in range(0, until_s, 30) if life.felt(HALL, float(t)).moving]


def test_local_time_is_eight_hours_ahead() -> None:
    assert hours_of(instant(datetime(2026, 7, 1, 4, 30, tzinfo=UTC))) == 12.5


def test_somebody_is_about_by_day_and_hardly_by_night_and_never_away_for_long() -> None:
    found = seen(Life(HOME, 0.0, random.Random(4)), 7 * 86_400)
    by_day = sum(7 <= t / 3_600 % 24 < 22 for t in found)
    assert by_day > 4 * (len(found) - by_day)
    assert max(b - a for a, b in pairwise(found)) < 14 * 3_600


def test_it_ends_and_is_of_one_home() -> None:
    life = Life(HOME, 9.0, random.Random(4))
    life.end(86_400.0)
    assert max(seen(life, 3 * 86_400)) < 86_400
    assert life.over(86_401.0)
    assert life.reaches(HALL)
    assert not life.reaches(Sensor("q", "presence", OTHER, 1, place=OTHER))
