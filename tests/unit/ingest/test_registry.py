"""ingest.registry: dialects are found by topic, and a name exists once."""

from __future__ import annotations

import pytest

from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Lane
from ingest.native import Native
from ingest.registry import Dialect, DialectRegistry, DuplicateDialect, Subscription


def built_in() -> DialectRegistry:
    registry = DialectRegistry()
    registry.add(Native("xfl"))
    registry.add(Zigbee2Mqtt(("zigbee2mqtt", "house/b2")))
    return registry


def test_dialect_is_found_by_topic() -> None:
    registry = built_in()
    found = [
        registry.for_topic(topic) for topic in ("anmin/xfl/d/reading", "zigbee2mqtt/a", "house/b2/a", "x/y")
    ]
    assert [dialect and dialect.name for dialect in found] == ["native", "zigbee2mqtt", "zigbee2mqtt", None]


def test_subscriptions_of_all_dialects_with_their_lanes() -> None:
    assert built_in().subscriptions() == (
        Subscription("anmin/xfl/+/event", Lane.ALARM),
        Subscription("anmin/xfl/+/result", Lane.ALARM),
        Subscription("anmin/xfl/+/reading", Lane.TELEMETRY),
        Subscription("anmin/xfl/+/status", Lane.TELEMETRY),
        Subscription("zigbee2mqtt/#", Lane.TELEMETRY),
        Subscription("house/b2/#", Lane.TELEMETRY),
    )


def test_two_dialects_of_one_name_are_an_error() -> None:
    registry = built_in()
    another: Dialect = Native()
    with pytest.raises(DuplicateDialect, match="'native' is registered already"):
        registry.add(another)
    assert registry.names == ("native", "zigbee2mqtt")
