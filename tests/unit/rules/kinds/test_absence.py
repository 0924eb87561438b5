"""Signs of life that stay away."""

from __future__ import annotations

import pytest

from devices.level import Level
from devices.reading import Trust
from rules.engine import Engine
from rules.spec import parse
from rules.verdict import Transition
from tests.support.community import home, larger
from tests.support.rulebook import at, engine, load, moves, reading

HOME = """
rules:
  - {id: quiet, hazard: sos, kind: absence, quantities: [motion, door_open], silent: 12h, within: household,
     level: notice, source: here}
"""
ALONE = HOME.replace("within: household", "within: device")
U, C, N = Level.UNKNOWN, Level.CLEAR, Level.NOTICE
HOUR = 3600


def said(
    room: Engine, device: str, value: float | None, hour: float, quantity: str = "motion"
) -> tuple[Transition, ...]:
    early = room.tick(at(hour * HOUR))
    return early + room.handle(reading(device, quantity, value, hour * HOUR))


def test_silence_is_told_at_its_end_without_another_reading() -> None:
    room = engine(HOME, larger())
    assert moves(said(room, "motion-301", 1, 0)) == [("quiet", U, C)]
    assert room.next_deadline() == at(12 * HOUR)
    assert room.tick(at(12 * HOUR - 1)) == ()
    edges = room.tick(at(12 * HOUR))
    assert moves(edges) == [("quiet", C, N)]
    assert (edges[0].subject, edges[0].place_id) == (home(3), home(3))
    assert [(one.device_id, one.at) for one in edges[0].evidence] == [("motion-301", at(0))]


def test_a_sign_of_any_device_of_the_home_begins_the_time_anew() -> None:
    room = engine(HOME, larger())
    said(room, "motion-301", 1, 0)
    said(room, "motion-301b", 1, 6)
    said(room, "door-301", 1, 11, "door_open")
    assert room.tick(at(22.9 * HOUR)) == ()
    assert moves(room.tick(at(23 * HOUR))) == [("quiet", C, N)]


def test_that_nothing_moves_is_no_sign() -> None:
    room = engine(HOME, larger())
    said(room, "motion-301", 1, 0)
    for hour in range(1, 12):
        said(room, "motion-301", 0, hour)
        said(room, "motion-301b", None, hour)
    assert moves(room.tick(at(12 * HOUR))) == [("quiet", C, N)]


def test_a_sign_ends_it() -> None:
    room = engine(HOME, larger())
    said(room, "motion-301", 1, 0)
    room.tick(at(13 * HOUR))
    assert moves(said(room, "door-301", 1, 14, "door_open")) == [("quiet", N, C)]
    assert room.next_deadline() == at(26 * HOUR)


def test_the_first_word_begins_a_silence_whatever_it_is() -> None:
    room = engine(HOME, larger())
    said(room, "motion-301", 0, 0)
    assert moves(room.tick(at(12 * HOUR))) == [("quiet", C, N)]


def test_each_device_by_itself() -> None:
    room = engine(ALONE, larger())
    said(room, "motion-301", 1, 0)
    said(room, "motion-301b", 1, 6)
    assert [edge.subject for edge in room.tick(at(12 * HOUR))] == ["motion-301"]


def test_what_is_old_is_no_sign() -> None:
    room = engine(HOME, larger())
    said(room, "motion-301", 1, 0)
    room.handle(reading("motion-301b", "motion", 1, 6 * HOUR, Trust.RETAINED))
    room.handle(reading("motion-301b", "motion", 1, 6 * HOUR, Trust.BACKFILL))
    assert moves(room.tick(at(12 * HOUR))) == [("quiet", C, N)]


def test_a_restart_forgets_no_silence() -> None:
    room = engine(HOME, larger())
    said(room, "motion-301", 1, 0)
    again = engine(HOME, larger())
    assert again.restore(room.entries()) == ()
    assert again.next_deadline() == at(12 * HOUR)
    assert moves(again.tick(at(12 * HOUR))) == [("quiet", C, N)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("silent: 12h", "silent: 12s"), "silent"),
        (("silent: 12h", "silent: 12h, hold_for: 5s"), "hold_for"),
        (("motion, door_open", "motion, temperature_c"), "quantities"),
        (("within: household", "within: house"), "within"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(change: tuple[str, str], key: str) -> None:
    _, problems = parse(load(HOME.replace(*change)))
    assert [one.path[-1] for one in problems] == [key]
