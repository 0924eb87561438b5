"""One device under watch: what of it is wrong by what it says, by what it no longer says, by its dates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from math import inf, nextafter
from typing import Final, NamedTuple

from alerts.troubles.kind import SILENT, TroubleKind
from devices.device import Device
from devices.instant import HOUR, MINUTE, Instant, Micros
from devices.liveness import Facts, expected
from devices.quantity import QUANTITIES, QuantityKind
from devices.reading import HISTORY, Reading, Trust

CONDITIONS: Final = {
    "battery_low": TroubleKind.BATTERY,
    "tamper": TroubleKind.TAMPER,
    "fault": TroubleKind.FAULT,
    "end_of_life": TroubleKind.END_OF_LIFE,
    "muted": TroubleKind.MUTED,
}
BATTERY_PERCENT: Final = (10.0, 20.0)
"""At or below the first it is low, at or above the second it is good again."""
MOVES: Final = frozenset({"temperature_c", "cable_temperature_c", "residual_current_ma"})
"""What never stays the same to the last digit where a sensor works."""
STUCK_AFTER_FOR: Final[Micros] = 72 * HOUR
STALE_AFTER: Final = 3
"""So many times the limit of silence: a value that the device itself no longer says."""
WALK_FOR: Final[Micros] = MINUTE
"""A test press is seen to arrive within this time (interface 2.5)."""

_PAST: Final = int(HISTORY)
_OLD: Final = int(HISTORY | Trust.RETAINED | Trust.STALE)
_ALARMS: Final = frozenset(q.name for q in QUANTITIES.values() if q.kind is QuantityKind.ALARM)
_NUMBERS: Final = {q.name: q for q in QUANTITIES.values() if q.kind is QuantityKind.NUMBER}
_QUIET: Final = {name: (q.low, q.high) for name, q in _NUMBERS.items()} | {
    "battery_percent": (nextafter(BATTERY_PERCENT[0], inf), _NUMBERS["battery_percent"].high)
}
"""Numbers of a device without trouble that say nothing of it, as nearly all do: looked at no further."""
_ABOUT_ITSELF: Final = frozenset({"battery_percent", "battery_mv", "link_quality"})


class Sign(NamedTuple):
    """`cause` of a kind of trouble is there, or is gone."""

    kind: TroubleKind
    cause: str
    on: bool


class Walk(NamedTuple):
    """A test on foot. `held`: the newest reading of each quantity, kept from the rules meanwhile."""

    by: str
    until: Instant
    passed_at: Instant | None = None
    held: tuple[Reading, ...] = ()


class Watched(NamedTuple):
    """What would be lost in a crash. `since`: when the registry first knew it; `steady`: since when a number
    has not moved; `back_at`: when it was last heard again after it was lost."""

    since: Instant
    proved_at: Instant | None = None
    walk: Walk | None = None
    steady: tuple[tuple[str, float, Instant], ...] = ()
    back_at: Instant = 0


class Watch:
    """One device. `facts` are admission's, handed in, so that nothing is kept twice. `every_for`: the
    interval by which its silence was last reckoned, where it says one itself. `due_at`: when something may
    begin, as of `is_sure`; `others_at`: nothing but silence does before."""

    __slots__ = (
        "back_at",
        "device",
        "due_at",
        "every_for",
        "is_sure",
        "others_at",
        "proved_at",
        "since",
        "steady",
        "walk",
    )

    def __init__(self, device: Device, kept: Watched) -> None:
        self.device = device
        self.since = kept.since
        self.proved_at = kept.proved_at
        self.walk = kept.walk
        self.back_at = kept.back_at
        self.every_for: Micros | None = None
        self.due_at: Instant | None = None
        self.is_sure = False
        self.others_at: Instant = 0
        self.steady = {name: (value, since) for name, value, since in kept.steady}

    def state(self) -> Watched:
        steady = tuple((name, value, since) for name, (value, since) in sorted(self.steady.items()))
        return Watched(self.since, self.proved_at, self.walk, steady, self.back_at)

    def read(
        self, readings: Iterable[Reading], wrong: Collection[TroubleKind]
    ) -> tuple[list[Sign], bool, bool]:
        """What readings say of the device itself, whether they prove that it can alarm, and whether a number
        moved. That all is well is of interest only for the kinds of trouble it has (`wrong`)."""
        signs: list[Sign] = []
        proved = moved = False
        for reading in readings:
            _, name, value, _, _, trust, _ = reading
            if value is None or (trust is not Trust.NONE and int(trust) & _PAST):
                continue
            kind = CONDITIONS.get(name)
            if kind is not None:
                if value >= 1 or (wrong and kind in wrong):
                    signs.append(Sign(kind, name, value >= 1))
            elif name in _ALARMS:
                proved = proved or (value >= 1 and not int(trust) & _OLD)
            elif name in _QUIET and (
                wrong or name in MOVES or not _QUIET[name][0] <= value <= _QUIET[name][1]
            ):
                moved = self._number(name, value, reading, signs) or moved
        return [sign for sign in signs if sign.on or sign.kind in wrong], proved, moved

    def _number(self, name: str, value: float, reading: Reading, signs: list[Sign]) -> bool:
        """Whether it moved, where standing still would be a sign."""
        plausible = _NUMBERS[name].plausible(value)
        signs.append(Sign(TroubleKind.IMPLAUSIBLE, name, not plausible))
        if name == "battery_percent" and plausible:
            low, good = BATTERY_PERCENT
            if not low < value < good:
                signs.append(Sign(TroubleKind.BATTERY, name, value <= low))
        if int(reading.trust) & _OLD:
            return False
        if name not in _ABOUT_ITSELF:
            signs.append(Sign(TroubleKind.STALE, name, False))
        known = self.steady.get(name)
        if name not in MOVES or (known is not None and known[0] == value):
            return False
        self.steady[name] = (value, reading.at)
        signs.append(Sign(TroubleKind.STUCK, name, False))
        return True

    # What time brings -------------------------------------------------------------------------------------

    def heard_at(self, facts: Facts | None, floor: Instant) -> Instant:
        """From when its silence counts."""
        return max(self.since, floor, facts.heard_at if facts else 0)

    def silent_for(self, facts: Facts | None) -> Micros:
        return expected(self.device.profile, facts.reports_every_for if facts else None).silent_after_for

    def dues(self, facts: Facts | None, floor: Instant, lost: bool = False) -> Iterator[tuple[Instant, Sign]]:
        """Every trouble that begins by itself, and when, unless something is heard before. `floor`: until
        then we were deaf ourselves. `lost`: that it says nothing explains that it says nothing new."""
        device, silent_for = self.device, self.silent_for(facts)
        yield self.heard_at(facts, floor) + silent_for, SILENCE
        if device.out_of_date_at is not None:
            yield device.out_of_date_at, Sign(TroubleKind.EXPIRED, "expired", True)
        if device.calibration_due_at is not None:
            yield device.calibration_due_at, Sign(TroubleKind.CALIBRATION_DUE, "calibration", True)
        if device.profile.test_every_for is not None:
            yield self.proof_counts_from + device.profile.test_every_for, _TEST_DUE
        if not lost:
            yield from self._unmoved(facts, max(floor, self.back_at), silent_for)

    def _unmoved(
        self, facts: Facts | None, floor: Instant, silent_for: Micros
    ) -> Iterator[tuple[Instant, Sign]]:
        """Time in which nothing was heard is no time in which a value did not move: both come only after
        silence would have."""
        stuck_for = max(STUCK_AFTER_FOR, 2 * silent_for)
        for name, (_, since) in self.steady.items():
            yield max(since, floor) + stuck_for, Sign(TroubleKind.STUCK, name, True)
        for name, (_, at) in (facts.values if facts else {}).items():
            if name in _NUMBERS and name not in _ABOUT_ITSELF:
                yield max(at, floor) + STALE_AFTER * silent_for, Sign(TroubleKind.STALE, name, True)

    @property
    def proof_counts_from(self) -> Instant:
        """A test is due so long after the last one, or after it was put up."""
        first = self.since if self.device.installed_at is None else self.device.installed_at
        return first if self.proved_at is None else max(first, self.proved_at)

    # Tests on foot ----------------------------------------------------------------------------------------

    def hold(self, readings: Iterable[Reading], proved: bool, at: Instant) -> bool:
        """Keep what comes during a test on foot; whether that made it pass."""
        walk = self.walk
        assert walk is not None
        held = {reading.quantity: reading for reading in walk.held}
        held |= {one.quantity: one for one in readings if not int(one.trust) & _PAST}
        passes = proved and walk.passed_at is None
        self.walk = walk._replace(held=tuple(held.values()), passed_at=at if passes else walk.passed_at)
        return passes


SILENCE: Final = Sign(TroubleKind.LOST, SILENT, True)
_TEST_DUE: Final = Sign(TroubleKind.TEST_DUE, "test", True)
