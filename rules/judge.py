"""What a rule kind is to the engine: the parameters of one rule, and what they say of readings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from devices.device import Device
from devices.instant import Micros
from devices.level import Level
from devices.place import Place, PlaceKind, PlaceTree
from devices.reading import Reading
from rules.gauge import Gauge
from rules.memory import Memory
from rules.verdict import Evidence


class Judge(ABC):
    """Frozen. It watches one quantity per part; its memories are made by `remember`."""

    __slots__ = ()

    @property
    @abstractmethod
    def watches(self) -> tuple[str, ...]:
        """Quantities, one a part."""

    @property
    def any_of(self) -> bool:
        """The parts are alternatives: a device that has one of the quantities is enough."""
        return False

    @property
    def remembers(self) -> bool:
        """Whether each reading changes what is remembered."""
        return True

    @property
    def lasts_for(self) -> Micros:
        """For how long an event counts; 0 when the rule tells of a state."""
        return 0

    @property
    def silence(self) -> tuple[Level, Micros] | None:
        """The level that stands when nothing was judged for so long; None for what readings raise."""
        return None

    @property
    def within(self) -> str:
        """The kind of place whose devices are judged as one; empty: each device by itself."""
        return ""

    def remember(self) -> list[Memory]:
        """Fresh memories, as many as the kind needs."""
        return []

    @abstractmethod
    def judge(
        self, memories: Sequence[Memory], part: int, value: float | None, reading: Reading, standing: Level
    ) -> Level | None:
        """The level after one reading of one part; None when the reading says nothing about it.

        `value` is None when unknown or implausible; `standing` is the level that stands (for hysteresis).
        """

    @abstractmethod
    def evidence(
        self, memories: Sequence[Memory], part: int, reading: Reading, level: Level
    ) -> tuple[Evidence, ...]:
        """What the level just judged rests on."""

    @abstractmethod
    def gauges(self, memories: Sequence[Memory], last: Last, standing: Level) -> Iterable[Gauge]:
        """How far it is from its levels, after the newest reading of each quantity."""


Last: TypeAlias = Mapping[str, Reading]
"""The newest reading of each quantity of one subject."""


def value_of(last: Last, quantity: str) -> float | None:
    reading = last.get(quantity)
    return None if reading is None else reading.value


class PlaceJudge(ABC):
    """Frozen: a rule by place, about what other rules say of the devices there.

    `within` is a PlaceKind's value or `scope`: where one emergency happens.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def counted(self) -> tuple[str, ...]:
        """The rules on devices that it hears of."""

    @property
    @abstractmethod
    def where(self) -> str: ...

    @abstractmethod
    def voice(self, rule_id: str, device: Device, tree: PlaceTree) -> str:
        """As what one rule on one device counts: those of the same name are one voice."""

    @abstractmethod
    def possible(self, voices: Collection[str]) -> bool:
        """Whether these voices could ever raise it."""

    def place(self, tree: PlaceTree, place_id: str) -> Place | None:
        """The place whose devices count together with one that is there; None when it has none."""
        if self.where == SCOPE:
            return tree.scope(place_id)
        return tree.enclosing(place_id, PlaceKind(self.where))


SCOPE: Final = "scope"
"""Where one emergency happens: the household, else the zone, else the place itself."""


def fact(reading: Reading, limit: float | None = None) -> Evidence:
    """The reading itself as evidence."""
    return Evidence(reading.device_id, reading.quantity, reading.value, limit, reading.at, reading.sequence)
