"""`anmin rejects` against the real pages: what people read, what programs read, and refusals in one line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from anmin.backends.projection import RejectRow
from anmin.doorbell import NotRunning
from devices.instant import SECOND, rfc3339
from tests.support.shell import Said, anmin, site
from tests.support.web import World, world
from tests.support.web_view import NOW


@dataclass
class Door:
    """A service that answers for a data directory."""

    world: World
    config: Path

    async def says(self, *words: str) -> Said:
        return await asyncio.to_thread(anmin, "rejects", *words, "--config", self.config)

    def open(self, token: str) -> None:
        url = str(self.world.client.make_url("/")).rstrip("/")
        (self.config.parent / "data" / "running.json").write_text(json.dumps({"url": url, "token": token}))


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    (tmp_path / "data").mkdir()
    async with world(api_token="the-token") as w:
        for number, payload in ((3, b'{"v":2}'), (7, b"\xff{")):
            w.rejects.rows[number] = RejectRow(
                number,
                NOW + number * SECOND,
                "mqtt-alarm",
                "anmin/c/d/event",
                "malformed",
                "why",
                "d",
                payload,
                9,
            )
        one = Door(w, site(tmp_path))
        one.open("the-token")
        yield one


async def test_they_are_listed_a_line_each_newest_first(door: Door) -> None:
    said = await door.says("list")
    assert said.code == 0
    assert [line.split() for line in said.out.splitlines()] == [
        ["7", rfc3339(NOW + 7 * SECOND), "malformed", "anmin/c/d/event", "why"],
        ["3", rfc3339(NOW + 3 * SECOND), "malformed", "anmin/c/d/event", "why"],
    ]
    assert len((await door.says("list", "--limit", "1")).out.splitlines()) == 1


async def test_programs_get_json_a_line_each(door: Door) -> None:
    said = await door.says("list", "--json")
    assert [json.loads(line)["sequence"] for line in said.out.splitlines()] == [7, 3]
    one = json.loads((await door.says("show", "7", "--json")).out)
    assert (one["sequence"], one["payload"]) == (7, "/3s=")


async def test_one_is_shown_with_its_payload_also_when_it_is_no_text(door: Door) -> None:
    said = await door.says("show", "7")
    assert said.code == 0
    assert "reason: malformed\n" in said.out
    assert said.out.endswith("\\xff{\n")
    assert (await door.says("show", "3")).out.endswith('{"v":2}\n')


async def test_one_is_put_through_again(door: Door) -> None:
    assert await door.says("replay", "7") == (0, "put through again as record 107\n", "")
    assert door.world.rejects.replayed == [7]


@pytest.mark.parametrize("words", [("show", "8"), ("replay", "8"), ("list", "--limit", "-1")])
async def test_what_cannot_be_done_is_one_line_and_1(door: Door, words: tuple[str, ...]) -> None:
    said = await door.says(*words)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("anmin: ")
    assert len(said.err.splitlines()) == 1


async def test_a_token_that_is_not_believed_is_told(door: Door) -> None:
    door.open("wrong")
    for words in (("list",), ("show", "7"), ("replay", "7")):
        said = await door.says(*words)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("anmin: ")
        assert len(said.err.splitlines()) == 1


def test_without_a_running_service_it_says_so(tmp_path: Path) -> None:
    config = site(tmp_path)
    for words in (("list",), ("show", "1"), ("replay", "1")):
        with pytest.raises(NotRunning, match="anmin run"):
            anmin("rejects", *words, "--config", config)


def test_broken_settings_come_first(tmp_path: Path) -> None:
    said = anmin("rejects", "list", "--config", site(tmp_path, "[web]\nport = -1\n"))
    assert said.code == 3
    assert "anmin.toml:4:" in said.err
