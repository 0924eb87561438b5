"""Zigbee2MQTT: thousands of Zigbee models behind one set of topics, with the habits of each of them.

Checked against zigbee2mqtt 2.14 and recorded messages. docs/reference/dialects.md says what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from ingest.device_time import UNREADABLE, device_time
from ingest.dialects.zigbee2mqtt_properties import is_property, understand
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import MAX_BYTES, NotStrict, parse, shown, too_large
from ingest.understood import Understood

NAME: Final = "zigbee2mqtt"
BRIDGE: Final = "bridge"
"""The address of Zigbee2MQTT itself: registered as a gateway, its silence and absence are seen."""

_WISHES: Final = ("set", "get")
Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


class Zigbee2Mqtt:
    """One or several installations by their base topics.

    A device's address is its friendly name, which may hold `/` and spaces. With several bases, names below
    the second and later ones begin with their base: `zigbee-b2/kitchen smoke`.
    """

    name = NAME

    def __init__(self, base: str | Sequence[str] = "zigbee2mqtt") -> None:
        bases = (base,) if isinstance(base, str) else tuple(base)
        for one in bases:
            if not one or one != one.strip("/") or set(one) & set("+#\0"):
                raise ValueError(f"base topic {shown(one)!r}: no + or #, and no / at its ends")
        self._home = bases[0] if bases else ""
        self._bases = tuple(sorted(set(bases), key=len, reverse=True))

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm is a field of a state message, so everything rides with the telemetry."""
        widest = [base for base in self._bases if self._base_of(base) is None]
        return tuple(Subscription(f"{base}/#", Lane.TELEMETRY) for base in widest)

    def claims(self, topic: str) -> bool:
        return self._base_of(topic) is not None

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        base = self._base_of(topic)
        if base is None:
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is below none of our bases", NAME)
        name = topic[len(base) + 1 :]
        prefix = "" if base == self._home else f"{base}/"
        if "/" not in name and name not in _WISHES:  # nearly every message
            return _state(prefix + name, payload)
        if name.startswith("bridge/"):
            return _bridge(prefix, name.removeprefix("bridge/"), payload)
        device, _, last = name.rpartition("/")
        if device and last == "availability":
            return _presence(prefix + device, payload)
        if last in _WISHES or "/set/" in name or "/get/" in name:
            return Ignored("a wish to a device, not its word")
        if device and not payload.lstrip().startswith(b"{"):
            return _attribute(prefix + device, last, payload)
        return _state(prefix + name, payload)

    def _base_of(self, topic: str) -> str | None:
        for base in self._bases:
            if topic.startswith(base) and topic.startswith("/", len(base)):
                return base
        return None


# Devices ----------------------------------------------------------------------------------------------------


def _state(device: str, payload: bytes) -> Said:
    """All that the bridge remembers of a device, with what is new somewhere in it."""
    if not payload:
        return Ignored("a retained message was taken away: the device was renamed or removed")
    body = _strict(device, payload)
    if isinstance(body, Rejected):
        return body
    if not isinstance(body, dict):
        return Rejected(Reason.WRONG_TYPE, "the state of a device is a JSON object", NAME, device)
    return _said(device, understand(body), body.get("last_seen"))


def _attribute(device: str, name: str, payload: bytes) -> Said:
    """One property on a topic of its own (`output: attribute`), as bare text."""
    if not is_property(name):
        return Ignored("an attribute that we do not read")
    if len(payload) > MAX_BYTES:
        large = too_large(payload)
        return Rejected(large.reason, large.detail, NAME, device)
    text = payload.decode("utf-8", "replace").strip().strip('"')
    return _said(device, understand({name: None if text in ("", "null") else text}), None)


def _said(device: str, understood: Understood, last_seen: object) -> tuple[Decoded, ...]:
    device_at = device_time(last_seen)
    if device_at == UNREADABLE:
        understood.notes.append(f"last_seen: {shown(last_seen)!r} is no time with a zone")
    event_id, online, result = None, None, None  # by place: naming them takes as long again
    return (
        Decoded(
            NAME,
            device,
            understood.points(),
            device_at,
            None,
            None,
            event_id,
            understood.sos,
            understood.test,
            understood.warmup,
            False,
            online,
            result,
            tuple(understood.notes[:8]),
            cached=True,
        ),
    )


def _presence(device: str, payload: bytes) -> Said:
    """`online` or `offline`, bare (1.x) or JSON (2.x). Of a device on battery, online means heard in 25 h."""
    if not payload:
        return Ignored("a retained message was taken away: the device was renamed or removed")
    body = (
        _strict(device, payload) if payload.lstrip().startswith(b"{") else payload.strip().decode("latin-1")
    )
    if isinstance(body, Rejected):
        return body
    word = body.get("state") if isinstance(body, Mapping) else body
    if word not in ("online", "offline"):
        detail = f"{shown(word)!r} is neither online nor offline"
        return Rejected(Reason.MALFORMED, detail, NAME, device)
    return (Decoded(NAME, device, online=word == "online"),)


# The bridge -------------------------------------------------------------------------------------------------


def _bridge(prefix: str, leaf: str, payload: bytes) -> Said:
    if leaf == "state":
        return _presence(prefix + BRIDGE, payload)
    if leaf == "health" and payload:  # every 10 minutes: that it is there, is all that it says to us
        return (Decoded(NAME, prefix + BRIDGE),)
    if leaf == "event":
        return _bridge_event(prefix, payload)
    if leaf == "devices":
        return _bridge_devices(prefix, payload)
    return Ignored(f"the bridge's own {shown(leaf)}")


def _bridge_event(prefix: str, payload: bytes) -> Said:
    """A device that leaves is not there any more, whatever the rest of the house believes."""
    body = _strict(prefix + BRIDGE, payload)
    if isinstance(body, Rejected):
        return body
    kind = body.get("type") if isinstance(body, dict) else None
    data = body.get("data") if isinstance(body, dict) else None
    name = data.get("friendly_name") if isinstance(data, dict) else None
    if kind != "device_leave" or not isinstance(name, str):
        return Ignored(f"the bridge's event {shown(kind)}")
    return (Decoded(NAME, prefix + name, online=False, notes=("left the Zigbee network",)),)


def _bridge_devices(prefix: str, payload: bytes) -> Said:
    if len(payload) > MAX_BYTES:
        return Ignored("the bridge's list of devices")
    body = _strict(prefix + BRIDGE, payload)
    if isinstance(body, Rejected):
        return body
    count = len(body) if isinstance(body, list) else 0
    return Ignored(f"the bridge knows {count} devices")


def _strict(device: str, payload: bytes) -> Any:
    """The JSON, or Rejected."""
    try:
        return parse(payload)
    except NotStrict as odd:
        return Rejected(odd.reason, odd.detail, NAME, device)
