"""The native dialect as a device writes it: a boot number, a sequence, an event that insists on its answer.

Its habits: QoS 1 may bring anything twice; an event is sent again byte for byte until its id comes back on
`ack`; a command is done once per id and its result said again when it is asked again.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

from devices.instant import Instant, parse_rfc3339, rfc3339
from simulator.voice import Dialect, Identity, Model, Said, Values, Voice

_EVERY_S: Final = (300.0, 60.0)
"""Of devices, and of gateways."""
_MEASURES: Final = {
    "smoke": ("smoke_alarm", "smoke_obscuration_db_per_m", "temperature_c"),
    "heat": ("heat_alarm", "temperature_c"),
    "gas": ("gas_alarm", "gas_lel_percent"),
    "co": ("co_alarm", "co_ppm"),
    "water_leak": ("water_leak_alarm",),
    "water_level": ("water_level_alarm", "water_level_mm"),
    "electrical": ("electrical_alarm", "residual_current_ma", "cable_temperature_c"),
    "sos": ("sos_alarm",),
    "call_point": ("manual_alarm",),
    "presence": ("motion", "door_open"),
    "siren": (),
    "loudspeaker": (),
    "sounder": (),
    "gateway": (),
    "valve": (),
}
_OWN: Final = ("battery_percent", "battery_low", "tamper", "fault")


class Native:
    """One device on `anmin/<community>/<device>/...`. `accepted` are its events that were answered."""

    testing = False
    warming = False

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._topic = f"anmin/{who.community}/{who.address}"
        self._who = who
        self._sequence = 0
        self._unanswered: dict[str, Said] = {}
        self._results: dict[str, Said] = {}
        self.accepted: set[str] = set()

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return (self._said("reading", self._measured(values, at)),)

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        body = self._measured(values, at)
        body["id"] = f"{self._who.device}-{self._who.boot}-{self._sequence}"
        said = self._said("event", body)
        self._unanswered[body["id"]] = said
        return (said,)

    def online(self, at: Instant) -> tuple[Said, ...]:
        return (self._presence(True),)

    def offline(self, at: Instant) -> tuple[Said, ...]:
        return (self._presence(False),)

    def again(self, at: Instant) -> tuple[Said, ...]:
        return tuple(self._unanswered.values())

    def late(self, said: Said) -> Said | None:
        """What is measured is kept in flash and marked as history; presence is not.

        An event that waited for its answer is history too: how it is now, the device says first, and live.
        """
        if said.topic.endswith("/status"):
            return None
        body = json.loads(said.payload) | {"backfill": True}
        late = said._replace(payload=json.dumps(body, separators=(",", ":")).encode())
        if body.get("id") in self._unanswered:
            self._unanswered[body["id"]] = late
        return late

    def hear(self, topic: str, payload: bytes, at: Instant) -> tuple[Said, ...]:
        try:
            body = json.loads(payload)
            name = body["id"]
        except (ValueError, KeyError, TypeError):
            return ()
        if topic == f"{self._topic}/ack":
            if self._unanswered.pop(name, None) is not None and body.get("ok") is True:
                self.accepted.add(name)
            return ()
        if topic != f"{self._topic}/command":
            return ()
        if name not in self._results:
            self._results[name] = self._said("result", {"v": 1, "id": name, **_done(body, at)})
        return (self._results[name],)

    def _measured(self, values: Values, at: Instant) -> dict[str, Any]:
        self._sequence += 1
        head = {"v": 1, "boot": self._who.boot, "seq": self._sequence, "at": rfc3339(at)}
        marks = {"test": self.testing, "warmup": self.warming}
        return {**head, **{name: True for name, is_so in marks.items() if is_so}, "values": dict(values)}

    def _presence(self, online: bool) -> Said:
        said = self._said("status", {"v": 1, "boot": self._who.boot, "online": online})
        return said._replace(retained=True)

    def _said(self, leaf: str, body: dict[str, Any]) -> Said:
        return Said(f"{self._topic}/{leaf}", json.dumps(body, separators=(",", ":")).encode())


def _done(body: dict[str, Any], at: Instant) -> dict[str, Any]:
    """A time that is missing or cannot be read has expired: an old command must never open a valve."""
    try:
        late = parse_rfc3339(str(body.get("expires_at"))) <= at
    except ValueError:
        late = True
    return {"done": not late, "detail": "expired" if late else "done"}


def _voice(who: Identity, chance: random.Random) -> Voice:
    return Native(who, chance)


NATIVE: Final = Dialect(
    "native",
    {
        kind: Model(f"native-{kind.replace('_', '-')}", (*quantities, *_OWN), _EVERY_S[kind == "gateway"])
        for kind, quantities in _MEASURES.items()
    },
    lambda device, number: device,
    _voice,
)
