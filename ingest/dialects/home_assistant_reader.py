"""How a message meets an announced entity: worked out when it is announced, used with every message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ingest.dialects.home_assistant_config import Availability, Entity
from ingest.dialects.home_assistant_path import PAYLOAD, Template, read

_EVENT: Final = Template(json=True, steps=("event_type",))
_TRUTHS: Final = {word: (word, word.capitalize()) for word in ("true", "false")}


@dataclass(frozen=True, slots=True)
class Reader:
    """On the topic of its state. `template` None: refused, so the value is unknown.

    `field`: the template is a path of this one step. `bits`: what the words of a binary sensor mean.
    """

    key: str
    entity: Entity
    template: Template | None
    field: str | None
    bits: Mapping[str, float]
    in_json: bool


@dataclass(frozen=True, slots=True)
class Watcher:
    """On a topic of its presence."""

    key: str
    address: str
    sources: tuple[tuple[Availability, Template, Mapping[str, float]], ...]
    in_json: bool


def reader(key: str, entity: Entity) -> Reader:
    template = PAYLOAD if entity.component != "event" else _EVENT
    found = read(entity.template or "") if entity.template != "" else template
    bits = _words(entity.on, entity.off)
    return Reader(key, entity, found, _field(found), bits, found is not None and found.json)


def watcher(key: str, entity: Entity, topic: str) -> Watcher:
    own = (one for one in entity.availability if one.topic == topic)
    sources = tuple(
        (one, read(one.template) or PAYLOAD, _words(one.available, one.not_available)) for one in own
    )
    return Watcher(key, entity.address, sources, any(template.json for _, template, _ in sources))


def _field(template: Template | None) -> str | None:
    if template is None or len(template.steps) != 1 or template.filters or template.sign:
        return None
    step = template.steps[0]
    return step if template.json and isinstance(step, str) else None


def _words(yes: str, no: str) -> dict[str, float]:
    """JSON's true is Python's True in the configurations of some."""
    return {
        word: bit
        for payload, bit in ((no, 0.0), (yes, 1.0))
        for word in (payload, *_TRUTHS.get(payload.lower(), ()))
    }
