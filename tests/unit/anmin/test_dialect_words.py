"""anmin.dialect_words: the site's own topics and dry contacts, told in a line each."""

from __future__ import annotations

import pytest

from anmin.dialect_words import PlainTopics, plain_topics, push_fields, tasmota_switches


def test_a_line_names_the_topic_and_what_its_fields_are() -> None:
    found = plain_topics(
        ["house/+/data leak=water_leak_alarm bat.v=battery_mv*1000 @time=ts*0.001", "x .=smoke_alarm"]
    )
    assert found == PlainTopics(
        {
            "house/+/data": {"leak": "water_leak_alarm", "bat.v": ("battery_mv", 1000.0)},
            "x": {"": "smoke_alarm"},
        },
        {},
        {"house/+/data": ("ts", 0.001)},
    )
    assert plain_topics(["x leak=water_leak_alarm @address=serial"]).addresses == {"x": "serial"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x leak", "none of field=quantity"),
        ("x leak=", "none of field=quantity"),
        ("x leak=wet", "wet"),
        ("x t=battery_mv*much", "much"),
        ("x/# t=battery_mv", "x/#"),
    ],
)
def test_a_line_that_cannot_be_meant_is_told_by_its_words(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("*", r"\*")):
        plain_topics([line])


def test_two_lines_for_one_topic_are_an_error() -> None:
    with pytest.raises(ValueError, match="two lines"):
        plain_topics(["x a=smoke_alarm", "x b=gas_alarm"])


def test_switches_are_read_and_wrong_ones_told() -> None:
    assert tasmota_switches(["Switch1=water_leak_alarm", "garage/Switch2 = fault"]) == {
        "Switch1": "water_leak_alarm",
        "garage/Switch2": "fault",
    }
    for wrong in ("Switch1", "Switch1=wet", "Relay1=fault"):
        with pytest.raises(ValueError, match=r"Switch|switch"):
            tasmota_switches([wrong])


def test_fields_of_platforms_are_read_by_platform() -> None:
    found = push_fields(["onenet 3300_0_5700=smoke_alarm", "ctwing Water Level = water_level_mm*10"])
    assert {name: fields for name, fields in found.items() if fields} == {
        "onenet": {"3300_0_5700": "smoke_alarm"},
        "ctwing": {"Water Level": ("water_level_mm", 10.0)},
    }
    for wrong in ("onenet", "nobody a=fault", "onenet a=wet", "onenet a=fault*2"):
        with pytest.raises(ValueError, match=r"none of|no quantity|yes or no"):
            push_fields([wrong])
