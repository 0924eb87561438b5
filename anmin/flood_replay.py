"""Plays recorded street floods to the pure core on a virtual clock, and looks what it makes of each.

1,417 floods of three years cannot be played in real time. Here every sample is a log record in the native
dialect, handed to the same monitor as live: decoding, admission, the shipped rules, incidents, supervision.
What is left out is what takes time and decides nothing: broker, log, ledger, sending.
"""

from __future__ import annotations

import heapq
import json
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from alerts.incidents.command import Close
from alerts.incidents.events import Changed, Cleared, Disposition, Joined, Opened
from alerts.incidents.state import Condition
from anmin.codec import dump
from anmin.community import to_yaml
from anmin.flood_report import FloodLine, FloodReport
from anmin.floods import OFF_MM, Flood, plain_raises, read, threshold_s, water_s
from anmin.house import House, Terms
from anmin.houses import rules_of
from anmin.monitor import Effects, Monitor
from anmin.prepare import Prepared, prepare
from devices.instant import HOUR, SECOND, Instant, rfc3339
from devices.level import Level
from ingest import native
from ingest.message import Record, RecordKind
from ingest.registry import DialectRegistry

COMMUNITY = "floods"
WATCHED = Level.PREALARM
"""The level of the shipped rule (100 mm) that stands for four inches."""
DEPTH_RULE = "flood.depth"
CLOSED_AFTER = HOUR
"""How long after the water is gone somebody closes an incident, if it has not come back."""
EVERY = 20_000
"""Samples between two lines of progress."""

Out = Callable[[str], None]


def replay_floods(data: Path, *, limit: int = 0, out: Out) -> FloodReport:
    """Play the recordings in `data`, the first `limit` of them only if that is not 0.

    `out` gets the progress. Raises RecordingInvalid, and NotReady when the shipped rules are broken.
    """
    floods = read(data)[: limit or None]
    play = Play(floods)
    for count, sample in enumerate(samples(floods), 1):
        play.hear(sample)
        if count % EVERY == 0:
            out(f"{count} samples, {rfc3339(sample.at)[:10]}")
    return play.report()


class Sample(NamedTuple):
    """One measurement in the order of time; `flood` is the place of its event in the list."""

    at: Instant
    flood: int
    depth_mm: float


def samples(floods: Sequence[Flood]) -> Iterator[Sample]:
    """Those of all events, as they happened."""
    streams = (
        [Sample(at, number, depth) for at, depth in flood.samples()] for number, flood in enumerate(floods)
    )
    return heapq.merge(*streams)


# The streets ------------------------------------------------------------------------------------------------


def community(sensors: Iterable[str]) -> dict[str, Any]:
    """The community file: every sensor watches a zone of its own."""
    named = {sensor: name for name, sensor in names(sensors).items()}
    return {
        "county": {"id": "recorded", "zh": "记录", "en": "Recorded"},
        "street": {"id": "streets", "zh": "道路", "en": "Streets"},
        "community": {"id": COMMUNITY, "zh": "真实内涝记录", "en": "Recorded floods"},
        "zones": [
            {"id": name, "zh": sensor, "en": sensor, "kind": "underpass"} for sensor, name in named.items()
        ],
        "devices": [
            {"id": name, "profile": "native-water-level", "place": f"{COMMUNITY}.{name}"}
            for name in named.values()
        ],
        "staff": [
            {
                "id": "duty",
                "name": "值班员",
                "role": "duty",
                "languages": ["zh", "en"],
                "contacts": [{"file": "duty"}],
            }
        ],
    }


def names(sensors: Iterable[str]) -> dict[str, str]:
    """Which sensor each device stands for."""
    return {f"s{number:03d}": sensor for number, sensor in enumerate(sorted(set(sensors)), 1)}


def house(sensors: Iterable[str]) -> House:
    """The streets under the shipped rules and the default terms."""
    with tempfile.TemporaryDirectory(prefix="anmin-floods-") as folder:
        path = Path(folder) / "community.yaml"
        path.write_text(to_yaml(community(sensors)), encoding="utf-8")
        prepared = prepare(None, {}, {"site.data_dir": folder, "site.community": str(path)})
    return House(prepared.inventory, rules_of(prepared.rules_body), _terms(prepared))


def _terms(prepared: Prepared) -> Terms:
    alerts, site = prepared.settings.alerts, prepared.settings.site
    return Terms(alerts.verify_for, alerts.tiers, alerts.acknowledged_for, (), site.utc_offset_for)


# The play ---------------------------------------------------------------------------------------------------


class Edge(NamedTuple):
    """A level that the incident of one sensor says its depth has."""

    at: Instant
    level: Level


class Play:
    """One monitor over all the years, and what it said of each sensor."""

    def __init__(self, floods: Sequence[Flood]) -> None:
        self._floods = floods
        known = names(flood.sensor for flood in floods)
        self._device = {sensor: name for name, sensor in known.items()}
        dialects = DialectRegistry()
        dialects.add(native.Native())
        self._monitor = Monitor(house(known.values()), dialects)
        self._sequence = 0
        self._said: dict[str, list[Edge]] = {name: [] for name in known}
        self._opened: dict[str, list[Instant]] = {name: [] for name in known}
        self._closable: list[tuple[Instant, str]] = []

    def hear(self, sample: Sample) -> None:
        self._close_until(sample.at)
        device = self._device[self._floods[sample.flood].sensor]
        topic = f"anmin/{COMMUNITY}/{device}/reading"
        payload = _body(self._sequence + 1, sample.at, sample.depth_mm)
        self._handle(sample.at, RecordKind.MESSAGE, topic, payload)

    def _handle(self, at: Instant, kind: RecordKind, topic: str, payload: bytes) -> None:
        self._sequence += 1
        effects = self._monitor.handle(Record(self._sequence, at, kind, "replay", topic, payload))
        if effects.rejected is not None:
            raise AssertionError(f"a sample was rejected: {effects.rejected.detail}")
        self._note(effects)

    def _note(self, effects: Effects) -> None:
        for _, _, event in effects.events:
            if isinstance(event, Opened | Joined | Changed) and event.rule_id == DEPTH_RULE:
                self._said[event.subject].append(Edge(event.at, event.level))
                if isinstance(event, Opened):
                    self._opened[event.subject].append(event.at)
            elif isinstance(event, Cleared):
                heapq.heappush(self._closable, (event.at + CLOSED_AFTER, event.incident_id))

    def _close_until(self, now: Instant) -> None:
        """As the duty officer does, so that the next flood there is an incident of its own."""
        while self._closable and self._closable[0][0] <= now:
            at, name = heapq.heappop(self._closable)
            incident = self._monitor.desk.incidents.get(name)
            if incident is None or not incident.stage.is_open or incident.condition is not Condition.NORMAL:
                continue
            close = Close(incident_id=name, by="duty", disposition=Disposition.REAL)
            self._handle(at, RecordKind.COMMAND, "duty", dump(close).encode())

    # What came of it --------------------------------------------------------------------------------------

    def report(self) -> FloodReport:
        return FloodReport(tuple(self._line(flood) for flood in self._floods), self._sequence)

    def _line(self, flood: Flood) -> FloodLine:
        device = self._device[flood.sensor]
        said, opened = self._said[device], self._opened[device]
        return FloodLine(
            flood.sensor,
            rfc3339(flood.begins),
            flood.peak_mm,
            water_s(flood),
            threshold_s(flood),
            _reached_s(flood, said, Level.NOTICE),
            _reached_s(flood, said, WATCHED),
            _reached_s(flood, said, Level.ALARM),
            sum(flood.begins <= edge.at <= flood.ends for edge in raises(said, WATCHED)),
            plain_raises(flood),
            plain_raises(flood, off=OFF_MM),
            sum(flood.begins <= at <= flood.ends for at in opened),
        )


def raises(said: Sequence[Edge], level: Level) -> Iterator[Edge]:
    """The edges that come to `level` or above from below it."""
    before = Level.CLEAR
    for edge in said:
        if edge.level >= level > before:
            yield edge
        before = edge.level


def _reached_s(flood: Flood, said: Sequence[Edge], level: Level) -> int | None:
    """Seconds from the begin until the level first stood; 0 when it stood already, None for never."""
    first = bisect_right(said, flood.begins, key=lambda edge: edge.at)
    if first and said[first - 1].level >= level:
        return 0
    found = (edge.at for edge in said[first:] if edge.at <= flood.ends and edge.level >= level)
    at = next(found, None)
    return None if at is None else (at - flood.begins) // SECOND


def _body(sequence: int, at: Instant, depth_mm: float) -> bytes:
    body = {"v": 1, "boot": 1, "seq": sequence, "at": rfc3339(at), "values": {"water_level_mm": depth_mm}}
    return json.dumps(body, separators=(",", ":")).encode()
