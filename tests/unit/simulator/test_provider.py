"""The telephone company, called as the system calls it and by others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from alerts.channels import webhook
from anmin.web import api
from simulator.provider import Message, Provider, sign

SECRET = b"0123456789abcdef01234567"
BODY = json.dumps({"type": "incident.alert", "data": {"recipient": "li-qiang"}}).encode()


class Telephones:
    """Keeps what rang; `hold` makes them ring until somebody takes pity."""

    def __init__(self) -> None:
        self.rang: list[Message] = []
        self.hold = False

    async def ring(self, message: Message) -> None:
        self.rang.append(message)
        if self.hold:
            await asyncio.Event().wait()


@pytest.fixture
def telephones() -> Telephones:
    return Telephones()


@pytest.fixture
async def provider(telephones: Telephones) -> AsyncIterator[Provider]:
    provider = Provider(SECRET, telephones.ring)
    await provider.start()
    yield provider
    await provider.stop()


async def post(provider: Provider, body: bytes = BODY, key: str = "k1", secret: bytes = SECRET) -> int:
    headers = {
        "webhook-id": key,
        "webhook-timestamp": "1800000000",
        "webhook-signature": f"v1,bm90IHRoaXM= {sign(secret, key, '1800000000', body)}",
    }
    async with aiohttp.ClientSession() as http, http.post(provider.url, data=body, headers=headers) as answer:
        return answer.status


async def test_a_signed_message_is_taken_and_the_telephone_rings(
    provider: Provider, telephones: Telephones
) -> None:
    assert await post(provider) == 202
    assert provider.received == telephones.rang == [Message("k1", {"recipient": "li-qiang"})]


async def test_a_repeat_is_received_but_rings_once(provider: Provider, telephones: Telephones) -> None:
    assert [await post(provider), await post(provider)] == [202, 202]
    assert [message.key for message in provider.received] == ["k1", "k1"]
    assert [message.key for message in telephones.rang] == ["k1"]
    assert provider.seen == {"k1"}


async def test_another_key_rings_again(provider: Provider, telephones: Telephones) -> None:
    await post(provider)
    await post(provider, key="k2")
    assert [message.key for message in telephones.rang] == ["k1", "k2"]


async def test_a_wrong_signature_is_refused_and_leaves_no_trace(
    provider: Provider, telephones: Telephones
) -> None:
    assert await post(provider, secret=b"somebody else's secret!") == 401
    assert (provider.received, telephones.rang) == ([], [])


async def test_a_message_without_a_signature_is_refused(provider: Provider) -> None:
    async with aiohttp.ClientSession() as http, http.post(provider.url, data=BODY) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"data": 3}', b"{}"])
async def test_what_is_no_message_is_refused(provider: Provider, body: bytes) -> None:
    assert await post(provider, body) == 400
    assert provider.received == []


async def test_stopping_ends_telephones_that_still_ring(telephones: Telephones) -> None:
    telephones.hold = True
    provider = Provider(SECRET, telephones.ring)
    await provider.start()
    await post(provider)
    await provider.stop()
    assert len(telephones.rang) == 1  # and the guard sees that no task is left


async def test_after_hanging_up_messages_are_taken_and_nobody_is_rung(
    provider: Provider, telephones: Telephones
) -> None:
    telephones.hold = True
    await post(provider)
    await provider.hang_up()  # and the guard sees that no task is left
    assert await post(provider, key="k2") == 202
    assert len(provider.received) == 2
    assert len(telephones.rang) == 1


def test_its_signature_is_that_of_the_system_though_neither_knows_the_other() -> None:
    ours = webhook.signature((SECRET,), "k1", 1_800_000_000, BODY)
    assert sign(SECRET, "k1", "1800000000", BODY) == ours


async def test_a_receipt_is_signed_for_its_own_id_and_body(provider: Provider) -> None:
    headers, body = provider.receipt("k1", "delivered")
    assert json.loads(body) == {"key": "k1", "state": "delivered"}
    assert headers["webhook-id"] == "k1-delivered"
    expected = api.signature(SECRET, headers["webhook-id"], headers["webhook-timestamp"], body)
    assert headers["webhook-signature"] == expected
