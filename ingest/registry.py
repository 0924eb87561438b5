"""Dialects by name: built-ins and plug-ins are added by hand and go through the same door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, runtime_checkable

from ingest.message import Decoded, Ignored, Lane, Rejected


class Subscription(NamedTuple):
    """An MQTT topic filter and the lane that its messages ride on."""

    topic_filter: str
    lane: Lane


class Dialect(Protocol):
    """How one family of devices speaks. Pure: the same bytes always mean the same."""

    @property
    def name(self) -> str: ...

    def subscriptions(self) -> tuple[Subscription, ...]: ...

    def claims(self, topic: str) -> bool:
        """Whether a topic is this dialect's; no two dialects claim the same one."""

    def decode(self, topic: str, payload: bytes, retain: bool) -> tuple[Decoded, ...] | Rejected | Ignored:
        """What a message says. Bad input is a value, never an exception."""


@runtime_checkable
class Remembering(Dialect, Protocol):
    """A dialect whose messages mean something only after others (a birth, a discovery).

    What it remembers is part of every snapshot: the same messages lead to the same answers after any start.
    """

    MEMORY: type
    """Of every value: a frozen value of plain fields, written as JSON."""

    def drain(self) -> list[tuple[str, object | None]]:
        """What changed since the last drain; None: forgotten."""

    def restore(self, entries: Iterable[tuple[str, Any]]) -> None:
        """Take over what drains gave, the newest of each key."""


class DuplicateDialect(ValueError):
    """Two dialects of one name: a configuration or plug-in names one twice."""

    def __init__(self, name: str) -> None:
        super().__init__(f"dialect {name!r} is registered already; give the other one a name of its own")
        self.name = name


class DialectRegistry:
    def __init__(self) -> None:
        self._dialects: dict[str, Dialect] = {}

    def add(self, dialect: Dialect) -> None:
        """Raises DuplicateDialect."""
        if dialect.name in self._dialects:
            raise DuplicateDialect(dialect.name)
        self._dialects[dialect.name] = dialect

    @property
    def remembering(self) -> tuple[Remembering, ...]:
        return tuple(one for one in self._dialects.values() if isinstance(one, Remembering))

    def named(self, name: str) -> Dialect | None:
        return self._dialects.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._dialects)

    def for_topic(self, topic: str) -> Dialect | None:
        """The first, in order of registration, that claims it."""
        for dialect in self._dialects.values():
            if dialect.claims(topic):
                return dialect
        return None

    def subscriptions(self) -> tuple[Subscription, ...]:
        return tuple(one for dialect in self._dialects.values() for one in dialect.subscriptions())
