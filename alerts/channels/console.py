"""Messages as lines of text, for demonstrations and for a terminal in the duty room."""

from __future__ import annotations

from collections.abc import Callable

from alerts.broadcasts.broadcast import DrillSend, LiveSend, Send
from alerts.broadcasts.delivery import Outcome, Retry, Sent
from alerts.channels.gate import NOT_A_DRILL, NOT_LIVE, is_drill, is_live, one_line

Write = Callable[[str], object]
"""Takes one line without its end; may raise OSError."""


class ConsoleChannel:
    """One line for each send. A repeat is a second line."""

    idempotent = False

    def __init__(self, write: Write, name: str = "console") -> None:
        self.name = name
        self._write = write

    async def send(self, send: LiveSend) -> Outcome:
        return _written(self._write, f"[{self.name}]", send) if is_live(send) else NOT_LIVE


class DrillConsoleChannel:
    """The same for drills; every line begins with the word."""

    def __init__(self, write: Write, name: str = "console") -> None:
        self.name = name
        self._write = write

    async def send(self, send: DrillSend) -> Outcome:
        return _written(self._write, "【演练 DRILL】", send) if is_drill(send) else NOT_A_DRILL


def _written(write: Write, label: str, send: Send) -> Outcome:
    who = send.recipient
    to = f"{who.audience.value} {who.address or who.id}"
    try:
        write(f"{label} {one_line(to)} | {one_line(send.title)} | {one_line(send.text, 2000)}")
    except OSError as error:
        return Retry(f"cannot write: {error}")
    return Sent()
