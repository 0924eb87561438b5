"""Against real servers on loopback, well and ill (promise P8): what they do is an outcome, never a raise."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import re
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import unused_port

from alerts.broadcasts.broadcast import Audience, LiveSend, Purpose
from alerts.broadcasts.compose import compose
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent
from alerts.channels.webhook import WebhookChannel, key_of, payload, retry_after, signature
from devices.instant import MINUTE, SECOND
from devices.resident import Contact
from tests.support.broadcast import T0, home, incident, send, to, town
from tests.support.webhook import (
    OTHER,
    VECTOR,
    Far,
    Inward,
    addressed,
    channel,
    outcome_of,
    raw,
    reset,
    well_behaved,
)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with well_behaved() as known:
        yield known


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


@pytest.mark.parametrize("who", [Audience.RESIDENT, Audience.DUTY, Audience.CREW, Audience.PARTNER])
async def test_only_a_resident_gets_the_link_to_the_page_of_the_household(far: Far, who: Audience) -> None:
    sends = compose(incident(), Purpose.EVACUATE, town(), T0, version=2).sends
    sample = next(s for s in sends if s.recipient.household_id)
    assert isinstance(sample, LiveSend)
    async with channel(link=lambda to: f"https://a.example/r/{to.household_id}") as way:
        await way.send(to(sample, audience=who, address=far.url))
    data = json.loads(far.bodies[0])["data"]
    expected = f"https://a.example/r/{home(3)}" if who is Audience.RESIDENT else None
    assert data.get("reply_url") == expected


async def test_household_without_a_page_gets_the_words_without_a_link(far: Far) -> None:
    async with channel(link=lambda to: None) as way:
        await way.send(to(send("webhook"), address=far.url, audience=Audience.RESIDENT))
    assert "reply_url" not in json.loads(far.bodies[0])["data"]


async def test_address_that_is_no_url_goes_to_the_gateway(far: Far) -> None:
    assert await outcome_of("+8613800000000", gateway=far.url) == Sent("204")
    assert json.loads(far.bodies[0])["data"]["address"] == "+8613800000000"
    assert await outcome_of("+8613800000000") == Refused("the address is no URL, and no gateway is set up")


PAGE = Path(__file__).parents[4] / "docs" / "reference" / "webhooks.md"


def example(language: str) -> str:
    """The one example in that language on the page of reference."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(found)


async def test_receiver_of_the_documentation_believes_what_we_send_and_nothing_else(far: Far) -> None:
    await outcome_of(far.url)
    page: dict[str, Any] = {}
    exec(example("python"), page)
    genuine, headers, body = page["is_genuine"], far.headers[0], far.bodies[0]
    assert genuine(VECTOR, headers, body, T0 / SECOND)
    assert not genuine(OTHER, headers, body, T0 / SECOND)
    assert not genuine(VECTOR, headers, body + b" ", T0 / SECOND)
    assert not genuine(VECTOR, headers, body, T0 / SECOND + 301)
    assert not genuine(VECTOR, headers | {"webhook-id": "key-2"}, body, T0 / SECOND)


def test_body_in_the_documentation_has_the_fields_that_are_sent() -> None:
    sends = compose(incident(), Purpose.EVACUATE, town(), T0, version=2).sends
    resident = next(s for s in sends if s.recipient.household_id)
    sent = json.loads(payload(resident, "https://anmin.example.org/r/token"))
    shown = json.loads(example("json"))
    assert shown.keys() == sent.keys()
    assert shown["data"].keys() == sent["data"].keys()
    assert shown["data"]["place"].keys() == sent["data"]["place"].keys()


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


# Kept and passed on ---------------------------------------------------------------------------------------


async def test_environment_proxy_is_not_used(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    assert await outcome_of(far.url) == Sent("204")


async def test_cookies_are_not_kept(far: Far) -> None:
    url = far.url.replace("127.0.0.1", "partner.example")
    far.answers = [web.Response(headers={"set-cookie": "a=b; path=/"})]
    async with channel(resolver=Inward()) as way:
        await way.send(addressed(url))
        await way.send(addressed(url))
    assert "cookie" not in far.headers[1]


async def test_closing_twice_or_unopened_is_no_error() -> None:
    way = channel()
    await way.close()
    await way.close()
