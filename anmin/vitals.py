"""How the parts are: the health strip, readiness, and the gauges, looked at once a second."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count

from alerts.troubles.kind import TroubleKind
from anmin.backends.ledger import Ledger
from anmin.backends.log import SqliteLog
from anmin.clock import Clock, ScaledClock
from anmin.coverage import figures
from anmin.dispatcher import Dispatcher
from anmin.folder import DataFolder
from anmin.historian import Historian
from anmin.telemetry import Metrics
from anmin.view import Health, View
from devices.instant import SECOND
from devices.liveness import Liveness
from ingest.sources.gb26875 import Gb26875Source
from ingest.sources.mqtt import MqttSource
from ingest.sources.replay import ReplaySource

LOW_RATIO, ENOUGH = 0.10, 2 << 30
"""Space below a tenth of the disk is low, but never while there are 2 GiB."""


COVERAGE_EVERY = 60
"""Seconds between two looks at all of it."""
BESIDE = ("channels", "disk", "clock", "history")
"""Parts without which alarms still pass."""


class Vitals:
    """Knows every part that can fail by itself; judges none of them twice."""

    def __init__(
        self,
        folder: DataFolder,
        records: SqliteLog,
        ledger: Ledger,
        dispatcher: Dispatcher,
        sources: Sequence[MqttSource | ReplaySource | Gb26875Source],
        clock: Clock | ScaledClock,
        metrics: Metrics,
        view: View,
        handled: Callable[[], int],
        history: Historian | None = None,
    ) -> None:
        self._history = history
        self._folder = folder
        self._records = records
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._sources = sources
        self._clock = clock
        self._metrics = metrics
        self._view = view
        self._handled = handled
        self._lag_s = 0.0

    def health(self) -> tuple[Health, ...]:
        """One line per part; `ok` None is not known."""
        space = self._folder.space()
        behind = self._clock.behind / SECOND if isinstance(self._clock, Clock) else 0.0
        full = self._records.refusing
        low = min(LOW_RATIO * space.total, ENOUGH)
        failing = ", ".join(sorted(self._dispatcher.failing))
        sources = [Health(source.name, source.connected, source.trouble) for source in self._sources]
        return (
            *(sources or [Health("mqtt", False, "not started yet")]),
            Health("log", not full, "telemetry refused: no space" if full else ""),
            Health("ledger", not self._ledger.away, self._ledger.away),
            Health("disk", space.free > low, f"{space.free >> 30} GiB free" if space.free > low else "low"),
            *([Health("history", not self._history.problem, self._history.problem)] if self._history else ()),
            Health("channels", not failing, failing),
            Health("clock", abs(behind) < 5, f"{behind:+.1f} s"),
            Health("loop", self._lag_s < 2, f"{self._lag_s * 1000:.0f} ms late"),
        )

    def ready(self) -> tuple[Health, ...]:
        """What must be well for us to be trusted with alarms; channels that fail have others beside them."""
        return tuple(part for part in self.health() if part.name not in BESIDE)

    async def run(self) -> None:
        """Fill the gauges once a second and notice a late loop."""
        loop = asyncio.get_running_loop()
        refused = 0
        for turn in count():
            expected = loop.time() + 1.0
            await asyncio.sleep(1.0)
            self._lag_s = max(0.0, loop.time() - expected)
            self._metrics.set("event_loop_lag_seconds", self._lag_s)
            self._metrics.count("log_refused_total", self._records.refused - refused)
            refused = self._records.refused
            self.measure()
            if turn % COVERAGE_EVERY == 0:
                self.cover()

    def cover(self) -> None:
        """Fill the gauges of coverage: every device and home is looked at."""
        for state, points in figures(self._view).items():
            self._metrics.set("coverage_points", points, state=state)

    def measure(self) -> None:
        """Fill the gauges from what the parts say now."""
        metrics = self._metrics
        for lane in {source.lane for source in self._sources}:
            all_of_it = all(source.connected for source in self._sources if source.lane is lane)
            metrics.set("broker_connected", float(all_of_it), lane=lane.value)
        metrics.set("queue_depth", self._dispatcher.waiting, queue="sends")
        metrics.set("queue_depth", self._records.last - self._handled() + self._records.held, queue="records")
        if self._history is not None:
            kept = self._history.state
            metrics.set("queue_depth", kept.waiting, queue="history")
            metrics.set("history_lost_readings", kept.lost)
            metrics.set("history_refused_readings", kept.refused)
        metrics.set("disk_free_bytes", self._folder.space().free)
        metrics.set("devices_inbox", len(self._view.inbox))
        troubles = Counter(each.trouble.kind for each in self._view.troubles.values() if each.trouble.stands)
        for kind in TroubleKind:
            metrics.set("troubles", troubles[kind], kind=kind.value)
        states = Counter(device.liveness for device in self._view.devices.values())
        for state in Liveness:
            metrics.set("devices", states[state], state=state.value)
        self._incidents()

    def _incidents(self) -> None:
        live = [seen.incident for seen in self._view.incidents.values() if seen.incident.is_open]
        self._metrics.clear("incidents_open")
        for (level, drill), number in Counter((i.peak.word, i.drill) for i in live).items():
            self._metrics.set("incidents_open", number, level=level, drill=str(drill).lower())
        self._metrics.set("drill_active", float(any(incident.drill for incident in live)))
