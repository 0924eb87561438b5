"""Starts the service with stamps where an alarm passes: `python -m bench.traced OUT run --config anmin.toml`.

Only here, never in the product: the stamps are put around its functions from outside, and written to OUT at
the end as `{stage: {device: ns}}`.
"""

from __future__ import annotations

import atexit
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

from alerts.channels.webhook import WebhookChannel
from anmin import cli
from anmin.backends.log import SqliteLog
from anmin.dispatcher import Dispatcher
from anmin.intake import Intake
from anmin.monitor import Monitor
from anmin.pipeline import Pipeline

STAGES = (
    "arrived",
    "taken",
    "durable",
    "landed",
    "begun",
    "decided",
    "kept",
    "leased",
    "posting",
)

_at: dict[str, dict[str, int]] = defaultdict(dict)


def main() -> None:
    out = Path(sys.argv.pop(1))
    atexit.register(lambda: out.write_text(json.dumps(_at)))
    _stamp_all()
    cli.main()


def _stamp(stage: str, device: str) -> None:
    _at[stage].setdefault(device, time.time_ns())


def _events(topics: Iterable[str]) -> Iterable[str]:
    return (topic.split("/")[2] for topic in topics if topic.endswith("/event"))


def _stamp_all() -> None:
    """The places, in the order in which an alarm comes by."""
    door = Intake.door

    def stamped_door(self: Intake, *facts: Any) -> Any:
        deliver = door(self, *facts)

        def stamped(incoming: Any) -> None:
            for device in _events((incoming.message.topic,)):
                _stamp("arrived", device)
            deliver(incoming)

        return stamped

    _put(Intake, "door", stamped_door)
    _around(SqliteLog, "_commit", _of_group, before="taken")
    _around(SqliteLog, "_tell", _of_tell, before="durable")
    _around(Pipeline, "committed", _of_records, before="landed")
    _around(Monitor, "handle", _of_record, before="begun", after="decided")
    _around(Pipeline, "_let_go", _of_batch, before="kept")
    _around(Dispatcher, "_start", _of_send, before="leased")
    _around(WebhookChannel, "_post", lambda url, send: _of_send(send), before="posting")


def _of_group(group: Any) -> Iterable[str]:
    return _events(entry.topic for entry, _, _ in group)


def _of_tell(what: Callable[..., object], *facts: Any) -> Iterable[str]:
    return _of_records(facts[0]) if what.__name__ == "_landed" else ()


def _of_records(records: Any) -> Iterable[str]:
    return _events(record.topic for record in records)


def _of_record(record: Any, _house: Any = None) -> Iterable[str]:
    return _events((record.topic,))


def _of_batch(batch: Any, _superseded: Any) -> Iterable[str]:
    return _events(one.record.topic for one in batch)


def _of_send(send: Any) -> Iterable[str]:
    return (send.recipient.address,) if send.recipient.channel == "webhook" else ()


def _around(
    cls: type, name: str, devices: Callable[..., Iterable[str]], before: str = "", after: str = ""
) -> None:
    """Stamp `before` and `after` every call of a method, for the devices that its arguments name."""
    real = getattr(cls, name)

    @wraps(real)
    def stamped(self: Any, *facts: Any) -> Any:
        if before:
            for device in devices(*facts):
                _stamp(before, device)
        result = real(self, *facts)
        if after:
            for device in devices(*facts):
                _stamp(after, device)
        return result

    _put(cls, name, stamped)


def _put(cls: type, name: str, function: Any) -> None:
    setattr(cls, name, function)


if __name__ == "__main__":
    main()
