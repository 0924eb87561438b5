"""Levels are ordered by urgency, and unknown is never clear."""

from __future__ import annotations

from devices.level import Level


def test_unknown_hides_no_alarm_and_is_not_clear() -> None:
    assert max(Level.UNKNOWN, Level.ALARM) is Level.ALARM
    assert max(Level.UNKNOWN, Level.CLEAR) is Level.CLEAR
    assert len({Level.UNKNOWN, Level.CLEAR}) == 2


def test_levels_are_ordered_by_urgency() -> None:
    assert sorted(Level, reverse=True)[:4] == [Level.CRITICAL, Level.ALARM, Level.PREALARM, Level.NOTICE]


def test_numeral_and_colour_follow_the_national_grades() -> None:
    shown = [(level.roman, level.colour) for level in sorted(Level)]
    assert shown[:2] == [("", "none"), ("", "none")]
    assert shown[2:] == [("Ⅳ", "blue"), ("Ⅲ", "yellow"), ("Ⅱ", "orange"), ("Ⅰ", "red")]


def test_word_is_what_files_and_api_use() -> None:
    assert [Level[level.word.upper()] for level in Level] == list(Level)
    assert Level.PREALARM.word == "prealarm"
