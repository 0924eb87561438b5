"""Which dialects are spoken here: from the settings to the registry, and on which connections they ride."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from anmin.dialect_words import plain_topics, push_fields, tasmota_switches
from anmin.settings import Settings
from ingest import native
from ingest.dialects.aliyun import Aliyun
from ingest.dialects.chirpstack import ChirpStack
from ingest.dialects.cn_gateways import CnGateways
from ingest.dialects.ctwing import CtWing
from ingest.dialects.gb26875 import Gb26875
from ingest.dialects.home_assistant import HomeAssistant
from ingest.dialects.onenet import OneNet
from ingest.dialects.plain import Plain
from ingest.dialects.shelly import Shelly
from ingest.dialects.sparkplug import Sparkplug
from ingest.dialects.tasmota import Tasmota
from ingest.dialects.things_stack import ThingsStack
from ingest.dialects.tuya import Tuya
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Lane
from ingest.registry import Dialect, DialectRegistry
from ingest.sources.mqtt import overlapping

MAKE: Final[Mapping[str, Callable[[Settings], Dialect]]] = {
    "home_assistant": lambda settings: HomeAssistant(
        settings.dialects.home_assistant_prefix,
        settings.dialects.home_assistant_topics,
        tuple(f"{base}/" for base in settings.mqtt.zigbee2mqtt),
    ),
    "chirpstack": lambda settings: ChirpStack(settings.dialects.chirpstack_application or None),
    "things_stack": lambda settings: ThingsStack(),
    "shelly": lambda settings: Shelly(settings.dialects.shelly_prefixes),
    "tasmota": lambda settings: Tasmota(
        settings.dialects.tasmota_full_topic,
        settings.site.utc_offset_for,
        tasmota_switches(settings.dialects.tasmota_switches),
    ),
    "sparkplug": lambda settings: Sparkplug(
        settings.dialects.sparkplug_groups, settings.dialects.sparkplug_host or "anmin"
    ),
    "gb26875": lambda settings: Gb26875(
        settings.site.utc_offset_for, settings.dialects.gb26875_believes_test
    ),
    "onenet": lambda settings: OneNet(fields=push_fields(settings.push.fields)["onenet"]),
    "ctwing": lambda settings: CtWing(fields=push_fields(settings.push.fields)["ctwing"]),
    "aliyun": lambda settings: Aliyun(
        settings.dialects.aliyun_topics, push_fields(settings.push.fields)["aliyun"]
    ),
    "tuya": lambda settings: Tuya(fields=push_fields(settings.push.fields)["tuya"]),
    "cn_gateways": lambda settings: CnGateways(
        settings.dialects.cn_gateways_topics, push_fields(settings.push.fields)["cn_gateways"]
    ),
    "plain": lambda settings: Plain(*plain_topics(settings.dialects.plain)),
}


def registry_of(settings: Settings, community: str | None, *, every: bool = False) -> DialectRegistry:
    """Our own devices of this community (None: any), Zigbee2MQTT, what `[dialects] use` names, who may push.

    The order is that of the claims: the first that claims a topic reads it. `every`: also what is not used.
    """
    registry = DialectRegistry()
    registry.add(native.Native(community))
    if settings.mqtt.zigbee2mqtt:
        registry.add(Zigbee2Mqtt(settings.mqtt.zigbee2mqtt))
    for name, make in MAKE.items():
        if every or name in settings.dialects.use or name in settings.push.platforms:
            registry.add(make(settings))
    return registry


def connections(registry: DialectRegistry) -> list[tuple[Lane, tuple[str, ...]]]:
    """Lane and topic filters of each connection, the alarms' first.

    Filters that overlap ride on connections of their own: on one, a broker may bring a message once for each.
    """
    found: list[tuple[Lane, list[str]]] = []
    wanted = dict.fromkeys(registry.subscriptions())
    for topic_filter, lane in sorted(wanted, key=lambda one: one.lane is not Lane.ALARM):
        ours = (topics for at, topics in found if at is lane)
        topics = next((one for one in ours if overlapping([*one, topic_filter]) is None), None)
        if topics is None:
            found.append((lane, [topic_filter]))
        else:
            topics.append(topic_filter)
    return [(lane, tuple(topics)) for lane, topics in found]
