"""The service with one bug planted: devices and broker are thanked before the commit, not after.

`python -m tests.support.planted run --config anmin.toml`. The crash loop must turn red on it, or it proves
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from anmin import wiring
from anmin.__main__ import main
from anmin.intake import Intake
from anmin.pipeline import Pipeline
from ingest import native
from ingest.message import Lane
from ingest.ports import Deliver, Incoming

Reply = Callable[[str, bytes], None]
_replies: list[Reply] = []


class HastyPipeline(Pipeline):
    """Lends its way to the devices to the door."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _replies.append(self._reply)


class HastyIntake(Intake):
    """Thanks first, writes afterwards."""

    def door(self, source: str, lane: Lane) -> Deliver:
        deliver = super().door(source, lane)

        def hasty(incoming: Incoming) -> None:
            message, receipt = incoming
            if message.topic.endswith("/event"):
                topic = message.topic.removesuffix("event") + "ack"
                _replies[0](topic, native.ack(json.loads(message.payload)["id"]))
            if receipt is not None:
                receipt()
            deliver(Incoming(message, None))

        return hasty


if __name__ == "__main__":
    vars(wiring).update(Pipeline=HastyPipeline, Intake=HastyIntake)
    main()
