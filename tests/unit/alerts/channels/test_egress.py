from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from yarl import URL

from alerts.broadcasts.delivery import Refused, Retry, Sent
from alerts.channels.egress import NotAllowed, allowed, guarded, objection
from tests.support.webhook import Changing, Far, Inward, addressed, channel, outcome_of, well_behaved

PUBLIC = ["1.1.1.1", "114.114.114.114", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"]
HOUSE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::c0a8:1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_always_allowed(address: str) -> None:
    assert allowed(address, private=False)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", HOUSE)
def test_addresses_of_a_house_are_allowed_where_the_setting_says_so(address: str) -> None:
    assert not allowed(address, private=False)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_special_addresses_are_never_allowed(address: str) -> None:
    assert not allowed(address, private=False)
    assert not allowed(address, private=True)


def test_mapped_public_address_is_judged_by_what_it_holds() -> None:
    assert allowed("::ffff:1.1.1.1", private=False)
    assert allowed("64:ff9b::101:101", private=False)


def test_socket_is_made_only_for_what_is_allowed() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with pytest.raises(NotAllowed, match="allow_private"):
        guarded(private=False)(info)
    with guarded(private=True)(info) as made:
        assert made.family == socket.AF_INET


@pytest.mark.parametrize(
    ("url", "private", "bad"),
    [
        ("https://partner.example/hook", False, ""),
        ("http://partner.example/hook", False, "not https"),
        ("http://127.0.0.1:8080/", True, ""),
        ("ftp://partner.example/", True, "not https or http"),
        ("file:///etc/passwd", True, "not https or http"),
        ("https:///nohost", False, "not https"),
        ("https://user:secret@partner.example/", False, "user name or password in the address"),
    ],
)
def test_url_is_judged_before_anything_is_resolved(url: str, private: bool, bad: str) -> None:
    assert objection(URL(url), private=private) == bad
    assert "secret" not in objection(URL(url), private=private)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with well_behaved() as known:
        yield known


# Through the channel that uses it -------------------------------------------------------------------------

INWARD = [
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[fe80::1%25lo]:{port}/",
    "https://localhost:{port}/",
    "https://localhost.:{port}/",
    "https://LOCALHOST:{port}/",
    "https://１２７.０.０.１:{port}/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "https://partner.example@127.0.0.1:{port}/",
    "https://partner.example:{port}#@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\@partner.example/",
    "https://127.0.0.1%2f@partner.example:{port}/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://192.168.1.1:{port}/",
    "https://172.16.0.1/",
    "https://100.64.0.1/",
    "https://[fd00::1]/",
    "https://224.0.0.1/",
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "HTTPS://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "unix:///var/run/docker.sock",
    "//127.0.0.1:{port}/",
    "https://",
    "https:///x",
    "https://[::1",
    "https://127.0.0.1:99999999/",
    "https://\x00127.0.0.1/",
    "https://127.0.0.1\r\nhost: x/",
    "",
]


@pytest.mark.parametrize("form", INWARD)
async def test_no_address_leads_inward_however_it_is_written(form: str) -> None:
    hits = 0

    def hit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal hits
        hits += 1
        writer.close()

    canary = await asyncio.start_server(hit, "127.0.0.1", 0)
    try:
        port = canary.sockets[0].getsockname()[1]
        outcome = await outcome_of(form.replace("{port}", str(port)), allow_private=False, resolver=Inward())
    finally:
        canary.close()
    assert hits == 0
    assert isinstance(outcome, Refused | Retry)


@pytest.mark.parametrize("label", ["a" * 64, "a..b"])
async def test_name_that_cannot_be_one_is_refused_not_raised(label: str) -> None:
    assert isinstance(await outcome_of(f"https://{label}.example/"), Refused)


@pytest.mark.parametrize("answer", [("127.0.0.1",), ("127.0.0.1", "10.0.0.1"), ("169.254.169.254",)])
async def test_public_name_with_a_private_address_is_refused(far: Far, answer: tuple[str, ...]) -> None:
    url = far.url.replace("http:", "https:").replace("127.0.0.1", "partner.example")
    outcome = await outcome_of(url, allow_private=False, resolver=Changing(answer))
    assert outcome == Refused(
        "private or special address: set webhook.allow_private for a system of your own"
    )
    assert far.bodies == []


async def test_name_that_is_harmless_at_first_is_looked_at_again_with_each_connection(far: Far) -> None:
    url = far.url.replace("127.0.0.1", "partner.example")
    resolver = Changing(("127.0.0.1",), ("169.254.169.254",))
    async with channel(resolver=resolver) as way:
        far.answers = [web.Response(headers={"connection": "close"})]
        assert await way.send(addressed(url)) == Sent("200")
        await way.close()
        assert isinstance(await way.send(addressed(url)), Refused)
    assert len(far.bodies) == 1
