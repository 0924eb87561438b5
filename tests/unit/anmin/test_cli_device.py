"""`anmin device` against the real pages: what it shows, what it changes, what it refuses and where."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from alerts.incidents.command import Declined, Done
from alerts.operations.command import Operate
from alerts.operations.operation import Operation, Progress
from anmin import cli_device, workbook
from tests.support.shell import Said, anmin, site
from tests.support.web import World, world


@dataclass
class Door:
    """A service that answers for a data directory."""

    world: World
    config: Path

    async def says(self, *words: str) -> Said:
        return await asyncio.to_thread(anmin, "device", *words, "--config", self.config)

    def place(self, device_id: str) -> str:
        return self.world.view.inventory.devices[device_id].place_id


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    (tmp_path / "data").mkdir()
    async with world(api_token="the-token") as w:
        one = Door(w, site(tmp_path))
        url = str(w.client.make_url("/")).rstrip("/")
        (tmp_path / "data" / "running.json").write_text(json.dumps({"url": url, "token": "the-token"}))
        yield one


async def test_devices_are_listed_with_their_state(door: Door) -> None:
    said = await door.says("list")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == sorted(door.world.view.inventory.devices)
    said = await door.says("list", "--state", "silent", "--json")
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ["smoke-1403"]


async def test_who_speaks_unregistered_is_shown_and_registered_as_what_it_likely_is(door: Door) -> None:
    said = await door.says("inbox")
    assert "zigbee2mqtt 0x00158d00012f" in said.out
    assert "daily-smoke" in said.out
    said = await door.says("claim", "0x00158d00012f", "--place", "garage")
    assert said.code == 0
    assert door.place("smoke-garage") == "garage"
    assert json.loads((await door.says("inbox", "--json")).out)["dialect"] == "zigbee2mqtt"
    said = await door.says("claim", "0x99", "--place", "garage")
    assert (said.code, "0x99" in said.err) == (1, True)


async def test_a_device_is_moved_replaced_and_retired(door: Door) -> None:
    said = await door.says("move", "smoke-1403", "--place", "garage")
    assert (said.code, said.out.startswith("! ")) == (0, True)
    assert door.place("smoke-1403") == "garage"
    assert (await door.says("replace", "smoke-1403", "--address", "n2", "--serial", "S2")).code == 0
    assert door.world.view.inventory.devices["smoke-1403"].serial == "S2"
    assert (await door.says("retire", "smoke-1403", "--yes")).code == 0
    assert "smoke-1403" not in door.world.view.inventory.devices
    said = await door.says("move", "smoke-1403", "--place", "garage")
    assert said.code == 1
    assert "smoke-1403" in said.err


async def test_a_list_is_checked_shown_and_then_taken_over(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("id,profile,place\ng1,native-gas,garage\n", "utf-8")
    said = await door.says("import", str(file))
    assert said.code == 0
    assert "--apply" in said.out
    assert "g1" not in door.world.view.inventory.devices
    assert (await door.says("import", str(file), "--apply")).code == 0
    assert door.place("g1") == "garage"
    assert "--apply" not in (await door.says("import", str(file))).out


async def test_errors_of_a_list_name_file_row_and_column(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("id,profile,place,installed\n\ng1,native-gas,garage,soon\n", "utf-8")
    said = await door.says("import", str(file), "--apply")
    assert (said.code, said.out) == (1, "")
    assert f"{file}:3: installed: " in said.err
    file.write_text("id,profile,place\n\ng1,native-gas,x\ng2,none,garage\n", "utf-8")
    said = await door.says("import", str(file), "--apply")
    assert said.code == 1
    assert f"{file}:3: place: " in said.err
    assert f"{file}:4: profile: " in said.err
    file.write_bytes(b"\xd0\xcf\x11\xe0")
    assert ".xls" in (await door.says("import", str(file))).err
    assert (await door.says("import", str(tmp_path / "none.csv"))).code == 1


async def test_an_empty_list_has_the_headings(tmp_path: Path) -> None:
    said = await asyncio.to_thread(anmin, "device", "template")
    assert "profile" in said.out
    file = tmp_path / "t.xlsx"
    await asyncio.to_thread(anmin, "device", "template", "--xlsx", file)
    assert workbook.read(file.read_bytes()) == workbook.read(said.out.encode())


@pytest.mark.parametrize(
    ("progress", "code"), [(Progress.DONE, 0), (Progress.REFUSED, 1), (Progress.EXPIRED, 1)]
)
async def test_a_command_waits_for_the_devices_own_answer(
    door: Door, monkeypatch: pytest.MonkeyPatch, progress: Progress, code: int
) -> None:
    monkeypatch.setattr(cli_device, "POLL_S", 0.01)
    now = door.world.clock[0]
    ended = Operation("k1", "smoke-1203", 1, "mute", "cli", "", now, now + 60, progress, now, "its words")
    seen = door.world.view.devices["smoke-1203"]
    door.world.view.devices["smoke-1203"] = replace(seen, operations=(ended,))
    door.world.answers.append(Done("k1", "asked"))
    said = await door.says("operate", "smoke-1203", "mute", "--yes")
    assert (said.code, "its words" in said.out) == (code, True)
    assert isinstance(asked := door.world.asked[-1], Operate)
    assert (asked.action, asked.confirmed, asked.by) == ("mute", True, "cli")


async def test_what_is_dangerous_is_asked_about_and_what_cannot_be_is_refused(door: Door) -> None:
    door.world.answers.append(Declined("needs_confirmation", ""))
    said = await door.says("operate", "smoke-1203", "mute")
    assert said.code == 1
    assert len(door.world.asked) == 1
    door.world.answers.append(Declined("no_such_action", "it cannot be told to close"))
    said = await door.says("operate", "smoke-1203", "close")
    assert (said.code, "cannot be told" in said.err) == (1, True)
