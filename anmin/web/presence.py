"""Which responders have their crew page open right now: what the crew channel may count on."""

from __future__ import annotations

from collections import Counter


class PresenceBook:
    """One person may have several pages open; present as long as one is."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, responder_id: str) -> None:
        self._open[responder_id] += 1

    def leave(self, responder_id: str) -> None:
        self._open[responder_id] -= 1
        if self._open[responder_id] <= 0:
            del self._open[responder_id]

    def __contains__(self, responder_id: object) -> bool:
        return responder_id in self._open
