"""Devices that nobody registered: an alarm from one is still an alarm, but a hostile one cannot flood.

An address gets an id of its own in the inbox; how many of them may raise an alarm in a time is limited per
source; the inbox forgets those heard least recently.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeAlias

from devices.instant import Instant, Micros

PREFIX: Final = "unknown:"
LONGEST: Final = 96
_DIGEST: Final = 8  # bytes
_PERCENT: Final = re.compile(rb"%([0-9A-F]{2})")


def stranger_id(dialect: str, address: str) -> str:
    """`unknown:<dialect>:<address>`: letters of any script, digits and `. _ -`, the rest as %XX; injective.

    A longer one ends in `~` and a digest of the whole.
    """
    make = _short_id if len(address) <= LONGEST else _id
    return make(dialect, address)


def named(key: str) -> tuple[str, str] | None:
    """Dialect and address behind an id; None where it was too long to be kept whole."""
    if not key.startswith(PREFIX) or "~" in key:
        return None
    dialect, _, address = key.removeprefix(PREFIX).partition(":")
    return _plain(dialect), _plain(address)


def _plain(escaped: str) -> str:
    said = _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode()), escaped.encode())
    return said.decode("utf-8", "surrogatepass")


def _id(dialect: str, address: str) -> str:
    full = f"{PREFIX}{_escaped(dialect)}:{_escaped(address)}"
    if len(full) <= LONGEST:
        return full
    digest = blake2b(full.encode(), digest_size=_DIGEST).hexdigest()
    return f"{full[: LONGEST - 1 - len(digest)]}~{digest}"


_short_id: Final = lru_cache(maxsize=4096)(_id)  # addresses of any length would fill the memory


def _escaped(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._-" else _percent(sign) for sign in text)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))


Slot: TypeAlias = tuple[str, Instant]
"""A source, and when an address began to be allowed an alarm there."""


class Inbox:
    """Who was heard without being known, and who of them may raise an alarm.

    At most `alarming` addresses per source within `alarming_for`; at most `size` addresses in all, of which
    those heard least recently are forgotten first, but none that holds a slot.
    """

    def __init__(self, size: int, alarming: int, alarming_for: Micros) -> None:
        self._size = size
        self._alarming = alarming
        self._alarming_for = alarming_for
        self._order: OrderedDict[str, None] = OrderedDict()
        self._slots: dict[str, dict[str, Instant]] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, key: str) -> bool:
        return key in self._order

    def __iter__(self) -> Iterator[str]:
        """Least recently heard first."""
        return iter(self._order)

    def heard(self, key: str, at: Instant) -> str | None:
        """Remember it; the key that is forgotten for it, where there is one."""
        self._order[key] = None
        self._order.move_to_end(key)
        if len(self._order) <= self._size:
            return None
        oldest = next((one for one in self._order if not self.slots(one, at)), next(iter(self._order)))
        self.forget(oldest)
        return oldest

    def may_alarm(self, key: str, source: str, at: Instant) -> bool:
        """Whether an alarm of this address is passed on; takes a slot when one is free."""
        held = self._slots.setdefault(source, {})
        for one in [one for one, since in held.items() if at - since >= self._alarming_for]:
            del held[one]
        if key not in held and len(held) < self._alarming:
            held[key] = at
        return key in held

    def slots(self, key: str, at: Instant) -> tuple[Slot, ...]:
        """The slots that an address holds."""
        return tuple(
            (source, held[key])
            for source, held in self._slots.items()
            if key in held and at - held[key] < self._alarming_for
        )

    def restore(self, key: str, slots: tuple[Slot, ...]) -> None:
        """Take over one address; called in the order in which they were heard."""
        self._order[key] = None
        for source, since in slots:
            self._slots.setdefault(source, {})[key] = since

    def forget(self, key: str) -> None:
        self._order.pop(key, None)
        for held in self._slots.values():
            held.pop(key, None)
