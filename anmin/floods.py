"""Recorded street floods: how deep the water stood when, and when a plain limit would have said so.

The recordings are the events that ultrasonic sensors over streets of New York published (FloodNet, NYC Open
Data aq7i-eu5q): for each event the depth in inches about once a minute, from the last dry sample on. What
the sensors measured between the events was not published.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from anmin.fires import RecordingInvalid
from devices.instant import SECOND, Instant, instant

FILE = "flood-events.csv"
SENSOR, BEGINS, DEPTHS, SECONDS = (
    "sensor_id",
    "flood_start_time",
    "flood_profile_depth_inches",
    "flood_profile_time_secs",
)

MM_PER_INCH = 25.4
LIMIT_MM = 4 * MM_PER_INCH
"""Four inches: what the sensors' own network alerts at, and what our pre-alarm of 100 mm stands for."""
OFF_MM = 3 * MM_PER_INCH
DEEPEST_IN = 240.0
"""A street sensor hangs at about three metres; twice that is no depth."""


@dataclass(frozen=True, slots=True)
class Flood:
    """One event: `depth_mm` at `seconds` from its begin, in their order. Times count as UTC."""

    sensor: str
    begins: Instant
    seconds: tuple[int, ...]
    depth_mm: tuple[float, ...]

    @property
    def peak_mm(self) -> float:
        return max(self.depth_mm)

    @property
    def ends(self) -> Instant:
        return self.begins + self.seconds[-1] * SECOND

    def samples(self) -> Iterator[tuple[Instant, float]]:
        """When which depth was measured."""
        for second, depth in zip(self.seconds, self.depth_mm, strict=True):
            yield self.begins + second * SECOND, depth


# Reading ----------------------------------------------------------------------------------------------------


def find(data: Path) -> Path:
    """The file, in the folder of the recordings or in one of those above it. Raises RecordingInvalid."""
    for below in ("", "floodnet", "sets/floodnet", "data/sets/floodnet"):
        path = data / below / FILE
        if path.is_file():
            return path
    raise RecordingInvalid(data, f"holds no {FILE}: give the folder of the recordings (floodnet)")


def read(data: Path) -> tuple[Flood, ...]:
    """Every event by its begin. Raises RecordingInvalid with the line that is wrong."""
    path = find(data)
    line = 1
    found: dict[tuple[str, Instant], Flood] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if missing := {SENSOR, BEGINS, DEPTHS, SECONDS} - set(rows.fieldnames or ()):
                raise RecordingInvalid(path, f"lacks the columns {', '.join(sorted(missing))}", line)
            for row in rows:
                line = rows.line_num
                flood = _flood(row)
                if found.setdefault((flood.sensor, flood.begins), flood) is not flood:
                    raise _Wrong(f"{flood.sensor}: this event is there twice")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingInvalid(path, f"cannot be read as CSV: {error}", line) from error
    except (_Wrong, csv.Error) as error:
        raise RecordingInvalid(path, str(error), line) from error
    if not found:
        raise RecordingInvalid(path, "holds no event")
    floods = tuple(sorted(found.values(), key=lambda flood: (flood.begins, flood.sensor)))
    _apart(path, floods)
    return floods


class _Wrong(Exception):
    """A value that cannot be what it should be."""


def _flood(row: Mapping[str, str | None]) -> Flood:
    depths, seconds = _numbers(row, DEPTHS), _numbers(row, SECONDS)
    if len(depths) != len(seconds):
        raise _Wrong(f"{len(depths)} depths but {len(seconds)} times")
    if not depths:
        raise _Wrong(f"{DEPTHS}: holds no sample")
    if not all(0 <= depth <= DEEPEST_IN for depth in depths):
        raise _Wrong(f"{DEPTHS}: a depth is not within 0 and {DEEPEST_IN:g} inches")
    if any(second != int(second) or second < 0 for second in seconds):
        raise _Wrong(f"{SECONDS}: a time is not a whole second from the begin")
    if any(later < earlier for earlier, later in pairwise(seconds)):
        raise _Wrong(f"{SECONDS}: a sample is earlier than the one before")
    if not row[SENSOR]:
        raise _Wrong(f"{SENSOR}: is empty")
    millimetres = tuple(round(depth * MM_PER_INCH, 3) for depth in depths)
    return Flood(row[SENSOR] or "", _begin(row), tuple(int(second) for second in seconds), millimetres)


def _numbers(row: Mapping[str, str | None], name: str) -> list[float]:
    try:
        values: Any = json.loads(row[name] or "")
    except ValueError:
        raise _Wrong(f"{name}: is not a list of numbers") from None
    if not isinstance(values, list) or not all(_is_number(value) for value in values):
        raise _Wrong(f"{name}: is not a list of finite numbers")
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _begin(row: Mapping[str, str | None]) -> Instant:
    text = row[BEGINS] or ""
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))
    except ValueError:
        raise _Wrong(f"{BEGINS}: {text!r} is not a date and time") from None


def _apart(path: Path, floods: Iterable[Flood]) -> None:
    """One sensor cannot measure two events at a time."""
    until: dict[str, Instant] = {}
    for flood in floods:
        if flood.begins <= until.get(flood.sensor, flood.begins - 1):
            raise RecordingInvalid(path, f"{flood.sensor}: an event begins before the one before it ended")
        until[flood.sensor] = flood.ends


# What a plain limit would have done -------------------------------------------------------------------------


def threshold_s(flood: Flood, limit: float = LIMIT_MM) -> int | None:
    """Seconds from the begin until the first sample at the limit."""
    reached = (at for at, depth in zip(flood.seconds, flood.depth_mm, strict=True) if depth >= limit)
    return next(reached, None)


def water_s(flood: Flood) -> int | None:
    """Seconds from the begin until the first sample that is not dry."""
    return threshold_s(flood, math.nextafter(0.0, 1.0))


def plain_raises(flood: Flood, on: float = LIMIT_MM, off: float = LIMIT_MM) -> int:
    """How often an alert at `on`, gone again below `off`, is raised within one event."""
    raised, count = False, 0
    for depth in flood.depth_mm:
        if not raised and depth >= on:
            raised, count = True, count + 1
        elif raised and depth < off:
            raised = False
    return count
