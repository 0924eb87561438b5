"""A dozen kills, every named point among them (P1, P6, P13); `make nightly` does a hundred."""

from __future__ import annotations

from pathlib import Path

from anmin.crash import POINTS
from tests.support.crashloop import Life
from tests.support.ordeal import ordeal

PLAN = (
    Life("after_commit_before_ack", passes=2),
    Life(after_s=0.6, slow=True),
    Life("recovering"),
    Life("before_ledger", broker=True),
    Life("after_ledger", slow=True),
    Life(after_s=0.3),
    Life("after_lease"),
    Life("after_send", passes=3),
    Life("before_snapshot"),
    Life(after_s=0.8, broker=True),
    Life("after_snapshot"),
    Life(stop=True),
)


async def test_what_is_accepted_survives_a_kill_at_every_point(tmp_path: Path) -> None:
    done = await ordeal(tmp_path / "loop", PLAN, seed=7, workers=20)
    done.assert_well()
    assert set(done.tally.named) == set(POINTS), done.figures
    assert done.tally.kills == len(PLAN) - 1
