"""The pages on a real ledger and a real socket: restarts, stops, and what comes over a bad wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from anmin.accounts import Accounts, NameTaken, Role
from anmin.backends.ledger import Ledger, LedgerBroken
from anmin.web.app import application
from anmin.web.deps import WebDeps
from tests.support.web import PASSWORD, quick_hasher, world
from tests.support.web_view import NOW

STREAMS = 40
POST = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"


@asynccontextmanager
async def ledger(folder: Path) -> AsyncIterator[Ledger]:
    def broken(error: LedgerBroken) -> None:
        raise error

    opened = Ledger.open(f"sqlite:///{folder}/ledger.db", at=NOW, broken=broken)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def served(deps: WebDeps) -> AsyncIterator[tuple[web.AppRunner, int]]:
    runner = web.AppRunner(application(deps))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner, runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.fixture
async def deps() -> AsyncIterator[WebDeps]:
    async with world() as w:
        yield w.deps


async def test_accounts_sessions_and_links_survive_a_restart(tmp_path: Path) -> None:
    async with ledger(tmp_path) as first:
        accounts = Accounts(first, quick_hasher())
        account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
        await accounts.set_password(account, PASSWORD)
        token, link = await accounts.open_session(account, NOW), await accounts.link(account.id, NOW)
        with pytest.raises(NameTaken):
            await accounts.create("王芳", Role.CREW, "zh", NOW)
    async with ledger(tmp_path) as second:
        accounts = Accounts(second, quick_hasher())
        assert await accounts.session(token, NOW) is not None
        assert await accounts.check("王芳", PASSWORD) is not None
        assert await accounts.redeem(link, NOW) is not None
        assert await accounts.redeem(link, NOW) is None
        await accounts.disable(account.id, NOW)
    async with ledger(tmp_path) as third:
        assert await Accounts(third, quick_hasher()).session(token, NOW) is None


async def test_of_many_who_use_a_link_at_once_one_gets_in(tmp_path: Path, deps: WebDeps) -> None:
    async with ledger(tmp_path) as books:
        accounts = Accounts(books, quick_hasher())
        token = await accounts.first_link("operator", "zh", NOW)
        async with served(replace(deps, accounts=accounts)) as (_, port), aiohttp.ClientSession() as http:
            origin = f"http://127.0.0.1:{port}"

            async def enter(n: int) -> int:
                form = {"token": token, "password": f"{PASSWORD} {n}"}
                answer = await http.post(
                    f"{origin}/welcome", data=form, headers={"Origin": origin}, allow_redirects=False
                )
                return answer.status

            codes = await asyncio.gather(*(enter(n) for n in range(8)))
    assert sorted(codes) == [303] + [410] * 7


async def test_open_pages_do_not_hold_the_stop_up(deps: WebDeps) -> None:
    account = await deps.accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    cookie = {"Cookie": f"__Host-anmin={await deps.accounts.open_session(account, NOW)}"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        async with served(deps) as (_, port):
            url = f"http://127.0.0.1:{port}/events"
            streams = [await http.get(url, headers=cookie) for _ in range(STREAMS)]
            firsts = await asyncio.gather(*(stream.content.readuntil(b"\n\n") for stream in streams))
            assert firsts == [b"retry: 1000\n\n"] * STREAMS
            began = time.monotonic()
        assert time.monotonic() - began < 3.0
        for stream in streams:
            stream.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET /\x00\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 999\r\n\r\nname=x",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ],
)
async def test_garbage_on_the_wire_gets_no_page_and_stops_nothing(sent: bytes, deps: WebDeps) -> None:
    async with served(deps) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert b" 200 " not in answer.split(b"\r\n", 1)[0]
        assert b"Traceback" not in answer
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/healthz") as alive:
            assert alive.status == 200
