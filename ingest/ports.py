"""The two doors of ingest: where messages come from, and the one ordered log they go into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from devices.instant import Instant
from ingest.message import Lane, RawMessage, Record, RecordKind


class Receipt(Protocol):
    """Hands the broker its acknowledgement. Called once, after the commit, in arrival order."""

    def __call__(self) -> None: ...


class Incoming(NamedTuple):
    """A message and the way to acknowledge it; `acknowledge` is None where the transport has none."""

    message: RawMessage
    acknowledge: Receipt | None


Deliver = Callable[[Incoming], None]
"""What a source calls for each message, on the event loop; it never blocks."""


class Source(Protocol):
    """A place where messages come from. `run` lasts until cancelled and reconnects by itself."""

    name: str
    lane: Lane

    async def run(self, deliver: Deliver) -> None: ...

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Send to a device (acknowledgement, command). Raises SourceDown when not connected."""

    def caught_up(self) -> Awaitable[None]:
        """Done when what the broker had kept for us has arrived."""


class SourceDown(ConnectionError):
    """The transport is not connected; the caller retries or reports."""


class Entry(NamedTuple):
    """What is to be written; the log gives it its sequence and its `at`."""

    kind: RecordKind
    source: str
    topic: str
    payload: bytes
    retain: bool = False
    dup: bool = False
    queued: bool = False


class LogFull(OSError):
    """No space: nothing was written, the log is still good. Telemetry is refused, alarms use the reserve."""


class LogBroken(OSError):
    """A write or an fsync failed: what is on disk is unknown, so the process must stop without a word."""


Append = Callable[[Sequence[Record]], None]


class Log(Protocol):
    """One totally ordered, durable log.

    `append` may be called from the event loop only; entries are committed in groups (alarm lane first,
    telemetry at most 256 a group), and every committed group is handed to the callback given to `start`, in
    order, after its fsync, on the event loop. The future of `append` resolves at the same moment.
    """

    def start(self, committed: Append) -> None: ...

    def append(self, entry: Entry, lane: Lane) -> Awaitable[Record]: ...

    def read(self, after: int, until: int | None = None) -> AsyncIterator[Record]:
        """Records with after < sequence <= until, in order."""

    def handled(self, sequence: int) -> None:
        """What has been dealt with: telemetry is written only a little ahead of it, so that alarms pass."""

    @property
    def last(self) -> int:
        """Sequence of the last committed record, 0 when empty."""

    @property
    def last_at(self) -> Instant: ...

    def trim(self, before: int) -> None:
        """Allow segments that end before this sequence to be deleted (retention decides)."""

    async def close(self) -> None: ...
