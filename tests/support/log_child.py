"""A process that appends as fast as it can and prints each sequence after its receipt, to be killed.

Exit codes: 4 when the log said that it is broken, as the service does; 0 when `--count` were acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

from anmin.backends.disk import Reserve
from anmin.backends.log import Limits, SqliteLog
from ingest.message import Lane, Record
from ingest.ports import LogBroken
from tests.support.log import entry

AHEAD = 2000


class Child:
    def __init__(self, folder: Path, roll: int, count: int) -> None:
        self.count = count
        self.posted = 0
        self.landed = 0
        self.turn = asyncio.Event()
        (folder / "log").mkdir(exist_ok=True)
        self.log = SqliteLog(
            folder / "log",
            clock=lambda: time.time_ns() // 1000,
            reserve=Reserve(folder / "reserve", 1 << 16),
            broken=self.broken,
            limits=Limits(roll_bytes=roll, free_ratio=0, free_bytes=0),
        )

    def broken(self, _: LogBroken) -> None:
        say("broken")
        os._exit(4)

    def committed(self, records: Sequence[Record]) -> None:
        say("\n".join(str(record.sequence) for record in records))
        self.landed += len(records)
        self.turn.set()

    async def run(self) -> None:
        self.log.start(self.committed)
        self.posted = self.log.last
        say("started")
        while not self.count or self.landed < self.count:
            while self.posted < self.landed + AHEAD:
                self.log.post(entry(self.posted), Lane.TELEMETRY)
                self.posted += 1
            self.turn.clear()
            await self.turn.wait()
        await self.log.close()


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--roll", type=int, default=64 << 20)
    parser.add_argument("--count", type=int, default=0)
    given = parser.parse_args()
    try:
        child = Child(given.folder, given.roll, given.count)
    except OSError as error:  # the failure came while opening: nothing was promised yet
        say(f"refused {error}")
        os._exit(3)
    await child.run()


if __name__ == "__main__":
    asyncio.run(main())
