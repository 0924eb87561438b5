"""The announcements: one message in the device form for the community, and one for each device.

Form: Home Assistant, "MQTT discovery", device discovery payload (since 2024.11). At its root only the keys
that `_card` writes are allowed; an entity may hold more than it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from alerts.troubles.kind import TroubleKind
from anmin import __version__
from anmin.homeassistant.naming import community_name, device_name, node, opaque, public_place
from anmin.homeassistant.states import HAZARDS, HIGHEST, SHOWN_LEVELS, encoded
from anmin.homeassistant.words import entity_name, problem_name
from devices.device import Device
from devices.inventory import Inventory

ORIGIN: Final = "Anmin"
"""Who announces. Our own dialect for such announcements leaves alone whatever bears this name."""


class Terms(NamedTuple):
    """`prefix`: where Home Assistant looks for announcements; `base`: below it, what the entities say."""

    prefix: str
    base: str
    language: str
    secret: bytes


class Card(NamedTuple):
    """One device in Home Assistant. `device_id` None: the community."""

    device_id: str | None
    config_topic: str
    config: bytes
    state_topic: str


def availability_topic(terms: Terms, community_id: str) -> str:
    return f"{terms.base}/{node(community_id)}/status"


def cards(inventory: Inventory, terms: Terms) -> Iterator[Card]:
    """Everything that is to be announced."""
    yield _community(inventory, terms)
    for device in inventory.devices.values():
        yield _device(inventory, device, terms)


def _community(inventory: Inventory, terms: Terms) -> Card:
    ours = node(inventory.community_id)
    head = {"name": f"Anmin {community_name(inventory, terms.language)}", "model": "Anmin"}
    numbers = ["open", *(level.word for level in SHOWN_LEVELS), "troubles", "heard", "points"]
    parts = {key: _sensor(key, terms, state_class="measurement") for key in numbers}
    parts["highest"] = _sensor("highest", terms, device_class="enum", options=list(HIGHEST))
    parts["hazard"] = _sensor("hazard", terms, device_class="enum", options=list(HAZARDS))
    parts["building"] = _sensor("building", terms)
    parts["opened_at"] = _sensor("opened_at", terms, device_class="timestamp")
    for kind in TroubleKind:
        path, name = f"problems.{kind.value}", problem_name(kind, terms.language)
        parts[f"trouble_{kind.value}"] = _part("binary_sensor", name, path, device_class="problem")
    return _card(None, ours, "state", head, parts, inventory.community_id, terms)


def _device(inventory: Inventory, device: Device, terms: Terms) -> Card:
    community = node(inventory.community_id)
    sign = opaque(device.id, terms.secret)
    head = {
        "name": device_name(inventory, device, sign, terms.language),
        "suggested_area": public_place(inventory, device.place_id, terms.language),
        "via_device": community,
    }
    parts = {
        "connected": _binary("connected", terms, device_class="connectivity"),
        "problem": _binary("problem", terms, device_class="problem"),
    }
    if "battery_percent" in device.profile.quantities:
        parts["battery"] = _sensor("battery", terms, device_class="battery", unit_of_measurement="%")
    if "battery_low" in device.profile.quantities:
        parts["battery_low"] = _binary("battery_low", terms, device_class="battery")
    return _card(device.id, f"{community}_{sign}", sign, head, parts, inventory.community_id, terms)


def _card(
    device_id: str | None,
    name: str,
    leaf: str,
    head: dict[str, str],
    parts: dict[str, dict[str, Any]],
    community_id: str,
    terms: Terms,
) -> Card:
    state_topic = f"{terms.base}/{node(community_id)}/{leaf}"
    slug = name.lower().replace("-", "_")
    for key, part in parts.items():
        part["unique_id"] = f"{name}_{key}"
        part["default_entity_id"] = f"{part['platform']}.{slug}_{key}"
    config = {
        "device": {"identifiers": [name], "manufacturer": "Anmin", **head},
        "origin": {"name": ORIGIN, "sw_version": __version__},
        "availability": [{"topic": availability_topic(terms, community_id)}],
        "state_topic": state_topic,
        "qos": 1,
        "components": parts,
    }
    return Card(device_id, f"{terms.prefix}/device/{name}/config", encoded(config), state_topic)


def _sensor(key: str, terms: Terms, **more: Any) -> dict[str, Any]:
    return _part("sensor", entity_name(key, terms.language), key, **more)


def _binary(key: str, terms: Terms, **more: Any) -> dict[str, Any]:
    return _part("binary_sensor", entity_name(key, terms.language), key, entity_category="diagnostic", **more)


def _part(platform: str, name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"platform": platform, "name": name, "value_template": f"{{{{ value_json.{path} }}}}", **more}
