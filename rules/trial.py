"""Tests of rules, written beside the rules: given these readings, expect these edges and no other rise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from devices.device import Device, DeviceKind, Profile
from devices.instant import DAY, HOUR, MINUTE, SECOND, Instant, Micros
from devices.inventory import Inventory
from devices.level import Level
from devices.place import Place, PlaceKind
from devices.quantity import QUANTITIES, QuantityKind
from devices.reading import Reading, Trust
from rules.engine import Engine
from rules.form import Form, Path, Problem
from rules.spec import RuleSet
from rules.verdict import Transition

BEGINS: Final[Instant] = 1_790_000_000 * SECOND
GARAGE: Final = "garage"
FLOORS: Final = range(1, 7)
DOORS: Final = (1, 2)
HOMES: Final = tuple(f"{floor}0{door}" for floor in FLOORS for door in DOORS)
"""Where devices of a test can be: homes on six floors of one stair, and a garage."""
MOST_READINGS: Final = 200_000


class Series(NamedTuple):
    """Readings of one device and quantity every so often; the value goes from `first` to `last`."""

    device: str
    quantity: str
    at: Micros
    until: Micros
    every_for: Micros
    first: float | None
    last: float | None

    def points(self) -> Iterator[tuple[Micros, float | None]]:
        span = self.until - self.at
        for at in range(self.at, self.until + 1, self.every_for):
            share = (at - self.at) / span if span else 0.0
            if self.first is None or self.last is None:
                yield at, None
            else:
                yield at, self.first + (self.last - self.first) * share


class Expected(NamedTuple):
    """An edge of one rule to one level, at the earliest and at the latest; `subject` empty: of whom ever."""

    rule: str
    level: Level
    earliest: Micros
    latest: Micros
    subject: str

    def met_by(self, edge: Transition) -> bool:
        at = edge.at - BEGINS
        return (
            edge.rule_id == self.rule
            and edge.after is self.level
            and self.earliest <= at <= self.latest
            and self.subject in ("", edge.subject)
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """`ends` is how long the clock goes on; `origin` is its path in the data that it was parsed from."""

    name: str
    devices: tuple[tuple[str, DeviceKind, str], ...]
    given: tuple[Series, ...]
    expected: tuple[Expected, ...]
    ends: Micros
    origin: Path


class Outcome(NamedTuple):
    """`missing` were expected and did not come; `surplus` rose and nobody expected it."""

    trial: Trial
    missing: tuple[Expected, ...]
    surplus: tuple[Transition, ...]
    edges: tuple[Transition, ...]

    @property
    def good(self) -> bool:
        return not self.missing and not self.surplus


def run(trial: Trial, ruleset: RuleSet) -> Outcome:
    """The engine on a community of its own, from the first reading to the end of the test."""
    engine = Engine(ruleset, _community(trial))
    edges: list[Transition] = []
    for number, (at, series, value) in enumerate(_readings(trial), 1):
        now = BEGINS + at
        edges += engine.tick(now)
        edges += engine.handle(Reading(series.device, series.quantity, value, now, now, Trust.NONE, number))
    edges += engine.tick(BEGINS + trial.ends)
    left, missing = list(edges), []
    for expected in trial.expected:
        found = next((edge for edge in left if expected.met_by(edge)), None)
        if found is None:
            missing.append(expected)
        else:
            left.remove(found)
    surplus = tuple(edge for edge in left if edge.rises)
    return Outcome(trial, tuple(missing), surplus, tuple(edges))


def _readings(trial: Trial) -> list[tuple[Micros, Series, float | None]]:
    """By time; those of one time in the order in which they are written."""
    points = [(at, series, value) for series in trial.given for at, value in series.points()]
    return sorted(points, key=lambda point: point[0])


def _community(trial: Trial) -> Inventory:
    places = [
        Place("community", PlaceKind.COMMUNITY, None, "社区", "community"),
        Place("building", PlaceKind.BUILDING, "community", "1号楼", "building 1"),
        Place("unit", PlaceKind.UNIT, "building", "1单元", "unit 1"),
        Place(GARAGE, PlaceKind.GARAGE, "community", "车库", "garage"),
    ]
    for floor in FLOORS:
        places.append(Place(f"floor{floor}", PlaceKind.FLOOR, "unit", f"{floor}层", f"floor {floor}", floor))
        for door in DOORS:
            home = f"{floor}0{door}"
            places.append(Place(home, PlaceKind.HOUSEHOLD, f"floor{floor}", home, home))
    everything = frozenset(QUANTITIES)
    devices = [
        Device(name, Profile(f"test-{kind.value}", kind, everything), place, "test", name, name, name)
        for name, kind, place in trial.devices
    ]
    return Inventory.of("community", "test", places, devices)


# How a test is written ------------------------------------------------------------------------------------


def parse(data: object) -> tuple[tuple[Trial, ...], tuple[Problem, ...]]:
    """The `tests:` of one document, if it has any; every mistake at once, as `spec.parse` does."""
    problems: list[Problem] = []
    top = Form(data, (), [])
    if not top.has("tests"):
        return (), ()
    top.problems = problems
    trials = [trial for form in top.forms("tests") if (trial := _trial(form)) is not None]
    return tuple(trials), tuple(problems)


def _trial(form: Form) -> Trial | None:
    before = len(form.problems)
    name = form.text("name")
    devices = tuple(_devices(form))
    known = {device for device, _, _ in devices}
    given = [series for entry in form.forms("given") for series in _series(entry, known)]
    expected = _expected(form)
    last = max((series.until for series in given), default=0)
    ends = form.duration("ends", last)
    form.close()
    if name is None or ends is None or len(form.problems) > before:
        return None
    if sum((one.until - one.at) // one.every_for + 1 for one in given) > MOST_READINGS:
        zh, en = f"一个测试最多 {MOST_READINGS:,} 条读数。", f"a test has {MOST_READINGS:,} readings at most."
        form.wrong("given", zh, en)
        return None
    return Trial(name, devices, tuple(given), expected, max(ends, last), form.path)


def _devices(form: Form) -> Iterator[tuple[str, DeviceKind, str]]:
    for entry in form.forms("devices"):
        name = entry.text("id")
        kind = entry.choice("kind", (kind.value for kind in DeviceKind))
        place = entry.choice("place", (*HOMES, GARAGE)) if entry.has("place") else HOMES[0]
        entry.close()
        if name is not None and kind is not None and place is not None:
            yield name, DeviceKind(kind), place


def _series(entry: Form, known: set[str]) -> Iterator[Series]:
    """`{at, device, QUANTITY: value}`; `[from, to]` with `until` and `every` for a line."""
    at, device = entry.duration("at", 0), entry.choice("device", known)
    until, every_for = entry.duration("until", at or 0), entry.duration("every", MINUTE)
    said = [name for name in QUANTITIES if entry.named(name)]
    if not said:
        entry.wrong(
            None, "缺少测量量，如 `smoke_alarm: on`。", "names no quantity, such as `smoke_alarm: on`."
        )
    for name in said:
        ends = _values(entry, name)
        if ends is None or at is None or device is None or until is None or every_for is None:
            continue
        if until < at or every_for <= 0:
            zh, en = "应不早于 `at`，`every` 应大于 0。", "must not be before `at`, and `every` more than 0."
            entry.wrong("until", zh, en)
            continue
        yield Series(device, name, at, until, every_for, *ends)
    entry.close()


def _values(entry: Form, name: str) -> tuple[float | None, float | None] | None:
    value = entry.raw(name)
    if QUANTITIES[name].kind is not QuantityKind.NUMBER:
        bits = {True: 1.0, "on": 1.0, False: 0.0, "off": 0.0, None: None, "unknown": None}
        if isinstance(value, bool | str | None) and value in bits:
            return bits[value], bits[value]
        entry.wrong(name, "应是 on、off 或 unknown。", "must be on, off or unknown.")
        return None
    if value in (None, "unknown"):
        return None, None
    ends = value if isinstance(value, list) and len(value) == 2 else [value, value]
    numbers = [float(end) for end in ends if isinstance(end, int | float) and not isinstance(end, bool)]
    if len(numbers) == len(ends):
        return numbers[0], numbers[1]
    entry.wrong(name, "应是数字、`[起, 止]` 或 unknown。", "must be a number, `[from, to]` or unknown.")
    return None


def _expected(form: Form) -> tuple[Expected, ...]:
    """`{rule, level, at}` or `from` and `by`; an empty list says that nothing rises."""
    if form.raw("expect") == []:
        return ()
    return tuple(one for entry in form.forms("expect") if (one := _expectation(entry)) is not None)


def _expectation(entry: Form) -> Expected | None:
    rule = entry.text("rule")
    level = entry.choice("level", (level.word for level in Level))
    subject = entry.text("of") if entry.has("of") else ""
    if entry.has("at"):
        earliest = latest = entry.duration("at")
    else:
        earliest, latest = entry.duration("from", 0), entry.duration("by", 100 * DAY)
    entry.close()
    if rule is None or level is None or subject is None or earliest is None or latest is None:
        return None
    return Expected(rule, Level[level.upper()], earliest, latest, subject)


def shown(at: Micros) -> str:
    """`1h 02m 03s`, for people."""
    hours, rest = divmod(at, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    parts = [f"{hours}h"] if hours else []
    parts += [f"{minutes}m"] if minutes or hours else []
    return " ".join([*parts, f"{seconds / SECOND:g}s"])


def unexplained(outcome: Outcome) -> Sequence[tuple[str, str]]:
    """What is wrong with an outcome, a sentence each (zh, en)."""
    said = []
    for one in outcome.missing:
        when = shown(one.earliest)
        when = (
            when if one.earliest == one.latest else f"{when} .. {shown(min(one.latest, outcome.trial.ends))}"
        )
        said.append(
            (
                f"没有出现：规则 `{one.rule}` 到 `{one.level.word}`（{when}）{_instead(one, outcome, 0)}",
                f"did not come: rule `{one.rule}` to `{one.level.word}` ({when}){_instead(one, outcome, 1)}",
            )
        )
    for edge in outcome.surplus:
        at = shown(edge.at - BEGINS)
        said.append(
            (
                f"未预期：规则 `{edge.rule_id}` 在 {at} 到 `{edge.after.word}`（{edge.subject}）",
                f"not expected: rule `{edge.rule_id}` to `{edge.after.word}` at {at} ({edge.subject})",
            )
        )
    return said


def _instead(one: Expected, outcome: Outcome, which: int) -> str:
    """The nearest thing that the rule did."""
    edges = [edge for edge in outcome.edges if edge.rule_id == one.rule]
    if not edges:
        return ("；它什么也没做", "; it did nothing")[which]
    near = min(edges, key=lambda edge: abs(edge.at - BEGINS - one.earliest))
    at, level = shown(near.at - BEGINS), near.after.word
    return (f"；它在 {at} 到 `{level}`", f"; it went to `{level}` at {at}")[which]
