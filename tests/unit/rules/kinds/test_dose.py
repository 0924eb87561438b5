"""Carbon monoxide as it is taken in: the four rows of EN 50291."""

from __future__ import annotations

import pytest

from devices.level import Level
from devices.reading import Trust
from rules.engine import Engine
from rules.kinds.dose import Exposure
from rules.spec import parse
from tests.support.community import larger
from tests.support.rulebook import SECOND, engine, load, reading

MINUTE = 60 * SECOND
ROWS = """
rules:
  - id: co
    hazard: co
    kind: dose
    quantity: co_ppm
    rows:
      - {above: 30, for: 125m, level: alarm}
      - {above: 50, for: 75m, level: alarm}
      - {above: 100, for: 25m, level: alarm}
      - {above: 300, for: 2m, level: critical}
    clear_below: 24
    source: EN 50291-1
"""
U, C, A, X = Level.UNKNOWN, Level.CLEAR, Level.ALARM, Level.CRITICAL


def running() -> Engine:
    return engine(ROWS, larger())


def raised_after(ppm: float, every_s: float = 60, at_least: Level = A) -> float | None:
    """Minutes of a steady concentration until it is raised, after an hour of clean air; None within 4 h."""
    room = running()
    for second in range(-3600, 0, 60):
        room.handle(reading("co-301", "co_ppm", 0, second))
    for number in range(int(4 * 3600 / every_s)):
        room.handle(reading("co-301", "co_ppm", ppm, number * every_s))
        if room.levels("co-301")["co"] >= at_least:
            return number * every_s / 60
    return None


@pytest.mark.parametrize(
    ("ppm", "not_before", "not_after"),
    [(30, 120, 240), (50, 60, 90), (100, 10, 40), (300, 0, 3)],
)
@pytest.mark.parametrize("every_s", [10, 60])
def test_it_is_raised_when_the_standard_wants_it(
    ppm: float, not_before: float, not_after: float, every_s: float
) -> None:
    """EN 50291-1, table of alarm conditions."""
    minutes = raised_after(ppm, every_s)
    assert minutes is not None
    assert not_before <= minutes <= not_after


def test_under_the_lowest_row_it_never_is() -> None:
    assert raised_after(29) is None


def test_much_in_a_short_time_is_worse() -> None:
    assert raised_after(300, at_least=X) == 2
    assert (raised_after(600, 10, X) or 9) <= 1


def test_two_bursts_count_together() -> None:
    room = running()
    for minute in range(200):
        room.handle(reading("co-301", "co_ppm", 90 if minute % 20 < 10 else 5, minute * 60))
        if room.levels("co-301")["co"] is A:
            break
    assert 75 < minute < 130


def test_clean_air_ends_it_and_the_dose_is_remembered() -> None:
    room = running()
    for minute in range(31):
        room.handle(reading("co-301", "co_ppm", 110, minute * 60))
    assert room.levels("co-301")["co"] is A
    room.handle(reading("co-301", "co_ppm", 5, 31 * 60))
    assert room.levels("co-301")["co"] is C
    room.handle(reading("co-301", "co_ppm", 60, 32 * 60))
    assert room.levels("co-301")["co"] is A


def test_a_silence_counts_with_the_smaller_of_its_ends() -> None:
    room = running()
    room.handle(reading("co-301", "co_ppm", 200, 0))
    room.handle(reading("co-301", "co_ppm", 60, 3 * 3600))
    assert room.levels("co-301")["co"] is A  # 60 ppm for hours is more than the second row
    calm = running()
    calm.handle(reading("co-301", "co_ppm", 200, 0))
    calm.handle(reading("co-301", "co_ppm", 25, 3 * 3600))
    assert calm.levels("co-301")["co"] is C


def test_what_waited_somewhere_is_no_dose_and_no_value_is_unknown() -> None:
    room = running()
    for minute in range(300):
        room.handle(reading("co-301", "co_ppm", 200, minute * 60, Trust.QUEUED))
    assert room.levels("co-301")["co"] is U
    room.handle(reading("co-301", "co_ppm", 0, 301 * 60))
    room.handle(reading("co-301", "co_ppm", None, 302 * 60))
    assert room.levels("co-301")["co"] is U


def test_the_evidence_is_the_mean_beside_its_row_and_the_value() -> None:
    room = running()
    for minute in range(3):
        edges = room.handle(reading("co-301", "co_ppm", 400, minute * 60))
    mean, now = edges[0].evidence
    assert (mean.value, mean.limit, now.value) == (400, 300, 400)


def exposure(*said: tuple[float, float], holds: int = 10 * MINUTE) -> Exposure:
    """From (minute, value)."""
    made = Exposure(120 * MINUTE, holds, 15 * SECOND)
    for minute, value in said:
        made.take(value, reading("co-301", "co_ppm", value, minute * 60))
    return made


def test_the_mean_is_weighted_by_time() -> None:
    assert exposure((0, 10), (1, 40), (3, 0)).mean(3 * MINUTE) == pytest.approx(30)
    assert exposure((0, 60), (5, 0), (10, 0)).mean(10 * MINUTE) == pytest.approx(30)
    assert exposure((0, 60), (5, 0), (10, 0)).mean(7 * MINUTE) == pytest.approx(60 * 2 / 7)


def test_equal_values_and_close_ones_take_no_room() -> None:
    steady = exposure(*((minute, 0) for minute in range(600)))
    assert len(steady) <= 3
    close = exposure(*((second / 60, second % 7) for second in range(3600)))
    assert len(close) <= 3600 / 15 + 2
    assert close.mean(60 * MINUTE) == pytest.approx(3, rel=0.01)


def test_it_can_be_taken_over() -> None:
    first, second = exposure(*((minute, minute % 9) for minute in range(300))), exposure()
    second.load(first.rows())
    for made in (first, second):
        made.take(7, reading("co-301", "co_ppm", 7, 301 * 60))
    assert second.rows() == first.rows()
    assert second.mean(60 * MINUTE) == first.mean(60 * MINUTE)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("above: 30, for: 125m", "above: 0, for: 125m"), "above"),
        (("for: 2m", "for: 2s"), "for"),
        (("clear_below: 24", "clear_below: 31"), "clear_below"),
        (("clear_below: 24", "holds: 0s"), "holds"),
        (("above: 100", "over: 100"), "over"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(change: tuple[str, str], key: str) -> None:
    _, problems = parse(load(ROWS.replace(*change)))
    assert key in [one.path[-1] for one in problems]
