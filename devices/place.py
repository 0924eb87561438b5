"""The tree of places, and who is near whom: floors, stairs, neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class PlaceKind(StrEnum):
    """GB/T administrative order from county to household, and zones that stand free of the stairs."""

    COUNTY = "county"
    STREET = "street"
    COMMUNITY = "community"
    BUILDING = "building"
    UNIT = "unit"  # one stair of a building (单元)
    FLOOR = "floor"
    HOUSEHOLD = "household"
    GARAGE = "garage"
    UNDERPASS = "underpass"
    RIVER_BANK = "river_bank"
    CROWDED = "crowded"

    @property
    def is_zone(self) -> bool:
        return self in (PlaceKind.GARAGE, PlaceKind.UNDERPASS, PlaceKind.RIVER_BANK, PlaceKind.CROWDED)


@dataclass(frozen=True, slots=True)
class Place:
    """One node. `zh`/`en` are short names ("3号楼", "Building 3"); floors count from 1, basements from -1."""

    id: str
    kind: PlaceKind
    parent_id: str | None
    zh: str
    en: str
    floor: int | None = None


class UnknownPlace(LookupError):
    """A place id that the tree does not hold."""

    def __init__(self, place_id: str) -> None:
        super().__init__(place_id)
        self.place_id = place_id

    def __str__(self) -> str:
        return f"no place {self.place_id!r} in the community"


@dataclass(frozen=True, slots=True)
class PlaceTree:
    """Immutable lookup. Every method is O(answer) and raises UnknownPlace for an id it does not hold."""

    places: dict[str, Place]
    _children: dict[str | None, tuple[str, ...]] = field(repr=False)
    _named: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)
    """What was asked before: every message names places."""

    @classmethod
    def of(cls, places: Iterable[Place]) -> PlaceTree:
        by_id = {place.id: place for place in places}
        children: dict[str | None, list[str]] = defaultdict(list)
        for place in by_id.values():
            if place.parent_id is not None and place.parent_id not in by_id:
                raise UnknownPlace(place.parent_id)
            children[place.parent_id].append(place.id)
        return cls(by_id, {parent: tuple(ids) for parent, ids in children.items()})

    def get(self, place_id: str) -> Place:
        try:
            return self.places[place_id]
        except KeyError:
            raise UnknownPlace(place_id) from None

    def up(self, place_id: str) -> Iterator[Place]:
        """The place itself, then its parents up to the root."""
        current: str | None = place_id
        while current is not None:
            place = self.get(current)
            yield place
            current = place.parent_id

    def enclosing(self, place_id: str, kind: PlaceKind) -> Place | None:
        """The nearest place of that kind at or above; None when there is none (a zone has no stair)."""
        return next((place for place in self.up(place_id) if place.kind is kind), None)

    def within(self, place_id: str) -> Iterator[Place]:
        """The place itself and everything below, in file order."""
        yield self.get(place_id)
        for child in self._children.get(place_id, ()):
            yield from self.within(child)

    def households(self, place_id: str) -> tuple[Place, ...]:
        return tuple(place for place in self.within(place_id) if place.kind is PlaceKind.HOUSEHOLD)

    def floor_of(self, place_id: str) -> int | None:
        return next((place.floor for place in self.up(place_id) if place.floor is not None), None)

    def scope(self, place_id: str) -> Place:
        """Where one emergency happens: the household, else the zone, else the place itself."""
        for place in self.up(place_id):
            if place.kind is PlaceKind.HOUSEHOLD or place.kind.is_zone:
                return place
        return self.get(place_id)

    def near(self, place_id: str, *, above: int, below: int) -> tuple[Place, ...]:
        """Households of the same stair from `below` floors under to `above` floors over, itself included.

        A place without a stair (garage, community) is near to every household of its building or community.
        """
        stair = self.enclosing(place_id, PlaceKind.UNIT)
        floor = self.floor_of(place_id)
        if stair is None or floor is None:
            around = self.enclosing(place_id, PlaceKind.BUILDING) or self.enclosing(
                place_id, PlaceKind.COMMUNITY
            )
            return self.households(around.id) if around else ()
        here = _storey(floor)
        return tuple(
            home
            for home in self.households(stair.id)
            if (at := self.floor_of(home.id)) is not None and here - below <= _storey(at) <= here + above
        )

    def name(self, place_id: str, language: str) -> str:
        """The address a person would say, from the building down: `3号楼2单元12层1203`."""
        known = self._named.get((place_id, language))
        if known is None:
            known = self._named[place_id, language] = self._name(place_id, language)
        return known

    def _name(self, place_id: str, language: str) -> str:
        tall = [
            place
            for place in self.up(place_id)
            if place.kind not in (PlaceKind.COUNTY, PlaceKind.STREET, PlaceKind.COMMUNITY)
        ]
        if not tall:
            place = self.get(place_id)
            return place.zh if language == "zh" else place.en
        if language == "zh":
            return "".join(place.zh for place in reversed(tall))
        return ", ".join(place.en for place in reversed(tall))


def _storey(floor: int) -> int:
    """Floors as a row without a gap: there is no floor 0 between 1 and -1."""
    return floor - 1 if floor > 0 else floor
