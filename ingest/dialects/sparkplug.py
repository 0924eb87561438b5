"""Sparkplug B: industrial gateways that name their metrics once, in a birth, and then speak by number.

Checked against the specification 3.0, its upstream test vectors and a recorded capture.
docs/reference/dialects.md says what is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from ingest.dialects.sparkplug_birth import Table, born
from ingest.dialects.sparkplug_memory import Kept, Memory
from ingest.dialects.sparkplug_reading import MAX_NOTES, Reading
from ingest.dialects.sparkplug_session import Session, arrived, asked, may_ask, unread
from ingest.dialects.sparkplug_wire import NotPayload, Payload, read, rebirth
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown

__all__ = ["NAME", "Sparkplug"]

NAME: Final = "sparkplug"
SPACE: Final = "spBv1.0"
HEARD: Final = ("NBIRTH", "NDEATH", "DBIRTH", "DDEATH", "NDATA", "DDATA")
COMMANDS: Final = ("NCMD", "DCMD")
STATE: Final = "STATE"
MAX_PLACE: Final = 256

Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


class Place(NamedTuple):
    """Where a message comes from. `node` is `<group>/<edge>`, `address` that or `<group>/<edge>/<device>`."""

    kind: str
    node: str
    address: str


class Sparkplug:
    """The edge nodes of some groups, or of all. `host` is the name of our own host application.

    All that an edge node publishes is numbered in one row, whichever device it is about. What is missing is
    asked for by a command to the node (`Decoded.asks`).
    """

    name = NAME
    MEMORY = Kept

    def __init__(self, groups: Sequence[str] = (), host: str = "anmin") -> None:
        for one in (*groups, host):
            if not one or set(one) & set("+#/\0") or one == STATE:
                raise ValueError(
                    f"Sparkplug group or host {shown(one)!r}: one level of a topic, without + # /"
                )
        self._groups = tuple(dict.fromkeys(groups))
        self._host = host
        self._memory = Memory()

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm is a metric like any other, so everything rides with the telemetry.

        One filter for each kind of message, so that commands, ours among them, do not come back to us.
        """
        return tuple(
            Subscription(f"{SPACE}/{group}/{kind}/#", Lane.TELEMETRY)
            for group in self._groups or ("+",)
            for kind in HEARD
        )

    def claims(self, topic: str) -> bool:
        levels = topic.split("/", 2)
        if levels[0] == STATE:
            return len(levels) == 2
        return len(levels) == 3 and levels[0] == SPACE and self._is_ours(levels[1])

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        if not self.claims(topic):
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is in none of our groups", NAME)
        levels = topic.split("/")
        if STATE in levels[:2]:
            return self._state(levels[-1], payload)
        kind = levels[2]
        if kind in COMMANDS:
            return Ignored("a command to an edge node, ours or another host's")
        if kind not in HEARD:
            detail = f"{shown(kind)!r} is no kind of Sparkplug message that an edge node publishes"
            return Rejected(Reason.UNSUPPORTED, detail, NAME)
        place = _place(levels)
        if isinstance(place, Rejected):
            if kind not in ("NBIRTH", "NDEATH") and not retain:
                self._count("/".join((levels[1], *levels[3:4])))
            return place
        try:
            said = read(payload)
        except NotPayload as odd:
            return self._unread(place, odd, retain)
        if kind.endswith("DEATH"):
            return self._death(place, said, retain)
        if retain:
            return self._kept_by_broker(place, said)
        return self._birth(place, said) if kind.endswith("BIRTH") else self._data(place, said)

    def _is_ours(self, group: str) -> bool:
        return not self._groups or group in self._groups or group == STATE

    def _state(self, host: str, payload: bytes) -> Ignored:
        """Of a host application, as JSON or in the bare words of before 3.0: never protobuf."""
        who = "our own host application" if host == self._host else f"the host application {shown(host)}"
        return Ignored(f"{who} is {_presence(payload)}")

    # Memory -----------------------------------------------------------------------------------------------

    def drain(self) -> list[tuple[str, object | None]]:
        return list(self._memory.drain())

    def restore(self, entries: Iterable[tuple[str, Any]]) -> None:
        self._memory.restore(entries)

    # Births and data --------------------------------------------------------------------------------------

    def _birth(self, place: Place, said: Payload) -> Said:
        memory = self._memory
        notes: list[str] = []
        if place.address == place.node:
            session = _reborn(memory.session(place.node), said, memory.next_generation())
        else:
            session = self._arrived(place, said, notes)
        before = memory.quantities(place.address)
        birth, cut = born(said.metrics, session.generation)
        memory.keep(place.node, session)
        table = memory.put(place.node, place.address, birth)
        reading = Reading(said, (table,) if table is not None else ())
        notes += _of_birth(table, cut)
        found = _with_presence(reading.decoded(NAME, place.address, is_birth=True), before)
        return self._answer(place, session, said, found, notes)

    def _data(self, place: Place, said: Payload) -> Said:
        """Some nodes publish NDATA with a device level: it is of that device, by its names or the node's."""
        memory = self._memory
        notes: list[str] = []
        session = self._arrived(place, said, notes)
        where = [place.address] if place.kind == "DDATA" else list(dict.fromkeys((place.address, place.node)))
        tables = [table for one in where if (table := memory.table(place.node, one)) is not None]
        reading = Reading(said, tables)
        if reading.missing or not tables:
            session = session._replace(lost=True)
        if reading.heard:
            for one in where:
                memory.changed(one)
        memory.keep(place.node, session)
        return self._answer(place, session, said, reading.decoded(NAME, place.address), notes)

    def _kept_by_broker(self, place: Place, said: Payload) -> Said:
        """No node publishes so. It is of unknown age: read by its names, it changes nothing that we know."""
        return tuple(Reading(said, ()).decoded(NAME, place.address, is_birth=True))

    def _unread(self, place: Place, odd: NotPayload, retain: bool) -> Rejected:
        """Nobody can tell what it said, but it took a number; of a birth, the names before it are void."""
        memory = self._memory
        session = memory.session(place.node)
        if place.kind == "NBIRTH" and not retain:
            generation = memory.next_generation()
            memory.keep(
                place.node, session._replace(generation=generation, bd_seq=None, next_seq=None, lost=True)
            )
        elif place.kind != "NDEATH" and not retain:
            self._count(place.node)
        return Rejected(odd.reason, f"{place.kind}: {odd.detail}", NAME, place.address)

    def _count(self, node: str) -> None:
        session = self._memory.session(node)
        if session.turn:
            self._memory.keep(node, unread(session))

    def _arrived(self, place: Place, said: Payload, notes: list[str]) -> Session:
        before = self._memory.session(place.node)
        session, gap = arrived(before, said.seq, place.kind.endswith("DATA"))
        if gap:
            notes.append(f"number {said.seq or 0} came where {before.next_seq} was due: messages were lost")
        return session

    def _answer(
        self, place: Place, session: Session, said: Payload, found: list[Decoded], notes: list[str]
    ) -> tuple[Decoded, ...]:
        """With what is to be asked and remarked, beside what is said last."""
        asks: tuple[tuple[str, bytes], ...] = ()
        if may_ask(session):
            self._memory.keep(place.node, asked(session))
            group, _, edge = place.node.partition("/")
            asks = ((f"{SPACE}/{group}/NCMD/{edge}", rebirth(said.timestamp)),)
            notes.append("asked for a rebirth")
        if notes:
            last = found[-1]
            found[-1] = last._replace(asks=asks, notes=(*notes, *last.notes)[:MAX_NOTES])
        return tuple(found)

    # Deaths -----------------------------------------------------------------------------------------------

    def _death(self, place: Place, said: Payload, retain: bool) -> Said:
        if retain:
            return Ignored("a death that the broker kept: nobody knows of which session")
        if place.kind == "NDEATH":
            return self._node_death(place.node, said)
        notes: list[str] = []
        session = self._arrived(place, said, notes)
        self._memory.keep(place.node, session)
        found = [self._gone(place.address)]
        self._memory.leave(place.node, place.address)
        return self._answer(place, session, said, found, notes)

    def _node_death(self, node: str, said: Payload) -> Said:
        """The broker may tell the death of an earlier session after the birth of the next."""
        memory = self._memory
        if memory.table(node, node) is None:
            return Ignored("the death of a node whose birth we did not hear")
        bd_seq, own = _bd_seq(said), memory.session(node).bd_seq
        if bd_seq != own:
            return Ignored(f"the death of another session (bdSeq {bd_seq}, the birth's is {own})")
        gone = [self._gone(address) for address in (node, *memory.devices(node))]
        memory.forget(node)
        return tuple(gone)

    def _gone(self, address: str) -> Decoded:
        """Nothing is known of it any more. The time of a last will is that of its making, so it has none."""
        points = tuple(Point(quantity, None) for quantity in self._memory.quantities(address))
        return Decoded(NAME, address, points, online=False)


def _place(levels: Sequence[str]) -> Place | Rejected:
    kind = levels[2]
    address = "/".join((levels[1], *levels[3:]))
    device = len(levels) == 5
    wanted = (4, 5) if kind == "NDATA" else (4,) if kind.startswith("N") else (5,)
    if len(levels) not in wanted or "" in levels or len(address) > MAX_PLACE or not address.isprintable():
        detail = f"{shown('/'.join(levels))!r}: expected {SPACE}/<group>/{kind}/<edge node>"
        return Rejected(Reason.MALFORMED, detail + ("/<device>" if kind.startswith("D") else ""), NAME)
    return Place(kind, address.rpartition("/")[0] if device else address, address)


def _reborn(session: Session, said: Payload, generation: int) -> Session:
    """After an NBIRTH, with which everything begins anew but how often it was asked for."""
    anew = session._replace(
        generation=generation, bd_seq=_bd_seq(said), next_seq=None, lost=False, answered=True
    )
    return arrived(anew, said.seq)[0]


def _with_presence(found: list[Decoded], before: Iterable[str]) -> list[Decoded]:
    """It is there, and of what the birth before told and this one does not, nothing is known any more.

    A birth without a word of our concern only tells that it was heard: presence alone would pass for hearsay.
    """
    told = {point.quantity for one in found if not one.backfill for point in one.points}
    points = (*found[-1].points, *(Point(quantity, None) for quantity in before if quantity not in told))
    return [*found[:-1], found[-1]._replace(points=points, online=True if points else None)]


def _bd_seq(said: Payload) -> int | None:
    for metric in said.metrics:
        if metric.name == "bdSeq" and type(metric.value) is int:
            return metric.value
    return None


def _presence(payload: bytes) -> str:
    if payload in (b"ONLINE", b"OFFLINE"):
        return payload.decode().lower()
    try:
        body = parse(payload)
    except NotStrict:
        body = None
    online = body.get("online") if isinstance(body, dict) else None
    return "online" if online is True else "offline" if online is False else "in a state that we cannot read"


def _of_birth(table: Table | None, cut: bool) -> list[str]:
    if table is None:
        return ["too many devices are known: what this one says by number cannot be read"]
    notes = ["it has more metrics of our concern than are read"] if cut else []
    return notes + [
        f"{shown(name)}: another metric says the same, which is read instead" for name in table.second
    ]
