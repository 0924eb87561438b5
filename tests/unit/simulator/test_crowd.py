"""What people do when their telephones ring."""

from __future__ import annotations

from dataclasses import replace

from simulator.crowd import Crowd
from simulator.people import Habits, Member, Officer, People, Resident
from simulator.sources import room_fire
from simulator.truth import Nature, Truth
from simulator.world import World
from tests.support.town import HOME, T0, Outside, notice, raised, seconds, world

PEOPLE = People(
    {"sun-li": Officer("sun-li", 10.0, 30.0), "zhou-wei": Officer("zhou-wei", None, 0.0)},
    {"li": Member("li", 5.0, 60.0), "chen": Member("chen", 8.0, 60.0), "wu": Member("wu", None, 1.0)},
    {HOME: Resident(HOME, "safe", 4.0, 9.0), "away": Resident("away", "none", 4.0, 9.0)},
    (20.0, 20.0),
)


def street(people: People = PEOPLE, *, burns: bool = True) -> tuple[World, Outside]:
    made, out = world()
    Crowd(made, people)
    if burns:
        made.begin(room_fire(HOME, "fast", door_open=False), Truth("f", Nature.REAL, "fire", HOME, T0))
    made.raised(raised())
    return made, out


def test_an_officer_acknowledges_looks_and_confirms_what_is_real() -> None:
    made, out = street()
    made.told(notice())
    made.told(notice(purpose="grown", version=2))  # told again: no second answer
    made.step(seconds(60))
    assert out.verbs("sun-li") == ["acknowledge", "confirm", "dispatch"]


def test_what_is_not_real_is_closed_as_that_and_tried_until_it_is() -> None:
    made, out = street(burns=False)
    made.told(notice())
    made.step(seconds(300))
    closes = [more for _, verb, _, more in out.acts if verb == "close"]
    assert len(closes) >= 2
    assert closes[0] == {"disposition": "false_device"}
    made.raised(raised(level=0, is_open=False, at=seconds(300)))
    made.step(seconds(1_000))
    assert len([1 for _, verb, _, _ in out.acts if verb == "close"]) == len(closes)


def test_a_drill_is_closed_as_one() -> None:
    made, out = world()
    Crowd(made, PEOPLE)
    made.raised(raised(drill=True))
    made.told(notice(drill=True))
    made.step(seconds(60))
    assert ("i1", "close", "sun-li", {"disposition": "drill"}) in out.acts


def test_who_sleeps_and_who_is_told_of_an_end_does_nothing() -> None:
    made, out = street()
    made.told(notice(who="zhou-wei"))
    made.told(notice(purpose="all_clear"))
    made.told(notice("partner", "x"))
    made.step(seconds(300))
    assert out.acts == []


def test_the_first_of_the_crew_goes_arrives_and_ends_it() -> None:
    made, out = street()
    for who in ("li", "chen", "wu"):
        made.told(notice("crew", who))
    made.step(seconds(120))
    assert out.verbs("li") == ["accept", "arrive", "contain"]
    assert out.verbs("chen") == out.verbs("wu") == []
    assert made.truths[0].over_at is not None


def test_a_household_sees_answers_once_and_one_that_is_away_does_not() -> None:
    made, out = street()
    made.told(notice("resident", "r1", household=HOME))
    made.told(notice("resident", "r1", household=HOME, purpose="evacuate", version=2, key="k2"))
    made.told(notice("resident", "r2", household="away", key="k3"))
    made.told(notice("resident", "r3", household="nobody", key="k4"))
    made.step(seconds(60))
    assert out.verbs(HOME) == ["respond"]
    assert [state for key, state in out.receipts if key == "k3"] == ["delivered"]
    assert [state for key, state in out.receipts if key == "k2"] == ["delivered", "seen"]
    assert not [1 for key, _ in out.receipts if key == "k4"]


def test_a_siren_that_works_says_so_and_a_dead_one_fails() -> None:
    made, out = street()
    made.units["siren-b1"].dead = True
    made.told(notice("device", "siren-b1", key="s"))
    made.told(notice("device", "speaker-b1", key="l"))
    made.step(seconds(60))
    assert dict(out.receipts) == {"s": "failed", "l": "delivered"}


def test_habits_make_people_by_name_and_seed() -> None:
    names = ("sun-li",), ("li", "chen"), (HOME,)
    one, same = (People.of(Habits(), *names, "1") for _ in range(2))
    assert one == same
    assert one != People.of(Habits(), *names, "2")
    asleep = People.of(replace(Habits(), asleep=("sun-li",), nobody_goes=True, away=1.0), *names, "1")
    assert asleep.officers["sun-li"].acknowledges_after_s is None
    assert all(one.accepts_after_s is None for one in asleep.crew.values())
    assert asleep.homes[HOME].answer == "none"
