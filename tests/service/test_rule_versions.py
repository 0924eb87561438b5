"""A changed rule that guards lives waits for a second person, is tested on what was, can be taken back."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.service.test_registry_live import cli, says
from tests.support.harness import Anmin, People, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.street import street

WARMER = """
rules:
  - id: fire.temperature
    replaces: true
    hazard: fire
    kind: threshold
    quantity: temperature_c
    devices: {kinds: [heat, smoke]}
    levels: {prealarm: {above: 40, clear_below: 35}, alarm: {above: 57, clear_below: 51}}
    source: ours
"""
PASSWORD = "a long and quiet afternoon"


async def account(site: Site, name: str) -> None:
    code, said = await cli(site, "user", "add", name, "--role", "operator")
    assert code == 0, said
    found = re.search(r"token=([\w-]+)", said)
    assert found is not None, said
    form = {"token": found[1], "password": PASSWORD}
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{site.url}/welcome", data=form, headers={"Origin": site.url}, allow_redirects=False
        ) as answer,
    ):
        assert answer.status == 303


async def rules(site: Site, *words: str) -> dict[str, Any]:
    code, said = await cli(site, "rules", *words, "--json")
    assert code == 0, said
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


async def refused(site: Site, *words: str) -> str:
    code, said = await cli(site, "rules", *words)
    assert code == 1, said
    return said


async def until_tested(site: Site) -> dict[str, Any]:
    for _ in range(150):
        found = await rules(site, "status")
        if found["proposal"]["state"] != "testing":
            return found
        await asyncio.sleep(0.2)
    raise AssertionError("the test did not end")


async def test_two_people_put_a_changed_rule_in_force_and_one_takes_it_back(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANMIN_PASSWORD", PASSWORD)
    (tmp_path / "warmer.yaml").write_text(WARMER, encoding="utf-8")
    site = Site(tmp_path / "site", street(3), {"mqtt": {"url": f"mqtt://{HOST}:{broker.port}"}})
    running, people = Anmin(site), People(site)
    try:
        await running.start()
        first = (await rules(site, "status"))["active"]
        await says(broker, "heat-0001", "reading", boot=1, seq=1, values={"temperature_c": 44.0})
        await asyncio.sleep(1.5)
        for name in ("sun-li", "zhou-wei"):
            await account(site, name)
        assert "no change waits" in await refused(site, "propose", "--by", "sun-li", "--reason", "x")
        assert await running.stop() == 0

        site.write(site={"rules": [str(tmp_path / "warmer.yaml")]})
        await running.start()
        waits = await rules(site, "status")
        assert (waits["active"], waits["proposal"]) == (first, None)
        assert waits["difference"]["guarding_lives"] == ["fire.temperature"]
        assert "rules_wait_for_a_second_person" in running.said
        assert await people.incidents() == []
        assert "nobody has proposed" in await refused(site, "approve", "--by", "zhou-wei")

        await rules(site, "propose", "--by", "sun-li", "--reason", "the room is small")
        report = (await until_tested(site))["proposal"]["report"]
        assert report["alerts"]["fire.temperature"] == [0, 1]
        assert (report["only_after"], report["only_before"]) == (1, 0)
        assert "cannot approve" in await refused(site, "approve", "--by", "sun-li")
        monkeypatch.setenv("ANMIN_PASSWORD", "somebody else's words")
        assert "password is wrong" in await refused(site, "approve", "--by", "zhou-wei")
        monkeypatch.setenv("ANMIN_PASSWORD", PASSWORD)
        approved = await rules(site, "approve", "--by", "zhou-wei")
        assert (approved["active"], approved["former"]) == (waits["draft"], first)

        await says(broker, "heat-0002", "reading", boot=1, seq=1, values={"temperature_c": 44.0})
        for _ in range(50):
            if found := await people.incidents():
                break
            await asyncio.sleep(0.1)
        assert [one["level"] for one in found] == ["prealarm"]
        rule = found[0]["standings"][0]
        assert rule["rule_id"] == "fire.temperature"

        assert await running.stop() == 0
        await running.start()
        kept = await rules(site, "status")
        assert (kept["active"], kept["draft"]) == (approved["active"], None)
        back = await rules(site, "back", "--by", "sun-li")
        assert (back["active"], back["draft"]) == (first, approved["active"])
        (incident,) = await people.incidents()
        assert incident["standings"][0]["rule_version"] == rule["rule_version"]
        assert await running.stop() == 0
        code, said = await cli(site, "verify")
        assert code == 0, said
    finally:
        await people.close()
        await running.kill()
