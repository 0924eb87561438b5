"""Where something of a script happens: what a person writes to what the town calls it."""

from __future__ import annotations

import random
from collections.abc import Collection

from simulator.town import COMMUNITY, Town, floor_at, home_at


class Nowhere(ValueError):
    """The town has no such place, or nothing there that could feel it."""


def homes_with(town: Town, kinds: Collection[str]) -> list[str]:
    """Households where something of these kinds hangs, in the order of the town; `()` is all of them."""
    if not kinds:
        return list(town.homes)
    found = (one.household for one in town.sensors if one.kind in kinds and one.household is not None)
    return list(dict.fromkeys(found))


def place_of(town: Town, text: str, kinds: Collection[str], chance: random.Random) -> str:
    """`any home` (that has one of these kinds), `any landing`, `b1.f7.2`, `b1.f7`, `b1`, `garage`.

    Raises Nowhere.
    """
    if text == "any home":
        return _drawn(homes_with(town, kinds), f"no home has any of {', '.join(kinds)}", chance)
    if text == "any landing":
        landings = dict.fromkeys(home.rpartition(".")[0] for home in town.homes)
        return _drawn(list(landings), "the town has no homes", chance)
    parts = text.split(".")
    if len(parts) == 3:
        place = home_at(parts[0], int(parts[1][1:]), int(parts[2]))
    else:
        place = floor_at(parts[0], int(parts[1][1:])) if len(parts) == 2 else f"{COMMUNITY}.{text}"
    if kinds:
        known = any(sensor.place == place and sensor.kind in kinds for sensor in town.sensors)
        what = f"with any of {', '.join(kinds)}"
    else:
        known = any(f"{sensor.place}.".startswith(f"{place}.") for sensor in town.sensors)
        what = "with a device in it"
    if not known:
        raise Nowhere(f"{text}: the town has no such place {what}")
    return place


def _drawn(found: list[str], why: str, chance: random.Random) -> str:
    if not found:
        raise Nowhere(why)
    return chance.choice(found)
