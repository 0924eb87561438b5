"""The crew page: whoever has it open sees the call at once, and that proves that it arrived."""

from __future__ import annotations

from collections.abc import Callable

from alerts.broadcasts.broadcast import LiveSend
from alerts.broadcasts.delivery import Outcome, Retry, Sent
from alerts.channels.gate import NOT_LIVE, is_live

Present = Callable[[str], bool]
"""Whether the responder with this id has a crew page open and connected right now."""


class PageChannel:
    """Delivers nothing itself: the page shows what concerns its reader. Here that is known or not."""

    idempotent = True

    def __init__(self, present: Present, name: str = "crew") -> None:
        self.name = name
        self._present = present

    async def send(self, send: LiveSend) -> Outcome:
        if not is_live(send):
            return NOT_LIVE
        return Sent(confirmed=True) if self._present(send.recipient.id) else Retry("no crew page is open")
