"""From a record of the log to what it says. It always answers: no message can stop the line."""

from __future__ import annotations

from ingest.message import Decoded, Ignored, Reason, Record, Rejected
from ingest.registry import DialectRegistry
from ingest.strict_json import shown


def decode(record: Record, dialects: DialectRegistry) -> tuple[Decoded, ...] | Rejected | Ignored:
    """Never raises. An exception in a dialect is our bug, told by its name; the message stays in the log."""
    dialect = None
    try:
        dialect = dialects.for_topic(record.topic)
        if dialect is not None:
            return dialect.decode(record.topic, record.payload, record.retain)
    except Exception as error:
        name = dialect.name if dialect else ""
        detail = f"{type(error).__name__} in dialect {name!r}: a fault of ours, please report it"
        return Rejected(Reason.MALFORMED, detail, name)
    detail = f"no dialect claims {shown(record.topic)!r}; set one up for it or end the subscription"
    return Rejected(Reason.NO_DIALECT, detail)
