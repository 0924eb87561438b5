"""A process that hands readings over as the pipeline does, with a log and snapshots of its own, to be killed.

Arguments: folder, how many readings. Each record is "committed" (printed) before it is taken; the snapshot is
replaced after `secure`. The store is away for some turns, by chance. When all are taken, waits until all are
in the store and prints "done".
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from anmin.historian import Historian
from anmin.history.ports import Later, Written
from anmin.history.sample import Sample
from anmin.history.sqlite_store import SqliteHistory
from tests.support.history import heard

EVERY = 40  # records between snapshots


class Moody(SqliteHistory):
    """Now and then away, sometimes only after it wrote."""

    chance = random.Random(os.getpid())

    async def write(self, samples: Sequence[Sample]) -> Written:
        mood = self.chance.random()
        if mood < 0.3:
            return Later("away")
        written = await super().write(samples)
        return Later("answered too late") if mood < 0.5 else written


def number_in(path: Path) -> int:
    return int(path.read_text()) if path.exists() else 0


def keep(path: Path, number: int) -> None:
    part = path.with_suffix(".part")
    part.write_text(str(number))
    part.replace(path)


async def main(folder: Path, count: int) -> None:
    snapshot, cursor, log = folder / "snapshot", folder / "cursor", folder / "log"

    async def note(sequence: int) -> None:
        keep(cursor, sequence)

    options = {"batch": 30, "held": 100}
    historian = Historian(
        folder / "spool.db", Moody(folder / "history"), note, first_pause_s=0.002, **options
    )
    last = number_in(log)
    await historian.begin(number_in(snapshot), last, number_in(cursor))
    running = asyncio.create_task(historian.run())
    for sequence in range(number_in(snapshot) + 1, count + 1):
        if sequence > last:
            keep(log, sequence)
            os.write(1, f"{sequence}\n".encode())
        historian.take([heard(sequence, (float(sequence), None))])
        if sequence % EVERY == 0:
            await historian.secure(sequence)
            keep(snapshot, sequence)
        if sequence % 7 == 0:
            await asyncio.sleep(0)
    while historian.state.waiting:  # noqa: ASYNC110 the work is on other threads
        await asyncio.sleep(0.01)
    assert not historian.state.gaps
    running.cancel()
    os.write(1, b"done\n")
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
