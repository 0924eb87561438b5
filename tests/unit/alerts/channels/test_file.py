from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from alerts.broadcasts.delivery import Retry, Sent
from alerts.channels.file import DrillFileChannel, FileChannel, LineFile
from tests.support.broadcast import drill_send, send


async def test_send_is_one_json_line_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    channel = FileChannel(LineFile(path))
    assert [await channel.send(send()), await channel.send(send())] == [Sent(), Sent()]
    first, second = path.read_text("utf-8").splitlines()
    assert first == second
    row = json.loads(first)
    assert row["key"] == "key-1"
    assert row["drill"] is False
    assert (row["recipient"], row["address"], row["text"]) == ("duty", "address-1", "有烟感报警，正在核实。")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_drill_line_says_so(tmp_path: Path) -> None:
    path = tmp_path / "drill.jsonl"
    assert await DrillFileChannel(LineFile(path)).send(drill_send()) == Sent()
    row = json.loads(path.read_text("utf-8"))
    assert row["drill"] is True
    assert row["text"].startswith("【演练】")


def test_full_file_is_put_aside_and_the_oldest_one_goes(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "out", limit=10, keep=2)
    for line in (b"one", b"two", b"three", b"four", b"five", b"six"):
        file.append(line)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"out": "six\n", "out.1": "four\nfive\n", "out.2": "three\n"}


def test_line_longer_than_the_limit_is_written_whole(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "out", limit=4, keep=1)
    file.append(b"much longer")
    file.append(b"x")
    assert (tmp_path / "out").read_text() == "x\n"
    assert (tmp_path / "out.1").read_text() == "much longer\n"


def test_file_that_a_reader_takes_away_is_begun_anew(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "out")
    file.append(b"one")
    (tmp_path / "out").rename(tmp_path / "taken")
    file.append(b"two")
    assert (tmp_path / "out").read_text() == "two\n"


def test_torn_line_is_ended_before_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = LineFile(tmp_path / "out")
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda number, data: write(number, data[:4]))
        with pytest.raises(OSError, match="only 4 of 10 bytes"):
            file.append(b"123456789")
    file.append(b"next")
    assert (tmp_path / "out").read_text() == "1234\nnext\n"


async def test_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "out"
    for outcome in (
        await FileChannel(LineFile(nowhere)).send(send()),
        await DrillFileChannel(LineFile(nowhere)).send(drill_send()),
    ):
        assert isinstance(outcome, Retry)
        assert str(nowhere) in outcome.why


async def test_every_write_is_one_call_without_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []
    write = os.write

    def counted(number: int, data: bytes) -> int:
        calls.append(data)
        return write(number, data)

    monkeypatch.setattr(os, "write", counted)
    monkeypatch.setattr(os, "fsync", lambda number: pytest.fail("fsync"))
    await FileChannel(LineFile(tmp_path / "out")).send(send())
    assert [data.count(b"\n") for data in calls] == [1]
