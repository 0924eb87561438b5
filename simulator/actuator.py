"""Valves, fans, doors and lifts that obey: a position, how long a move takes, and what a stuck one says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from simulator.device import Command, CommandFailed

MOVES: Final[Mapping[str, Mapping[str, str]]] = {
    "valve": {"close": "closed", "open": "open"},
    "fan": {"start": "running", "stop": "stopped"},
    "door": {"release": "released", "lock": "locked"},
    "lift": {"recall": "recalled", "return": "in service"},
    "detector": {"mute": "muted", "self_test": "passed"},
}


class Actuator:
    """One of a kind of MOVES. `stuck`: it refuses; `takes_s`: how long a move lasts."""

    def __init__(self, kind: str, *, takes_s: float = 0.0, stuck: bool = False) -> None:
        self._moves = MOVES[kind]
        self.takes_s = takes_s
        self.stuck = stuck
        self.position = ""
        self.moved: list[str] = []

    async def act(self, command: Command) -> str:
        """The new position, which is the detail of its result."""
        position = self._moves.get(command.action)
        if position is None:
            raise CommandFailed(f"unknown action {command.action!r}")
        if self.stuck:
            raise CommandFailed("it does not move")
        await asyncio.sleep(self.takes_s)
        self.position = position
        self.moved.append(command.id)
        return position
