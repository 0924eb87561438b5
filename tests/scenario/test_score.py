"""Every shipped scenario with four seeds: nothing missed, and no worse than before.

`anmin score --seeds 1-4 --write-baseline tests/scenario/score_baseline.json` after a change that is meant.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin import scenarios, scoring
from anmin.scoring import Result

BASELINE = Path(__file__).with_name("score_baseline.json")
SEEDS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def result() -> Result:
    found, findings = scenarios.shipped()
    assert findings == ()
    return scoring.play_all(found, SEEDS)


def test_there_are_stories_enough_with_both_languages() -> None:
    found, _ = scenarios.shipped()
    assert len(found) >= 25
    for name, script in found:
        assert script.title.zh != script.title.en, name
        assert script.expect or any(one.old for one in script.happens), name


@pytest.mark.timeout(400)
def test_nothing_is_missed_late_told_twice_leaked_or_told_of_the_past(result: Result) -> None:
    wrong = [line for line in scoring.table(result, "en") if " seed " in line]
    assert wrong == []
    assert result.total.clean
    assert sum(len(one.score.delays_s) for one in result.total.played) >= 25 * len(SEEDS)


@pytest.mark.timeout(400)
def test_false_alarms_and_delays_are_no_worse_than_the_baseline(result: Result) -> None:
    assert scoring.worse(result, BASELINE.read_text("utf-8")) == []
