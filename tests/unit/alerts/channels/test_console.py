from __future__ import annotations

from dataclasses import replace

from alerts.broadcasts.delivery import Retry, Sent
from alerts.channels.console import ConsoleChannel, DrillConsoleChannel
from tests.support.broadcast import drill_send, send


def broken(line: str) -> None:
    raise BrokenPipeError("gone")


async def test_send_is_one_line_with_who_and_what() -> None:
    lines: list[str] = []
    bilingual = replace(send(), text="有烟感报警。\nAlarm.")
    assert await ConsoleChannel(lines.append).send(bilingual) == Sent()
    assert lines == ["[console] duty address-1 | 告警 | 有烟感报警。 Alarm."]


async def test_line_cannot_be_forged_by_what_stands_in_it() -> None:
    lines: list[str] = []
    await ConsoleChannel(lines.append).send(replace(send(), title="x\r\n[console] all clear\x1b[2J"))
    assert "\n" not in lines[0]
    assert "\x1b" not in lines[0]


async def test_drill_line_begins_with_the_word() -> None:
    lines: list[str] = []
    assert await DrillConsoleChannel(lines.append).send(drill_send()) == Sent()
    assert lines[0].startswith("【演练 DRILL】 ")


async def test_terminal_that_is_gone_is_tried_again() -> None:
    assert await ConsoleChannel(broken).send(send()) == Retry("cannot write: gone")
    assert await DrillConsoleChannel(broken).send(drill_send()) == Retry("cannot write: gone")
