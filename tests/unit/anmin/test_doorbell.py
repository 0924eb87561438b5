"""The command line finds the running service, or says that there is none."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from anmin.doorbell import NotRunning, ask


def test_without_a_service_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="anmin run"):
        ask(tmp_path, "/x")


def test_a_file_left_by_a_dead_service_is_no_service(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text(json.dumps({"url": "http://127.0.0.1:9", "token": "t"}))
    with pytest.raises(NotRunning):
        ask(tmp_path, "/x")


async def test_it_asks_with_the_token_and_gives_back_status_and_body(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        good = request.headers.get("authorization") == "Bearer secret"
        return web.json_response({"path": request.path}, status=200 if good else 401)

    app = web.Application()
    app.router.add_get("/x", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    (tmp_path / "running.json").write_text(json.dumps({"url": url, "token": "secret"}))
    try:
        assert await asyncio.to_thread(ask, tmp_path, "/x") == (200, {"path": "/x"})
        (tmp_path / "running.json").write_text(json.dumps({"url": url, "token": "wrong"}))
        assert (await asyncio.to_thread(ask, tmp_path, "/x")).status == 401
    finally:
        await runner.cleanup()
