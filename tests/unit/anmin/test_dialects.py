"""anmin.dialects: what the settings switch on, and no filter beside one that overlaps it."""

from __future__ import annotations

import itertools
from typing import Any, get_args

from anmin.community import DIALECTS
from anmin.dialects import MAKE, connections, registry_of
from anmin.sections import DialectName
from anmin.settings import Settings, load
from ingest.dialects.gb26875 import Gb26875
from ingest.message import Ignored, Lane
from ingest.sources.mqtt import overlapping


def settings(**flags: Any) -> Settings:
    return load(None, {}, {name.replace("__", "."): value for name, value in flags.items()})


def test_only_devices_of_this_community_are_listened_to() -> None:
    found = registry_of(settings(mqtt__zigbee2mqtt=[]), "c").subscriptions()
    assert {one.topic_filter for one in found} == {
        f"anmin/c/+/{leaf}" for leaf in ("event", "result", "reading", "status")
    }


def test_every_base_of_zigbee2mqtt_is_listened_to() -> None:
    found = registry_of(settings(mqtt__zigbee2mqtt=["zigbee2mqtt", "zigbee-b2"]), "c").subscriptions()
    assert {"zigbee2mqtt/#", "zigbee-b2/#"} < {one.topic_filter for one in found}


def test_a_dialect_is_listened_to_when_it_is_used_and_known_by_name_always() -> None:
    assert registry_of(settings(), "c").names == ("native", "zigbee2mqtt")
    assert registry_of(settings(dialects__use=["tasmota"]), "c").names == ("native", "zigbee2mqtt", "tasmota")
    assert registry_of(settings(), "c", every=True).names == tuple(DIALECTS)
    assert set(MAKE) == set(get_args(DialectName))
    for name in DIALECTS:
        dialect = registry_of(settings(), "c", every=True).named(name)
        assert dialect is not None
        assert dialect.name == name


def test_connections_hold_no_filters_that_overlap_and_the_alarms_are_first() -> None:
    registry = registry_of(settings(), "c", every=True)
    found = connections(registry)
    assert [lane for lane, _ in found][:2] == [Lane.ALARM, Lane.TELEMETRY]
    assert all(overlapping(topics) is None for _, topics in found)
    topics = list(itertools.chain.from_iterable(topics for _, topics in found))
    assert sorted(topics) == sorted({one.topic_filter for one in registry.subscriptions()})
    assert len(connections(registry_of(settings(), "c"))) == 2


def test_zigbee2mqtt_is_not_read_twice_where_it_announces_itself_to_home_assistant() -> None:
    registry = registry_of(settings(dialects__use=["home_assistant"]), "c")
    dialect = registry.for_topic("zigbee2mqtt/kitchen")
    assert dialect is not None
    assert dialect.name == "zigbee2mqtt"


def test_what_is_set_of_a_dialect_reaches_it() -> None:
    flags = {"dialects__sparkplug_host": "roof", "dialects__gb26875_believes_test": True}
    registry = registry_of(settings(**flags), "c", every=True)
    sparkplug, panels = registry.named("sparkplug"), registry.named("gb26875")
    assert sparkplug is not None
    said = sparkplug.decode("spBv1.0/STATE/roof", b'{"online":true,"timestamp":1}', True)
    assert said == Ignored("our own host application is online")
    assert isinstance(panels, Gb26875)
    assert panels._believes_test
    silent = registry_of(settings(), "c", every=True).named("gb26875")
    assert isinstance(silent, Gb26875)
    assert not silent._believes_test
