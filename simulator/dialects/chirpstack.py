"""ChirpStack v4: every uplink as JSON, with the radio's view of it around a few bytes in base64.

Its habits: the time is a gateway's, with nanoseconds; the device's own clock is not told; each frame has a
deduplication id, and its counter starts anew with the battery; there is no offline, only silence.
"""

from __future__ import annotations

import base64
import json
import random
from typing import Any, Final

from devices.instant import Instant, moment
from simulator.dialects.lorawan import FRAMES, MODELS, eui, uuid
from simulator.voice import Dialect, Identity, Quiet, Said, Values, Voice

APPLICATION: Final = "17c82e96-be03-4f38-aef3-f83d48582d97"


class ChirpStack(Quiet):
    """One end device behind one gateway."""

    def __init__(self, who: Identity, chance: random.Random) -> None:
        self._who, self._chance, self._count = who, chance, 0

    def reading(self, values: Values, at: Instant) -> tuple[Said, ...]:
        frame = FRAMES[self._who.kind](values)
        self._count += 1
        return (
            self._event(
                "up",
                at,
                frame.model,
                fCnt=self._count,
                fPort=frame.port,
                confirmed=True,
                data=base64.b64encode(frame.body).decode(),
                rxInfo=[
                    {
                        "gatewayId": "0016c001f153a14c",
                        "gwTime": _nanos(at),
                        "nsTime": _nanos(at),
                        "rssi": -self._chance.randint(60, 120),
                        "snr": round(self._chance.uniform(-5.0, 10.0), 1),
                    }
                ],
            ),
        )

    def event(self, values: Values, at: Instant) -> tuple[Said, ...]:
        return self.reading(values, at)

    def online(self, at: Instant) -> tuple[Said, ...]:
        """It joins the network when it is switched on."""
        self._count = 0
        return (self._event("join", at, FRAMES[self._who.kind]({}).model),)

    def _event(self, kind: str, at: Instant, model: str, **more: Any) -> Said:
        body = {
            "deduplicationId": uuid(self._chance),
            "time": _nanos(at),
            "deviceInfo": {
                "tenantName": "Estate",
                "applicationId": APPLICATION,
                "deviceProfileName": model,
                "deviceName": self._who.device,
                "devEui": self._who.address,
            },
            "devAddr": "00189440",
            **more,
        }
        topic = f"application/{APPLICATION}/device/{self._who.address}/event/{kind}"
        return Said(topic, json.dumps(body, separators=(",", ":")).encode())


def _nanos(at: Instant) -> str:
    return f"{moment(at).strftime('%Y-%m-%dT%H:%M:%S.%f')}000+00:00"


def _voice(who: Identity, chance: random.Random) -> Voice:
    return ChirpStack(who, chance)


CHIRPSTACK: Final = Dialect("chirpstack", MODELS, eui, _voice)
