"""`anmin user` against the real pages: a link to hand on, and refusals in one line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anmin.doorbell import NotRunning
from tests.support.shell import Said, anmin, site
from tests.support.web import World, world


class Door:
    """A service that answers for a data directory."""

    def __init__(self, w: World, config: Path) -> None:
        self.world = w
        self._config = config
        url = str(w.client.make_url("/")).rstrip("/")
        door = config.parent / "data" / "running.json"
        door.parent.mkdir()
        door.write_text(json.dumps({"url": url, "token": "the-token"}))

    async def says(self, *words: str) -> Said:
        return await asyncio.to_thread(anmin, "user", *words, "--config", self._config)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with world(api_token="the-token") as w:
        yield Door(w, site(tmp_path))


async def test_the_link_alone_is_on_standard_output(door: Door) -> None:
    member = next(each.id for each in door.world.view.inventory.responders if each.station_id is not None)
    said = await door.says("add", "陈 杰", "--role", "crew", "--responder", member)
    assert said.code == 0
    (link,) = said.out.splitlines()
    token = link.partition("?token=")[2]
    account = await door.world.accounts.linked(token, door.world.clock[0])
    assert account is not None
    assert (account.id, account.name) == (member, "陈 杰")
    assert "once, within 60 minutes" in said.err
    assert (await door.says("link", "陈 杰")).out.startswith("http")


async def test_accounts_are_listed_and_taken_back(door: Door) -> None:
    made = json.loads((await door.says("add", "王芳", "--role", "operator", "--json")).out)
    assert (await door.says("list")).out == f"operator  王芳  {made['id']}  (no password yet)\n"
    assert json.loads((await door.says("list", "--json")).out)["id"] == made["id"]
    assert (await door.says("disable", "王芳")).out == "王芳 cannot sign in any more\n"
    assert (await door.says("list")).out == ""


@pytest.mark.parametrize(
    "words",
    [
        ("add", "a", "--role", "crew"),
        ("link", "nobody"),
        ("disable", "nobody"),
        ("add", " ", "--role", "crew"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_1(door: Door, words: tuple[str, ...]) -> None:
    said = await door.says(*words)
    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert said.err.startswith("anmin: ")


def test_a_role_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    assert anmin("user", "add", "a", "--role", "admin", "--config", site(tmp_path)).code == 2


def test_without_a_running_service_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="anmin run"):
        anmin("user", "list", "--config", site(tmp_path))
