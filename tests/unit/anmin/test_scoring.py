"""Scores of many runs, in numbers, as a table, and against a baseline."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from anmin import scenarios, scoring
from anmin.scoring import Played, Result, Tally
from simulator.score import Case, Score

CLEAN = Score((), (10.0, 20.0), (1.0,), 2.0, 1, 5)


def result(*scores: Score) -> Result:
    return Result({"fire": Tally(tuple(Played("fire", n, one, 0.5, "") for n, one in enumerate(scores, 1)))})


def false(times: int) -> Score:
    return replace(CLEAN, cases=tuple(Case("false", 0, "smoke at home") for _ in range(times)))


def test_counts_and_delays_of_all_seeds_are_one() -> None:
    body = result(CLEAN, false(3)).as_json()
    assert (body["total"]["false"], body["total"]["missed"]) == (3, 0)
    assert body["total"]["false_per_1000_device_days"] == 750.0
    fire = body["scenarios"]["fire"]
    assert (fire["runs"], fire["delay_s"]["max"], fire["cpu_s_max"]) == (2, 20.0, 0.5)
    assert fire["cases"][0] == "seed 2: false smoke at home"


@pytest.mark.parametrize("kind", scoring.FORBIDDEN)
def test_what_may_never_be_is_not_clean_and_stands_below_the_table(kind: str) -> None:
    bad = result(CLEAN, replace(CLEAN, cases=(Case(kind, 0, "why"),)))
    assert not bad.total.clean
    assert f"fire seed 2: {kind}: why" in scoring.table(bad, "en")
    assert result(false(9)).total.clean


def test_more_false_alarms_or_later_ones_are_worse_than_a_baseline() -> None:
    kept = scoring.baseline(result(false(2)), "1-1")
    assert json.loads(kept)["seeds"] == "1-1"
    assert scoring.worse(result(false(2)), kept) == []
    assert scoring.worse(result(CLEAN), kept) == []
    assert scoring.worse(result(false(3)), kept) == ["fire: 3 false alarms, 2 before"]
    late = replace(false(2), delays_s=(14.0, 24.0))
    assert len(scoring.worse(result(late), kept)) == 2
    assert "not in the baseline" in scoring.worse(Result({"new": Tally(())}), kept)[0]


def test_the_table_is_aligned_in_both_languages() -> None:
    for language in ("zh", "en"):
        lines = scoring.table(result(CLEAN), language)
        assert len({scoring._width(line) for line in lines}) == 1
    assert scoring._width("合计a") == 5


def test_runs_in_processes_are_the_runs_in_this_one() -> None:
    found, _ = scenarios.shipped(["sos-pressed", "call-point"])
    told: list[str] = []
    played = scoring.play_all(found, (1, 2), jobs=2, out=told.append)
    here = [scoring.play(named, seed).digest for named in found for seed in (1, 2)]
    assert [one.digest for one in played.total.played] == here
    assert len(told) == 2
