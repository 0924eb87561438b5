"""A simulated town and the pure core on one virtual clock: a month in minutes, and the same one every time.

What is left out is what takes time and decides nothing: broker, log, ledger, sending. What a device says is
a record of the log, what a person does is a record of the log, and what is sent reaches who it is for at
once. docs/howto/simulate.md says how to play the same town to the real service.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Final

from alerts.broadcasts.broadcast import AnySend, Broadcast, DrillSend
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Ask
from alerts.troubles.events import TroubleBegan
from anmin import rulebook
from anmin.codec import dump
from anmin.community import to_inventory
from anmin.dialects import registry_of
from anmin.document import Document
from anmin.finding import render
from anmin.house import House, Terms
from anmin.monitor import Effects, Monitor
from anmin.settings import Settings, read
from anmin.web.asking import command
from devices.instant import SECOND, Instant
from devices.inventory import Inventory
from ingest.message import Record, RecordKind
from rules.spec import RuleSet
from simulator import expecting, happening
from simulator.score import Notice, Raised, Score, Trouble, score
from simulator.script import Script
from simulator.town import COMMUNITY, Town
from simulator.voice import Said

_ACK_S: Final = 0.05
"""From the service back to a device."""


class Rehearsal:
    """One scenario and one seed. `run` plays it to its end; afterwards `world` holds everything that was.

    `digest` is a hash over all that was said, asked, told and raised, with its times.
    """

    def __init__(self, script: Script, seed: str, rules: RuleSet | None = None) -> None:
        self.script = script
        place = happening.town_of(script, seed)
        known = inventory(place)
        settings = _settings()
        house = House(known, rules or _shipped(), _terms(settings))
        self.monitor = Monitor(house, registry_of(settings, COMMUNITY, every=True))
        self.world = happening.stage(script, place, seed, self)
        self.ends_at = self.world.begins_at + round(script.lasts * SECOND)
        self.rejected = 0
        self._devices = len(known.devices)
        self._sequence = 0
        self._hash = hashlib.sha256()

    def run(self) -> Score:
        """To the end of the script, then what it is worth."""
        self._handle(RecordKind.VERSION, "version", b"{}", house=self.monitor.house)
        self.world.start()
        while (at := self._next()) <= self.ends_at:
            self.world.step(at)
            due = self.monitor.next_deadline()
            if due is not None and due <= at:
                self._handle(RecordKind.TICK, "tick", b"")
        self.world.step(self.ends_at)
        return score(
            self.world.truths,
            self.world.raisings,
            self.world.notices,
            devices=self._devices,
            begins_at=self.world.begins_at,
            ends_at=self.ends_at,
            broken=expecting.broken(self.script, self.world),
        )

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def _next(self) -> Instant:
        dues = (self.world.next_at(), self.monitor.next_deadline())
        return max(self.world.now, min((at for at in dues if at is not None), default=self.ends_at + 1))

    # What the town does to the system -----------------------------------------------------------------------

    def hear(self, said: Said, *, kept: bool) -> None:
        self._handle(RecordKind.MESSAGE, said.topic, said.payload, retain=kept)

    def act(self, incident: str, verb: str, by: str, **more: str) -> None:
        via = "resident" if verb == "respond" else "web"
        asked = command(Ask(incident_id=incident, by=by, via=via), {"verb": verb, **more})
        if asked is not None:
            self._handle(RecordKind.COMMAND, "token", dump(asked).encode())

    def receipt(self, notice: Notice, state: str) -> None:
        outcome = SendOutcome(notice.incident, notice.key, notice.recipient, notice.channel, State(state))
        self._handle(RecordKind.OUTCOME, "outcome", dump(outcome).encode())

    # What the system does ---------------------------------------------------------------------------------

    def _handle(
        self,
        kind: RecordKind,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        house: House | None = None,
    ) -> None:
        self._sequence += 1
        now = self.world.now
        self._note(now, kind.value, topic, payload)
        effects = self.monitor.handle(
            Record(self._sequence, now, kind, "simulator", topic, payload, retain=retain), house
        )
        self.rejected += effects.rejected is not None
        self._tell(effects)

    def _tell(self, effects: Effects) -> None:
        for _, _, event in effects.events:
            if isinstance(event, TroubleBegan):
                self.world.troubles.append(Trouble(event.at, event.trouble.value, event.subject))
        for incident_id in dict.fromkeys(event.incident_id for _, _, event in effects.events):
            self._raise(incident_id)
        for broadcast in effects.broadcasts:
            self._broadcast(broadcast)
        for topic, payload in effects.replies:
            self.world.after(_ACK_S, lambda topic=topic, payload=payload: self.world.heard(topic, payload))  # type: ignore[misc] # a bound default

    def _raise(self, incident_id: str) -> None:
        incident = self.monitor.desk.incidents.get(incident_id)
        if incident is None:
            return
        known = self.world.levels.get(incident_id)
        level, is_open = int(incident.level), incident.stage.is_open
        if known is None or (known.level, known.open) != (level, is_open):
            raised = Raised(
                self.world.now,
                incident_id,
                incident.hazard.value,
                incident.place_id,
                level,
                incident.drill,
                is_open,
            )
            self._note(raised.at, "raised", incident_id, json.dumps(raised).encode())
            self.world.raised(raised)

    def _broadcast(self, broadcast: Broadcast) -> None:
        for send in broadcast.sends:
            notice = _notice(send)
            self._note(notice.at, "told", notice.key, send.text.encode())
            self.world.told(notice)

    def _note(self, at: Instant, kind: str, name: str, body: bytes) -> None:
        self._hash.update(f"{at} {kind} {name} ".encode() + body + b"\n")


def _notice(send: AnySend) -> Notice:
    who = send.recipient
    return Notice(
        send.created_at,
        send.key,
        send.incident_id,
        send.version,
        send.purpose.value,
        who.audience.value,
        who.id,
        who.channel,
        who.household_id or "",
        isinstance(send, DrillSend),
    )


def inventory(place: Town) -> Inventory:
    """The town as the product knows it. A town that is no community is a bug: raises ValueError."""
    found, findings = to_inventory(Document("town", place.document))
    if found is None:
        raise ValueError("\n".join(render(one, "en") for one in findings))
    return found


@cache
def _settings() -> Settings:
    loaded = read(None, {}, {"dialects.tasmota_switches": ["Switch1=water_leak_alarm"]})
    if loaded.settings is None:
        raise ValueError("\n".join(render(one, "en") for one in loaded.findings))
    return loaded.settings


@cache
def _shipped() -> RuleSet:
    rules = rulebook.read().rules
    if rules is None:
        raise ValueError("the shipped rules are broken: anmin check")
    return rules


def _terms(settings: Settings) -> Terms:
    alerts = settings.alerts
    return Terms(alerts.verify_for, alerts.tiers, alerts.acknowledged_for, (), settings.site.utc_offset_for)
