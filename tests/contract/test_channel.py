"""What every channel promises, whatever it is made of: outcomes and never raises, live and drill apart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from alerts.broadcasts.broadcast import Audience, DrillSend, LiveSend
from alerts.broadcasts.delivery import Refused, Retry, Sent
from alerts.channels.console import ConsoleChannel, DrillConsoleChannel
from alerts.channels.file import DrillFileChannel, FileChannel, LineFile
from alerts.channels.page import PageChannel
from alerts.channels.siren import DeviceChannel, Results
from alerts.channels.webhook import WebhookChannel
from alerts.ports import Channel, DrillChannel
from tests.support.broadcast import T0, drill_send, send, to

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
COMMAND = '{"action":"sound","pattern":"evacuate","text":"","incident_id":"inc_1"}'


@dataclass
class Rig:
    """A channel with a far end that works or does not, and what came out there."""

    channel: Channel
    send: LiveSend
    arrived: Callable[[], int]


@dataclass
class DrillRig:
    channel: DrillChannel
    send: DrillSend
    arrived: Callable[[], list[str]]


Build = Callable[[Path, bool], AbstractAsyncContextManager[Rig]]
BuildDrill = Callable[[Path, bool], DrillRig]


def broken_pipe(line: str) -> None:
    raise BrokenPipeError("gone")


@asynccontextmanager
async def console(folder: Path, works: bool) -> AsyncIterator[Rig]:
    lines: list[str] = []
    yield Rig(ConsoleChannel(lines.append if works else broken_pipe), send(), lambda: len(lines))


@asynccontextmanager
async def file(folder: Path, works: bool) -> AsyncIterator[Rig]:
    path = folder / "out" if works else folder / "missing" / "out"

    def arrived() -> int:
        return len(path.read_text("utf-8").splitlines()) if path.exists() else 0

    yield Rig(FileChannel(LineFile(path)), send("file"), arrived)


@asynccontextmanager
async def device(folder: Path, works: bool) -> AsyncIterator[Rig]:
    results, heard = Results(), list[bytes]()

    async def publish(topic: str, payload: bytes) -> None:
        if not works:
            raise ConnectionError("no broker")
        heard.append(payload)
        key, address = json.loads(payload)["id"], topic.split("/")[1]
        asyncio.get_running_loop().call_soon(results.resolve, key, address, True, "done")

    def command(name: str, action: str, expires_at: int, arguments: Mapping[str, object]) -> bytes:
        return json.dumps({"id": name, "action": action, **arguments}).encode()

    channel = DeviceChannel("siren", publish, results, command, lambda who: f"c/{who.address}")
    yield Rig(channel, send("siren", audience=Audience.DEVICE, data=COMMAND), lambda: len(heard))


@asynccontextmanager
async def page(folder: Path, works: bool) -> AsyncIterator[Rig]:
    asked: list[str] = []

    def present(name: str) -> bool:
        asked.append(name)
        return works

    yield Rig(PageChannel(present), send("crew"), lambda: len(asked) if works else 0)


@asynccontextmanager
async def webhook(folder: Path, works: bool) -> AsyncIterator[Rig]:
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hook", take)
    async with (
        TestServer(app) as server,
        WebhookChannel((SECRET,), lambda: T0, allow_private=True, timeout_s=5.0) as channel,
    ):
        url = str(server.make_url("/hook")) if works else f"http://127.0.0.1:{unused_port()}/"
        yield Rig(channel, to(send("webhook"), address=url), lambda: len(bodies))


LIVE: list[Build] = [console, file, device, page, webhook]


def drill_console(folder: Path, works: bool) -> DrillRig:
    lines: list[str] = []
    return DrillRig(DrillConsoleChannel(lines.append if works else broken_pipe), drill_send(), lambda: lines)


def drill_file(folder: Path, works: bool) -> DrillRig:
    path = folder / "drill" if works else folder / "missing" / "drill"

    def arrived() -> list[str]:
        return path.read_text("utf-8").splitlines() if path.exists() else []

    return DrillRig(DrillFileChannel(LineFile(path)), drill_send("file"), arrived)


DRILL: list[BuildDrill] = [drill_console, drill_file]

live = pytest.mark.parametrize("build", LIVE, ids=lambda build: build.__name__)
drill = pytest.mark.parametrize("build", DRILL, ids=lambda build: build.__name__)


@live
async def test_channel_has_a_name_and_says_whether_repeats_are_harmless(build: Build, tmp_path: Path) -> None:
    async with build(tmp_path, True) as rig:
        assert rig.channel.name
        assert rig.channel.idempotent in (True, False)


@live
async def test_working_far_end_gets_it_once_and_it_is_sent(build: Build, tmp_path: Path) -> None:
    async with build(tmp_path, True) as rig:
        assert isinstance(await rig.channel.send(rig.send), Sent)
        assert rig.arrived() == 1


@live
async def test_far_end_that_is_away_is_tried_again_and_nothing_is_raised(
    build: Build, tmp_path: Path
) -> None:
    async with build(tmp_path, False) as rig:
        for _ in range(3):
            outcome = await rig.channel.send(rig.send)
            assert isinstance(outcome, Retry)
            assert outcome.why
        assert rig.arrived() == 0


@live
async def test_repeat_after_a_crash_is_sent_again(build: Build, tmp_path: Path) -> None:
    async with build(tmp_path, True) as rig:
        first = await rig.channel.send(rig.send)
        assert await rig.channel.send(rig.send) == first


@live
async def test_sends_at_once_do_not_disturb_each_other(build: Build, tmp_path: Path) -> None:
    def numbered(rig: Rig, number: int) -> LiveSend:
        fields: dict[str, Any] = {name: getattr(rig.send, name) for name in rig.send.__dataclass_fields__}
        return LiveSend(**fields | {"key": f"key-{number}"})

    async with build(tmp_path, True) as rig:
        outcomes = await asyncio.gather(*(rig.channel.send(numbered(rig, n)) for n in range(50)))
        assert {type(outcome) for outcome in outcomes} == {Sent}
        assert rig.arrived() == 50


@live
async def test_cancelled_send_leaves_the_channel_usable(build: Build, tmp_path: Path) -> None:
    async with build(tmp_path, True) as rig:
        task = asyncio.create_task(rig.channel.send(rig.send))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert isinstance(await rig.channel.send(rig.send), Sent)


@live
async def test_drill_that_slipped_past_the_types_is_refused_and_nothing_leaves(
    build: Build, tmp_path: Path
) -> None:
    async with build(tmp_path, True) as rig:
        fields: dict[str, Any] = {name: getattr(rig.send, name) for name in rig.send.__dataclass_fields__}
        outcome = await rig.channel.send(cast(LiveSend, DrillSend(**fields)))
        assert isinstance(outcome, Refused)
        assert rig.arrived() == 0


@drill
async def test_drill_arrives_and_says_that_it_is_one(build: BuildDrill, tmp_path: Path) -> None:
    rig = build(tmp_path, True)
    assert isinstance(await rig.channel.send(rig.send), Sent)
    (line,) = rig.arrived()
    assert "演练" in line


@drill
async def test_drill_channel_refuses_a_live_send(build: BuildDrill, tmp_path: Path) -> None:
    rig = build(tmp_path, True)
    assert isinstance(await rig.channel.send(cast(DrillSend, send())), Refused)
    assert rig.arrived() == []


@drill
async def test_drill_far_end_that_is_away_is_tried_again(build: BuildDrill, tmp_path: Path) -> None:
    rig = build(tmp_path, False)
    assert isinstance(await rig.channel.send(rig.send), Retry)
