"""Recorded messages, heard again in their order and with their pauses, at the speed of the clock.

A recording is what `mosquitto_sub -t '#' -F %j` (or `%J`) writes: one JSON object per line with `tst`,
`topic`, `payload` (text, or JSON as it was) and `retain`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from devices.instant import Instant, parse_rfc3339
from ingest.message import Lane, RawMessage
from ingest.ports import Deliver, Incoming, SourceDown

_MOSQUITTO_ZONE = re.compile(r"Z?([+-]\d\d):?(\d\d)$")


class Recorded(NamedTuple):
    """One message of a recording; `at` is when it was heard then."""

    at: Instant
    topic: str
    payload: bytes
    retain: bool = False


class NotRecorded(ValueError):
    """A line that is no recorded message. `line` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(line, what)
        self.line = line
        self.what = what

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}; record with mosquitto_sub -t '#' -F %j"


def read(lines: Iterable[str]) -> list[Recorded]:
    """All messages of a recording; empty lines are passed over. Raises NotRecorded."""
    found = [_message(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    for number, (before, after) in enumerate(pairwise(found), 2):
        if after.at < before.at:
            raise NotRecorded(number, "heard before the line above it; sort the recording by tst")
    return found


def _message(number: int, line: str) -> Recorded:
    try:
        said = json.loads(line)
        topic, payload = said["topic"], said.get("payload", "")
        at = parse_rfc3339(_MOSQUITTO_ZONE.sub(r"\1:\2", said["tst"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotRecorded(number, f"no recorded message ({type(error).__name__}: {error})") from None
    if not isinstance(topic, str):
        raise NotRecorded(number, "topic must be text")
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return Recorded(at, topic, text.encode("utf-8", "surrogateescape"), bool(said.get("retain")))


class Clock(Protocol):
    """The time of the replay."""

    def now(self) -> Instant: ...
    async def sleep_until(self, at: Instant) -> None: ...


class ReplaySource:
    """Delivers a recording once, from when `begin` is set, then sets `ended`. Nothing can be sent to it."""

    name = "replay"
    lane = Lane.ALARM
    connected = True
    trouble = ""

    def __init__(self, recording: Sequence[Recorded], clock: Clock) -> None:
        self._recording = recording
        self._clock = clock
        self.played = 0
        self.begin = asyncio.Event()
        self.ended = asyncio.Event()

    async def run(self, deliver: Deliver) -> None:
        await self.begin.wait()
        for at, topic, payload, retain in self._recording:
            if at > self._clock.now():
                await self._clock.sleep_until(at)
            elif self.played % 100 == 0:
                await asyncio.sleep(0)  # what is behind its time still lets others work
            deliver(Incoming(RawMessage(self.name, topic, payload, at, retain), None))
            self.played += 1
        self.ended.set()
        await asyncio.Event().wait()

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        raise SourceDown(f"{topic} not sent: a recording hears nothing")

    async def caught_up(self) -> None:
        """At once: nothing was kept for us."""

    async def first_connect(self, within_s: float) -> None:
        """At once."""
