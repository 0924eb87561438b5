"""What Home Assistant discovery announced, found by topic and by device, and what was last said by each.

A device's parts may speak on topics of their own: that one is dry says nothing of the other. So the last
word of every part is kept, and so is that of every topic that tells of presence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from ingest.dialects.home_assistant_config import ALL, ANY, Availability, Entity
from ingest.dialects.home_assistant_reader import Reader, Watcher, reader, watcher

MAX_ENTITIES: Final = 10_000
MAX_TOGETHER: Final = 256
"""Of one device, or of one topic: so much work may one message make."""


class Kept(NamedTuple):
    """Either an entity with the last word of its alarm or condition, or a topic of presence with its last.

    `heard` 0.0: clear, or not heard yet, which adds nothing to the others. `turn` orders the words.
    """

    entity: Entity | None = None
    heard: float | None = 0.0
    source: Availability | None = None
    available: bool = False
    turn: int = 0


class Household:
    """All entities by their keys. What a topic or device has is in order of key, whatever came first."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._words: dict[Availability, Kept] = {}
        self._turn = 0
        self._changed: dict[str, None] = {}
        self._changed_words: dict[Availability, None] = {}
        self._readers: dict[str, tuple[Reader, ...]] = {}
        self._watchers: dict[str, tuple[Watcher, ...]] = {}
        self._devices: dict[str, tuple[str, ...]] = {}
        self._ways: dict[str, set[tuple[str, tuple[Availability, ...]]]] = {}
        self._twins: dict[tuple[str, str], tuple[str, ...]] = {}
        self.crowded: set[str] = set()
        """Devices of which several parts say the same, or did."""

    # Announcements ----------------------------------------------------------------------------------------

    def put(self, key: str, entity: Entity) -> str:
        """Why there is no room for it, or ""."""
        before = self._kept.get(key)
        if before is not None and before.entity == entity:
            return ""
        if full := self._full(key, entity):
            return full
        heard: float | None = 0.0
        if before is not None and before.entity is not None:
            self._unlink(key, before.entity)
            if (before.entity.address, before.entity.quantity) == (entity.address, entity.quantity):
                heard = before.heard
        self._link(key, entity)
        self._keep(key, Kept(entity, heard))
        if before is not None and before.entity is not None:
            self._prune(before.entity)
        return ""

    def remove(self, key: str) -> bool:
        """Whether there was one."""
        before = self._kept.pop(key, None)
        if before is None or before.entity is None:
            return False
        self._unlink(key, before.entity)
        self._prune(before.entity)
        self._changed[key] = None
        return True

    def below(self, prefix: str) -> list[str]:
        return [key for key in self._kept if key.startswith(prefix)]

    def _full(self, key: str, entity: Entity) -> str:
        if key not in self._kept and len(self._kept) >= MAX_ENTITIES:
            return f"{MAX_ENTITIES} entities are known: take away retained configurations that nobody needs"
        beside: tuple[tuple[Sequence[Reader | Watcher | str], str], ...] = (
            (self._devices.get(entity.address, ()), "entities of this device"),
            (self._readers.get(entity.topic, ()), "entities on this topic"),
            *(
                (self._watchers.get(one.topic, ()), "entities by this presence")
                for one in entity.availability
            ),
        )
        for known, what in beside:
            if len(known) >= MAX_TOGETHER and not any(_key(one) == key for one in known):
                return f"{MAX_TOGETHER} {what} are known: give each device its own"
        return ""

    def _link(self, key: str, entity: Entity) -> None:
        readers = (*self._readers.get(entity.topic, ()), reader(key, entity))
        self._readers[entity.topic] = tuple(sorted(readers, key=_key))
        for topic in {one.topic for one in entity.availability}:
            watchers = (*self._watchers.get(topic, ()), watcher(key, entity, topic))
            self._watchers[topic] = tuple(sorted(watchers, key=_key))
        self._ways.pop(entity.address, None)
        self._devices[entity.address] = _with(self._devices.get(entity.address, ()), key)
        same = (entity.address, entity.quantity)
        self._twins[same] = _with(self._twins.get(same, ()), key)
        if len(self._twins[same]) > 1:
            self.crowded.add(entity.address)

    def _unlink(self, key: str, entity: Entity) -> None:
        _leave(self._readers, entity.topic, key)
        for topic in {one.topic for one in entity.availability}:
            _leave(self._watchers, topic, key)
        self._ways.pop(entity.address, None)
        _leave(self._devices, entity.address, key)
        if entity.address not in self._devices:
            self.crowded.discard(entity.address)
        _leave(self._twins, (entity.address, entity.quantity), key)

    def _prune(self, entity: Entity) -> None:
        """Words that nobody waits for any more are forgotten."""
        for source in entity.availability:
            watchers = self._watchers.get(source.topic, ())
            awaited = any(source == one for each in watchers for one, *_ in each.sources)
            if not awaited and self._words.pop(source, None) is not None:
                self._changed_words[source] = None

    # Messages ---------------------------------------------------------------------------------------------

    def readers(self, topic: str) -> tuple[Reader, ...]:
        return self._readers.get(topic, ())

    def watchers(self, topic: str) -> tuple[Watcher, ...]:
        return self._watchers.get(topic, ())

    def first(self, key: str, entity: Entity) -> bool:
        """Whether it is the one that counts of those that say the same number."""
        return self._twins[(entity.address, entity.quantity)][0] == key

    def hear(self, reader: Reader, value: float | None, retain: bool) -> None:
        """What the broker had kept is of unknown age: it ends no alarm. A momentary alarm has no end."""
        before = self._kept[reader.key]
        if before.heard == value or reader.entity.momentary or (retain and before.heard == 1.0):
            return
        self._keep(reader.key, before._replace(heard=value))

    def standing(self, address: str, quantity: str) -> tuple[bool, float | None]:
        """Whether several parts say it, and what they say together: unknown beats clear, alarm beats both."""
        keys = self._twins[(address, quantity)]
        if len(keys) == 1:
            return False, None
        heard = [self._kept[key].heard for key in keys]
        return True, 1.0 if 1.0 in heard else None if None in heard else 0.0

    # Presence ---------------------------------------------------------------------------------------------

    def say(self, source: Availability, available: bool) -> None:
        self._turn += 1
        self._words[source] = Kept(source=source, available=available, turn=self._turn)
        self._changed_words[source] = None

    def online(self, address: str) -> bool | None:
        """A device is there when any of its entities is; None: nobody can tell yet."""
        if address not in self._ways:
            self._ways[address] = {
                (entity.mode, entity.availability)
                for key in self._devices.get(address, ())
                if (entity := self._kept[key].entity) is not None and entity.availability
            }
        told = {self._verdict(mode, sources) for mode, sources in self._ways[address]} - {None}
        return any(told) if told else None

    def _verdict(self, mode: str, sources: tuple[Availability, ...]) -> bool | None:
        words = [self._words[one] for one in sources if one in self._words]
        said = [word.available for word in words]
        if mode in (ALL, ANY):
            decisive = mode == ANY
            return decisive if decisive in said else not decisive if len(said) == len(sources) else None
        return max(words, key=lambda word: word.turn).available if words else None

    # Memory -----------------------------------------------------------------------------------------------

    def drain(self) -> list[tuple[str, Kept | None]]:
        changed = [(key, self._kept.get(key)) for key in self._changed]
        changed += [(_name(source), self._words.get(source)) for source in self._changed_words]
        self._changed.clear()
        self._changed_words.clear()
        return changed

    def restore(self, entries: Iterable[tuple[str, Any]]) -> None:
        self._clear()
        for key, kept in entries:
            if kept.source is not None:
                self._words[kept.source] = kept
                self._turn = max(self._turn, kept.turn)
            elif kept.entity is not None:
                self._kept[key] = kept
                self._link(key, kept.entity)

    def _keep(self, key: str, kept: Kept) -> None:
        self._kept[key] = kept
        self._changed[key] = None


def _name(source: Availability) -> str:
    """No configuration's key begins so."""
    return "presence " + json.dumps(source, ensure_ascii=False)


def _key(one: Reader | Watcher | str) -> str:
    return one if isinstance(one, str) else one.key


def _with(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(sorted((*keys, key)))


def _leave(index: dict[Any, tuple[Any, ...]], where: object, key: str) -> None:
    left = tuple(one for one in index[where] if _key(one) != key)
    if left:
        index[where] = left
    else:
        del index[where]
