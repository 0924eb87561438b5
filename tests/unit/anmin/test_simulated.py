"""One run in process; to a real service: tests/service/test_simulated_town.py."""

from __future__ import annotations

from anmin import scenarios
from anmin.simulated import rehearse


def test_a_run_holds_its_world_its_score_and_its_digest() -> None:
    ((_, script),), _ = scenarios.shipped(["call-point"])
    one, other = rehearse(script, "1"), rehearse(script, "2")
    assert one.score.incidents == 1
    assert one.more["messages"] == one.world.wire > 100
    assert one.more["digest"] != other.more["digest"]
