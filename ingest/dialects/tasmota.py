"""Tasmota: open firmware for WiFi boards, and bridges to Zigbee devices that say their alarm in raw bytes.

docs/dialects/tasmota.md says what is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from devices.instant import SECOND, Instant, Micros, instant
from devices.quantity import QUANTITIES, QuantityKind
from ingest.device_time import UNREADABLE
from ingest.dialects import tasmota_zigbee
from ingest.dialects.fields import take_number
from ingest.dialects.tasmota_topic import FullTopic, Place
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import MAX_BYTES, NotStrict, parse, shown, too_large
from ingest.understood import Understood

NAME: Final = "tasmota"
CHILDREN: Final = 16
"""Zigbee devices in one message: a bridge tells of one, and its messages are small."""
LONGEST_KEY: Final = 64
_LEAVES: Final = (
    ("tele", "LWT"),
    ("tele", "STATE"),
    ("tele", "SENSOR"),
    ("tele", "RESULT"),
    ("stat", "RESULT"),
    ("stat", "STATUS3"),
    ("stat", "STATUS8"),
    ("stat", "STATUS10"),
    ("tele", "ZbReceived"),
)
_OWN_TOPIC: Final = (("tele", "SENSOR"), ("tele", "ZbReceived"))
_RECEIVED: Final = ("ZbReceived", "ZigbeeReceived")
_ENDPOINT: Final = re.compile(r"_[0-9]{1,3}\Z")
_SWITCH: Final = re.compile(r"Switch[1-9][0-9]?")
_WORDS: Final = {"ON": 1.0, "OFF": 0.0}
_LATEST_S: Final = 253_402_300_799  # the end of year 9999
_UNMAPPED: Final[Mapping[str, str]] = MappingProxyType({})

Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


class Tasmota:
    """A device's address is its topic; of a Zigbee device, its bridge's with the key it has in messages:
    `tasmota_9CF9D1/0x898E`, or its friendly name with SetOption83, whether it has a topic of its own or not.

    `utc_offset_for`: how far local time is ahead of UTC, for `Time` has no zone. `switches`: what a dry
    contact means (`Switch1`, or `tasmota_9CF9D1/Switch1` for one device): an alarm or condition that is 1
    while ON.
    """

    name = NAME

    def __init__(
        self,
        full_topic: str = "%prefix%/%topic%/",
        utc_offset_for: Micros = 0,
        switches: Mapping[str, str] = _UNMAPPED,
    ) -> None:
        self._full_topic = FullTopic(full_topic)
        self._offset_for = utc_offset_for
        self._switches = dict(switches)
        for switch, quantity in switches.items():
            if not _SWITCH.fullmatch(switch.rpartition("/")[2]):
                raise ValueError(f"switches: {shown(switch)!r} is not Switch1 and so on, or <topic>/Switch1")
            known = QUANTITIES.get(quantity)
            if known is None or known.kind is QuantityKind.NUMBER:
                raise ValueError(f"switches: {shown(quantity)!r} is no alarm or condition")

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm is a field of a state message, so everything rides with the telemetry."""
        filters = [self._full_topic.filters(*leaf) for leaf in _LEAVES]
        filters += [self._full_topic.filters(*leaf, deep=True) for leaf in _OWN_TOPIC]
        return tuple(Subscription(one, Lane.TELEMETRY) for one in filters)

    def claims(self, topic: str) -> bool:
        return self._full_topic.read(topic) is not None

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        place = self._full_topic.read(topic)
        if place is None:
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} does not fit our FullTopic", NAME)
        if not payload:
            return Ignored("a retained message was taken away")
        if len(payload) > MAX_BYTES:
            large = too_large(payload)
            return Rejected(large.reason, large.detail, NAME, place.topic)
        if place[::2] == ("tele", "LWT"):
            return _presence(place.topic, payload)
        if place[::2] not in _LEAVES:
            return Ignored(f"{shown(place.leaf)!r} says nothing that we read")
        try:
            body = parse(payload)
        except NotStrict as odd:
            return Rejected(odd.reason, odd.detail, NAME, place.topic)
        if not isinstance(body, dict):
            return Rejected(Reason.WRONG_TYPE, "what Tasmota says here is a JSON object", NAME, place.topic)
        return self._object(place, body)

    def _object(self, place: Place, body: dict[str, Any]) -> Said:
        if place.leaf == "STATE":  # with its time, the SENSOR of the same second would look like a repetition
            return (Decoded(NAME, place.topic),)
        if place.leaf.startswith("STATUS"):
            inner = body.get("StatusLOG" if place.leaf == "STATUS3" else "StatusSNS")
            body = inner if isinstance(inner, dict) else {}
        found = _zigbee(place, body)
        if found is not None:
            return self._children(place, found, body)
        said = Understood()
        for name in body:
            if name.startswith("Switch") and _SWITCH.fullmatch(name):
                self._switch(said, place.topic, name, body[name])
        _temperature(said, body)
        if place.prefix == "stat" and "TelePeriod" in body:
            said.interval("TelePeriod", body["TelePeriod"])
        if place.leaf == "RESULT" and said == Understood():
            return Ignored("an answer to a command")
        return (self._said(place.topic, said, body),)

    def _children(self, place: Place, found: dict[str, dict[str, Any]], body: dict[str, Any]) -> Said:
        if not found:
            return Ignored("no Zigbee device in it")
        if len(found) > CHILDREN or any(not 0 < len(key) <= LONGEST_KEY for key in found):
            detail = f"{len(found)} Zigbee devices; {CHILDREN} with keys of {LONGEST_KEY} signs are taken"
            return Rejected(Reason.IMPLAUSIBLE, detail, NAME, place.topic)
        return tuple(
            self._said(_address(place.topic, key, child), tasmota_zigbee.understand(child), body)
            for key, child in found.items()
        )

    def _said(self, address: str, said: Understood, body: dict[str, Any]) -> Decoded:
        at = self._time(said, body.get("Epoch", body.get("Time")))
        return Decoded(
            NAME,
            address,
            said.points(),
            at,
            is_event=said.sos,
            test=said.test,
            notes=tuple(said.notes[:8]),
            reports_every_for=said.reports_every_for,
        )

    def _switch(self, said: Understood, topic: str, name: str, value: object) -> None:
        """`ON`, or `{"Action": "ON"}` (SetOption114). What nobody has given a meaning to says nothing."""
        word = value.get("Action") if isinstance(value, dict) else value
        quantity = self._switches.get(f"{topic}/{name}") or self._switches.get(name)
        if quantity is None:
            said.notes.append(f"{name} is {shown(word)}: name what this contact means under `switches`")
            return
        read = _WORDS.get(word) if isinstance(word, str) else None
        said.bit(quantity, read)
        if read is None:
            said.notes.append(f"{name}: {shown(word)!r} is neither ON nor OFF")

    def _time(self, said: Understood, given: object) -> Instant | None:
        """Local, with a zone (SetOption52), or seconds since 1970 (command Time)."""
        if given is None:
            return None
        if isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= _LATEST_S:
            return int(given * SECOND)
        try:
            parsed = datetime.fromisoformat(given) if isinstance(given, str) and len(given) <= 40 else None
        except ValueError:
            parsed = None
        if parsed is None:
            said.notes.append(f"Time: {shown(given)!r} is no time")
            return UNREADABLE
        if parsed.tzinfo is None:
            return max(instant(parsed.replace(tzinfo=UTC)) - self._offset_for, UNREADABLE)
        return max(instant(parsed), UNREADABLE)


def _presence(topic: str, payload: bytes) -> Said:
    word = payload.strip()
    if word == b"DeepSleep":
        return Ignored("it sleeps, as it is told to")
    if word not in (b"Online", b"Offline"):
        detail = f"LWT: {shown(payload[:40].decode('latin-1'))!r} is neither Online nor Offline"
        return Rejected(Reason.MALFORMED, detail, NAME, topic)
    return (Decoded(NAME, topic, online=word == b"Online"),)


def _zigbee(place: Place, body: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Zigbee devices by their keys. Where options leave the key out, the device's own topic names it."""
    if place.leaf == "ZbReceived":
        found: object = body
    else:
        name = next((one for one in _RECEIVED if one in body), None)
        if name is not None:
            found = body[name]
        else:
            bare = {key: one for key, one in body.items() if isinstance(one, dict) and "Device" in one}
            return bare or None
    if not isinstance(found, dict):
        return None
    children = {key: one for key, one in found.items() if isinstance(one, dict)}
    if children or not found:
        return children
    return {_key(place.topic): found}


def _key(topic: str) -> str:
    """Of a topic of its own: `.../898E` is the device `0x898E`, anything else a friendly name."""
    last = topic.rpartition("/")[2]
    return f"0x{last}" if re.fullmatch(r"[0-9A-F]{4}", last) else last


def _address(topic: str, key: str, child: dict[str, Any]) -> str:
    """The same with and without topics for each device (SetOption89, 112, 120)."""
    home, _, last = topic.rpartition("/")
    own = {str(one).removeprefix("0x") for one in (key, child.get("Device"), child.get("Name")) if one}
    if last in own or (home and _ENDPOINT.sub("", last) in own):
        topic = home
    return f"{topic}/{key}" if topic else key


def _temperature(said: Understood, body: dict[str, Any]) -> None:
    """Of the one sensor that tells it. Of two, nobody can know which is meant; ESP32 is the chip itself."""
    found = [
        (name, one["Temperature"])
        for name, one in body.items()
        if isinstance(one, dict) and "Temperature" in one and name != "ESP32"
    ]
    if len(found) > 1:
        said.notes.append(f"{len(found)} temperatures: which one counts cannot be told")
    elif found:
        name, value = found[0]
        unit = body.get("TempUnit", "C")
        if unit == "F" and isinstance(value, (int, float)) and not isinstance(value, bool):
            value = round((value - 32) / 1.8, 2)
        elif unit != "C":
            value = None
        take_number(said, "temperature_c", f"{name} temperature", value)
