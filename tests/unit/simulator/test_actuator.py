"""What moves obeys, refuses when it is stuck, and takes its time."""

from __future__ import annotations

import pytest

from alerts.operations.action import ACTIONS
from simulator.actuator import MOVES, Actuator
from simulator.device import Command, CommandFailed


@pytest.mark.parametrize("kind", ["valve", "fan", "door", "lift"])
async def test_it_does_whatever_the_product_may_tell_one_of_its_kind(kind: str) -> None:
    words = {one.word for group in (ACTIONS[k] for k in ACTIONS if k.value == kind) for one in group}
    assert words == set(MOVES[kind])
    actuator = Actuator(kind, takes_s=0.001)
    for number, word in enumerate(sorted(words)):
        assert await actuator.act(Command(str(number), word, {})) == actuator.position == MOVES[kind][word]
    assert len(actuator.moved) == len(words)


async def test_a_stuck_one_and_an_unknown_word_are_refused() -> None:
    stuck = Actuator("valve", stuck=True)
    for word in ("close", "explode"):
        with pytest.raises(CommandFailed):
            await stuck.act(Command("1", word, {}))
    assert (stuck.position, stuck.moved) == ("", [])
