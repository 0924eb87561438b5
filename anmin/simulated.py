"""One run of a scenario, in process or to a real service: the world as it was, and the score."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from anmin.rehearsal import Rehearsal, inventory
from devices.instant import SECOND
from simulator import expecting, happening
from simulator.onair import OnAir, Service
from simulator.score import Score, score
from simulator.script import Script
from simulator.world import World


@dataclass(frozen=True, slots=True)
class Simulated:
    """`more`: what else is to be said of the run, for JSON."""

    world: World
    score: Score
    more: dict[str, Any] = field(default_factory=dict)


def rehearse(script: Script, seed: str) -> Simulated:
    """In process, on a virtual clock. Raises Nowhere."""
    rehearsal = Rehearsal(script, seed)
    found = rehearsal.run()
    return Simulated(rehearsal.world, found, {"digest": rehearsal.digest, "messages": rehearsal.world.wire})


async def play_on_air(script: Script, seed: str, service: Service, stop: asyncio.Event) -> Simulated:
    """To a real service, on the clock of the wall; scored where its API is known, as far as it was played.

    Raises Nowhere, and aiomqtt.MqttError when there is no broker.
    """
    place = happening.town_of(script, seed)
    air = OnAir(service)
    world = happening.stage(script, place, seed, air, air.began_at)
    await air.run(world, air.began_at + round(script.lasts * SECOND), stop)
    found = score(
        world.truths if service.api else (),
        world.raisings,
        world.notices,
        devices=len(inventory(place).devices),
        begins_at=world.begins_at,
        ends_at=world.now,
        broken=expecting.broken(script, world) if service.api and not stop.is_set() else (),
    )
    more = {"published": air.published, "refused": air.refused, "failed": air.broken}
    return Simulated(world, found, more)
