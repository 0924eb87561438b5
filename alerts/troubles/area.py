"""How many devices of a building or of the community are lost: the count behind one trouble for all."""

from __future__ import annotations

from collections import Counter
from math import ceil

from devices.inventory import Inventory
from devices.place import PlaceKind

FEWEST = 5
SHARE = 0.3
"""So many, and at least this share of what is there: that is no chance, but the power or the network."""


class Areas:
    """Counts the devices that are lost and not explained by their gateway, per building and in all."""

    def __init__(self, inventory: Inventory) -> None:
        self._of: dict[str, tuple[str, ...]] = {}
        known: Counter[str] = Counter()
        tree = inventory.tree
        for device in inventory.devices.values():
            building = tree.enclosing(device.place_id, PlaceKind.BUILDING)
            areas = (*((building.id,) if building else ()), inventory.community_id)
            self._of[device.id] = areas
            known.update(areas)
        self._needed = {area: max(FEWEST, ceil(count * SHARE)) for area, count in known.items()}
        self._lost: Counter[str] = Counter()
        self._counted: set[str] = set()

    def of(self, device_id: str) -> tuple[str, ...]:
        """Its building, if it stands in one, and the community."""
        return self._of.get(device_id, ())

    def put(self, device_id: str, lost: bool) -> None:
        """Whether a device is lost for no reason of its gateway's."""
        if lost is (device_id in self._counted):
            return
        (self._counted.add if lost else self._counted.discard)(device_id)
        for area in self.of(device_id):
            self._lost[area] += 1 if lost else -1

    def struck(self, device_id: str) -> str | None:
        """The place that is struck, around a device: its building where nothing is lost elsewhere."""
        around = self.of(device_id)
        for area in around:
            if self._is_struck(area) and (area == around[-1] or self._lost[area] == self._lost[around[-1]]):
                return area
        return next((area for area in around if self._is_struck(area)), None)

    def _is_struck(self, area: str) -> bool:
        return self._lost[area] >= self._needed[area]

    def recovered(self, area: str) -> bool:
        """Half of what it takes: what comes and goes is one trouble."""
        return self._lost[area] * 2 < self._needed.get(area, FEWEST)
