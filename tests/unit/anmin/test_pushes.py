"""anmin.pushes: secrets as they are now, and what goes into the log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from anmin.pushes import Pushes
from anmin.section_push import Push
from devices.instant import Instant
from ingest.message import Lane, Record, RecordKind
from ingest.ports import Entry, LogFull

TOKEN, OTHER = "0123456789abcdef", "fedcba9876543210"


class FakeLog:
    def __init__(self) -> None:
        self.written: list[tuple[Entry, Lane]] = []
        self.full = False

    def append(self, entry: Entry, lane: Lane) -> asyncio.Future[Record]:
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        if self.full:
            future.set_exception(LogFull("no space"))
            return future
        self.written.append((entry, lane))
        at: Instant = 0
        future.set_result(Record(1, at, entry.kind, entry.source, entry.topic, entry.payload))
        return future


async def test_a_push_is_a_message_on_a_topic_of_its_platform() -> None:
    log = FakeLog()
    pushes = Pushes(Push(), log)
    await pushes.take("onenet", "", b"{}")
    await pushes.take("tuya", "ywbj-1", b"{}")
    assert log.written == [
        (Entry(RecordKind.MESSAGE, "push-onenet", "push/onenet", b"{}"), Lane.TELEMETRY),
        (Entry(RecordKind.MESSAGE, "push-tuya", "push/tuya/ywbj-1", b"{}"), Lane.TELEMETRY),
    ]
    log.full = True
    with pytest.raises(LogFull):
        await pushes.take("onenet", "", b"{}")


def test_nobody_is_believed_without_a_setting() -> None:
    pushes = Pushes(Push(), FakeLog())
    assert [pushes.secrets(name) for name in ("onenet", "tuya", "unknown")] == [(), (), ()]


def test_a_secret_is_read_as_it_is_now_and_two_are_believed_while_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    pushes = Pushes(Push(onenet_file=file), FakeLog())
    assert pushes.secrets("onenet") == (TOKEN,)
    file.write_text(f"{OTHER}\n{TOKEN}\n")
    assert pushes.secrets("onenet") == (OTHER, TOKEN)


def test_while_the_file_cannot_be_read_the_last_one_holds_and_that_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    pushes = Pushes(Push(onenet_file=file), FakeLog())
    pushes.secrets("onenet")
    file.unlink()
    assert [pushes.secrets("onenet") for _ in range(3)] == [(TOKEN,)] * 3
    assert capsys.readouterr().out.count("push_secret_unreadable") == 1
    assert Pushes(Push(onenet_file=file), FakeLog()).secrets("onenet") == ()
