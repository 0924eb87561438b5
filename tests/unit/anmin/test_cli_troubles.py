"""`anmin troubles` and `anmin device walk` against the real pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from alerts.incidents.command import Declined
from alerts.troubles.command import OwnTroubles, StartWalk
from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage, Trouble
from anmin import cli_troubles
from anmin.view import TroubleView, WalkView
from devices.instant import HOUR, SECOND
from tests.support.shell import Said, anmin, site
from tests.support.web import World, world


@dataclass
class Door:
    world: World
    config: Path

    async def says(self, *words: str) -> Said:
        return await asyncio.to_thread(anmin, *words, "--config", self.config)

    def walks(self, ended_after: int | None, passed: bool) -> None:
        device, now = self.world.view.devices["smoke-1203"], self.world.clock[0]
        ended_at = None if ended_after is None else now + ended_after * SECOND
        self.world.view.devices[device.device.id] = replace(
            device, walk=WalkView(now + 60 * SECOND, ended_at, passed)
        )


@pytest.fixture
async def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(cli_troubles, "POLL_S", 0.01)
    (tmp_path / "data").mkdir()
    async with world(api_token="the-token") as w:
        url = str(w.client.make_url("/")).rstrip("/")
        (tmp_path / "data" / "running.json").write_text(json.dumps({"url": url, "token": "the-token"}))
        yield Door(w, site(tmp_path))


def put(w: World, name: str, kind: TroubleKind, folded: int = 0) -> None:
    made = Trouble(name, kind, "smoke-1203", "b3", w.clock[0] - HOUR, Stage.STANDING)
    w.view.troubles[name] = TroubleView(made, folded)


async def test_nothing_wrong_is_said_and_is_exit_code_0(door: Door) -> None:
    said = await door.says("troubles")
    assert said.code == 0
    assert said.out.strip() == "no trouble is known."
    assert (await door.says("troubles", "--json")).out == ""


async def test_what_is_wrong_is_listed_worst_first_and_is_exit_code_1(door: Door) -> None:
    put(door.world, "t1", TroubleKind.BATTERY)
    put(door.world, "t2", TroubleKind.AREA, folded=12)
    said = await door.says("troubles")
    assert said.code == 1
    first, second = said.out.splitlines()
    assert "many devices lost at once" in first
    assert "x12" in first
    assert "battery low" in second
    said = await door.says("troubles", "--kind", "battery", "--json")
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ["t1"]


async def test_those_shown_are_seen_to_by_somebody(door: Door) -> None:
    put(door.world, "t1", TroubleKind.BATTERY)
    put(door.world, "t2", TroubleKind.AREA)
    await door.says("troubles", "--kind", "battery", "--own", "--by", "wang")
    assert door.world.asked == [OwnTroubles(trouble_ids=("t1",), by="wang", via="api")]
    door.world.answers.append(Declined("no_such_trouble", "it is over"))
    assert "it is over" in (await door.says("troubles", "--own")).err


@pytest.mark.parametrize(("ended", "passed", "code"), [(None, True, 0), (60, True, 0), (60, False, 1)])
async def test_a_test_on_foot_says_whether_it_was_heard(
    door: Door, ended: int | None, passed: bool, code: int
) -> None:
    door.walks(ended, passed)
    said = await door.says("device", "walk", "smoke-1203", "--by", "li")
    assert said.code == code
    assert ("passed" in said.out, "check battery" in said.err) == (code == 0, code == 1)
    assert door.world.asked == [StartWalk(device_id="smoke-1203", by="li", via="api")]


async def test_the_result_of_an_earlier_test_is_none_of_this_one(door: Door) -> None:
    door.walks(-300, True)
    waiting = asyncio.create_task(door.says("device", "walk", "smoke-1203"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    door.walks(60, False)
    assert (await waiting).code == 1


async def test_what_cannot_be_tested_is_refused(door: Door) -> None:
    door.world.answers.append(Declined("no_button", "siren-1 cannot raise an alarm"))
    said = await door.says("device", "walk", "siren-1")
    assert (said.code, "cannot raise an alarm" in said.err) == (1, True)
