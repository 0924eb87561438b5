"""A hundred kills of process and broker while fifty devices are in alarm (reliability P1, P6, P13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.crash import POINTS
from tests.support.crashloop import lives
from tests.support.ordeal import Ordeal, ordeal

SEED = 20261123
ROUNDS = 5
KILLS = 100
CONTROL_KILLS = 20

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3600)]


def shown(capsys: pytest.CaptureFixture[str], name: str, done: Ordeal) -> None:
    with capsys.disabled():
        print(f"\n{name}\n{done.figures}")


async def test_a_hundred_kills_lose_and_repeat_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = lives(KILLS - ROUNDS * len(POINTS), ROUNDS, SEED)
    done = await ordeal(tmp_path / "loop", plan, seed=SEED)
    shown(capsys, "a hundred kills", done)
    done.assert_well()
    assert done.tally.kills >= KILLS
    assert set(done.tally.named) == set(POINTS)
    assert done.found.repeated > 0, "no kill fell between the provider's taking and our writing it down"


async def test_an_acknowledgement_before_the_commit_is_caught(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The red control: the same loop over a service with that one bug, on a slow disk throughout."""
    plan = [life._replace(slow=True) for life in lives(CONTROL_KILLS, 0, SEED)]
    done = await ordeal(tmp_path / "loop", plan, seed=SEED, module="tests.support.planted")
    shown(capsys, "acknowledged before the commit (planted)", done)
    assert done.found.lost
