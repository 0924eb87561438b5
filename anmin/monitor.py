"""The pure core in one piece: one record of the log in, everything that follows from it out.

Live and in replay alike; it asks for no time, waits for nothing and touches no disk.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from alerts.broadcasts.broadcast import Broadcast, Purpose, Recipient
from alerts.broadcasts.compose import compose
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Answer
from alerts.incidents.desk import Desk, DeskState, Said
from alerts.incidents.state import Incident
from alerts.operations.command import Operate
from alerts.operations.operations import Memory, Operations, Ordered
from alerts.troubles.command import OwnTroubles, StartWalk
from alerts.troubles.standing import Upkeep
from alerts.troubles.supervision import KEPT, Supervision
from anmin import stranger
from anmin.codec import AnyEvent, load, load_any, load_command
from anmin.house import House
from devices.device import DeviceKind
from devices.instant import Instant
from ingest import native
from ingest.admit import Admission, AdmitState
from ingest.decode import decode
from ingest.message import CommandResult, Decoded, Heard, Ignored, Record, RecordKind, Rejected
from ingest.registry import DialectRegistry
from rules.account import Account
from rules.engine import Dropped, Engine
from rules.judge import Last
from rules.verdict import Transition

Entry: TypeAlias = tuple[str, object | None]

DEVICE_CHANNELS = frozenset(kind.value for kind in DeviceKind)
"""Channels that are commands to devices bear the name of the device's kind."""
START = "start"
CAUGHT_UP = "caught_up"


@dataclass(slots=True)
class Effects:
    """What one record led to. Nothing of it has happened yet."""

    record: Record
    heard: list[Heard] = field(default_factory=list)
    rejected: Rejected | None = None
    replies: list[tuple[str, bytes]] = field(default_factory=list)
    results: list[CommandResult] = field(default_factory=list)
    events: list[tuple[int, int, AnyEvent]] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)
    edges: list[Transition] = field(default_factory=list)
    answer: Answer | None = None
    outcome: SendOutcome | None = None


class Monitor:
    """Admission, engine, desk and supervision, run strictly by sequence."""

    def __init__(self, house: House, dialects: DialectRegistry) -> None:
        self.house = house
        self._dialects = dialects
        self.admission = Admission(house.inventory)
        self._engine = Engine(house.rules, house.inventory)
        self.desk = Desk(house.inventory, house.plans, self._compose)
        self.supervision = Supervision(house.inventory, self.admission.last)
        self.operations = Operations(house.inventory, house.automatic)
        self._holding = False
        self._dropped: list[Dropped] = []

    def handle(self, record: Record, house: House | None = None) -> Effects:
        """Everything that follows from one record; what was due before it comes first.

        `house` comes with a VERSION record: in force from it on, not for what was due before.
        """
        effects = Effects(record)
        stamp = _stamp(record.sequence)
        if not self._holding:
            self._advance(record.at, effects, stamp)
        if house is not None:
            self.adopt(house)
        _HANDLE[record.kind](self, record, effects, stamp)
        return effects

    def next_deadline(self) -> Instant | None:
        """When something is due; None while nothing is, or while sources are still catching up."""
        if self._holding:
            return None
        return self._next()

    def _next(self) -> Instant | None:
        dues = (self._engine.next_deadline(), self.desk.next_deadline(), self.supervision.next_deadline())
        return min((at for at in dues if at is not None), default=None)

    def accounts(self, device_id: str, last: Last, at: Instant) -> tuple[Account, ...]:
        """What the rules on a device say at that time. For a replay that ends with it: the rules' clock goes
        on to it, and nothing is told of what that leads to."""
        self._engine.tick(at)
        return self.standing(device_id, last)

    def standing(self, device_id: str, last: Last) -> tuple[Account, ...]:
        """What the rules on a device say now. Changes nothing."""
        return self._engine.accounts(device_id, last)

    def adopt(self, house: House) -> None:
        """Go on with another inventory or other rules.

        Levels of changed rules are unknown until heard; what they stood at is told by that record.
        """
        if house.inventory.version != self.house.inventory.version:
            self.admission.adopt(house.inventory)
        self.desk.adopt(house.inventory, house.plans)
        self.operations.adopt(house.inventory, house.automatic)
        self._dropped += self._engine.adopt(house.rules, house.inventory)
        self.house = house

    def drain(self) -> dict[str, list[Entry]]:
        """What changed since the last drain, per room, as immutable values."""
        return {
            "admission": list(self.admission.drain()),
            "engine": list(self._engine.drain()),
            "desk": list(self.desk.drain()),
            "supervision": list(self.supervision.drain()),
            "operations": list(self.operations.drain()),
            "dialects": [
                (f"{one.name} {key}", value)
                for one in self._dialects.remembering
                for key, value in one.drain()
            ],
            "monitor": [("holding", self._holding)],
        }

    def restore(self, rooms: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Take over what a snapshot held."""
        self._restore_dialects(rooms.get("dialects", ()))
        self.admission.restore((k, load(AdmitState, text)) for k, text in rooms.get("admission", ()))
        self._dropped += self._engine.restore(
            (k, load_any(Engine.STATE, text)) for k, text in rooms.get("engine", ())
        )
        self.desk.restore((k, load(DeskState, text)) for k, text in rooms.get("desk", ()))
        self.supervision.restore(
            (k, load_any(KEPT[k.partition(" ")[0]], text)) for k, text in rooms.get("supervision", ())
        )
        self.operations.restore((k, load(Memory, text)) for k, text in rooms.get("operations", ()))
        self._holding = any(load(bool, text) for _, text in rooms.get("monitor", ()))

    def _restore_dialects(self, entries: Iterable[tuple[str, str]]) -> None:
        known = {one.name: one for one in self._dialects.remembering}
        found: dict[str, list[tuple[str, object]]] = {name: [] for name in known}
        for entry, text in entries:
            name, _, key = entry.partition(" ")
            if name in known:
                found[name].append((key, load(known[name].MEMORY, text)))
        for name, kept in found.items():
            known[name].restore(kept)

    # One function per kind of record ----------------------------------------------------------------------

    def _message(self, record: Record, effects: Effects, stamp: Callable[[], str]) -> None:
        decoded = decode(record, self._dialects)
        if isinstance(decoded, Rejected):
            effects.rejected = decoded
            if decoded.event_id is not None and decoded.dialect == native.NAME:
                refusal = native.refusal(decoded.event_id, decoded.reason, decoded.detail)
                effects.replies.append((_ack_topic(record.topic), refusal))
        elif not isinstance(decoded, Ignored):
            for one in decoded:
                self._decoded(record, one, effects, stamp)

    def _decoded(self, record: Record, decoded: Decoded, effects: Effects, stamp: Callable[[], str]) -> None:
        heard = self.admission.admit(record, decoded)
        effects.heard.append(heard)
        if decoded.event_id is not None and decoded.dialect == native.NAME:
            effects.replies.append((_ack_topic(record.topic), native.ack(decoded.event_id)))
        effects.replies.extend(decoded.asks)
        if decoded.result is not None:
            effects.results.append(decoded.result)
        if heard.unknown:
            self._judge(stranger.transitions(heard, self.house.inventory), effects, stamp)
            return
        at, walking = record.at, self.supervision.walk_of(heard.device_id) is not None
        kept = self.supervision.heard(
            heard.device_id, heard.readings, at, test=decoded.test and not heard.duplicate, stamp=stamp
        )
        if kept is not None:
            self._upkeep(kept, effects, stamp)
        if not walking:
            for reading in heard.readings:
                self._judge(self._engine.handle(reading), effects, stamp)

    def _upkeep(self, said: Upkeep, effects: Effects, stamp: Callable[[], str]) -> None:
        """What supervision says, and what a test on foot had kept from the rules."""
        for event in said.events:
            effects.events.append((effects.record.sequence, len(effects.events), event))
        effects.broadcasts.extend(said.broadcasts)
        for reading in said.released:
            self._judge(self._engine.handle(reading), effects, stamp)

    def _judge(self, transitions: Iterable[Transition], effects: Effects, stamp: Callable[[], str]) -> None:
        for transition in transitions:
            effects.edges.append(transition)
            said = self.desk.handle(transition, effects.record.sequence, stamp)
            self._collect(said, effects, stamp, transition.at)

    def _command(self, record: Record, effects: Effects, stamp: Callable[[], str]) -> None:
        command = load_command(record.payload.decode())
        if isinstance(command, OwnTroubles | StartWalk):
            kept = self.supervision.command(command, record.at, stamp)
            effects.answer = kept.answer
            self._upkeep(kept, effects, stamp)
            return
        if isinstance(command, Operate):
            self._order(self.operations.command(command, record.at, stamp), effects)
            return
        said = self.desk.command(command, record.at, stamp)
        effects.answer = said.answer
        self._collect(said, effects, stamp)

    def _outcome(self, record: Record, effects: Effects, stamp: Callable[[], str]) -> None:
        effects.outcome = load(SendOutcome, record.payload.decode())
        self._collect(self.desk.outcome(effects.outcome, record.at, stamp), effects, stamp)
        self._order(self.operations.outcome(effects.outcome, record.at, stamp), effects)
        if (obeyed := _obeyed(effects.outcome)) is not None:
            kept = self.supervision.operated(effects.outcome.recipient, obeyed, record.at, stamp)
            self._upkeep(kept, effects, stamp)

    def _tick(self, record: Record, effects: Effects, stamp: Callable[[], str]) -> None:
        """Its work was done on the way here: everything due until its `at` has fired."""

    def _epoch(self, record: Record, effects: Effects, stamp: Callable[[], str]) -> None:
        """While sources catch up nothing fires, for what was due may have been answered meanwhile."""
        if record.topic == START:
            self._holding = True
        elif record.topic == CAUGHT_UP:
            self._holding = False
            self.supervision.deaf_until(record.at)
            self._advance(record.at, effects, stamp)

    def _version(self, record: Record, effects: Effects, stamp: Callable[[], str]) -> None:
        """The caller has adopted what it names; what that made unknown is told now."""
        dropped, self._dropped = self._dropped, []
        self._judge((one.transition(record.at) for one in dropped), effects, stamp)
        self._upkeep(self.supervision.review(self.house.inventory, record.at, stamp), effects, stamp)

    # ------------------------------------------------------------------------------------------------------

    def _advance(self, until: Instant, effects: Effects, stamp: Callable[[], str]) -> None:
        """Fire every deadline until then, each at its own time, rules before incidents."""
        while (at := self._next()) is not None and at <= until:
            self._judge(self._engine.tick(at), effects, stamp)
            self._collect(self.desk.tick(at, stamp), effects, stamp, at)
            self._upkeep(self.supervision.tick(at, stamp), effects, stamp)

    def _collect(
        self, said: Said, effects: Effects, stamp: Callable[[], str], at: Instant | None = None
    ) -> None:
        """What happened to incidents, and what the plan lets run by itself because of it."""
        for event in said.events:
            effects.events.append((effects.record.sequence, len(effects.events), event))
        effects.broadcasts.extend(said.broadcasts)
        if self.house.automatic:
            for name in dict.fromkeys(event.incident_id for event in said.events):
                if (incident := self.desk.incidents.get(name)) is not None:
                    self._order(self.operations.follow(incident, at or effects.record.at, stamp), effects)

    def _order(self, said: Ordered, effects: Effects) -> None:
        for event in said.events:
            effects.events.append((effects.record.sequence, len(effects.events), event))
        effects.broadcasts.extend(said.broadcasts)
        if said.answer is not None:
            effects.answer = said.answer

    def _compose(
        self,
        incident: Incident,
        purpose: Purpose,
        at: Instant,
        version: int,
        told: Sequence[Recipient],
        elsewhere: Collection[str],
    ) -> Broadcast:
        house = self.house
        return compose(
            incident,
            purpose,
            house.inventory,
            at,
            version=version,
            tier=incident.tier,
            told=told,
            elsewhere=elsewhere,
            partners=house.partners,
            utc_offset_for=house.terms.utc_offset_for,
        )


_HANDLE: dict[RecordKind, Callable[[Monitor, Record, Effects, Callable[[], str]], None]] = {
    RecordKind.MESSAGE: Monitor._message,
    RecordKind.COMMAND: Monitor._command,
    RecordKind.OUTCOME: Monitor._outcome,
    RecordKind.TICK: Monitor._tick,
    RecordKind.EPOCH: Monitor._epoch,
    RecordKind.VERSION: Monitor._version,
}


def _stamp(sequence: int) -> Callable[[], str]:
    """Ids of what one record causes: its sequence and a count, the same in every replay."""
    count = 0

    def next_id() -> str:
        nonlocal count
        count += 1
        return f"evt_{sequence:012x}_{count}"

    return next_id


def _obeyed(outcome: SendOutcome) -> bool | None:
    """Whether a device did what it was told; None of other sends, and while it is not known."""
    if outcome.channel not in DEVICE_CHANNELS:
        return None
    return {State.DELIVERED: True, State.FAILED: False, State.EXPIRED: False}.get(outcome.state)


def _ack_topic(topic: str) -> str:
    """Beside the topic that the device spoke on: `anmin/<community>/<device>/ack`."""
    return topic.rpartition("/")[0] + "/ack"
