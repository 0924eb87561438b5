"""From sources to the log; the broker's acknowledgement goes along and is given once it is durable."""

from __future__ import annotations

from typing import Protocol

from ingest.message import Lane, RecordKind
from ingest.ports import Deliver, Entry, Incoming, Receipt


class Posts(Protocol):
    """The log as a source needs it; False when it has no room for this lane."""

    def post(self, entry: Entry, lane: Lane, receipt: Receipt | None = None) -> bool: ...


class Intake:
    """Counts what comes; what the log refuses is not acknowledged, so the broker brings it again."""

    def __init__(self, log: Posts) -> None:
        self._log = log
        self.received = 0

    def door(self, source: str, lane: Lane) -> Deliver:
        """What this source calls for each message."""
        post = self._log.post

        def deliver(incoming: Incoming) -> None:
            message, receipt = incoming
            self.received += 1
            _, topic, payload, _, retain, dup, _, queued = message
            entry = Entry(RecordKind.MESSAGE, source, topic, payload, retain, dup, queued)
            post(entry, lane, receipt)

        return deliver
