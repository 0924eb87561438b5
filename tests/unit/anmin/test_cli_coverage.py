"""`anmin coverage`: the table, the gaps by name, and its exit code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.support.shell import anmin, site
from tests.support.web import world


async def test_what_is_not_proved_is_listed_and_is_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with world(api_token="the-token") as w:
        url = str(w.client.make_url("/")).rstrip("/")
        (tmp_path / "data" / "running.json").write_text(json.dumps({"url": url, "token": "the-token"}))
        config = site(tmp_path)
        said = await asyncio.to_thread(anmin, "coverage", "--config", config)
        assert said.code == 1
        head, first, *_ = said.out.splitlines()
        assert head.split("\t")[:2] == ["place", "points"]
        assert first.split("\t")[:3] == ["xfl", "4", "0"]
        said = await asyncio.to_thread(anmin, "coverage", "--place", "garage", "--gaps", "--config", config)
        assert [line.split(maxsplit=1)[0] for line in said.out.splitlines()] == ["water-garage"]
        said = await asyncio.to_thread(anmin, "coverage", "--json", "--config", config)
        assert json.loads(said.out)["place"]["points"] == 4
        said = await asyncio.to_thread(anmin, "coverage", "--place", "x", "--config", config)
        assert (said.code, "no place" in said.err) == (1, True)
