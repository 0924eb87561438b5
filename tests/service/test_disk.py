"""Real processes on disks that fail: nothing is acknowledged that is not kept, alarms go last (P4, P5)."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.disk import ROOT, failing_sync, on_small_disk
from tests.support.log import Bench, records


def run_with_failing_sync(folder: Path, at: int) -> tuple[subprocess.CompletedProcess[bytes], list[int]]:
    """The child, and the sequences that it acknowledged."""
    command = [sys.executable, "-m", "tests.support.log_child", str(folder), "--count", "20000"]
    env = failing_sync(folder, at)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=60)
    lines = done.stdout.decode().split()
    return done, [int(line) for line in lines if line.isdigit()]


async def kept(folder: Path) -> list[int]:
    async with Bench(folder).opened() as log:
        return [record.sequence for record in await records(log)]


@pytest.mark.parametrize("at", [1, 4, 9, 10, 11, 13, 20, 50])
def test_failed_fsync_ends_the_process_without_another_acknowledgement(tmp_path: Path, at: int) -> None:
    done, acknowledged = run_with_failing_sync(tmp_path, at)
    assert (tmp_path / "failed").exists(), "the fsync that should fail never came"
    assert done.returncode in (3, 4), done.stderr.decode()
    if done.returncode == 4:
        said = done.stdout.decode().split()
        assert said[-1] == "broken", "something was told after the failure"
    assert asyncio.run(kept(tmp_path))[: len(acknowledged)] == acknowledged


def test_the_same_child_finishes_when_no_fsync_fails(tmp_path: Path) -> None:
    """The control: it is the failing fsync that ends it, and the library sees every commit."""
    done, acknowledged = run_with_failing_sync(tmp_path, 1_000_000)
    assert done.returncode == 0, done.stderr.decode()
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert len(acknowledged) >= 20_000


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened on a disk of 16 MB that was filled and emptied."""
    done = on_small_disk(tmp_path_factory.mktemp("small"), "16m", "tests.support.full_disk_child")
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def test_telemetry_is_refused_while_alarms_are_still_written(told: dict[str, Any]) -> None:
    assert 0 <= told["refusing_s"] <= 5
    assert told["telemetry_let_in"] is False
    assert told["alarm_written"] is True
    assert told["reserve_kept"] is True


def test_alarms_on_a_full_disk_get_the_reserve(told: dict[str, Any]) -> None:
    assert 0 <= told["alarms_s"] <= 5
    assert told["reserve_released"] is True


def test_without_any_room_nothing_is_acknowledged(told: dict[str, Any]) -> None:
    assert told["waiting"] > 0
    assert told["told_without_room"] == told["taken_without_room"]
    assert told["waiting"] + told["told_without_room"] == 800


def test_it_is_normal_again_five_seconds_after_there_is_room(told: dict[str, Any]) -> None:
    assert 0 <= told["recovered_s"] <= 5
    assert (told["acknowledged"], told["still_waiting"]) == (1000, 0)
    assert told["reserve_again"] is True
    assert told["telemetry_again"] is True


def test_ledger_on_a_full_disk_writes_nothing_and_goes_on_later(told: dict[str, Any]) -> None:
    assert told["ledger"] == "full"
    assert told["ledger_rows"] == ["b"]


def test_full_disk_leaves_no_gap_and_breaks_nothing(told: dict[str, Any]) -> None:
    assert told["gap_free"] is True
    assert told["broken"] == []


def test_start_on_a_full_disk_reads_everything_and_takes_alarms(told: dict[str, Any]) -> None:
    assert told["snapshot_read"] is True
    assert told["cursor_read"] == 0
    assert told["alarm_after_start"] is True
    assert told["cursor_written"] is True
