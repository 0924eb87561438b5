"""The shapes of a scenario."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.script import Script, Unreadable, chosen, seconds

HEAD: dict[str, Any] = {"title": {"zh": "一", "en": "One"}, "story": {"zh": "一", "en": "One"}, "lasts": "1h"}


def script(**more: Any) -> Script:
    return Script.model_validate(HEAD | more)


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("1h30m", 5_400), ("0s", 0), ("7d", 604_800), ("1.5m", 90)]
)
def test_lengths_of_time_are_read(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "5", "an hour", "5x", "m", 5, None, "-5m"])
def test_what_is_no_length_of_time_is_said_in_both_languages(text: object) -> None:
    with pytest.raises(Unreadable) as caught:
        seconds(text)
    assert (caught.value.zh != caught.value.en, caught.value.code) == (True, "no-length")


def test_a_time_may_be_drawn_from_a_range() -> None:
    found = script(happens=[{"at": "5m-20m", "sos": {}}, {"at": "5m", "sos": {}}])
    assert [one.at for one in found.happens] == [(300.0, 1_200.0), (300.0, 300.0)]


def test_each_happening_fault_and_expectation_says_one_thing() -> None:
    found = script(happens=[{"at": "1m", "fire": {}}], fails=[{"stuck": {}}], expect=[{"closed": True}])
    assert chosen(found.happens[0], ("at", "again", "every"))[0] == "fire"
    assert chosen(found.expect[0])[1] is True
    wrongs: tuple[dict[str, Any], ...] = (
        {"happens": [{"at": "1m"}]},
        {"happens": [{"at": "1m", "fire": {}, "gas": {}}]},
        {"fails": [{"stuck": {}, "dead": {}}]},
        {"expect": [{}]},
        {"happens": [{"at": "1m", "fire": {"place": "the moon"}}]},
        {"happens": [{"at": "1m", "fire": {"growt": "fast"}}]},
        {"fails": [{"lossy": {"share": 1.0}}]},
        {"starts": "25:00"},
        {"town": {"floors": 0}},
    )
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            script(**wrong)
