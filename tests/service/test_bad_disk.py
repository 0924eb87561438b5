"""The whole service on disks that fail or are full: what is accepted is kept, people are warned (P4, P5)."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.crashloop import CrashLoop
from tests.support.disk import failing_sync, on_small_disk
from tests.support.reckoning import reckon

SYNCS_OF_A_START = 60
"""At least as many as a first start makes: what fails after them fails while detectors go off."""
LATER = [
    pytest.param(SYNCS_OF_A_START + more, marks=pytest.mark.nightly) for more in (1, 2, 3, 5, 40, 100, 300)
]


@pytest.mark.parametrize("at", [SYNCS_OF_A_START + 10, *LATER])
async def test_a_failed_fsync_ends_the_service_within_a_second_and_nothing_is_accepted_after_it(
    tmp_path: Path, at: int
) -> None:
    async with CrashLoop(tmp_path / "loop", homes=10, seed=at, workers=10).opened() as loop:
        async with loop.working() as work:
            await loop.service.start(failing_sync(tmp_path, at))
            assert await loop.service.ended(30) == 4, loop.service.said
            gone_at, failed_at = time.time(), (tmp_path / "failed").stat().st_mtime
            assert gone_at - failed_at < 1.0
            assert "disk_broken" in loop.service.said
            await asyncio.sleep(0.5)
            said_at = {line["says"]: line["t"] for line in loop.books["devices"].lines if "says" in line}
            held = [line["holds"] for line in loop.books["devices"].lines if "holds" in line]
            assert held
            assert [event for event in held if said_at[event] > failed_at] == []
            await loop.settle(work)
        assert reckon(tmp_path / "loop", time.time_ns() // 1000).wrong == {}
        assert (await loop.service.run("verify"))[0] == 0


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened on a disk of 128 MB that was filled to the last byte and emptied."""
    small, elsewhere = tmp_path_factory.mktemp("small"), tmp_path_factory.mktemp("elsewhere")
    done = on_small_disk(small, "128m", "tests.support.full_disk_service", os.fspath(elsewhere))
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def test_a_full_disk_is_said_at_the_door(told: dict[str, Any]) -> None:
    assert 0 <= told["unready_s"] <= 5


def test_alarms_on_a_full_disk_are_kept_and_told_on_the_reserve(told: dict[str, Any]) -> None:
    assert 0 <= told["first_wave_s"] <= 5
    assert 0 <= told["first_wave_told_s"] <= 5


def test_without_any_room_nothing_is_accepted_and_nobody_gives_up(told: dict[str, Any]) -> None:
    assert told["held_without_room"] == 0
    assert told["alive"] is True


def test_when_there_is_room_again_everything_that_waited_is_kept_and_told(told: dict[str, Any]) -> None:
    assert 0 <= told["ready_again_s"] <= 5
    assert 0 <= told["all_held_s"] <= 5
    assert 0 <= told["all_told_s"] <= 5
    assert told["stopped"] == 0
    assert told["verified"] == "clean"
