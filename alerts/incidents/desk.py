"""Which incident an edge belongs to, what people are told of it, and what is due when.

Owns every open incident. Pure: edges, commands, outcomes and time come in, events and broadcasts go out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from alerts.broadcasts.broadcast import Audience, Broadcast, Purpose, Recipient
from alerts.broadcasts.reach import SendOutcome, Told, advance, told
from alerts.incidents import events as e
from alerts.incidents.command import Answer, Command, Declined, Done
from alerts.incidents.identity import incident_id
from alerts.incidents.incident import (
    AckDue,
    Cause,
    ClockDue,
    Context,
    Join,
    TierDue,
    TimedOut,
    decide,
    evolve,
    open_incident,
)
from alerts.incidents.index import Index
from alerts.incidents.purpose import purpose_of
from alerts.incidents.state import Incident, voices
from alerts.incidents.territory import Territory
from alerts.response.dispatch import next_clock
from alerts.response.escalation import lapses_at, next_tier_at
from alerts.response.plan import Plan
from devices.device import DeviceKind
from devices.instant import Instant
from devices.inventory import Inventory
from devices.level import Hazard, Level
from rules.verdict import Transition

Stamp: TypeAlias = Callable[[], str]
"""Yields the ids of the events that one log record causes, in order."""
Compose: TypeAlias = Callable[
    [Incident, Purpose, Instant, int, Sequence[Recipient], Collection[str]], Broadcast
]
"""(incident, purpose, at, version, told so far, concerned elsewhere) -> what everybody is sent."""


@dataclass(slots=True)
class Said:
    """What came of one input."""

    events: list[e.Event]
    broadcasts: list[Broadcast]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class DeskState:
    """One snapshot entry: an incident that is open, or was and may recur."""

    incident: Incident
    told: tuple[Told, ...]


class Desk:
    """All incidents of one inventory. `compose` turns a purpose into words and recipients."""

    def __init__(self, inventory: Inventory, plans: Mapping[Hazard, Plan], compose: Compose) -> None:
        self._plans = plans
        self._compose = compose
        self._territory = Territory(inventory)
        self._index = Index(self._territory, plans)
        self._incidents: dict[str, Incident] = {}
        self._told: dict[str, dict[str, Told]] = {}
        self._due: list[tuple[Instant, str]] = []
        self._stale = False
        self._dirty: dict[str, None] = {}

    # What comes in ----------------------------------------------------------------------------------------

    def handle(self, transition: Transition, sequence: int, stamp: Stamp) -> Said:
        """An edge of a rule joins the incident it belongs to, or opens one where it rises and none is."""
        said = Said([], [])
        self._forget(transition.at)
        known = self._index.find(transition)
        if known is not None:
            self._decide(self._incidents[known], Join(transition), transition.at, stamp, said)
        elif transition.rises:
            self._open(transition, sequence, stamp, said)
        return said

    def command(self, command: Command, at: Instant, stamp: Stamp) -> Said:
        """What a person asks for; `answer` says whether it had its effect."""
        said = Said([], [])
        incident = self._incidents.get(command.incident_id)
        if incident is None:
            said.answer = Declined("no_such_incident", f"no incident {command.incident_id}")
            return said
        declined = self._decide(incident, command, at, stamp, said)
        said.answer = declined or Done(incident.id, self._incidents[incident.id].stage.value)
        return said

    def outcome(self, outcome: SendOutcome, at: Instant, stamp: Stamp) -> Said:
        """What became of a send; late or repeated news changes nothing."""
        said = Said([], [])
        slots = self._told.get(outcome.incident_id, {})
        known = slots.get(outcome.key)
        new = advance(known, outcome, at) if known is not None else None
        if new is not None and outcome.incident_id in self._incidents:
            slots[outcome.key] = new
            delivered = e.Delivered(
                id=stamp(),
                incident_id=outcome.incident_id,
                at=at,
                key=outcome.key,
                recipient=outcome.recipient,
                channel=outcome.channel,
                state=outcome.state.value,
                detail=outcome.detail,
            )
            self._keep(evolve(self._incidents[outcome.incident_id], delivered))
            said.events.append(delivered)
        return said

    def next_deadline(self) -> Instant | None:
        """When something is due, None while nothing is. Asked for every record, so the answer is kept."""
        if self._stale:
            self._stale = False
            while self._due:
                at, incident_id = self._due[0]
                if self._next_due(self._incidents.get(incident_id)) == at:
                    break
                heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def tick(self, now: Instant, stamp: Stamp) -> Said:
        """Everything due until now, each at its own time."""
        said = Said([], [])
        while (at := self.next_deadline()) is not None and at <= now:
            _, incident_id = heapq.heappop(self._due)
            self._stale = True
            incident = self._incidents[incident_id]
            cause = self._cause_due(incident, at)
            self._decide(incident, cause, at, stamp, said)
            self._schedule(self._incidents[incident_id])
        return said

    # What is kept -----------------------------------------------------------------------------------------

    @property
    def incidents(self) -> Mapping[str, Incident]:
        return self._incidents

    def told(self, incident_id: str) -> tuple[Told, ...]:
        """The newest send per recipient and channel, in the order in which they were first told."""
        newest = {}
        for known in self._told.get(incident_id, {}).values():
            newest[known.recipient] = known
        return tuple(newest.values())

    def drain(self) -> list[tuple[str, DeskState | None]]:
        """What changed since the last drain, as immutable values."""
        changed, self._dirty = self._dirty, {}
        return [(key, self._state(key)) for key in changed]

    def restore(self, entries: Iterable[tuple[str, DeskState]]) -> None:
        """Take over what a snapshot held."""
        for key, state in entries:
            self._incidents[key] = state.incident
            self._told[key] = {known.key: known for known in state.told}
            self._index.restore(state.incident)
            self._schedule(state.incident)

    def adopt(self, inventory: Inventory, plans: Mapping[Hazard, Plan]) -> None:
        """Go on with another version of the inventory and the plans; incidents stay what they are."""
        self._plans = plans
        self._stale = True
        self._territory = Territory(inventory)
        self._index = Index(self._territory, self._plans)
        for incident in self._incidents.values():
            self._index.restore(incident)
            self._schedule(incident)

    def _state(self, key: str) -> DeskState | None:
        incident = self._incidents.get(key)
        return DeskState(incident, tuple(self._told.get(key, {}).values())) if incident else None

    # How it is done ---------------------------------------------------------------------------------------

    def _open(self, transition: Transition, sequence: int, stamp: Stamp, said: Said) -> None:
        place = self._territory.scope(transition.place_id)
        again, vouching = self._index.recurs_from(transition), self._vouching(transition)
        name = incident_id(transition.at, sequence, transition.hazard, transition.subject)
        context = self._context(transition.hazard, place, transition.at, stamp)
        events = open_incident(name, transition, place, context, again_of=again, vouched_by=vouching)
        self._apply(None, events, stamp, said)

    def _vouching(self, transition: Transition) -> str | None:
        """The kindred incident in which another device speaks right now."""
        mine = voices(transition.subject, transition.evidence)
        for name in self._index.kindred(transition):
            standings = self._incidents[name].standings
            if mine and any(known.level >= Level.PREALARM and known.voices - mine for known in standings):
                return name
        return None

    def _decide(
        self, incident: Incident, cause: Cause, at: Instant, stamp: Stamp, said: Said
    ) -> Declined | None:
        context = self._context(incident.hazard, incident.place_id, at, stamp)
        decided = decide(incident, cause, context)
        if isinstance(decided, Declined):
            return decided
        self._apply(incident, decided, stamp, said)
        return None

    def _context(self, hazard: Hazard, place_id: str, at: Instant, stamp: Stamp) -> Context:
        station = self._territory.station(place_id)
        return Context(at, self._plans[hazard], station.id if station else None, stamp)

    def _apply(self, before: Incident | None, events: Sequence[e.Event], stamp: Stamp, said: Said) -> None:
        if not events:
            return
        after = before
        for event in events:
            after = evolve(after, event)
        assert after is not None
        self._keep(after)
        said.events.extend(events)
        purpose = purpose_of(before, after, events, self._plans[after.hazard], self._territory)
        if purpose is not None:
            self._announce(after, purpose, events[-1].at, stamp, said)
        self._schedule(self._incidents[after.id])

    def _announce(self, incident: Incident, purpose: Purpose, at: Instant, stamp: Stamp, said: Said) -> None:
        """Plan one broadcast and remember whom it is for."""
        elsewhere = self._elsewhere(incident) if purpose.silences else frozenset()
        so_far = tuple(
            known.recipient
            for known in self.told(incident.id)
            if not (known.recipient.audience is Audience.DEVICE and known.recipient.id in elsewhere)
            and not (purpose is Purpose.OWNED and known.purpose.silences)
        )
        broadcast = self._compose(incident, purpose, at, incident.version + 1, so_far, elsewhere)
        if purpose is Purpose.OWNED and not broadcast.sends:
            return  # nothing sounds
        reached = self._told.setdefault(incident.id, {})
        for send in broadcast.sends:
            reached[send.key] = told(send)
        homes = {s.recipient.household_id for s in broadcast.sends if s.recipient.household_id}
        announced = e.Announced(
            id=stamp(),
            incident_id=incident.id,
            at=at,
            version=broadcast.version,
            purpose=purpose.value,
            recipients=len(broadcast.sends),
            households=len(homes),
        )
        self._keep(evolve(incident, announced))
        said.events.append(announced)
        said.broadcasts.append(broadcast)

    def _elsewhere(self, incident: Incident) -> frozenset[str]:
        """Whom another open incident has told something that still holds. A device among them sounds on: it
        falls silent with the last of its incidents, and a sounder with the last that belongs to nobody."""
        return frozenset(
            known.recipient.id
            for other in self._incidents.values()
            if other.is_open and other.id != incident.id and other.drill is incident.drill
            for known in self.told(other.id)
            if not known.purpose.silences
            and (other.ack is None or known.recipient.channel != DeviceKind.SOUNDER.value)
        )

    def _keep(self, incident: Incident) -> None:
        self._stale = True
        self._incidents[incident.id] = incident
        self._index.put(incident)
        self._dirty[incident.id] = None

    def _forget(self, now: Instant) -> None:
        for name in self._index.forget(now):
            self._stale = True
            del self._incidents[name]
            self._told.pop(name, None)
            self._dirty[name] = None

    def _dues(self, incident: Incident) -> Iterator[tuple[Instant, Cause]]:
        plan = self._plans[incident.hazard]
        if incident.window_until is not None:
            yield incident.window_until, TimedOut()
        if (at := next_tier_at(incident, plan)) is not None:
            yield at, TierDue()
        if (at := lapses_at(incident)) is not None:
            yield at, AckDue()
        if (clock := next_clock(incident, self._territory.station(incident.place_id))) is not None:
            yield clock[0], ClockDue(clock[1])

    def _next_due(self, incident: Incident | None) -> Instant | None:
        if incident is None or not incident.is_open:
            return None
        return min((at for at, _ in self._dues(incident)), default=None)

    def _cause_due(self, incident: Incident, at: Instant) -> Cause:
        return next(cause for due, cause in self._dues(incident) if due == at)

    def _schedule(self, incident: Incident) -> None:
        due = self._next_due(incident)
        self._stale = True
        if due is not None:
            heapq.heappush(self._due, (due, incident.id))
