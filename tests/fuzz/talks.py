"""A whole dialect as a target: an input is a few messages, each with its topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias

from bench.messages_cn import Message, Talk
from ingest.dialects import home_assistant_memory, sparkplug_memory
from ingest.registry import Dialect, Remembering
from tests.fuzz.judge import Finding, check_answer, check_cap

MARK: Final = b"\xff\x00\xff"
"""Between the messages of an input."""
MOST: Final = 16
_RETAINED: Final = 0x80
_OWN: Final = 0x7F
"""In place of the number of a topic: the topic is the message's first line."""

SMALL: Final[Mapping[str, Mapping[str, int]]] = {
    "home_assistant": {"MAX_ENTITIES": 8, "MAX_TOGETHER": 4},
    "sparkplug": {"MAX_NODES": 3, "MAX_TOGETHER": 3, "MAX_DEVICES": 5, "MAX_ALIASES": 16},
}
"""Bounds of what is remembered, made so small that a few messages reach them."""
WHERE: Final = {"home_assistant": home_assistant_memory, "sparkplug": sparkplug_memory}

Told: TypeAlias = tuple[str, bytes, bool]
"""Topic, payload and whether it was retained."""


class TalkTarget:
    """One dialect, made anew for every input."""

    def __init__(
        self, name: str, make: Callable[[], Dialect], talk: Talk, topics: Sequence[str] = ()
    ) -> None:
        self._name = name
        self._make = make
        spoken = (one.topic for one in (*talk.before, *talk.said))
        filters = (one.topic_filter for one in make().subscriptions())
        plain = (one.replace("+", "x").replace("#", "x/y") for one in filters)
        self._topics = list(islice(dict.fromkeys((*spoken, *topics, *plain)), _OWN))
        self._talk = talk
        for constant, value in SMALL.get(name, {}).items():
            setattr(WHERE[name], constant, value)

    def run(self, data: bytes) -> None:
        told = list(self._messages(data))
        dialect = self._make()
        if not isinstance(dialect, Remembering):
            for one in told:
                _answer(dialect, one)
            return
        kept: dict[str, Any] = {}
        answers = [self._remembered(dialect, one, kept) for one in told]
        self._restarted(told, answers)

    def input(self, messages: Sequence[Message], retain: bool = False) -> bytes:
        return MARK.join(self._packed(one, retain) for one in messages)

    def seeds(self) -> Iterator[bytes]:
        """Each message after what must be heard before, and all of them."""
        for one in self._talk.said:
            yield self.input((*self._talk.before, one))
        for one in self._talk.before:
            yield self.input((one,), retain=True)
        yield self.input((*self._talk.before, *self._talk.said))

    def _packed(self, one: Message, retain: bool) -> bytes:
        number, line = _OWN, one.topic.encode() + b"\n"
        if one.topic in self._topics:
            number, line = self._topics.index(one.topic), b""
        return bytes((number | (_RETAINED if retain else 0),)) + line + one.payload

    def _messages(self, data: bytes) -> Iterator[Told]:
        for part in data.split(MARK)[:MOST]:
            if not part:
                continue
            number, payload = part[0] & _OWN, part[1:]
            if number < len(self._topics):
                topic = self._topics[number]
            else:
                line, _, payload = payload.partition(b"\n")
                topic = line.decode("utf-8", "replace")
            yield topic, payload, part[0] >= _RETAINED

    # Memory -----------------------------------------------------------------------------------------------

    def _remembered(self, dialect: Remembering, one: Told, kept: dict[str, Any]) -> object:
        said = _answer(dialect, one)
        _keep(dialect, kept)
        check_cap(self._name, kept, SMALL.get(self._name, {}))
        return said

    def _restarted(self, told: Sequence[Told], answers: Sequence[object]) -> None:
        """The same again with a restart before every message says the same."""
        kept: dict[str, Any] = {}
        for one, answer in zip(told, answers, strict=True):
            dialect = self._make()
            assert isinstance(dialect, Remembering)
            dialect.restore(sorted(kept.items()))
            said = _answer(dialect, one)
            if said != answer:
                raise Finding(f"{said} after a restart, {answer} without one")
            _keep(dialect, kept)


def _answer(dialect: Dialect, one: Told) -> object:
    dialect.claims(one[0])
    said = dialect.decode(*one)
    check_answer(said)
    return said


def _keep(dialect: Remembering, kept: dict[str, Any]) -> None:
    for key, value in dialect.drain():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value
