"""Residents and crews, whose will is drawn once."""

from __future__ import annotations

from collections import Counter

from simulator.people import crew, residents

HOMES = tuple(f"home-{n}" for n in range(400))
CREW = ("a", "b", "c", "d")


def test_a_seed_makes_the_same_people_and_another_one_others() -> None:
    assert residents(HOMES, 7) == residents(HOMES, 7)
    assert crew(CREW, 7) == crew(CREW, 7)
    assert residents(HOMES, 7) != residents(HOMES, 8)
    assert crew(CREW, 7) != crew(CREW, 8)


def test_most_are_safe_some_need_help_some_never_answer() -> None:
    answers = Counter(resident.answer for resident in residents(HOMES, 7).values())
    shares = {answer: number / len(HOMES) for answer, number in answers.items()}
    assert 0.6 < shares["safe"] < 0.8
    assert 0.05 < shares["help"] < 0.15
    assert 0.12 < shares["none"] < 0.28


def test_nobody_answers_before_looking() -> None:
    for home, resident in residents(HOMES, 7).items():
        assert resident.home == home
        assert 0 < resident.sees_after_s < resident.answers_after_s < 30


def test_two_of_the_crew_go_and_the_others_hear_of_it() -> None:
    members = crew(CREW, 7)
    going = [name for name, member in members.items() if member.accepts_after_s is not None]
    assert going == ["a", "b"]
    assert all(member.arrives_after_s > 0 for member in members.values())


def test_a_crew_of_one_goes() -> None:
    assert crew(("a",), 7)["a"].accepts_after_s is not None
