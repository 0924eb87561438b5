"""Hold time, clear time, latching: verdicts in, the standing level out. One function for what is said and
one for what falls due."""

from __future__ import annotations

from typing import NamedTuple

from devices.instant import Instant, Micros
from devices.level import Level
from rules.verdict import Evidence, Verdict


class Hold(NamedTuple):
    """`hold_for`: how long a worse verdict must stand; `clear_for`: how long a better one.

    `latch`: the level does not step down until everything is clear. (That it stays on the board until a
    person closes it is the incident's business.) `lasts_for`: the verdict tells of an event, not of a state,
    and counts for so long; 0 means that it is a state.
    """

    hold_for: Micros = 0
    clear_for: Micros = 0
    latch: bool = False
    lasts_for: Micros = 0


class Rising(NamedTuple):
    """A worse level that becomes the standing one at `due` unless it is contradicted."""

    level: Level
    due: Instant
    began: tuple[Evidence, ...]
    newest: tuple[Evidence, ...]
    age_unknown: bool

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(dict.fromkeys((*self.began, *self.newest)))


class Falling(NamedTuple):
    """A better level that becomes the standing one at `due` unless it is contradicted."""

    level: Level
    due: Instant
    evidence: tuple[Evidence, ...]


class Standing(NamedTuple):
    """`evidence` is what `level` rests on. `rising` is ordered: higher levels fall due later."""

    level: Level = Level.UNKNOWN
    evidence: tuple[Evidence, ...] = ()
    age_unknown: bool = False
    rising: tuple[Rising, ...] = ()
    falling: Falling | None = None

    @property
    def due(self) -> Instant | None:
        if self.rising:
            return self.rising[0].due
        return self.falling.due if self.falling else None


def step(
    hold: Hold, standing: Standing, verdict: Verdict, at: Instant, age_unknown: bool = False
) -> Standing:
    """What stands after a verdict. The same object when nothing changed.

    A verdict that supports what is already due makes it stand at once. Unknown counts at once and
    contradicts nothing: what was rising goes on to rise.
    """
    level = verdict.level
    if level is Level.UNKNOWN:
        return _blind(hold, standing, verdict, age_unknown)
    if level is standing.level:
        return _stay(hold, standing, at)
    if level is Level.CLEAR and standing.level is Level.UNKNOWN:
        return Standing(level, verdict.evidence, age_unknown)
    if level > standing.level:
        return _rise(hold, standing, verdict, at, age_unknown)
    return _fall(hold, standing, verdict, at, age_unknown)


def expire(hold: Hold, standing: Standing, at: Instant) -> Standing:
    """What stands when everything due until `at` has come true."""
    due = [rising for rising in standing.rising if rising.due <= at]
    if due:
        worst = due[-1]
        later = standing.rising[len(due) :]
        return Standing(worst.level, worst.evidence, worst.age_unknown, later, _end(hold, at, worst.evidence))
    falling = standing.falling
    if falling is not None and falling.due <= at:
        return Standing(falling.level, falling.evidence)
    return standing


def _end(hold: Hold, at: Instant, evidence: tuple[Evidence, ...]) -> Falling | None:
    """When an event is over."""
    return Falling(Level.CLEAR, at + hold.lasts_for, evidence) if hold.lasts_for else None


def _blind(hold: Hold, standing: Standing, verdict: Verdict, age_unknown: bool) -> Standing:
    if standing.level is Level.UNKNOWN or _keeps(hold, standing):
        return standing
    return Standing(Level.UNKNOWN, verdict.evidence, age_unknown, standing.rising)


def _keeps(hold: Hold, standing: Standing) -> bool:
    return bool(hold.latch or hold.lasts_for) and standing.level > Level.CLEAR


def _stay(hold: Hold, standing: Standing, at: Instant) -> Standing:
    if hold.lasts_for and standing.level > Level.CLEAR:
        return standing._replace(falling=_end(hold, at, standing.evidence))
    if not standing.rising and standing.falling is None:
        return standing
    return standing._replace(rising=(), falling=None)


def _rise(hold: Hold, standing: Standing, verdict: Verdict, at: Instant, age_unknown: bool) -> Standing:
    """Each level is held on its own: 8 s over the first limit still count when the second is passed."""
    level, now = verdict.level, verdict.evidence
    covering = next((rising for rising in standing.rising if rising.level >= level), None)
    if covering is None:
        mine = Rising(level, at + hold.hold_for, now, now, age_unknown)
    else:
        mine = covering._replace(level=level, newest=now)
    lower = tuple(
        rising._replace(newest=now)
        for rising in standing.rising
        if rising.level < level and rising.due < mine.due
    )
    return expire(hold, standing._replace(rising=(*lower, mine), falling=None), at)


def _fall(hold: Hold, standing: Standing, verdict: Verdict, at: Instant, age_unknown: bool) -> Standing:
    level = verdict.level
    if hold.lasts_for:
        return standing
    if hold.latch and level is not Level.CLEAR:
        return _stay(hold, standing, at)
    if not hold.clear_for:
        return Standing(level, verdict.evidence, age_unknown)
    falling = standing.falling
    if falling is None or falling.level is not level:
        falling = Falling(level, at + hold.clear_for, verdict.evidence)
    return expire(hold, standing._replace(rising=(), falling=falling), at)
