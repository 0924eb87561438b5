"""What a script expects besides the score."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import expecting
from simulator.score import Trouble
from simulator.script import Script
from tests.support.town import T0, notice, raised, world

HEAD: dict[str, Any] = {"title": {"zh": "一", "en": "One"}, "story": {"zh": "一", "en": "One"}, "lasts": "1h"}


def broken(*expect: dict[str, Any]) -> list[str]:
    """Of a day with one open fire, one closed drill, two people told, one trouble."""
    made, _ = world()
    made.raised(raised())
    made.raised(raised("i2", drill=True))
    made.raised(raised("i2", drill=True, level=0, is_open=False))
    for who in ("sun-li", "zhou-wei", "sun-li"):
        made.told(notice(who=who))
    made.troubles.append(Trouble(T0, "lost", "smoke-1"))
    script = Script.model_validate(HEAD | {"expect": list(expect)})
    return [case.text for case in expecting.broken(script, made)]


@pytest.mark.parametrize(
    "expect",
    [
        {"incidents": {"hazard": "fire", "at_least": 1, "at_most": 1}},
        {"incidents": {"hazard": "gas", "at_most": 0}},
        {"incidents": {"level": "critical", "at_most": 0}},
        {"incidents": {"drill": True, "at_least": 1}},
        {"told": {"audience": "duty", "at_least": 2, "at_most": 2}},
        {"told": {"audience": "duty", "purpose": "evacuate", "at_most": 0}},
        {"troubles": {"kind": "lost", "at_least": 1}},
        {"closed": False},
    ],
)
def test_what_came_true_breaks_nothing(expect: dict[str, Any]) -> None:
    assert broken(expect) == []


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        ({"incidents": {"hazard": "fire", "at_least": 2}}, "incidents fire alarm: 1, expected at least 2"),
        ({"incidents": {"at_most": 0}}, "incidents alarm: 1, expected 0 to 0"),
        ({"told": {"audience": "resident", "at_least": 1}}, "told resident: 0, expected at least 1"),
        ({"troubles": {"kind": "area", "at_least": 1}}, "troubles area: 0, expected at least 1"),
        ({"closed": True}, "closed: True was expected, open: fire at xfl.b1.u1.f1.101"),
    ],
)
def test_what_did_not_is_told_with_what_was_there(expect: dict[str, Any], why: str) -> None:
    assert broken(expect) == [why]
