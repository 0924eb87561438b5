"""A small simulated town with somebody who writes down what it does."""

from __future__ import annotations

from devices.instant import SECOND, Instant
from simulator.score import Notice, Raised
from simulator.town import Plan, Town, town
from simulator.voice import Said
from simulator.world import World

T0: Instant = 1_780_000_000 * SECOND
HOME, OTHER = "xfl.b1.u1.f1.101", "xfl.b1.u1.f2.201"


class Outside:
    """Everything that the town does, in its order."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.kept: list[Said] = []
        self.acts: list[tuple[str, str, str, dict[str, str]]] = []
        self.receipts: list[tuple[str, str]] = []

    def hear(self, said: Said, *, kept: bool) -> None:
        (self.kept if kept else self.said).append(said)

    def act(self, incident: str, verb: str, by: str, **more: str) -> None:
        self.acts.append((incident, verb, by, more))

    def receipt(self, notice: Notice, state: str) -> None:
        self.receipts.append((notice.key, state))

    def verbs(self, by: str) -> list[str]:
        return [verb for _, verb, who, _ in self.acts if who == by]

    def topics(self, leaf: str) -> list[str]:
        return [said.topic for said in self.said if said.topic.endswith(leaf)]


def small(**more: object) -> Town:
    """One stair of three floors with a door each; smoke and gas in every home, smoke on the landings."""
    plan = {"homes": {"smoke": 1, "gas": 1, "co": 1}, "landings": ("smoke",)} | more
    return town(7, Plan(1, 3, 1, **plan))  # type: ignore[arg-type] # the fields of Plan by name


def world(place: Town | None = None, seed: str = "1") -> tuple[World, Outside]:
    out = Outside()
    return World(place or small(), seed, T0, out), out


def seconds(number: float) -> Instant:
    return T0 + round(number * SECOND)


def raised(incident: str = "i1", hazard: str = "fire", place: str = HOME, *, at: Instant = T0, level: int = 3,
           drill: bool = False, is_open: bool = True) -> Raised:  # fmt: skip
    return Raised(at, incident, hazard, place, level, drill, is_open)


def notice(audience: str = "duty", who: str = "sun-li", purpose: str = "alert", *, at: Instant = T0,
           incident: str = "i1", version: int = 1, key: str = "", household: str = "",
           drill: bool = False) -> Notice:  # fmt: skip
    channel = "webhook" if audience == "resident" else "console"
    key = key or f"{incident}/{version}/{who}/{channel}"
    return Notice(at, key, incident, version, purpose, audience, who, channel, household, drill)
