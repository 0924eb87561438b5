"""Home Assistant's MQTT discovery: ESPHome and many others say themselves what their topics mean.

Checked against recorded configurations and Home Assistant's own reader. docs/reference/dialects.md says what
is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ingest.dialects.home_assistant_config import (
    NAME,
    Announced,
    Entity,
    Found,
    NotOurs,
    Unusable,
    components,
    entity,
    spelled_out,
)
from ingest.dialects.home_assistant_memory import Household, Kept
from ingest.dialects.home_assistant_message import Message
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown

__all__ = ["NAME", "HomeAssistant"]

MAX_KEY: Final = 256
OURS: Final = "Anmin"
"""The origin of what this service announces about itself: no device is heard through it."""
PART: Final = "#"
"""Between a device and its component in a key: no topic holds it."""
SETTING: Final = "dialects.home_assistant_topics"
"""Where a site lists the topics that its devices speak on."""

Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


class HomeAssistant:
    """Entities announced below `prefix`, whose messages come on `topics` (filters).

    A device's address is its first identifier, or the unique_id of an entity without a device. What lies
    below one of `elsewhere` (`zigbee2mqtt/`) is another dialect's.
    """

    name = NAME
    MEMORY = Kept

    def __init__(
        self,
        prefix: str = "homeassistant",
        topics: Sequence[str] = ("esphome/#",),
        elsewhere: Sequence[str] = (),
    ) -> None:
        if not prefix or prefix != prefix.strip("/") or set(prefix) & set("+#\0"):
            raise ValueError(f"discovery prefix {shown(prefix)!r}: no + or #, and no / at its ends")
        own = f"{prefix}/#"
        others = [one for one in dict.fromkeys(topics) if one != own and not one.startswith(f"{prefix}/")]
        self._prefix = f"{prefix}/"
        self._topics = (own, *others)
        self._filters = tuple(tuple(one.split("/")) for one in self._topics)
        self._elsewhere = tuple(elsewhere)
        self._house = Household()

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm comes on a topic like any other, so everything rides with the telemetry."""
        return tuple(Subscription(one, Lane.TELEMETRY) for one in self._topics)

    def claims(self, topic: str) -> bool:
        if topic.startswith(self._elsewhere):
            return False
        levels = topic.split("/")
        return any(_matches(one, levels) for one in self._filters)

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        if topic.startswith(self._prefix) and topic.endswith("/config"):
            return self._announcement(topic, payload)
        readers, watchers = self._house.readers(topic), self._house.watchers(topic)
        if not readers and not watchers:
            return Ignored("nothing announced says so far what this topic means")
        return Message(self._house, payload, retain).said(readers, watchers)

    # Memory -----------------------------------------------------------------------------------------------

    def drain(self) -> list[tuple[str, object | None]]:
        return list(self._house.drain())

    def restore(self, entries: Iterable[tuple[str, Any]]) -> None:
        self._house.restore(entries)

    # Announcements ----------------------------------------------------------------------------------------

    def _announcement(self, topic: str, payload: bytes) -> Said:
        key = topic.removeprefix(self._prefix).removesuffix("/config")
        component, _, name = key.partition("/")
        if not name or name.count("/") > 1 or not _is_name(key):
            detail = f"{shown(topic)!r}: discovery topics are <prefix>/<component>/[<node>/]<object>/config"
            return Rejected(Reason.MALFORMED, detail, NAME)
        if not payload:
            return self._taken_away(key)
        try:
            body = parse(payload)
        except NotStrict as odd:
            return Rejected(odd.reason, odd.detail, NAME)
        if not isinstance(body, dict):
            return Rejected(Reason.WRONG_TYPE, "a configuration is a JSON object", NAME)
        options = spelled_out(body)
        if _origin(options) == OURS:
            return Ignored("what we announce ourselves")
        if options.get("migrate_discovery") is True:
            return Ignored("it will be announced in another form")
        if component == "device":
            return self._device(key, options)
        return self._entity(key, component, name, options)

    def _taken_away(self, key: str) -> Ignored:
        gone = self._house.below(f"{key}{PART}") if key.startswith("device/") else [key]
        count = sum([self._house.remove(one) for one in gone])
        return Ignored(f"{count} of the entities that we read taken away")

    def _entity(self, key: str, component: str, name: str, options: Mapping[str, Any]) -> Said:
        found = self._settled(key, entity(component, name.replace("/", "_"), options))
        if isinstance(found, NotOurs):
            return Ignored(found.why)
        if isinstance(found, Unusable):
            return Rejected(Reason.UNSUPPORTED, found.detail, NAME, found.address)
        if found.notes:
            return (Decoded(NAME, found.entity.address, notes=found.notes[:8], heard=False),)
        return Ignored(f"announced: {found.entity.quantity} of {shown(found.entity.address)}")

    def _device(self, key: str, options: Mapping[str, Any]) -> Said:
        if not isinstance(options.get("components"), dict):
            return Rejected(Reason.MALFORMED, "a device without components (cmps), an object by name", NAME)
        address, notes, count = "", [], 0
        for part, platform, own in components(options):
            if not own:
                self._house.remove(f"{key}{PART}{part}")
                continue
            fallback = key.removeprefix("device/").replace("/", "_")
            found = self._settled(f"{key}{PART}{part}", entity(platform, fallback, own))
            if isinstance(found, Announced):
                count, address = count + 1, found.entity.address
                notes += [f"{shown(part)}: {note}" for note in found.notes]
            elif isinstance(found, Unusable):
                address = address or found.address
                notes.append(f"{shown(part)}: {found.detail}")
        if not notes:
            return Ignored(f"announced: {count} entities of {shown(address) or 'a device'}")
        return (Decoded(NAME, address or key, notes=tuple(notes[:8]), heard=False),)

    def _settled(self, key: str, found: Found) -> Found:
        """What an entity is from now on. What cannot be used leaves what was known as it was."""
        if isinstance(found, Announced) and found.entity.topic.startswith(self._elsewhere):
            found = NotOurs(f"{shown(found.entity.topic)} is read by a dialect of its own")
        if isinstance(found, NotOurs):
            self._house.remove(key)
        if not isinstance(found, Announced):
            return found
        if not _is_name(key):
            detail = f"the name of a component: give at most {MAX_KEY} signs that can be read"
            return Unusable(detail, found.entity.address)
        if full := self._house.put(key, found.entity):
            return Unusable(full, found.entity.address)
        return found._replace(notes=(*found.notes, *self._unheard(key, found.entity)))

    def _unheard(self, key: str, found: Entity) -> list[str]:
        """What of it will never come, or will never count."""
        topics = dict.fromkeys((found.topic, *(one.topic for one in found.availability)))
        unheard = [one for one in topics if not one.startswith(self._elsewhere) and not self.claims(one)]
        notes = [f"nobody listens to {shown(one)}: add it to {SETTING}" for one in unheard]
        if found.component == "sensor" and not self._house.first(key, found):
            notes.append(
                f"another sensor of this device says {found.quantity}: only the first by name is read"
            )
        return notes


def _origin(options: Mapping[str, Any]) -> object:
    origin = options.get("origin")
    return origin.get("name") if isinstance(origin, dict) else None


def _is_name(key: str) -> bool:
    return len(key) <= MAX_KEY and key.isprintable()


def _matches(pattern: Sequence[str], levels: Sequence[str]) -> bool:
    for n, level in enumerate(pattern):
        if level == "#":
            return True
        if n >= len(levels) or level not in ("+", levels[n]):
            return False
    return len(pattern) == len(levels)
