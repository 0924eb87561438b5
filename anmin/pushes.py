"""What platforms push goes into the log like a broker's message; their secrets are read as they are now."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import structlog

from anmin.section_push import Push
from ingest.message import Lane, Record, RecordKind
from ingest.ports import Entry

_log = structlog.get_logger("anmin.push")


class Appends(Protocol):
    """The log as a push needs it."""

    def append(self, entry: Entry, lane: Lane) -> Awaitable[Record]: ...


class Pushes:
    """`anmin.web.deps.PushKeeper` on the log. A message rides with the telemetry, as those of brokers do."""

    def __init__(self, settings: Push, records: Appends) -> None:
        self._settings = settings
        self._records = records
        self._secrets: dict[str, tuple[str, ...]] = {}
        self._unread: set[str] = set()

    def secrets(self, platform: str) -> tuple[str, ...]:
        """Of a file that cannot be read just now, those that worked last."""
        if platform not in self._settings.platforms:
            return ()
        try:
            self._secrets[platform] = tuple((self._settings.reveal(platform) or "").split())
            self._unread.discard(platform)
        except (OSError, UnicodeDecodeError) as error:
            if platform not in self._unread:
                self._unread.add(platform)
                _log.warning("push_secret_unreadable", platform=platform, error=type(error).__name__)
        return self._secrets.get(platform, ())

    async def take(self, platform: str, device: str, payload: bytes) -> None:
        """Returns once it is durable. Raises LogFull and LogBroken."""
        topic = f"push/{platform}/{device}" if device else f"push/{platform}"
        entry = Entry(RecordKind.MESSAGE, f"push-{platform}", topic, payload)
        await self._records.append(entry, Lane.TELEMETRY)
