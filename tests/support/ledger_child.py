"""A process that commits batches and prints each cursor after its commit, to be killed."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from functools import partial

from anmin.backends.ledger import Ledger
from anmin.backends.projection import Batch, record_batch
from tests.support.ledger import happened, incident, send


async def main() -> None:
    ledger = Ledger.open(sys.argv[1], at=0, broken=lambda _: os._exit(4))
    for sequence in itertools.count(1):
        batch = Batch(
            cursor=sequence,
            events=(happened(sequence), happened(sequence, 1)),
            incidents=(incident(),),
            sends=(send(version=sequence),),
        )
        await ledger.write(partial(record_batch, batch=batch), urgent=True)
        os.write(1, f"{sequence}\n".encode())


if __name__ == "__main__":
    asyncio.run(main())
