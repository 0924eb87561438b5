"""What is remembered of Sparkplug's edge nodes and devices: how far each has counted, what its birth told.

Bounded: for a new edge node the one that was not heard for longest is forgotten, for a new device one that
its node's last birth did not bring back. Whatever is forgotten comes again with a rebirth.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from ingest.dialects.sparkplug_birth import Birth, Table
from ingest.dialects.sparkplug_session import Session

MAX_NODES: Final = 1_000
MAX_TOGETHER: Final = 1_000
"""Devices of one edge node: so many may one death speak of."""
MAX_DEVICES: Final = 10_000
MAX_ALIASES: Final = 200_000
"""Aliases of no concern, of all births together: they only tell what is passed over from what is lost."""


class Kept(NamedTuple):
    """Either the numbering of an edge node, or a birth of a node or device."""

    session: Session | None = None
    birth: Birth | None = None


class Memory:
    """By address: `<group>/<edge>`, `<group>/<edge>/<device>`."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._tables: dict[str, Table] = {}
        self._devices: dict[str, set[str]] = {}
        self._count = 0
        self._aliases = 0
        self._turn = 0
        self._changed: dict[str, None] = {}

    def session(self, node: str) -> Session:
        """A new one for a node that is not known."""
        return self._sessions.get(node) or Session(0)

    def keep(self, node: str, session: Session) -> None:
        """The node was heard just now."""
        self._turn += 1
        if self._sessions.pop(node, None) is None and len(self._sessions) >= MAX_NODES:
            self.forget(next(iter(self._sessions)))
        self._sessions[node] = Session(self._turn, *session[1:])
        self._changed[f"session {node}"] = None

    def next_generation(self) -> int:
        return self._turn + 1

    def table(self, node: str, address: str) -> Table | None:
        """The birth that holds now."""
        table = self._tables.get(address)
        session = self._sessions.get(node)
        holds = table is not None and session is not None and table.generation == session.generation
        return table if holds else None

    def put(self, node: str, address: str, birth: Birth) -> Table | None:
        """Keep a birth of a node that is known; None: no room for another device."""
        devices = self._devices.setdefault(node, set())
        if address != node and address not in devices:
            if (len(devices) >= MAX_TOGETHER or self._count >= MAX_DEVICES) and not self._make_room(node):
                return None
            devices.add(address)
            self._count += 1
        self._drop(address)
        if birth.others is not None and self._aliases + len(birth.others) > MAX_ALIASES:
            birth = birth._replace(others=None)
        return self._take(address, birth)

    def devices(self, node: str) -> list[str]:
        """Every device of a node that was born and did not die, in order of address."""
        return sorted(self._devices.get(node, ()))

    def quantities(self, address: str) -> tuple[str, ...]:
        table = self._tables.get(address)
        return table.quantities if table is not None else ()

    def changed(self, address: str) -> None:
        """Its birth, if there is one, heard something new."""
        if address in self._tables:
            self._changed[f"birth {address}"] = None

    def leave(self, node: str, address: str) -> None:
        """A device that died."""
        if address in self._devices.get(node, ()):
            self._devices[node].discard(address)
            self._count -= 1
            self._drop(address)

    def forget(self, node: str) -> None:
        """An edge node that died, with all its devices."""
        for address in self.devices(node):
            self.leave(node, address)
        self._devices.pop(node, None)
        self._drop(node)
        if self._sessions.pop(node, None) is not None:
            self._changed[f"session {node}"] = None

    def _make_room(self, node: str) -> bool:
        """Of devices that the node's last birth did not bring back, the first by address goes."""
        gone = next((one for one in self.devices(node) if self.table(node, one) is None), None)
        if gone is not None:
            self.leave(node, gone)
        return gone is not None

    def _take(self, address: str, birth: Birth) -> Table:
        table = self._tables[address] = Table(birth)
        self._aliases += len(birth.others or ())
        self._changed[f"birth {address}"] = None
        return table

    def _drop(self, address: str) -> None:
        table = self._tables.pop(address, None)
        if table is not None:
            self._aliases -= len(table.others or ())
            self._changed[f"birth {address}"] = None

    # The snapshot -----------------------------------------------------------------------------------------

    def drain(self) -> list[tuple[str, Kept | None]]:
        changed = [(key, self._kept(*key.split(" ", 1))) for key in self._changed]
        self._changed.clear()
        return changed

    def _kept(self, what: str, address: str) -> Kept | None:
        if what == "session":
            session = self._sessions.get(address)
            return Kept(session=session) if session is not None else None
        table = self._tables.get(address)
        return Kept(birth=table.birth) if table is not None else None

    def restore(self, entries: Iterable[tuple[str, Any]]) -> None:
        self._clear()
        sessions: list[tuple[str, Session]] = []
        for key, kept in entries:
            address = key.partition(" ")[2]
            if kept.session is not None:
                sessions.append((address, kept.session))
            elif kept.birth is not None:
                self._restore_birth(address, kept.birth)
        self._sessions = dict(sorted(sessions, key=lambda one: one[1].turn))
        self._turn = max((one.turn for one in self._sessions.values()), default=0)
        self._changed.clear()

    def _restore_birth(self, address: str, birth: Birth) -> None:
        node = node_of(address)
        devices = self._devices.setdefault(node, set())
        if address != node:
            devices.add(address)
            self._count += 1
        self._take(address, birth)


def node_of(address: str) -> str:
    return "/".join(address.split("/")[:2])
