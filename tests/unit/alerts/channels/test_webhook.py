"""Against real servers on loopback, well and ill (promise P8): what they do is an outcome, never a raise."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer, unused_port

from alerts.broadcasts.broadcast import Audience, LiveSend, Purpose
from alerts.broadcasts.compose import compose
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent
from alerts.channels.webhook import WebhookChannel, key_of, payload, retry_after, signature
from devices.instant import MINUTE, SECOND
from devices.resident import Contact
from tests.support.broadcast import T0, home, incident, send, to, town

VECTOR = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the published example of Standard Webhooks
OTHER = "whsec_" + base64.b64encode(b"k" * 32).decode()


def channel(*secrets: str, timeout_s: float = 5.0, **more: object) -> WebhookChannel:
    """Allowed to reach loopback unless told otherwise."""
    options = {"allow_private": True, "timeout_s": timeout_s} | more
    return WebhookChannel(secrets or (VECTOR,), lambda: T0, **options)  # type: ignore[arg-type] # as named


def addressed(url: object) -> LiveSend:
    return to(send("webhook"), address=str(url))


async def outcome_of(url: object, **more: object) -> Outcome:
    async with channel(**more) as far:  # type: ignore[arg-type] # options of the channel
        return await far.send(addressed(url))


@dataclass
class Far:
    """A well-behaved server that answers with the next of its answers, and keeps what it got."""

    answers: list[web.Response] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return self.answers.pop(0) if self.answers else web.Response(status=204)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    known = Far()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", known.take)
    async with TestServer(app) as server:
        known.url = str(server.make_url("/hook"))
        yield known


Rude = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(behave: Rude) -> AsyncIterator[str]:
    """A server that speaks no more HTTP than `behave` does."""

    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behave(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reset(writer: asyncio.StreamWriter) -> None:
    """End with RST, not FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# Signed ---------------------------------------------------------------------------------------------------


def test_published_vector_of_standard_webhooks() -> None:
    signed = signature([key_of(VECTOR)], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfK", "whsec_s3cr!t"]
)
def test_secret_that_is_none_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and base64") as caught:
        key_of(secret)
    assert caught.value.__cause__ is None
    assert "s3cr" not in str(caught.value)


def test_channel_without_a_secret_is_a_mistake_of_the_set_up() -> None:
    with pytest.raises(ValueError, match="secret"):
        WebhookChannel((), lambda: T0)


async def test_what_arrives_is_signed_as_the_standard_says(far: Far) -> None:
    assert await outcome_of(far.url) == Sent("204")
    headers, body = far.headers[0], far.bodies[0]
    stamp = headers["webhook-timestamp"]
    assert (headers["webhook-id"], stamp) == ("key-1", str(T0 // SECOND))
    assert headers["content-type"] == "application/json"
    mac = hmac.digest(base64.b64decode(VECTOR[6:]), f"key-1.{stamp}.".encode() + body, "sha256")
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


async def test_both_secrets_sign_while_one_replaces_the_other(far: Far) -> None:
    async with channel(VECTOR, OTHER) as way:
        await way.send(addressed(far.url))
    first, second = far.headers[0]["webhook-signature"].split(" ")
    stamp = int(far.headers[0]["webhook-timestamp"])
    assert first == signature([key_of(VECTOR)], "key-1", stamp, far.bodies[0])
    assert second == signature([key_of(OTHER)], "key-1", stamp, far.bodies[0])


async def test_repeat_has_the_same_id_and_body_and_a_new_time(far: Far) -> None:
    times = iter((T0, T0 + MINUTE))
    async with WebhookChannel((VECTOR,), lambda: next(times), allow_private=True) as way:
        for _ in range(2):
            await way.send(addressed(far.url))
    first, second = far.headers
    assert first["webhook-id"] == second["webhook-id"]
    assert far.bodies[0] == far.bodies[1]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 60
    assert first["webhook-signature"] != second["webhook-signature"]


# Said -----------------------------------------------------------------------------------------------------


def test_body_says_type_time_and_data() -> None:
    resident = next(
        s
        for s in compose(incident(), Purpose.EVACUATE, town(), T0, version=2).sends
        if s.recipient.household_id
    )
    body = json.loads(payload(resident))
    assert (body["type"], body["timestamp"]) == ("incident.evacuate", "2026-09-21T14:13:20.000Z")
    data = body["data"]
    assert (data["incident_id"], data["purpose"], data["version"], data["drill"]) == (
        "inc_1",
        "evacuate",
        2,
        False,
    )
    assert (data["recipient"], data["household"]) == (f"r-{home(3)}", home(3))
    assert data["address"].startswith("+86")
    assert data["text"] == resident.text
    assert data["deadline_at"] == "2026-09-21T14:23:20.000Z"


def test_partner_gets_nobodys_address_and_no_household() -> None:
    hook = "https://partner.example/s3cret"
    sends = compose(
        incident(), Purpose.EVACUATE, town(), T0, version=2, partners=(Contact("webhook", hook),)
    ).sends
    body = payload(next(s for s in sends if s.recipient.audience is Audience.PARTNER)).decode()
    for private in ("+86", "household", "s3cret", "王桂英", "王奶奶", "address"):
        assert private not in body


async def test_address_that_is_no_url_goes_to_the_gateway(far: Far) -> None:
    assert await outcome_of("+8613800000000", gateway=far.url) == Sent("204")
    assert json.loads(far.bodies[0])["data"]["address"] == "+8613800000000"
    assert await outcome_of("+8613800000000") == Refused("the address is no URL, and no gateway is set up")


# Answered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_every_2xx_is_sent(far: Far, status: int) -> None:
    far.answers = [web.Response(status=status)]
    assert await outcome_of(far.url) == Sent(str(status))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_trouble_that_may_pass_is_tried_again(far: Far, status: int) -> None:
    far.answers = [web.Response(status=status, text="busy\r\nlater")]
    assert await outcome_of(far.url) == Retry(f"{status} busy later")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
async def test_other_4xx_is_refused_with_its_reason(far: Far, status: int) -> None:
    far.answers = [web.Response(status=status, text="no such number")]
    assert await outcome_of(far.url) == Refused(f"{status} no such number")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_not_followed(far: Far, status: int) -> None:
    far.answers = [web.Response(status=status, headers={"location": far.url})]
    outcome = await outcome_of(far.url)
    assert isinstance(outcome, Refused)
    assert outcome.why.startswith(str(status))
    assert len(far.bodies) == 1


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", 7 * SECOND),
        (" 0 ", 0),
        ("3600", 60 * SECOND),
        ("9" * 400, 60 * SECOND),
        ("Mon, 21 Sep 2026 14:13:50 GMT", 30 * SECOND),
        ("Mon, 21 Sep 2026 14:13:10 GMT", 0),
        ("Mon, 21 Sep 2099 14:13:10 GMT", 60 * SECOND),
        ("Mon, 21 Sep 2026 14:13:50", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Mon, 99 Sep 99999 99:99:99 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_honoured_up_to_the_next_tier(value: str | None, wait: int | None) -> None:
    assert retry_after(value, T0) == wait


async def test_provider_that_is_busy_says_for_how_long(far: Far) -> None:
    far.answers = [web.Response(status=429, headers={"retry-after": "7"})]
    assert await outcome_of(far.url) == Retry("429", 7 * SECOND)


# Ill ------------------------------------------------------------------------------------------------------


async def test_connection_that_is_refused_is_tried_again() -> None:
    outcome = await outcome_of(f"http://127.0.0.1:{unused_port()}/hook")
    assert isinstance(outcome, Retry)
    assert outcome.why.startswith("not connected: ")


async def test_name_that_is_not_found_is_tried_again() -> None:
    class Nowhere(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            raise OSError(None, "no such name")

        async def close(self) -> None:
            return

    outcome = await outcome_of("http://partner.example/hook", resolver=Nowhere())
    assert isinstance(outcome, Retry)
    assert "no such name" in outcome.why


async def test_far_end_that_hangs_costs_the_timeout_and_no_more() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw(hang) as url:
        began = time.monotonic()
        assert await outcome_of(url, timeout_s=0.2) == Retry("no answer in 0.2 s")
        assert time.monotonic() - began < 2


async def test_answer_that_drips_is_given_up() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for sign in b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000:
            writer.write(bytes((sign,)))
            await writer.drain()
            await asyncio.sleep(0.02)

    async with raw(drip) as url:
        assert await outcome_of(url, timeout_s=0.2) == Retry("no answer in 0.2 s")


async def test_reset_before_the_status_is_tried_again() -> None:
    async def rst(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with raw(rst) as url:
        assert isinstance(await outcome_of(url), Retry)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("200 OK", Sent("200")), ("500 Oops", Retry("500")), ("404 Gone", Refused("404"))],
)
async def test_reset_in_the_body_leaves_what_the_status_said(status: str, expected: Outcome) -> None:
    async def rst(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 1000\r\n\r\n".encode())
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    async with raw(rst) as url:
        assert await outcome_of(url) == expected


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
        b"",
    ],
)
async def test_answer_that_is_not_http_is_tried_again(garbage: bytes) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(garbage)
        await writer.drain()

    async with raw(babble) as url:
        assert isinstance(await outcome_of(url), Retry)


async def test_endless_body_is_not_read() -> None:
    written = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"\x1b" * 65536 + b"\r\n")
            await writer.drain()
            written += 65536

    async with raw(pour) as url:
        outcome = await outcome_of(url)
    assert isinstance(outcome, Retry)
    assert len(outcome.why) <= 204
    assert outcome.why.isprintable()
    assert written < 64 << 20


async def test_certificate_that_cannot_be_checked_is_tried_again(far: Far) -> None:
    outcome = await outcome_of(far.url.replace("http://", "https://"))
    assert isinstance(outcome, Retry)
    assert far.bodies == []


async def test_hanging_host_delays_no_other(far: Far) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw(hang) as url, channel(timeout_s=1.0) as way:
        stuck = [asyncio.create_task(way.send(addressed(url))) for _ in range(60)]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        assert await way.send(addressed(far.url)) == Sent("204")
        assert time.monotonic() - began < 0.5
        assert {await each for each in stuck} == {Retry("no answer in 1 s")}


# Aimed at us ----------------------------------------------------------------------------------------------

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


class Inward(AbstractResolver):
    """A name server that says of every name that it is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        return


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


@pytest.mark.parametrize("label", ["a" * 64, "a." * 200 + "a"])
async def test_name_that_cannot_be_one_is_refused_not_raised(label: str) -> None:
    assert isinstance(await outcome_of(f"https://{label}.example/"), Refused)


class Changing(AbstractResolver):
    """A name server that gives another address each time."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=socket.AF_INET, proto=0, flags=0)
            for ip in self.answers.pop(0)
        ]

    async def close(self) -> None:
        return


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


async def test_environment_proxy_is_not_used(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    assert await outcome_of(far.url) == Sent("204")


async def test_cookies_are_not_kept(far: Far) -> None:
    far.answers = [web.Response(headers={"set-cookie": "a=b"})]
    async with channel() as way:
        await way.send(addressed(far.url))
        await way.send(addressed(far.url))
    assert "cookie" not in far.headers[1]


async def test_closing_twice_or_unopened_is_no_error() -> None:
    way = channel()
    await way.close()
    await way.close()
