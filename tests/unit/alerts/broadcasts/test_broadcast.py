from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from alerts.broadcasts.broadcast import DrillSend, LiveSend, Purpose, send_key
from tests.support.broadcast import drill_send, send


def test_key_is_the_same_in_every_replay() -> None:
    """The sum is sha256sum's of `inc_1 1 r-1 sms` with unit separators between."""
    assert send_key("inc_1", 1, "r-1", "sms") == "7b075d9f8e2d108966068e75eabe329f"


def test_key_is_128_bits_of_hex() -> None:
    key = send_key("inc_1", 1, "r-1", "sms")
    assert len(key) == 32
    assert int(key, 16) >= 0


@pytest.mark.parametrize(
    "other",
    [
        ("inc_2", 1, "r-1", "sms"),
        ("inc_1", 2, "r-1", "sms"),
        ("inc_1", 1, "r-2", "sms"),
        ("inc_1", 1, "r-1", "voice"),
        ("inc_11", 1, "r-1", "sms"),
        ("inc_1", 11, "r-1", "sms"),
    ],
)
def test_every_part_counts_towards_the_key(other: tuple[str, int, str, str]) -> None:
    assert send_key(*other) != send_key("inc_1", 1, "r-1", "sms")


def test_neighbouring_parts_cannot_be_mistaken_for_each_other() -> None:
    assert send_key("inc", 1, "ab", "c") != send_key("inc", 1, "a", "bc")


def test_live_and_drill_are_never_the_same_value() -> None:
    live, drill = send(), drill_send()
    assert isinstance(live, LiveSend)
    assert not isinstance(live, DrillSend)
    assert not isinstance(drill, LiveSend)
    fields = {name: getattr(live, name) for name in live.__dataclass_fields__}
    same: list[object] = [LiveSend(**fields), DrillSend(**fields)]
    assert [other == live for other in same] == [True, False]


def test_send_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        send().text = "other"  # type: ignore[misc] # that it is refused is what is tested


def test_two_purposes_end_an_incident() -> None:
    assert [purpose for purpose in Purpose if purpose.ends_it] == [Purpose.ALL_CLEAR, Purpose.RETRACT]


def test_an_acknowledgement_and_an_ending_silence_what_sounds() -> None:
    assert [purpose for purpose in Purpose if purpose.silences] == [
        Purpose.OWNED,
        Purpose.ALL_CLEAR,
        Purpose.RETRACT,
    ]


def test_stored_words_stay_what_they_are() -> None:
    assert [purpose.value for purpose in Purpose] == [
        "notice",
        "alert",
        "evacuate",
        "grown",
        "escalate",
        "owned",
        "all_clear",
        "retract",
        "trouble",
        "operate",
    ]
