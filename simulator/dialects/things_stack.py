"""The Things Stack v3: the same bytes as ChirpStack's, in another envelope, with what is 0 left out.

Its habits: `f_cnt` 0 is missing; the application server is a little later than the network server; the topic
names the device as the console does, the message gives its EUI in capitals.
"""

from __future__ import annotations

import base64
import json
import random
from typing import Any, Final

from devices.instant import MINUTE, SECOND, Instant, rfc3339
from simulator.dialects.lorawan import FRAMES, MODELS, eui
from simulator.voice import Dialect, Identity, Quiet, Said, Values, Voice

_LATER: Final = SECOND // 5


class ThingsStack(Quiet):
    """One end device."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._who, self._count = who, 0
        self._session = base64.b64encode(chance.randbytes(16)).decode()

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        frame = FRAMES[self._who.kind](values)
        up: dict[str, Any] = {
            "session_key_id": self._session,
            "f_port": frame.port,
            "frm_payload": base64.b64encode(frame.body).decode(),
            "version_ids": {"brand_id": "estate", "model_id": frame.model.lower()},
            "received_at": rfc3339(at),
        }
        if self._count:
            up["f_cnt"] = self._count
        self._count += 1
        return (self._said("up", at, uplink_message=up),)

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return self.reading(values, at)

    def online(self, at: Instant) -> tuple[Said, ...]:
        accept = {"session_key_id": self._session, "received_at": rfc3339(at)}
        return (self._said("join", at - MINUTE, join_accept=accept),)

    def _said(self, leaf: str, at: Instant, **more: Any) -> Said:
        ids = {
            "device_id": f"eui-{self._who.address}",
            "application_ids": {"application_id": "safety"},
            "dev_eui": self._who.address.upper(),
        }
        body = {"end_device_ids": ids, "received_at": rfc3339(at + _LATER), **more}
        topic = f"v3/safety@ttn/devices/eui-{self._who.address}/{leaf}"
        return Said(topic, json.dumps(body, separators=(",", ":")).encode())


def _voice(who: Identity, chance: random.Random) -> Voice:
    return ThingsStack(who, chance)


THINGS_STACK: Final = Dialect("things_stack", MODELS, eui, _voice)
