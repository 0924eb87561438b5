"""A way out that is shut: a replay decides everything and tells nobody."""

from __future__ import annotations

from alerts.broadcasts.broadcast import LiveSend
from alerts.broadcasts.delivery import Outcome, Sent
from alerts.channels.gate import NOT_LIVE, is_live


class ShutChannel:
    """Takes the place of the channel of that name; each send counts as handed off, to nobody."""

    idempotent = True

    def __init__(self, name: str) -> None:
        self.name = name

    async def send(self, send: LiveSend) -> Outcome:
        return Sent("shut") if is_live(send) else NOT_LIVE
