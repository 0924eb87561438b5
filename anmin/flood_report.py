"""What a replay of recorded floods showed: the figures, by groups, as a table, as data and as Markdown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class FloodLine:
    """One event: seconds from its begin, None for never.

    `water_s` is the first sample that is not dry, `threshold_s` the first at four inches; the others are
    when our levels first stood. `raises` counts how often our pre-alarm was raised, beside the plain limit
    and the limit with hysteresis (on at 4, off below 3 inches); `incidents` those that were opened.
    """

    sensor: str
    begins: str
    peak_mm: float
    water_s: int | None
    threshold_s: int | None
    notice_s: int | None
    prealarm_s: int | None
    alarm_s: int | None
    raises: int
    plain_raises: int
    hysteresis_raises: int
    incidents: int

    @property
    def is_deep(self) -> bool:
        """Whether four inches were reached."""
        return self.threshold_s is not None

    @property
    def delay_s(self) -> int | None:
        """How much later than the plain limit we were; negative for earlier."""
        if self.threshold_s is None or self.prealarm_s is None:
            return None
        return self.prealarm_s - self.threshold_s


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some events that reached four inches. Seconds, and counts per event."""

    events: int
    missed: int
    threshold_s: float | None
    prealarm_s: float | None
    delay_s: float | None
    delay_p90_s: float | None
    delay_max_s: float | None
    raises: float
    plain_raises: float
    hysteresis_raises: float
    incidents: float
    worst_raises: int


@dataclass(frozen=True, slots=True)
class FloodReport:
    """All events in the order of time, and how many records the core was handed."""

    lines: tuple[FloodLine, ...]
    records: int

    @property
    def deep(self) -> tuple[FloodLine, ...]:
        return tuple(line for line in self.lines if line.is_deep)

    @property
    def missed(self) -> int:
        return sum(line.prealarm_s is None for line in self.deep)

    @property
    def shallow_warned(self) -> int:
        """Events below four inches that we warned of all the same: fast, or between 100 and 101.6 mm."""
        return sum(not line.is_deep and line.prealarm_s is not None for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """Everything as plain data."""
        verdict = {"missed": self.missed, "shallow_warned": self.shallow_warned}
        return asdict(self) | {"groups": {name: asdict(group) for name, group in groups(self)}} | verdict


# Groups -----------------------------------------------------------------------------------------------------


def groups(report: FloodReport) -> Iterator[tuple[str, Group]]:
    """All; the fastest and slowest tenth by the plain limit, the deepest tenth; each tenth of the sensors."""
    deep = report.deep
    if not deep:
        return
    tenth = max(1, round(len(deep) / 10))
    by_time = sorted(deep, key=lambda line: line.threshold_s or 0)
    by_depth = sorted(deep, key=lambda line: line.peak_mm)
    yield "all", group(deep)
    yield "fastest tenth", group(by_time[:tenth])
    yield "slowest tenth", group(by_time[-tenth:])
    yield "deepest tenth", group(by_depth[-tenth:])
    for number, sensors in enumerate(_tenths(deep), 1):
        yield f"sensors, tenth {number}", group([line for line in deep if line.sensor in sensors])


def _tenths(deep: Sequence[FloodLine]) -> Iterator[frozenset[str]]:
    """The sensors by how often they saw four inches, most often first."""
    counted = Counter(line.sensor for line in deep)
    ranked = sorted(counted, key=lambda sensor: (-counted[sensor], sensor))
    edges = [round(len(ranked) * n / 10) for n in range(11)]
    yield from (frozenset(ranked[a:b]) for a, b in pairwise(edges) if a < b)


def group(lines: Sequence[FloodLine]) -> Group:
    """The figures of events that reached four inches; there is at least one."""
    delays = [line.delay_s for line in lines]
    return Group(
        len(lines),
        sum(line.prealarm_s is None for line in lines),
        quantile((line.threshold_s for line in lines), 0.5),
        quantile((line.prealarm_s for line in lines), 0.5),
        quantile(delays, 0.5),
        quantile(delays, 0.9),
        quantile(delays, 1.0),
        _per_event(line.raises for line in lines),
        _per_event(line.plain_raises for line in lines),
        _per_event(line.hysteresis_raises for line in lines),
        _per_event(line.incidents for line in lines),
        max(line.raises for line in lines),
    )


def quantile(values: Iterable[float | None], share: float) -> float | None:
    """The smallest value that so great a share does not exceed. Never counts as later than everything."""
    known = sorted(math.inf if value is None else value for value in values)
    if not known:
        return None
    found = known[max(0, math.ceil(len(known) * share) - 1)]
    return found if math.isfinite(found) else None


def _per_event(counts: Iterable[int]) -> float:
    counted = list(counts)
    return round(sum(counted) / len(counted), 3)


# In words ---------------------------------------------------------------------------------------------------

_HEADS = ("events", "missed", "4 in", "ours", "delay", "p90", "max", "raises", "plain", "4/3 in", "incid.")
_FIELDS = (
    "events",
    "missed",
    "threshold_s",
    "prealarm_s",
    "delay_s",
    "delay_p90_s",
    "delay_max_s",
    "raises",
    "plain_raises",
    "hysteresis_raises",
    "incidents",
)
_LEGEND = {
    "zh": (
        "达到 4 英寸的内涝。4 in、ours：自首个样本起的秒数（中位数），单纯阈值与我们的预警；"
        "delay、p90、max：我们比阈值晚的秒数（负数为更早）；raises、plain、4/3 in：每次内涝的报警次数"
        "（我们；单纯阈值；4 英寸报、3 英寸消）；incid.：事件数。"
    ),
    "en": (
        "Floods that reach 4 inches. 4 in, ours: seconds from the first sample (median) to the plain limit "
        "and to our pre-alarm; delay, p90, max: seconds by which we are later (negative: earlier); raises, "
        "plain, 4/3 in: alerts per flood (ours; the plain limit; on at 4, off below 3 inches); incid.: "
        "incidents."
    ),
}
_WIDTH = 20


def table(report: FloodReport, language: str = "en") -> Iterator[str]:
    """A line for each group; the last line is the verdict."""
    yield _LEGEND["zh" if language == "zh" else "en"]
    yield _cells("", _HEADS)
    for name, one in groups(report):
        yield _cells(name, cells(one))
    yield f"{report.records} records, {len(report.lines)} floods, {len(report.deep)} reach 4 inches"
    yield f"missed {report.missed}, warned below 4 inches {report.shallow_warned}"


def cells(one: Group) -> list[str]:
    """The figures of one group in the order of the heads."""
    return [shown(getattr(one, name)) for name in _FIELDS]


def heads() -> tuple[str, ...]:
    return _HEADS


def shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _cells(name: str, values: Iterable[str]) -> str:
    return name.ljust(_WIDTH) + "".join(value.rjust(9) for value in values)
