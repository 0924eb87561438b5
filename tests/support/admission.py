"""An admission of two devices on a timeline of its own, native and foreign."""

from __future__ import annotations

from typing import Any

from devices.device import Device, DeviceKind, Profile
from devices.inventory import Inventory
from devices.reading import Trust
from ingest.admit import Admission, Limits
from ingest.message import Decoded, Heard, Point, Record, RecordKind

T0 = 1_790_000_000_000_000
ALARM, CLEAR = Point("smoke_alarm", 1.0), Point("smoke_alarm", 0.0)
SMOKE = Profile("smoke", DeviceKind.SMOKE, frozenset({"smoke_alarm"}))
OF_THE_RECORD = ("retain", "dup", "payload", "source", "topic")


def houses(*more: Device) -> Inventory:
    known = (
        Device("smoke-1", SMOKE, "c", "native", "smoke-1", "烟感", "Smoke"),
        Device("z-1", SMOKE, "c", "zigbee2mqtt", "hall", "烟感", "Smoke"),
    )
    return Inventory.of("c", str(len(more)), (), (*known, *more))


class Desk:
    """An admission, and the counting of records."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.admission = Admission(houses(), limits)
        self.at = T0
        self.sequence = 0
        self.seq = 0

    def record(self, **more: Any) -> Record:
        self.sequence += 1
        made = Record(self.sequence, self.at, RecordKind.MESSAGE, "mqtt", "topic", b"payload")
        return made._replace(**more)

    def native(self, *points: Point, retain: bool = False, queued: bool = False, **more: Any) -> Heard:
        """A message of smoke-1, in order unless told otherwise."""
        self.seq += 1
        said = Decoded("native", "smoke-1", points, boot=7, device_sequence=self.seq)
        record = self.record(retain=retain, queued=queued)
        return self.admission.admit(record, said._replace(**more))

    def foreign(self, *points: Point, address: str = "hall", **more: Any) -> Heard:
        """A message of z-1 or of a stranger; `more` goes to the record or to what it says."""
        record = self.record(**{name: more.pop(name) for name in OF_THE_RECORD if name in more})
        return self.admission.admit(
            record, Decoded("zigbee2mqtt", address, points, cached=True)._replace(**more)
        )


def trusts(heard: Heard) -> list[Trust]:
    return [reading.trust for reading in heard.readings]
