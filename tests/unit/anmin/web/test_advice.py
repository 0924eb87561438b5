"""What residents read: every hazard, both languages, short."""

from __future__ import annotations

import pytest

from anmin.web.advice import STEPS, TEXTS, say
from devices.level import Hazard


@pytest.mark.parametrize("hazard", Hazard)
def test_every_hazard_says_what_to_do_in_at_most_three_steps(hazard: Hazard) -> None:
    steps = STEPS[hazard]
    assert 1 <= len(steps) <= 3
    assert all(chinese and english for chinese, english in steps)
    assert all(len(chinese) <= 16 for chinese, _ in steps)


def test_every_text_exists_in_both_languages() -> None:
    assert all(chinese and english for chinese, english in TEXTS.values())
    assert say("updated", "en", at="14:02") == "updated 14:02"
