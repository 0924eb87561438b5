"""Where an incident is, how far it reaches, and who serves it."""

from __future__ import annotations

from alerts.response.plan import Spread
from devices.inventory import Inventory
from devices.place import Place, PlaceKind
from devices.station import Station

_KIND = {Spread.STAIR: PlaceKind.UNIT, Spread.BUILDING: PlaceKind.BUILDING}


class Territory:
    """Answers about places of one inventory; every answer is remembered, for places do not move."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._areas: dict[tuple[str, Spread], str] = {}
        self._stations: dict[str, Station | None] = {}

    def scope(self, place_id: str) -> str:
        """The household or zone around a place; the community for a place that is not known any more."""
        return self._place(place_id).id

    def station(self, place_id: str) -> Station | None:
        if place_id not in self._stations:
            known = place_id in self._inventory.tree.places
            self._stations[place_id] = self._inventory.station_for(place_id) if known else None
        return self._stations[place_id]

    def can_be_moved(self, place_id: str) -> bool:
        """Whether people are told to move because of this place: a building or a zone. An alarm without a
        place never moves the community."""
        tree = self._inventory.tree
        if place_id not in tree.places:
            return False
        return tree.get(place_id).kind.is_zone or tree.enclosing(place_id, PlaceKind.BUILDING) is not None

    def area(self, place_id: str, spread: Spread) -> str:
        """What counts as the same place for a hazard that spreads so far."""
        key = (place_id, spread)
        if key not in self._areas:
            self._areas[key] = self._find_area(place_id, spread)
        return self._areas[key]

    def _place(self, place_id: str) -> Place:
        tree = self._inventory.tree
        return tree.scope(place_id) if place_id in tree.places else tree.get(self._inventory.community_id)

    def _find_area(self, place_id: str, spread: Spread) -> str:
        scope = self._place(place_id)
        kind = _KIND.get(spread)
        if kind is None:
            return scope.id
        around = self._inventory.tree.enclosing(scope.id, kind)
        return around.id if around is not None else scope.id
