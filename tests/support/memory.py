"""What a snapshot would hold of a monitor, as JSON texts in memory, and the monitor made from it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anmin import houses
from anmin.codec import dump
from anmin.house import House
from anmin.monitor import Effects, Monitor
from ingest.message import Record, RecordKind
from tests.support.monitor import dialects


class Memory:
    """Rooms as the snapshot's file has them: one text per key, read back in the order of the keys."""

    def __init__(self) -> None:
        self._rooms: dict[str, dict[str, str]] = {}

    def keep(self, monitor: Monitor) -> None:
        """Take over what changed since the last time."""
        for room, entries in monitor.drain().items():
            texts = self._rooms.setdefault(room, {})
            for key, value in entries:
                if value is None:
                    texts.pop(key, None)
                else:
                    texts[key] = dump(value)

    def restored(self, house: House) -> Monitor:
        monitor = Monitor(house, dialects())
        monitor.restore(self.rooms())
        return monitor

    def rooms(self) -> dict[str, list[tuple[str, str]]]:
        return {room: sorted(texts.items()) for room, texts in self._rooms.items()}


def handle(monitor: Monitor, record: Record, known: Mapping[str, House]) -> Effects:
    """As the pipeline does. `known` has houses by their signature."""
    named = record.kind is RecordKind.VERSION
    return monitor.handle(record, known[record.payload.decode()] if named else None)


def by_signature(*all_houses: House) -> dict[str, House]:
    return {houses.signature(house): house for house in all_houses}


def said(effects: Iterable[Effects]) -> list[tuple[object, ...]]:
    """All that leaves the monitor, to compare."""
    return [
        (
            one.record.sequence,
            one.events,
            one.broadcasts,
            one.replies,
            one.results,
            one.rejected,
            one.answer,
            one.outcome,
            one.heard,
        )
        for one in effects
    ]
