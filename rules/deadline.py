"""What is due next, in one order that a replay repeats."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Protocol

from devices.instant import Instant


class Due(Protocol):
    """Something with a deadline. `scheduled` belongs to the Deadlines that it was put into."""

    key: str
    order: int
    scheduled: Instant | None

    @property
    def due(self) -> Instant | None: ...


class Deadlines:
    """The earliest deadline first, equal ones by rule and subject.

    One that moves later is looked up again when its old time comes, so that a value that flutters around
    its limit adds no entry per reading.
    """

    def __init__(self, known: Mapping[str, Due]) -> None:
        self._known = known
        self._heap: list[tuple[Instant, int, str]] = []

    def put(self, item: Due) -> None:
        due = item.due
        if due is not None and (item.scheduled is None or due < item.scheduled):
            item.scheduled = due
            heapq.heappush(self._heap, (due, item.order, item.key))

    def first(self) -> tuple[Instant, str] | None:
        """The next deadline and the key of what it belongs to."""
        heap = self._heap
        while heap:
            due, _, key = heap[0]
            item = self._known.get(key)
            if item is not None and item.scheduled == due:
                if item.due == due:
                    return due, key
                item.scheduled = None
                heapq.heappop(heap)
                self.put(item)
            else:
                heapq.heappop(heap)
        return None
