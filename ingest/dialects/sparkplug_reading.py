"""The metrics of one Sparkplug message, named by the births that hold and read into what is understood.

One message may hold several moments: history by its own mark, and a metric that comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.device_time import UNREADABLE, device_time
from ingest.dialects.sparkplug_birth import Entry, Table
from ingest.dialects.sparkplug_names import meaning
from ingest.dialects.sparkplug_wire import Datatype, Metric, Payload, value_of
from ingest.message import Decoded
from ingest.strict_json import shown
from ingest.understood import Understood

MAX_NOTES: Final = 8
_PLAIN_NAME: Final = 60


@dataclass(slots=True)
class Moment:
    """What holds together. `at`: the latest time that a metric of it gives, in milliseconds."""

    said: Understood = field(default_factory=Understood)
    names: set[str] = field(default_factory=set)
    at: int | None = None


class Reading:
    """One message against its births: the first that knows an alias or name counts.

    `missing`: a metric could not be named, or is not what its birth said, so a birth was missed.
    """

    def __init__(self, payload: Payload, tables: Sequence[Table]) -> None:
        self.missing = False
        self.heard = False
        self._payload = payload
        self._tables = tables
        self._live = [Moment()]
        self._history: dict[int | None, Moment] = {}
        self._notes: list[str] = []
        for metric in payload.metrics:
            self._metric(metric)

    def decoded(self, dialect: str, address: str, *, is_birth: bool = False) -> list[Decoded]:
        """History first, then what is new; of a message that has neither, that the device was heard.

        A birth repeats what holds, whenever it was measured: its time is that of the message.
        """
        notes = self._notes
        sent_at = _time(self._payload.timestamp, notes)
        where = (dialect, address, sent_at)
        said = [_told(*where, one, backfill=True) for one in self._history.values()]
        live = [one for one in self._live if one.names or is_birth or not said]
        for one in live:
            if is_birth and sent_at is not None:
                one.at = None
        said += [_told(*where, one, cached=is_birth) for one in live]
        if notes:
            said[-1] = said[-1]._replace(notes=(*notes, *said[-1].notes)[:MAX_NOTES])
        return said

    # Metrics ----------------------------------------------------------------------------------------------

    def _metric(self, metric: Metric) -> None:
        entry, table = self._entry(metric)
        if entry is None or entry.meaning is None:
            return
        datatype = metric.datatype or entry.datatype
        value, wrong = value_of(metric, datatype)
        if entry.datatype != Datatype.UNTOLD != metric.datatype != entry.datatype:
            value, wrong = None, f"its birth says datatype {entry.datatype}, the message {metric.datatype}"
            self.missing = True
        moment = self._moment(metric, entry.name)
        label = entry.name
        if len(label) > _PLAIN_NAME or not label.isprintable():
            label = shown(label)
        entry.meaning.take(moment.said, label, value)
        if wrong:
            moment.said.notes.append(f"{label}: {wrong}")
        if entry.shared and table is not None and not metric.is_historical:
            self._share(moment.said, entry, table, label, value)

    def _share(self, said: Understood, entry: Entry, table: Table, label: str, value: object) -> None:
        """That one smoke chamber is clear says nothing of the other: what all of them said last counts."""
        assert entry.meaning is not None
        quantity, own = entry.meaning.quantity, Understood()
        entry.meaning.take(own, label, value)
        self.heard = table.hear(entry, own.values[quantity]) or self.heard
        said.values[quantity] = table.standing(quantity)

    def _entry(self, metric: Metric) -> tuple[Entry | None, Table | None]:
        """What the metric is, and whose; None: passed over, or not known."""
        if metric.name:
            for table in self._tables:
                if (entry := table.by_name.get(metric.name)) is not None:
                    return entry, table
            told = metric.datatype or (
                Datatype.DOUBLE if type(metric.value) in (int, float) else Datatype.UNTOLD
            )
            return Entry(metric.name, metric.datatype, meaning(metric.name, told)), None
        if metric.alias is None:
            self._note("a metric with neither name nor alias")
            return None, None
        for table in self._tables:
            if (entry := table.by_alias.get(metric.alias)) is not None:
                return entry, table
        if not any(table.others is None or metric.alias in table.others for table in self._tables):
            self.missing = True
            self._note(f"alias {metric.alias} is in no birth that we heard")
        return None, None

    def _moment(self, metric: Metric, name: str) -> Moment:
        """A metric that comes again begins another moment."""
        if metric.is_historical:
            moment = self._history.setdefault(metric.timestamp, Moment())
        else:
            if name in self._live[-1].names:
                self._live.append(Moment())
            moment = self._live[-1]
        moment.names.add(name)
        if metric.timestamp is not None and (moment.at is None or metric.timestamp > moment.at):
            moment.at = metric.timestamp
        return moment

    def _note(self, note: str) -> None:
        if len(self._notes) < MAX_NOTES:
            self._notes.append(note)


def _told(
    dialect: str, address: str, sent_at: int | None, one: Moment, backfill: bool = False, cached: bool = False
) -> Decoded:
    said = one.said
    own = _time(one.at, said.notes)
    return Decoded(
        dialect,
        address,
        said.points(),
        sent_at if own is None else own,
        test=said.test,
        warmup=said.warmup,
        backfill=backfill,
        notes=tuple(said.notes[:MAX_NOTES]),
        network_at=None if own is None else sent_at,
        cached=cached,
    )


def _time(milliseconds: int | None, notes: list[str]) -> int | None:
    at = device_time(milliseconds)
    if milliseconds is not None and at == UNREADABLE:
        notes.append(f"{milliseconds} is no time in milliseconds since 1970")
    return at
