"""Recorded room fires: what the thermocouples said, when usual detectors would have, when the service did.

The recordings are the ceiling temperatures, once a second, of 106 full-scale room fires (UL FSRI 2018, doi
10.5281/zenodo.5703474). Each of the four quadrants of a room is one heat detector.
"""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeAlias

FILE = "compact_dev.csv.gz"
QUADRANTS = ("A", "B", "C", "D")
COLUMNS = tuple(f"ceil_{quadrant}" for quadrant in QUADRANTS)

FIXED_C = 57.0
RISE_C, RISE_WITHIN_S = 8.3, 60

CHAIR = "RedAccent"
"""How the experiments with a chair are named; the others burn gas at a set rate."""

Series: TypeAlias = tuple[float | None, ...]


class RecordingInvalid(ValueError):
    """The recordings are not there, or not what they should be."""

    def __init__(self, path: Path, what: str, line: int = 0) -> None:
        super().__init__(path, what, line)
        self.path = path
        self.what = what
        self.line = line

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Fire:
    """One experiment. `ceiling` has a series for each quadrant, one value a second from `first_s` on.

    Seconds count from ignition; None where nothing was recorded.
    """

    name: str
    first_s: int
    ceiling: tuple[Series, ...]

    @property
    def last_s(self) -> int:
        return self.first_s + len(self.ceiling[0]) - 1

    @property
    def is_chair(self) -> bool:
        return self.name.startswith(CHAIR)

    @property
    def door(self) -> str:
        """`open` or `closed`, as the name has it."""
        return "open" if "_Open_" in self.name else "closed"

    def at(self, second: int) -> tuple[float | None, ...]:
        """What the four quadrants measure at one second from ignition."""
        return tuple(series[second - self.first_s] for series in self.ceiling)


# Reading ----------------------------------------------------------------------------------------------------


def find(data: Path) -> Path:
    """The file, in the folder of the recordings or in one of those above it. Raises RecordingInvalid."""
    for below in ("", "fsri_fires", "sets/fsri_fires", "data/sets/fsri_fires"):
        path = data / below / FILE
        if path.is_file():
            return path
    raise RecordingInvalid(data, f"holds no {FILE}: give the folder of the recordings (fsri_fires)")


def read(data: Path) -> tuple[Fire, ...]:
    """Every experiment in the order of the file. Raises RecordingInvalid with the line that is wrong."""
    path = find(data)
    found: dict[str, list[_Row]] = {}
    line = 1
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"experiment", "t_s", *COLUMNS} - set(rows.fieldnames or ())
            if missing:
                raise RecordingInvalid(path, f"lacks the columns {', '.join(sorted(missing))}", line)
            for line, row in enumerate(rows, 2):  # noqa: B007 the line is for the error
                found.setdefault(row["experiment"], []).append(_row(row))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RecordingInvalid(path, f"cannot be read as gzip of CSV: {error}", line) from error
    except (_Wrong, csv.Error) as error:
        raise RecordingInvalid(path, str(error), line) from error
    if not found:
        raise RecordingInvalid(path, "holds no experiment")
    return tuple(_fire(path, name, samples) for name, samples in found.items())


class _Row(NamedTuple):
    second: int
    ceiling: tuple[float | None, ...]


class _Wrong(Exception):
    """A value that cannot be what it should be."""


def _row(row: Mapping[str, str | None]) -> _Row:
    second = _number("t_s", row["t_s"])
    if second is None or second != int(second):
        raise _Wrong(f"t_s: {row['t_s']!r} is not a whole second")
    return _Row(int(second), tuple(_number(name, row[name]) for name in COLUMNS))


def _number(name: str, text: str | None) -> float | None:
    if text is None:
        raise _Wrong(f"{name}: the line ends before it")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise _Wrong(f"{name}: {text!r} is not a number") from None
    if not math.isfinite(number):
        raise _Wrong(f"{name}: {text!r} is not finite")
    return number


def _fire(path: Path, name: str, samples: Sequence[_Row]) -> Fire:
    """Seconds without a line are silent ones. Without any before ignition no false alarm could be seen."""
    by_second = dict(samples)
    first, last = min(by_second), max(by_second)
    if len(by_second) < len(samples):
        raise RecordingInvalid(path, f"{name}: a second is there twice")
    if not first < 0 < last:
        raise RecordingInvalid(path, f"{name}: must begin before ignition and end after it")
    silent = (None,) * len(COLUMNS)
    rows = [by_second.get(second, silent) for second in range(first, last + 1)]
    return Fire(name, first, tuple(zip(*rows, strict=True)))


# What usual detectors would have done -----------------------------------------------------------------------


def fixed_s(fire: Fire, limit: float = FIXED_C) -> int | None:
    """Seconds from ignition until any quadrant reaches a fixed temperature."""
    return _first(fire, lambda series, n: (value := series[n]) is not None and value >= limit)


def rise_s(fire: Fire, by: float = RISE_C, within_s: int = RISE_WITHIN_S) -> int | None:
    """Seconds from ignition until any quadrant is so much warmer than it was `within_s` before."""

    def rose(series: Series, n: int) -> bool:
        if n < within_s:
            return False
        now, then = series[n], series[n - within_s]
        return now is not None and then is not None and now - then >= by

    return _first(fire, rose)


def _first(fire: Fire, says: Callable[[Series, int], bool]) -> int | None:
    for n in range(len(fire.ceiling[0])):
        if any(says(series, n) for series in fire.ceiling):
            return fire.first_s + n
    return None


# What came of it --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FireLine:
    """One experiment: seconds from ignition, None for never.

    `fixed_s` to `alarm_s` are the seconds of the samples that did it. `told_s` and `handed_s` are when the
    first message, and the first that speaks of the alarm, were handed off: the second of the sample that was
    the reason, plus the real time from its publication, which for the alarm is `latency_ms`.
    """

    experiment: str
    group: str
    fixed_s: int | None
    rise_s: int | None
    prealarm_s: int | None
    told_s: float | None
    alarm_s: int | None
    handed_s: float | None
    latency_ms: float | None

    @property
    def is_early(self) -> bool:
        """Somebody was warned of a fire that did not burn yet."""
        return any(at is not None and at < 0 for at in (self.prealarm_s, self.alarm_s))


@dataclass(frozen=True, slots=True)
class FireReport:
    """What a replay showed, and how fast it could be played.

    `speed` is the average over the run; `lag_s` how far the service was behind the recording when it had
    taken a second's readings, in recorded seconds, at the median and at worst; `latency_ms` its p50 and p99.
    """

    lines: tuple[FireLine, ...]
    messages: int
    speed_asked: float
    speed: float
    lag_s: tuple[float, float] = (0.0, 0.0)
    latency_ms: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def missed(self) -> int:
        return sum(line.alarm_s is None for line in self.lines)

    @property
    def before_ignition(self) -> int:
        return sum(line.is_early for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        by_group = {name: medians(lines) for name, lines in groups(self.lines)}
        verdict = {"missed": self.missed, "before_ignition": self.before_ignition}
        return asdict(self) | {"medians": by_group} | verdict


FIGURES = ("fixed_s", "rise_s", "prealarm_s", "told_s", "alarm_s", "handed_s", "latency_ms")
HEADS = ("57 C", "8.3/60 s", "pre-alarm", "told", "alarm", "hand-off", "ms")
_WIDTH = 32

_LEGEND = {
    "zh": (
        "点火后的秒数（以触发它的读数为准）。57 C、8.3/60 s：两种常规探测（定温；比 60 秒前高 8.3 C）。"
        "told：第一条消息已交出；hand-off：报警消息已交出，距读数发布的实际毫秒数见 ms。"
    ),
    "en": (
        "Seconds from ignition, of the sample that did it. 57 C, 8.3/60 s: usual detectors (fixed; 8.3 C "
        "more than 60 s before). told: the first message was handed off; hand-off: the alarm's was, `ms` of "
        "real time after its sample was published."
    ),
}


def table(report: FireReport, language: str = "en") -> Iterator[str]:
    """A line for each experiment, the medians, the speed; the last line is the verdict."""
    yield _LEGEND["zh" if language == "zh" else "en"]
    yield _cells("experiment", HEADS)
    for line in report.lines:
        yield _cells(line.experiment, (shown(getattr(line, name)) for name in FIGURES))
    for name, lines in groups(report.lines):
        yield _cells(f"median, {name}", (shown(value) for value in medians(lines).values()))
    lag = "/".join(f"{seconds:.2f}" for seconds in report.lag_s)
    waits = "/".join(shown(report.latency_ms.get(name)) for name in ("p50", "p99"))
    yield (
        f"{report.messages} readings, speed {report.speed:.1f} of {report.speed_asked:g} asked, "
        f"behind the recording p50/max {lag} s, reading to hand-off p50/p99 {waits} ms"
    )
    yield f"missed {report.missed}, before ignition {report.before_ignition}"


def group_of(fire: Fire) -> str:
    return f"{'chair' if fire.is_chair else 'gas burner'}, door {fire.door}"


def groups(lines: Sequence[FireLine]) -> Iterator[tuple[str, Sequence[FireLine]]]:
    """Each group that is there, chairs first; the chairs together; all."""
    names = sorted({line.group for line in lines}, key=lambda name: (not name.startswith("chair"), name))
    for name in names:
        yield name, [line for line in lines if line.group == name]
    if chairs := [line for line in lines if line.group.startswith("chair")]:
        yield "all chairs", chairs
    yield "all", lines


def medians(lines: Sequence[FireLine]) -> dict[str, float | None]:
    """Of each of FIGURES; None where most never did."""
    return {name: _median(getattr(line, name) for line in lines) for name in FIGURES}


def _median(values: Iterable[float | None]) -> float | None:
    """Never counts as later than everything."""
    known = [math.inf if value is None else value for value in values]
    middle = median(known) if known else math.inf
    return middle if math.isfinite(middle) else None


def _cells(name: str, cells: Iterable[str]) -> str:
    return name.ljust(_WIDTH) + "".join(cell.rjust(10) for cell in cells)


def shown(value: float | None) -> str:
    """As it stands in a table."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.2f}"
