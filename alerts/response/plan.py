"""How each hazard is answered: what is verified, who may be moved, when the next tier is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from devices.instant import SECOND, Micros
from devices.level import Hazard

LONGEST_WINDOW: Micros = 90 * SECOND
"""NFPA 72 (26.2): verification may not delay the retransmission of an alarm by more than 90 s."""


class Spread(StrEnum):
    """How far a second source may be from the first to belong to the same incident."""

    SCOPE = "scope"  # the household or zone
    STAIR = "stair"
    BUILDING = "building"


class Moves(StrEnum):
    """When the siren sounds and neighbours are told what to do."""

    NEVER = "never"  # a matter of the household
    AGREED = "agreed"  # once a second source or a person says so
    ACTIVE = "active"  # when verification is over


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to one hazard.

    `verify_for`: how long people may look before the building is told; 0 means there is nothing to verify.
    `needs_clear`: ended by measurement, not by a statement (Shiyan 2021).
    `family`: hazards whose alarms join an incident of this one.
    `tiers`: after how long without acknowledgement each next tier is told.
    """

    hazard: Hazard
    verify_for: Micros
    moves: Moves
    needs_clear: bool
    spread: Spread
    family: frozenset[Hazard]
    tiers: tuple[Micros, ...] = (60 * SECOND, 180 * SECOND, 300 * SECOND)
    acknowledged_for: Micros = 180 * SECOND

    def __post_init__(self) -> None:
        if not 0 <= self.verify_for <= LONGEST_WINDOW:
            raise ValueError(f"verify_for of {self.hazard}: 0 to 90 s, not {self.verify_for / SECOND:g} s")


def _plan(
    hazard: Hazard, *, verify: int, moves: Moves, clear: bool, spread: Spread, also: set[Hazard]
) -> Plan:
    return Plan(hazard, verify * SECOND, moves, clear, spread, frozenset({hazard, *also}))


PLANS: Mapping[Hazard, Plan] = {
    plan.hazard: plan
    for plan in (
        _plan(
            Hazard.FIRE,
            verify=60,
            moves=Moves.ACTIVE,
            clear=False,
            spread=Spread.STAIR,
            also={Hazard.CO, Hazard.ELECTRICAL},
        ),
        _plan(Hazard.GAS, verify=60, moves=Moves.ACTIVE, clear=True, spread=Spread.STAIR, also=set()),
        _plan(Hazard.CO, verify=60, moves=Moves.ACTIVE, clear=True, spread=Spread.SCOPE, also=set()),
        _plan(Hazard.FLOOD, verify=0, moves=Moves.ACTIVE, clear=True, spread=Spread.BUILDING, also=set()),
        _plan(Hazard.ELECTRICAL, verify=0, moves=Moves.AGREED, clear=False, spread=Spread.SCOPE, also=set()),
        _plan(Hazard.WATER_LEAK, verify=0, moves=Moves.NEVER, clear=False, spread=Spread.SCOPE, also=set()),
        _plan(Hazard.SOS, verify=0, moves=Moves.NEVER, clear=False, spread=Spread.SCOPE, also=set()),
    )
}
"""Shipped defaults: windows of 60 s, tiers at 60, 180 and 300 s, an acknowledgement of 180 s."""


def plans(
    *,
    verify_for: Micros | None = None,
    tiers: tuple[Micros, ...] | None = None,
    acknowledged_for: Micros | None = None,
) -> dict[Hazard, Plan]:
    """The defaults with a community's own numbers; a hazard without a window stays without one."""

    def own(plan: Plan) -> Plan:
        return replace(
            plan,
            verify_for=verify_for if verify_for is not None and plan.verify_for else plan.verify_for,
            tiers=plan.tiers if tiers is None else tiers,
            acknowledged_for=plan.acknowledged_for if acknowledged_for is None else acknowledged_for,
        )

    return {hazard: own(plan) for hazard, plan in PLANS.items()}
