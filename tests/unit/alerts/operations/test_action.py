"""What devices can be told, and how a community says what runs by itself."""

from __future__ import annotations

import pytest

from alerts.operations.action import ACTIONS, Automatic, action_of, automatic
from devices.device import DeviceKind
from devices.instant import MINUTE
from devices.level import Hazard


def test_what_brings_gas_back_or_moves_people_is_dangerous() -> None:
    dangerous = {(kind.value, one.word) for kind, group in ACTIONS.items() for one in group if one.dangerous}
    assert {("valve", "open"), ("fan", "start"), ("lift", "recall"), ("siren", "sound")} <= dangerous
    assert ("smoke", "mute") in dangerous
    assert (
        not {("valve", "close"), ("siren", "stop"), ("smoke", "self_test"), ("door", "release")} & dangerous
    )


def test_every_action_expires_and_has_words() -> None:
    for group in ACTIONS.values():
        assert len({one.word for one in group}) == len(group)
        for one in group:
            assert 0 < one.within_for <= MINUTE
            assert one.zh
            assert one.en


def test_one_word_is_one_thing_in_both_languages() -> None:
    words: dict[str, tuple[str, str]] = {}
    for one in (one for group in ACTIONS.values() for one in group):
        assert words.setdefault(one.word, (one.zh, one.en)) == (one.zh, one.en)


def test_what_runs_by_itself_is_said_in_three_words_or_four() -> None:
    assert automatic("gas valve close") == Automatic(Hazard.GAS, DeviceKind.VALVE, "close", False)
    assert automatic("fire lift recall confirmed") == Automatic(Hazard.FIRE, DeviceKind.LIFT, "recall", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gas valve", "HAZARD KIND ACTION"),
        ("gas valve close now", "HAZARD KIND ACTION"),
        ("gaz valve close", "gaz"),
        ("gas vulve close", "vulve"),
        ("gas valve shut", "can be told close, open"),
        ("gas gateway close", "nothing"),
    ],
)
def test_what_is_no_order_says_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        automatic(text)


def test_an_action_is_its_kinds() -> None:
    assert action_of(DeviceKind.VALVE, "close") is not None
    assert action_of(DeviceKind.DOOR, "close") is None
    assert action_of(DeviceKind.GATEWAY, "close") is None
