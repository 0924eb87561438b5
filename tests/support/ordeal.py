"""One whole run of the crash loop: lives, rest, reckoning, replay; the figures as text."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.crashloop import FRESH, CrashLoop, Life, Tally
from tests.support.reckoning import Reckoning, figures, reckon


@dataclass(frozen=True)
class Ordeal:
    tally: Tally
    found: Reckoning
    verified: dict[str, Any]

    @property
    def figures(self) -> str:
        return figures(self.tally, self.found, self.verified)

    def assert_well(self) -> None:
        """Nothing is wrong, and the replay says the same as the ledger."""
        assert not self.found.wrong, self.figures
        assert self.verified["clean"], self.figures
        assert self.found.accepted > 0, self.figures


async def ordeal(
    folder: Path, plan: Sequence[Life], *, seed: int, workers: int = 50, module: str = "anmin"
) -> Ordeal:
    """Run it in `folder`, which keeps everything for a look afterwards."""
    homes = workers + FRESH * len(plan)
    async with CrashLoop(folder, homes, seed=seed, workers=workers, module=module).opened() as loop:
        tally = await loop.run(plan)
        found = reckon(folder, time.time_ns() // 1000)
        _, said = await loop.service.run("verify", "--json")
        return Ordeal(tally, found, json.loads(said.splitlines()[-1]))
