"""What residents read: every hazard, both languages, and never other advice than their message gives."""

from __future__ import annotations

import pytest

from alerts.broadcasts.advice import RESIDENT
from anmin.web.advice import TEXTS, say, steps
from devices.level import Hazard


@pytest.mark.parametrize("hazard", Hazard)
@pytest.mark.parametrize("act", [True, False])
def test_the_steps_are_the_words_of_the_message_and_no_others(hazard: Hazard, act: bool) -> None:
    known = RESIDENT[hazard].act if act else RESIDENT[hazard].check
    assert "；".join(steps(hazard, "zh", act=act)) == known.zh
    english = steps(hazard, "en", act=act)
    assert all(step.casefold() in known.en.casefold() for step in english)
    assert sum(map(len, english)) >= len(known.en) - 3 * len(english)


@pytest.mark.parametrize("hazard", Hazard)
def test_there_are_few_steps_and_each_begins_like_a_sentence(hazard: Hazard) -> None:
    for language in ("zh", "en"):
        said = steps(hazard, language, act=True)
        assert 1 <= len(said) <= 5
        assert all(step == step[:1].upper() + step[1:] for step in said)


def test_every_text_exists_in_both_languages() -> None:
    assert all(chinese and english for chinese, english in TEXTS.values())
    assert say("updated", "en", at="14:02") == "updated 14:02"
