"""The doors of alerts: how a send leaves the house."""

from __future__ import annotations

from typing import Protocol

from alerts.broadcasts.broadcast import DrillSend, LiveSend
from alerts.broadcasts.delivery import Outcome


class Channel(Protocol):
    """A live way out. `send` never raises for what the far end does: that is an Outcome.

    `idempotent`: the far end honours the key, so that a repeat after a crash is harmless; otherwise a repeat
    is marked as a possible one.
    """

    name: str
    idempotent: bool

    async def send(self, send: LiveSend) -> Outcome: ...


class DrillChannel(Protocol):
    """A way out for drills. It accepts no LiveSend, and no live channel accepts a DrillSend."""

    name: str

    async def send(self, send: DrillSend) -> Outcome: ...
