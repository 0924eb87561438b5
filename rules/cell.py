"""One rule on one subject: what it remembers, what stands, and what a reading changes."""

from __future__ import annotations

from typing import NamedTuple

from devices.instant import Instant
from devices.level import Hazard, Level
from devices.reading import Reading, Trust
from rules.deadline import Deadlines
from rules.hold import Standing, expire, step
from rules.judge import Judge
from rules.memory import Memory, MemoryState
from rules.spec import RuleSpec
from rules.verdict import Evidence, Transition, Verdict

_STALE = int(Trust.STALE)
_WARMUP = int(Trust.WARMUP)
WEAK = _STALE | _WARMUP
_AGELESS = int(Trust.RETAINED | Trust.STALE)
_NOTHING_YET = Standing()


class State(NamedTuple):
    """All that one cell would lose in a crash: plain values, written to snapshots as JSON."""

    rule_id: str
    rule_version: str
    hazard: Hazard
    subject: str
    place_id: str
    test: bool
    capped: bool
    standing: Standing
    memories: tuple[MemoryState, ...]


class Book:
    """What the cells of one engine share: who changed since the last drain, and what is due."""

    def __init__(self, cells: dict[str, Cell]) -> None:
        self.dirty: dict[str, None] = {}
        self.deadlines = Deadlines(cells)


class Cell:
    """`judge` is None for a rule by place, whose verdicts come from the cells that it counts.

    `test` cells hold what is said under test, beside the live ones, so that neither hides the other.
    `capped`: what stands is a warm-up's notice and would be worse if the sensor were ready.
    """

    __slots__ = (
        "_book",
        "_quiet",
        "_silence",
        "capped",
        "drill",
        "judge",
        "key",
        "memories",
        "order",
        "place_id",
        "remembers",
        "rule",
        "scheduled",
        "standing",
        "subject",
        "test",
    )

    def __init__(
        self,
        rule: RuleSpec,
        judge: Judge | None,
        subject: str,
        place_id: str,
        test: bool,
        order: int,
        book: Book,
    ) -> None:
        self.rule = rule
        self.judge = judge
        self.subject = subject
        self.place_id = place_id
        self.test = test
        self.order = order
        self.key = key_of(rule.id, subject, test)
        self.remembers = judge is not None and judge.remembers
        self.memories: list[Memory] = judge.remember() if judge is not None else []
        self.standing = _NOTHING_YET
        self.capped = False
        self.scheduled: Instant | None = None
        self.drill: Cell | None = None
        self._book = book
        self._quiet = True
        silence = judge.silence if judge is not None else None
        self._silence = silence[0] if silence is not None else None

    @property
    def level(self) -> Level:
        return self.standing.level

    @property
    def due(self) -> Instant | None:
        return self.standing.due

    def observe(self, part: int, value: float | None, reading: Reading) -> Transition | None:
        """Judge a reading that has its full weight. The hot path: nothing is built while nothing changes."""
        judge = self.judge
        assert judge is not None
        standing = self.standing.level
        level = judge.judge(self.memories, part, value, reading, standing)
        if self.remembers:
            self._book.dirty[self.key] = None
        if level is None or (level is standing and self._quiet):
            return None
        if self.capped:
            self._cap(False)
        evidence = judge.evidence(self.memories, part, reading, level)
        ageless = bool(int(reading.trust) & _AGELESS)
        edge = self.settle(Verdict(level, evidence), reading.at, ageless)
        if self._silence is not None:
            self.settle(Verdict(self._silence, evidence), reading.at, ageless)
        return edge

    def observe_weak(self, part: int, value: float | None, reading: Reading) -> Transition | None:
        """A stale repeat or a sensor that warms up: never clears, is never remembered, and raises only
        where nothing is known (stale, or what a warm-up held down) or up to a notice (warm-up)."""
        judge, trust = self.judge, int(reading.trust)
        assert judge is not None
        standing = self.standing
        if trust & _STALE and standing.level is not Level.UNKNOWN and not self.capped:
            return None
        scratch = judge.remember()
        level = judge.judge(scratch, part, value, reading, standing.level)
        if level is None or level <= Level.CLEAR or (judge.lasts_for and trust & _STALE):
            return None
        evidence = judge.evidence(scratch, part, reading, level)
        capped = bool(trust & _WARMUP) and level > Level.NOTICE
        level = Level.NOTICE if capped else level
        if level < standing.level or (standing.rising and level < standing.rising[-1].level):
            return None
        self._cap(capped)
        return self.settle(Verdict(level, evidence), reading.at, bool(trust & _AGELESS))

    def _cap(self, capped: bool) -> None:
        self.capped = capped
        self._quiet = not capped and self.standing.due is None
        self._book.dirty[self.key] = None

    def settle(self, verdict: Verdict, at: Instant, age_unknown: bool) -> Transition | None:
        """Let a verdict work on what stands; the edge when the level changed."""
        return self._become(step(self.rule.hold, self.standing, verdict, at, age_unknown), at)

    def expire(self, at: Instant) -> Transition | None:
        """What was due at `at` comes true."""
        self.scheduled = None
        return self._become(expire(self.rule.hold, self.standing, at), at)

    def end(self, verdict: Level, reading: Reading) -> Transition | None:
        """The device speaks live again, and calmly: what it said under test is over."""
        if self.standing.level <= Level.CLEAR:
            return None
        limit = self.standing.evidence[-1].limit if self.standing.evidence else None
        fact = Evidence(
            reading.device_id, reading.quantity, reading.value, limit, reading.at, reading.sequence
        )
        return self._become(Standing(verdict, (fact,)), reading.at)

    def _become(self, new: Standing, at: Instant) -> Transition | None:
        old = self.standing
        if new is old:
            return None
        self.standing = new
        self._quiet = new.due is None and not self.capped
        self._book.dirty[self.key] = None
        self._book.deadlines.put(self)
        if new.level is old.level:
            return None
        rule = self.rule
        return Transition(
            rule.id,
            rule.version,
            rule.hazard,
            self.subject,
            self.place_id,
            old.level,
            new.level,
            at,
            new.evidence,
            self.test,
            new.age_unknown,
        )

    def mark(self) -> None:
        """Something that it remembers changed."""
        self._book.dirty[self.key] = None

    def state(self) -> State:
        rule = self.rule
        return State(
            rule.id,
            rule.version,
            rule.hazard,
            self.subject,
            self.place_id,
            self.test,
            self.capped,
            self.standing,
            tuple(memory.state() for memory in self.memories),
        )

    @property
    def touched(self) -> bool:
        """Whether it differs from a fresh one."""
        return self.standing is not _NOTHING_YET or self.remembers

    def fits(self, state: State) -> bool:
        """Whether a snapshot's state is of this very rule."""
        return state.rule_version == self.rule.version and len(state.memories) == len(self.memories)

    def load(self, state: State) -> None:
        """Take over what a snapshot held; the rule's version must be the same."""
        self.standing, self.capped = state.standing, state.capped
        self._quiet = state.standing.due is None and not state.capped
        for memory, kept in zip(self.memories, state.memories, strict=True):
            memory.load(kept)
        self._book.deadlines.put(self)


def key_of(rule_id: str, subject: str, test: bool) -> str:
    """The name of a cell in snapshots; a rule id holds no bar."""
    return f"{'test' if test else 'live'}|{rule_id}|{subject}"
