"""What happened in one run, in the order of time and in both languages."""

from __future__ import annotations

from anmin import scenarios
from anmin.sim_story import story, truths
from anmin.simulated import rehearse


def test_truth_and_system_stand_in_the_order_of_time_in_both_languages() -> None:
    ((_, script),), _ = scenarios.shipped(["drill-interrupted-by-fire"])
    world = rehearse(script, "1").world
    for language, parts in {
        "en": ("[drill] drill 1 begins", "[truth] fire 2 begins", "[drill] fire alarm, alarm", "all clear:"),
        "zh": ("【演练】drill 1 开始", "【真实】fire 2 开始", "[演练] 火警 报警", "解除："),
    }.items():
        lines = story(world, language)
        assert [line[:14] for line in lines] == sorted(line[:14] for line in lines)
        for part in parts:
            assert any(part in line for line in lines), part


def test_the_truth_stream_names_what_happened_and_when() -> None:
    ((_, script),), _ = scenarios.shipped(["old-alarms-come-late"])
    rows = truths(rehearse(script, "1").world)
    assert {row["nature"] for row in rows} == {"historic"}
    assert all(row["begins_at"] < row["over_at"] for row in rows)
