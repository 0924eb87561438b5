"""Which topics the embedded broker lets through."""

from __future__ import annotations

import pytest

pytest.importorskip("amqtt", reason="the embedded broker is an extra")

from anmin.backends.broker_embedded import EmbeddedBroker, covers


@pytest.mark.parametrize(
    ("allowed", "asked", "inside"),
    [
        ("anmin/+/+/ack", "anmin/c/d/ack", True),
        ("anmin/+/+/ack", "anmin/+/+/ack", True),
        ("anmin/+/+/ack", "anmin/#", False),
        ("anmin/+/+/ack", "anmin/c/d/event", False),
        ("anmin/+/+/ack", "anmin/c/ack", False),
        ("anmin/+/+/ack", "anmin/c/d/ack/more", False),
        ("zigbee2mqtt/#", "zigbee2mqtt/bridge/state", True),
        ("zigbee2mqtt/#", "zigbee2mqtt/#", True),
        ("zigbee2mqtt/x", "zigbee2mqtt/+", False),
        ("#", "#", True),
    ],
)
def test_a_topic_is_within_a_filter_only_when_all_of_it_is(allowed: str, asked: str, inside: bool) -> None:
    assert covers(allowed, asked) is inside


def test_says_in_both_languages_that_it_is_for_demos() -> None:
    assert EmbeddedBroker.grade == "embedded"
    assert EmbeddedBroker.note_en.startswith("Demo grade")
    assert EmbeddedBroker.note_zh.startswith("演示级")
