"""Where Tasmota says something: its FullTopic is free, so topics are taken apart by a template."""

from __future__ import annotations

from typing import Final, NamedTuple

from ingest.strict_json import shown

PREFIX: Final = "%prefix%"
TOPIC: Final = "%topic%"
SAYS: Final = ("tele", "stat")  # `cmnd` is what others say to it


class Place(NamedTuple):
    """`topic` holds a `/` where a bridge gives every Zigbee device its own (SetOption89)."""

    prefix: str
    topic: str
    leaf: str


class FullTopic:
    """`%prefix%/%topic%/`, in any order, with fixed levels and a `/` at the beginning if so set."""

    def __init__(self, text: str) -> None:
        self._levels = text.removesuffix("/").split("/")
        levels = self._levels
        fixed = [level for level in levels if level not in (PREFIX, TOPIC)]
        if levels.count(PREFIX) != 1 or levels.count(TOPIC) != 1:
            raise ValueError(f"FullTopic {shown(text)!r}: one level must be {PREFIX} and one {TOPIC}")
        if any(set(level) & set("+#%\0") for level in fixed) or "" in fixed[1:]:
            raise ValueError(f"FullTopic {shown(text)!r}: no +, #, other tokens or empty levels in it")
        if "" in fixed and levels[0] != "":
            raise ValueError(f"FullTopic {shown(text)!r}: no empty levels in it")
        at = levels.index(TOPIC)
        self._at = at
        self._before = tuple(levels[:at])
        self._after = tuple(levels[at + 1 :])
        self._prefix = levels.index(PREFIX)

    def read(self, topic: str) -> Place | None:
        """None when it is no topic of this template, or one that speaks to the device."""
        levels = topic.split("/")
        leaf = levels.pop()
        more = len(levels) - len(self._levels)
        if more not in (0, 1) or not leaf:
            return None
        end = self._at + 1 + more
        prefix = levels[self._prefix + (more if self._prefix > self._at else 0)]
        if prefix not in SAYS:
            return None
        levels[self._prefix + (more if self._prefix > self._at else 0)] = PREFIX
        named = "/".join(levels[self._at : end])
        fits = tuple(levels[: self._at]) == self._before and tuple(levels[end:]) == self._after
        return Place(prefix, named, leaf) if fits and named.strip("/") else None

    def filters(self, prefix: str, leaf: str, *, deep: bool = False) -> str:
        """The subscription for a leaf of every device; `deep`: of Zigbee devices with topics of their own."""
        name = "+/+" if deep else "+"
        levels = [{PREFIX: prefix, TOPIC: name}.get(level, level) for level in self._levels]
        return "/".join((*levels, leaf))
