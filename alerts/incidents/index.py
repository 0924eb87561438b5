"""Finds the incident an edge belongs to without walking through all of them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from alerts.incidents.state import Incident
from alerts.incidents.territory import Territory
from alerts.response.plan import Plan, Spread
from devices.instant import HOUR, Instant
from devices.level import Hazard
from rules.verdict import Transition

KEPT_FOR = 24 * HOUR
"""How long a closed incident stays at hand for receipts and recurrences; the ledger keeps it for good."""

_Source: TypeAlias = tuple[bool, str, str]
_Area: TypeAlias = tuple[bool, Hazard, Spread, str]
_Home: TypeAlias = tuple[bool, Hazard, str]


class Index:
    """Open incidents by source and by area, closed ones by place."""

    def __init__(self, territory: Territory, plans: Mapping[Hazard, Plan]) -> None:
        self._territory = territory
        self._plans = plans
        self._by_source: dict[_Source, str] = {}
        self._by_area: dict[_Area, dict[str, None]] = {}
        self._closed: dict[_Home, str] = {}
        self._leaving: list[tuple[Instant, str]] = []

    def find(self, transition: Transition) -> str | None:
        """The incident that has this source already, else the oldest kin of an edge that rises."""
        known = self._by_source.get((transition.test, transition.rule_id, transition.subject))
        if known is not None or not transition.rises:
            return known
        kin = (name for area in self._kin_areas(transition) for name in self._by_area.get(area, ()))
        return min(kin, default=None)

    def kindred(self, transition: Transition) -> tuple[str, ...]:
        """Open incidents at the same place of hazards that would join one of this edge, the oldest first."""
        home = self._territory.area(transition.place_id, Spread.SCOPE)
        family = self._plans[transition.hazard].family
        areas = ((transition.test, hazard, Spread.SCOPE, home) for hazard in family)
        return tuple(sorted(name for area in areas for name in self._by_area.get(area, ())))

    def recurs_from(self, transition: Transition) -> str | None:
        """The last closed incident of this hazard at this place."""
        home = (transition.test, transition.hazard, self._territory.scope(transition.place_id))
        return self._closed.get(home)

    def put(self, incident: Incident) -> None:
        """Note an incident as it is now; names sort by time, so `min` is the oldest."""
        if incident.is_open:
            self._note(incident)
        elif incident.id in self._by_area.get(next(self._areas(incident)), {}):
            self._take_out(incident)

    def restore(self, incident: Incident) -> None:
        """Note an incident that a snapshot held."""
        if incident.is_open:
            self._note(incident)
        else:
            self._note_closed(incident)

    def forget(self, now: Instant) -> list[str]:
        """The closed incidents that need not be at hand any longer."""
        gone = []
        while self._leaving and self._leaving[0][0] <= now:
            gone.append(heapq.heappop(self._leaving)[1])
        if gone:  # a monitor that starts anew does not know them either
            self._closed = {home: name for home, name in self._closed.items() if name not in gone}
        return gone

    def _note_closed(self, incident: Incident) -> None:
        """Remember a closed incident until it may be forgotten."""
        self._closed[incident.drill, incident.hazard, incident.place_id] = incident.id
        closed_at = incident.stages[-1][1] if incident.stages else incident.opened_at
        heapq.heappush(self._leaving, (closed_at + KEPT_FOR, incident.id))

    def _note(self, incident: Incident) -> None:
        for standing in incident.standings:
            self._by_source[incident.drill, standing.rule_id, standing.subject] = incident.id
        for area in self._areas(incident):
            self._by_area.setdefault(area, {})[incident.id] = None

    def _take_out(self, incident: Incident) -> None:
        for standing in incident.standings:
            self._by_source.pop((incident.drill, standing.rule_id, standing.subject), None)
        for area in self._areas(incident):
            names = self._by_area.get(area, {})
            names.pop(incident.id, None)
            if not names:
                self._by_area.pop(area, None)
        self._note_closed(incident)

    def _areas(self, incident: Incident) -> Iterator[_Area]:
        """Where kin would be: as far as the hazard spreads, and the scope itself for kindred hazards."""
        spreads = dict.fromkeys((self._plans[incident.hazard].spread, Spread.SCOPE))
        for place in dict.fromkeys((incident.place_id, *incident.places)):
            for spread in spreads:
                yield incident.drill, incident.hazard, spread, self._territory.area(place, spread)

    def _kin_areas(self, transition: Transition) -> Iterator[_Area]:
        for plan in self._plans.values():
            if transition.hazard in plan.family:
                spread = plan.spread if plan.hazard is transition.hazard else Spread.SCOPE
                where = self._territory.area(transition.place_id, spread)
                yield transition.test, plan.hazard, spread, where
