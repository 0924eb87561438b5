"""Messages as JSON lines in a file, for another program on the same machine and for demonstrations."""

from __future__ import annotations

import json
import os
from pathlib import Path

from alerts.broadcasts.broadcast import DrillSend, LiveSend, Send
from alerts.broadcasts.delivery import Outcome, Retry, Sent
from alerts.channels.gate import NOT_A_DRILL, NOT_LIVE, is_drill, is_live

MEBIBYTE = 1 << 20


class LineFile:
    """Appends whole lines with one write each and no fsync: it is a way out, not a record.

    Beyond `limit` bytes the file becomes `.1`, that `.2` and so on; `keep` old ones stay. A reader may move
    the file away at any time. Only its owner can read it, for it holds addresses of people.
    """

    def __init__(self, path: Path, *, limit: int = 10 * MEBIBYTE, keep: int = 5) -> None:
        self._path = path
        self._limit = limit
        self._keep = keep
        self._torn = False

    def append(self, line: bytes) -> None:
        """Raises OSError; what was torn off is ended before the next line begins."""
        data = (b"\n" if self._torn else b"") + line + b"\n"
        self._make_room(len(data))
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            written = os.write(file, data)
        finally:
            os.close(file)
        self._torn = written < len(data)
        if self._torn:
            raise OSError(f"{self._path}: only {written} of {len(data)} bytes written: disk full?")

    def _make_room(self, size: int) -> None:
        try:
            present = self._path.stat().st_size
        except FileNotFoundError:
            return
        if present and present + size > self._limit:
            self._rotate()

    def _rotate(self) -> None:
        for number in range(self._keep, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


class FileChannel:
    """One line for each send; a reader tells repeats by their `key`."""

    idempotent = False

    def __init__(self, file: LineFile, name: str = "file") -> None:
        self.name = name
        self._file = file

    async def send(self, send: LiveSend) -> Outcome:
        return _appended(self._file, send, drill=False) if is_live(send) else NOT_LIVE


class DrillFileChannel:
    """The same for drills, in a file of its own; every line says so."""

    def __init__(self, file: LineFile, name: str = "file") -> None:
        self.name = name
        self._file = file

    async def send(self, send: DrillSend) -> Outcome:
        return _appended(self._file, send, drill=True) if is_drill(send) else NOT_A_DRILL


def _appended(file: LineFile, send: Send, *, drill: bool) -> Outcome:
    line = json.dumps(_row(send, drill), ensure_ascii=False, separators=(",", ":"))
    try:
        file.append(line.encode())
    except OSError as error:
        return Retry(f"cannot write: {error}")
    return Sent()


def _row(send: Send, drill: bool) -> dict[str, object]:
    who = send.recipient
    return {
        "v": 1,
        "key": send.key,
        "drill": drill,
        "incident_id": send.incident_id,
        "version": send.version,
        "purpose": send.purpose.value,
        "recipient": who.id,
        "audience": who.audience.value,
        "channel": who.channel,
        "address": who.address,
        "household": who.household_id,
        "title": send.title,
        "text": send.text,
        "data": send.data,
        "created_at": send.created_at,
        "deadline_at": send.deadline_at,
    }
