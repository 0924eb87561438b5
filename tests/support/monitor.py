"""A monitor on a virtual timeline: messages and commands in, what people would see out."""

from __future__ import annotations

import json
from collections.abc import Iterable

from alerts.incidents.events import Event
from alerts.incidents.state import Incident
from alerts.operations.operation import OperationHappened
from alerts.troubles.events import TroubleHappened
from anmin.codec import AnyCommand, dump
from anmin.house import House, Terms
from anmin.monitor import Effects, Monitor
from devices.instant import HOUR, SECOND, Instant, rfc3339
from devices.inventory import Inventory
from ingest import native
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Record, RecordKind
from ingest.registry import DialectRegistry
from tests.support.community import T0, inventory
from tests.support.rulebook import pack

TERMS = Terms(
    verify_for=60 * SECOND,
    tiers=(60 * SECOND, 180 * SECOND, 300 * SECOND),
    acknowledged_for=180 * SECOND,
    partners=(),
    utc_offset_for=8 * HOUR,
)


def house(known: Inventory | None = None) -> House:
    """The small community under the shipped packs."""
    return House(known or inventory(), pack(), TERMS)


def dialects(*bases: str) -> DialectRegistry:
    registry = DialectRegistry()
    registry.add(native.Native())
    for base in bases or ("zigbee2mqtt",):
        registry.add(Zigbee2Mqtt(base))
    return registry


class Story:
    """Every call is one record; times are seconds after T0."""

    def __init__(self, known: Inventory | None = None, *bases: str) -> None:
        self.monitor = Monitor(house(known), dialects(*bases))
        self.sequence = 0
        self.effects: list[Effects] = []

    def record(
        self,
        seconds: float,
        kind: RecordKind,
        topic: str,
        payload: bytes,
        house: House | None = None,
        **marks: bool,
    ) -> Effects:
        """Hand one record to the monitor; `house` is what a VERSION record names."""
        self.sequence += 1
        at: Instant = T0 + round(seconds * SECOND)
        record = Record(self.sequence, at, kind, "test", topic, payload, **marks)
        effects = self.monitor.handle(record, house)
        self.effects.append(effects)
        return effects

    def message(self, seconds: float, topic: str, payload: bytes | str, **marks: bool) -> Effects:
        raw = payload.encode() if isinstance(payload, str) else payload
        return self.record(seconds, RecordKind.MESSAGE, topic, raw, None, **marks)

    def says(
        self, seconds: float, device: str, *, event: str | None = None, **values: float | bool
    ) -> Effects:
        """A native reading, or an event with that id."""
        body = {
            "v": 1,
            "boot": 1,
            "seq": self.sequence + 1,
            "at": rfc3339(T0 + round(seconds * SECOND)),
            "values": values,
        } | ({"id": event} if event else {})
        leaf = "event" if event else "reading"
        return self.message(seconds, f"anmin/c/{device}/{leaf}", json.dumps(body))

    def asks(self, seconds: float, command: AnyCommand) -> Effects:
        return self.record(seconds, RecordKind.COMMAND, "token", dump(command).encode())

    def wait(self, seconds: float) -> Effects:
        """Until then; whatever is due happens."""
        return self.record(seconds, RecordKind.TICK, "tick", b"")

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return tuple(self.monitor.desk.incidents.values())

    def told(self) -> list[str]:
        """Every broadcast so far: `12 alert household crew duty ...` as (second, purpose, audiences)."""
        lines = []
        for effects in self.effects:
            for broadcast in effects.broadcasts:
                seconds = (broadcast.sends[0].created_at - T0) // SECOND if broadcast.sends else -1
                who = sorted({send.recipient.audience.value for send in broadcast.sends})
                lines.append(f"{seconds} {broadcast.purpose.value}: {' '.join(who)}")
        return lines

    def events(self, kind: str = "") -> Iterable[Event]:
        """Of incidents; what happened to devices is `upkeep`'s."""
        known = [
            e
            for one in self.effects
            for _, _, e in one.events
            if not isinstance(e, TroubleHappened | OperationHappened)
        ]
        return [event for event in known if not kind or event.kind == kind]

    def upkeep(self) -> list[str]:
        """What supervision noted so far, by kind."""
        events = (event for one in self.effects for _, _, event in one.events)
        return [event.kind for event in events if isinstance(event, TroubleHappened)]
