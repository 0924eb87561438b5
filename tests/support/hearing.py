"""One Zigbee device in a house: what is admitted of its messages, and the edges of its alarm."""

from __future__ import annotations

from devices.device import Device, DeviceKind, Profile
from devices.instant import SECOND
from devices.inventory import Inventory
from devices.reading import Reading, Trust
from ingest.admit import Admission
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.message import Heard, Record, RecordKind

T0 = 1_790_000_000_000_000
KINDS = {
    "smoke": (DeviceKind.SMOKE, "smoke_alarm"),
    "gas_combustible": (DeviceKind.GAS, "gas_alarm"),
    "water_leak": (DeviceKind.WATER_LEAK, "water_leak_alarm"),
    "sos": (DeviceKind.SOS, "sos_alarm"),
}


class House:
    """One device of a kind, and everything that was heard of it."""

    def __init__(self, kind: str, address: str, base: str = "zigbee2mqtt") -> None:
        device_kind, self.alarm = KINDS[kind]
        profile = Profile("p", device_kind, frozenset(), alarm_quantity=self.alarm)
        device = Device("d", profile, "c", "zigbee2mqtt", address, "设备", "Device")
        self._admission = Admission(Inventory.of("c", "1", (), (device,)))
        self._dialect = Zigbee2Mqtt(base)
        self.heard: list[Heard] = []
        self._sequence = 0

    def hears(self, topic: str, payload: bytes, after_s: float = 1.0, retain: bool = False) -> None:
        self._sequence += 1
        at = T0 + int(self._sequence * after_s * SECOND)
        record = Record(self._sequence, at, RecordKind.MESSAGE, "mqtt", topic, payload, retain)
        found = self._dialect.decode(topic, payload, retain)
        assert isinstance(found, tuple), found
        self.heard.extend(self._admission.admit(record, one) for one in found)

    @property
    def alarms(self) -> list[Reading]:
        return [reading for one in self.heard for reading in one.readings if reading.quantity == self.alarm]

    def latest(self, quantity: str) -> float | None:
        facts = self._admission.last("d")
        return facts.values[quantity][0] if facts and quantity in facts.values else None

    @property
    def edges(self) -> list[float | None]:
        """The alarm's values, one for each change."""
        heard = [reading.value for reading in self.alarms if not reading.trust & Trust.DUPLICATE]
        return [value for n, value in enumerate(heard) if n == 0 or value != heard[n - 1]]
