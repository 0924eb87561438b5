"""Hold, clear time, latching: every step of a verdict on what stands."""

from __future__ import annotations

import pytest

from devices.instant import SECOND
from devices.level import Level
from rules.hold import Hold, Standing, expire, step
from rules.verdict import Evidence, Verdict

U, C, N, P, A, X = Level.UNKNOWN, Level.CLEAR, Level.NOTICE, Level.PREALARM, Level.ALARM, Level.CRITICAL


def fact(seconds: float) -> tuple[Evidence, ...]:
    return (Evidence("d", "temperature_c", 1.0, 1.0, round(seconds * SECOND), 1),)


def run(hold: Hold, *said: tuple[float, Level], until: float = 1000) -> list[tuple[float, Level]]:
    """The edges of a series of verdicts, with everything that falls due between them."""
    standing, edges = Standing(), []

    def note(new: Standing, at: float) -> Standing:
        if new.level is not standing.level:
            edges.append((at, new.level))
        return new

    for seconds, level in (*said, (until, None)):
        while standing.due is not None and standing.due <= seconds * SECOND:
            standing = note(expire(hold, standing, standing.due), standing.due / SECOND)
        if level is not None:
            at = round(seconds * SECOND)
            standing = note(step(hold, standing, Verdict(level, fact(seconds)), at), seconds)
    return edges


@pytest.mark.parametrize(
    ("said", "edges"),
    [
        ([(0, C)], [(0, C)]),
        ([(0, A)], [(0, A)]),
        ([(0, C), (1, A), (2, A), (3, C)], [(0, C), (1, A), (3, C)]),
        ([(0, A), (1, P), (2, X)], [(0, A), (1, P), (2, X)]),
        ([(0, A), (1, U), (2, A)], [(0, A), (1, U), (2, A)]),
        ([(0, U), (1, U)], []),
    ],
)
def test_without_a_hold_every_change_is_an_edge(
    said: list[tuple[float, Level]], edges: list[tuple[float, Level]]
) -> None:
    assert run(Hold(), *said) == edges


HELD = Hold(hold_for=10 * SECOND)


@pytest.mark.parametrize(
    ("said", "edges"),
    [
        ([(0, C), (1, A)], [(0, C), (11, A)]),
        ([(0, A)], [(10, A)]),
        ([(0, C), (1, A), (5, C)], [(0, C)]),
        ([(0, C), (1, A), (5, C), (6, A)], [(0, C), (16, A)]),
        ([(0, C), (1, P), (9, A)], [(0, C), (11, P), (19, A)]),
        ([(0, C), (1, A), (5, P)], [(0, C), (11, P)]),
        ([(0, C), (1, P), (5, A), (8, P)], [(0, C), (11, P)]),
        ([(0, C), (1, A), (5, U)], [(0, C), (5, U), (11, A)]),
        ([(0, C), (1, A), (5, U), (6, C)], [(0, C), (5, U), (6, C)]),
    ],
)
def test_a_worse_level_is_held_before_it_stands(
    said: list[tuple[float, Level]], edges: list[tuple[float, Level]]
) -> None:
    assert run(HELD, *said) == edges


@pytest.mark.parametrize(
    ("said", "edges"),
    [
        ([(0, A), (1, C)], [(0, A), (6, C)]),
        ([(0, A), (1, C), (5, A), (7, C)], [(0, A), (12, C)]),
        ([(0, A), (1, C), (3, P)], [(0, A), (8, P)]),
        ([(0, A), (1, C), (3, U)], [(0, A), (3, U)]),
        ([(0, A), (1, P), (3, X)], [(0, A), (3, X)]),
    ],
)
def test_a_better_level_waits_for_the_clear_time(
    said: list[tuple[float, Level]], edges: list[tuple[float, Level]]
) -> None:
    assert run(Hold(clear_for=5 * SECOND), *said) == edges


def test_a_latched_level_does_not_step_down_until_all_is_clear() -> None:
    said = ((0.0, A), (1.0, P), (2.0, U), (3.0, X), (4.0, N), (5.0, C))
    assert run(Hold(latch=True), *said) == [(0, A), (3, X), (5, C)]


def test_an_event_counts_for_its_time_and_each_repeat_prolongs_it() -> None:
    event = Hold(lasts_for=10 * SECOND)
    assert run(event, (0, A), (1, C), (2, U)) == [(0, A), (10, C)]
    assert run(event, (0, A), (6, A)) == [(0, A), (16, C)]
    assert run(event, (0, A), (11, A)) == [(0, A), (10, C), (11, A), (21, C)]


def test_evidence_of_a_held_level_is_where_it_began_and_the_newest() -> None:
    standing = step(HELD, Standing(), Verdict(A, fact(0)), 0)
    standing = step(HELD, standing, Verdict(A, fact(4)), 4 * SECOND)
    assert expire(HELD, standing, 10 * SECOND).evidence == fact(0) + fact(4)


def test_support_for_what_is_due_already_makes_it_stand_at_once() -> None:
    standing = step(HELD, Standing(), Verdict(A, fact(0)), 0)
    assert step(HELD, standing, Verdict(A, fact(12)), 12 * SECOND).level is A


def test_nothing_new_is_the_same_object() -> None:
    standing = step(Hold(), Standing(), Verdict(A, fact(0)), 0)
    assert step(Hold(), standing, Verdict(A, fact(1)), SECOND) is standing
    assert expire(Hold(), standing, 10**12) is standing


def test_nothing_is_due_after_all_that_was_due_came_true() -> None:
    standing = step(HELD, Standing(), Verdict(P, fact(0)), 0)
    standing = step(HELD, standing, Verdict(A, fact(3)), 3 * SECOND)
    assert standing.due == 10 * SECOND
    standing = expire(HELD, standing, 10 * SECOND)
    assert (standing.level, standing.due) == (P, 13 * SECOND)
    assert expire(HELD, standing, 13 * SECOND).due is None


def test_a_retained_beginning_stays_of_unknown_age() -> None:
    standing = step(HELD, Standing(), Verdict(A, fact(0)), 0, age_unknown=True)
    assert expire(HELD, standing, 10 * SECOND).age_unknown
