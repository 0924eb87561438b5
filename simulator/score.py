"""Truth against what the system did: missed, late, false, duplicate, historic, leaked, and its delays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from devices.instant import DAY, SECOND, Instant, rfc3339
from simulator.truth import Nature, Truth

ALARM: Final = 3
COUNTED: Final = ("missed", "late", "false", "duplicate", "historic", "leaked", "broken")
"""`broken` are the scenario's own expectations that were not met."""


class Raised(NamedTuple):
    """The system says of an incident at which level (0 clear to 4 critical) it stands; `open` till closed."""

    at: Instant
    incident: str
    hazard: str
    place: str
    level: int
    drill: bool
    open: bool = True


class Notice(NamedTuple):
    """The system sends somebody something. `purpose` and `audience` are its own words for it."""

    at: Instant
    key: str
    incident: str
    version: int
    purpose: str
    audience: str
    recipient: str
    channel: str
    household: str
    drill: bool


class Trouble(NamedTuple):
    """The system says that something is wrong with a device (`subject`) or a place."""

    at: Instant
    kind: str
    subject: str


class Case(NamedTuple):
    """One thing that counts, and what it was, for a person."""

    kind: str
    at: Instant
    text: str


@dataclass(slots=True)
class Course:
    """One incident as it was seen from outside."""

    incident: str
    hazard: str
    place: str
    drill: bool
    opened_at: Instant
    closed_at: Instant | None = None
    levels: list[tuple[Instant, int]] = field(default_factory=list)
    told_at: Instant | None = None

    @property
    def peak(self) -> int:
        return max(level for _, level in self.levels)

    def reached_at(self, level: int) -> Instant | None:
        return next((at for at, stood in self.levels if stood >= level), None)


@dataclass(frozen=True, slots=True)
class Score:
    """`delays_s`: from a hazard's begin to its alarm; `answers_s`: from a detector's first own alarm."""

    cases: tuple[Case, ...]
    delays_s: tuple[float, ...]
    answers_s: tuple[float, ...]
    device_days: float
    incidents: int
    notices: int

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(case.kind for case in self.cases)
        return {kind: found[kind] for kind in COUNTED}

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts,
            "delay_s": quantiles(self.delays_s),
            "answer_s": quantiles(self.answers_s),
            "false_per_1000_device_days": per_thousand(self.counts["false"], self.device_days),
            "device_days": round(self.device_days, 2),
            "incidents": self.incidents,
            "notices": self.notices,
            "cases": [f"{case.kind} {rfc3339(case.at)} {case.text}" for case in self.cases],
        }


def score(
    truths: Sequence[Truth],
    raised: Iterable[Raised],
    notices: Iterable[Notice],
    *,
    devices: int,
    begins_at: Instant,
    ends_at: Instant,
    broken: Iterable[Case] = (),
) -> Score:
    """What counts against the system, and its delays. Times of truth and system are one clock."""
    told = list(notices)
    courses = list(_courses(raised, told).values())
    cases = [
        *(case for truth in truths for case in _of_truth(truth, courses)),
        *(case for course in courses for case in _of_course(course, truths)),
        *_twice_open(courses),
        *_twice_told(told),
        *_leaks(told, courses),
        *broken,
    ]
    real = [truth for truth in truths if truth.nature is Nature.REAL and truth.must]
    found = [(truth, at) for truth in real if (at := _answered(truth, courses)) is not None]
    return Score(
        tuple(sorted(cases, key=lambda case: (case.at, case.kind, case.text))),
        tuple((at - truth.begins_at) / SECOND for truth, at in found),
        tuple((at - truth.sensed_at) / SECOND for truth, at in found if truth.sensed_at is not None),
        devices * (ends_at - begins_at) / DAY,
        len(courses),
        len(told),
    )


def _courses(raised: Iterable[Raised], notices: Iterable[Notice]) -> dict[str, Course]:
    found: dict[str, Course] = {}
    for one in raised:
        course = found.get(one.incident)
        if course is None:
            course = found[one.incident] = Course(one.incident, one.hazard, one.place, one.drill, one.at)
        course.levels.append((one.at, one.level))
        course.closed_at = None if one.open else one.at
    for notice in notices:
        course = found.get(notice.incident)
        if course is not None and course.told_at is None and notice.audience != "device":
            course.told_at = notice.at
    return found


def _of_truth(truth: Truth, courses: Sequence[Course]) -> Iterator[Case]:
    """Missed, or late."""
    if truth.nature is not Nature.REAL or not truth.must:
        return
    at = _answered(truth, courses)
    since = truth.sensed_at if truth.sensed_at is not None else truth.begins_at
    if at is None:
        yield Case("missed", since, f"{truth.name}: {truth.hazard} at {truth.place}")
    elif (at - since) / SECOND > truth.within_s:
        yield Case("late", at, f"{truth.name}: {(at - since) / SECOND:.0f} s, allowed {truth.within_s:g} s")


def _answered(truth: Truth, courses: Sequence[Course]) -> Instant | None:
    """When an incident about it stood at the level that it must, and somebody was told of it."""
    found = (
        at
        for course in courses
        if not course.drill and course.told_at is not None and truth.is_of(course.hazard, course.place)
        for at in (_first_within(course, truth),)
        if at is not None
    )
    return min(found, default=None)


def _first_within(course: Course, truth: Truth) -> Instant | None:
    """An incident that was open already counts from the begin on."""
    for at, level in course.levels:
        if level >= truth.must and truth.stands(max(at, truth.begins_at)):
            if at >= truth.begins_at:
                return at
            if course.closed_at is None or course.closed_at > truth.begins_at:
                return truth.begins_at
    return None


def _of_course(course: Course, truths: Sequence[Truth]) -> Iterator[Case]:
    """False: an alarm that nothing real stands behind. Historic: only something that was long over does."""
    at = course.reached_at(ALARM)
    if at is None or course.drill:
        return
    about = [truth for truth in truths if truth.is_of(course.hazard, course.place)]
    if any(truth.nature is Nature.REAL and truth.stands(at) for truth in about):
        return
    what = f"{course.hazard} at {course.place}"
    if any(truth.nature is Nature.DRILL and truth.stands(at) for truth in about):
        yield Case("leaked", at, f"{what}: raised for real, and was a drill")
    elif any(truth.nature is Nature.HISTORIC for truth in about):
        yield Case("historic", at, f"{what}: it was over long before")
    else:
        yield Case("false", at, what)


def _twice_open(courses: Sequence[Course]) -> Iterator[Case]:
    """Two incidents of one hazard at one place at one time."""
    last: dict[tuple[str, str, bool], Course] = {}
    for course in sorted(courses, key=lambda one: one.opened_at):
        before = last.get((course.hazard, course.place, course.drill))
        if before is not None and (before.closed_at is None or before.closed_at > course.opened_at):
            yield Case("duplicate", course.opened_at, f"{course.hazard} at {course.place}: open twice")
        last[course.hazard, course.place, course.drill] = course


def _twice_told(notices: Iterable[Notice]) -> Iterator[Case]:
    """The same version of the same incident to the same recipient by the same way, under two keys."""
    keys: dict[tuple[str, int, str, str], str] = {}
    for one in notices:
        slot = (one.incident, one.version, one.recipient, one.channel)
        if keys.setdefault(slot, one.key) != one.key:
            yield Case("duplicate", one.at, f"{one.recipient} told twice of version {one.version}")


def _leaks(notices: Iterable[Notice], courses: Sequence[Course]) -> Iterator[Case]:
    """A live message about a drill."""
    drills = {course.incident for course in courses if course.drill}
    for one in notices:
        if one.incident in drills and not one.drill:
            yield Case("leaked", one.at, f"{one.purpose} of a drill to {one.recipient}")


def quantiles(values: Sequence[float]) -> dict[str, float | None]:
    """The median, the 90th and 99th percentile and the most, in what was given; None of nothing."""
    ordered = sorted(values)

    def at(share: float) -> float | None:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else None

    return {"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1.0)}


def per_thousand(count: int, device_days: float) -> float:
    return round(1000 * count / device_days, 3) if device_days else 0.0
